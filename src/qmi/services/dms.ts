/** DMS: the device itself. */
import { enumOf, flag8, u8, u16, u32, u64 } from "../../codec/scalar.js";
import { identifying, listWith, restText } from "../../codec/sized.js";
import { nested } from "../../codec/struct.js";
import { may, must } from "../../codec/tlv.js";
import { empty, type Indication, type Message } from "../message.js";

const service = "dms";

export const radioInterface = enumOf({ cdma: 1, evdo: 2, gsm: 4, umts: 5, lte: 8, tdScdma: 9, nr: 10 }, u8);

export const getCapabilities = {
  service,
  id: 0x0020,
  name: "GET_CAPABILITIES",
  request: empty,
  response: {
    info: must(
      0x01,
      nested({
        /** Bits per second. */
        maxTxRate: u32,
        maxRxRate: u32,
        dataService: enumOf({ none: 0, cs: 1, ps: 2, simultaneousCsPs: 3, nonSimultaneousCsPs: 4 }, u8),
        sim: enumOf({ notSupported: 1, supported: 2 }, u8),
        radioInterfaces: listWith(radioInterface),
      }),
    ),
  },
} as const satisfies Message;

const oneText = <const N extends string>(id: number, name: N) =>
  ({ service, id, name, request: empty, response: { text: must(0x01, restText) } }) as const satisfies Message;

export const getManufacturer = oneText(0x0021, "GET_MANUFACTURER");
export const getModel = oneText(0x0022, "GET_MODEL");
export const getRevision = oneText(0x0023, "GET_REVISION");
export const getHardwareRevision = oneText(0x002c, "GET_HARDWARE_REVISION");
export const getSoftwareVersion = oneText(0x0051, "GET_SOFTWARE_VERSION");

export const getMsisdn = {
  service,
  id: 0x0024,
  name: "GET_MSISDN",
  request: empty,
  response: { msisdn: must(0x01, identifying(restText)) },
} as const satisfies Message;

export const getIds = {
  service,
  id: 0x0025,
  name: "GET_IDS",
  request: empty,
  response: {
    esn: may(0x10, identifying(restText)),
    imei: may(0x11, identifying(restText)),
    meid: may(0x12, identifying(restText)),
    imeiSoftwareVersion: may(0x13, restText),
  },
} as const satisfies Message;

const operatingMode = enumOf(
  {
    online: 0,
    lowPower: 1,
    factoryTest: 2,
    offline: 3,
    reset: 4,
    shuttingDown: 5,
    persistentLowPower: 6,
    modeOnlyLowPower: 7,
  },
  u8,
);

export const getOperatingMode = {
  service,
  id: 0x002d,
  name: "GET_OPERATING_MODE",
  request: empty,
  response: {
    mode: must(0x01, operatingMode),
    offlineReason: may(0x10, u16),
    /** A switch or pin holds the radio off. */
    hardwareRestricted: may(0x11, flag8),
  },
} as const satisfies Message;

export const setOperatingMode = {
  service,
  id: 0x002e,
  name: "SET_OPERATING_MODE",
  lane: "urgent",
  request: { mode: must(0x01, operatingMode) },
  response: empty,
  timeoutMs: 30_000,
} as const satisfies Message;

export const setEventReport = {
  service,
  id: 0x0001,
  name: "SET_EVENT_REPORT",
  request: { operatingMode: may(0x14, flag8), wirelessDisable: may(0x16, flag8) },
  response: empty,
} as const satisfies Message;

export const eventReport = {
  service,
  id: 0x0001,
  name: "EVENT_REPORT",
  indication: { operatingMode: may(0x14, operatingMode), wirelessDisabled: may(0x16, flag8) },
} as const satisfies Indication;

/** The unlock that makers give their computers' software, without a secret. wwand sends it to nobody by itself. */
export const setFccAuthentication = {
  service,
  id: 0x555f,
  name: "SET_FCC_AUTHENTICATION",
  request: empty,
  response: empty,
} as const satisfies Message;

/** Masks; the extended lists name bands by number. */
export const getBandCapabilities = {
  service,
  id: 0x0045,
  name: "GET_BAND_CAPABILITIES",
  request: empty,
  response: {
    bands: must(0x01, u64),
    lteBands: may(0x10, u64),
    extendedLteBands: may(0x12, listWith(u16, u16)),
    nrBands: may(0x13, listWith(u16, u16)),
  },
} as const satisfies Message;
