/** NAS: where the modem is in the network, and how well it hears it. */
import { enumOf, flag8, flagsOf, u8, u16, u32 } from "../../codec/scalar.js";
import { listWith, textWith } from "../../codec/sized.js";
import { nested } from "../../codec/struct.js";
import { may, must } from "../../codec/tlv.js";
import { empty, type Indication, type Message } from "../message.js";

const service = "nas";

export const radioInterface = enumOf(
  { none: 0, cdma: 1, evdo: 2, amps: 3, gsm: 4, umts: 5, lte: 8, tdScdma: 9, nr: 12 },
  u8,
);
const attachState = enumOf({ unknown: 0, attached: 1, detached: 2 }, u8);
const roamingIndicator = enumOf({ on: 0, off: 1 }, u8);
export const serviceStatus = enumOf({ none: 0, limited: 1, available: 2, limitedRegional: 3, powerSave: 4 }, u8);
export const serviceDomain = enumOf({ none: 0, cs: 1, ps: 2, csPs: 3, camped: 4 }, u8);
const dataCapability = enumOf(
  {
    none: 0,
    gprs: 1,
    edge: 2,
    hsdpa: 3,
    hsupa: 4,
    wcdma: 5,
    cdma: 6,
    evdoRev0: 7,
    evdoRevA: 8,
    gsm: 9,
    evdoRevB: 10,
    lte: 11,
    hsdpaPlus: 12,
    dcHsdpaPlus: 13,
  },
  u8,
);

/** MCC and MNC as numbers; whether the MNC has three digits is told apart from them. */
const namedPlmn = nested({ mcc: u16, mnc: u16, name: textWith(u8) });
export const plmnDigits = nested({ mcc: u16, mnc: u16, mncHasThreeDigits: flag8 });

const servingSystem = must(
  0x01,
  nested({
    registration: enumOf({ notRegistered: 0, registered: 1, searching: 2, denied: 3, unknown: 4 }, u8),
    csAttach: attachState,
    psAttach: attachState,
    network: enumOf({ unknown: 0, "3gpp2": 1, "3gpp": 2 }, u8),
    radioInterfaces: listWith(radioInterface),
  }),
);

/** Forbidden and domain of the serving cell, beside the registration. */
const detailedStatus = nested({
  status: serviceStatus,
  capability: serviceDomain,
  hdrStatus: serviceStatus,
  hdrHybrid: flag8,
  forbidden: flag8,
});

/** The optional parts stand under other types in the indication. */
export const getServingSystem = {
  service,
  id: 0x0024,
  name: "GET_SERVING_SYSTEM",
  request: empty,
  response: {
    servingSystem,
    roaming: may(0x10, roamingIndicator),
    dataCapabilities: may(0x11, listWith(dataCapability)),
    plmn: may(0x12, namedPlmn),
    lac: may(0x1c, u16),
    cellId: may(0x1d, u32),
    detailed: may(0x21, detailedStatus),
    tac: may(0x24, u16),
    plmnDigits: may(0x27, plmnDigits),
  },
} as const satisfies Message;

export const servingSystemChanged = {
  service,
  id: 0x0024,
  name: "SERVING_SYSTEM",
  indication: {
    servingSystem,
    roaming: may(0x10, roamingIndicator),
    dataCapabilities: may(0x11, listWith(dataCapability)),
    plmn: may(0x12, namedPlmn),
    lac: may(0x1d, u16),
    cellId: may(0x1e, u32),
    detailed: may(0x22, detailedStatus),
    tac: may(0x25, u16),
    plmnDigits: may(0x29, plmnDigits),
  },
} as const satisfies Indication;

export const getHomeNetwork = {
  service,
  id: 0x0025,
  name: "GET_HOME_NETWORK",
  request: empty,
  response: {
    home: must(0x01, namedPlmn),
    digits: may(0x12, nested({ is3gpp: flag8, mncHasThreeDigits: flag8 })),
  },
} as const satisfies Message;

/** Takes back a scan that is under way, by its transaction. */
export const abort = {
  service,
  id: 0x0001,
  name: "ABORT",
  lane: "urgent",
  request: { transaction: must(0x01, u16) },
  response: empty,
} as const satisfies Message;

export const networkScan = {
  service,
  id: 0x0021,
  name: "NETWORK_SCAN",
  request: empty,
  response: {
    networks: may(
      0x10,
      listWith(
        nested({
          mcc: u16,
          mnc: u16,
          status: flagsOf(
            {
              current: 1,
              available: 2,
              home: 4,
              roaming: 8,
              forbidden: 0x10,
              notForbidden: 0x20,
              preferred: 0x40,
              notPreferred: 0x80,
            },
            u8,
          ),
          name: textWith(u8),
        }),
        u16,
      ),
    ),
    radios: may(0x11, listWith(nested({ mcc: u16, mnc: u16, radioInterface }), u16)),
    digits: may(0x12, listWith(plmnDigits, u16)),
  },
  abort,
  timeoutMs: 180_000,
} as const satisfies Message;

export const attachDetach = {
  service,
  id: 0x0023,
  name: "ATTACH_DETACH",
  request: { action: must(0x10, enumOf({ attach: 1, detach: 2 }, u8)) },
  response: empty,
  timeoutMs: 60_000,
} as const satisfies Message;

export const registerIndications = {
  service,
  id: 0x0003,
  name: "REGISTER_INDICATIONS",
  request: {
    servingSystem: may(0x13, flag8),
    networkTime: may(0x17, flag8),
    systemInfo: may(0x18, flag8),
    signalInfo: may(0x19, flag8),
    errorRate: may(0x1a, flag8),
    plmnName: may(0x1e, flag8),
    rfBand: may(0x20, flag8),
    networkReject: may(0x21, nested({ enable: flag8, suppressSystemInfo: flag8 })),
  },
  response: empty,
} as const satisfies Message;

/** An older way to ask for the same; ModemManager and oFono still send it. */
export const setEventReport = {
  service,
  id: 0x0002,
  name: "SET_EVENT_REPORT",
  request: {},
  response: empty,
} as const satisfies Message;

/** The network said no, with its own cause. */
export const networkRejected = {
  service,
  id: 0x0068,
  name: "NETWORK_REJECT",
  indication: {
    radioInterface: must(0x01, radioInterface),
    domain: must(0x02, serviceDomain),
    cause: must(0x03, u8),
    plmn: may(0x10, plmnDigits),
  },
} as const satisfies Indication;
