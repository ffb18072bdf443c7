/** NAS: what each radio generation says of its service, the network's last refusal included. */
import { enumOf, flag8, u8, u16, u32 } from "../../codec/scalar.js";
import { nested } from "../../codec/struct.js";
import { may } from "../../codec/tlv.js";
import { empty, type Indication, type Message } from "../message.js";
import { serviceDomain, serviceStatus } from "./nas.js";

const service = "nas";

const radioStatus = nested({ status: serviceStatus, trueStatus: serviceStatus, preferredDataPath: flag8 });

/** Each value follows a byte that says whether it counts. */
const common = {
  domainValid: flag8,
  domain: serviceDomain,
  capabilityValid: flag8,
  capability: serviceDomain,
  roamingValid: flag8,
  roaming: enumOf({ off: 0, on: 1, blinking: 2, outOfNeighbourhood: 3 }, u8),
  forbiddenValid: flag8,
  forbidden: flag8,
  lacValid: flag8,
  lac: u16,
  cellIdValid: flag8,
  cellId: u32,
  rejectValid: flag8,
  rejectDomain: serviceDomain,
  /** @see 3GPP TS 24.008 10.5.3.6, 10.5.5.14; TS 24.301 9.9.3.9; TS 24.501 9.11.3.2 */
  rejectCause: u8,
  plmnValid: flag8,
  /** Digits in ASCII; an MNC of two ends in 0xff. */
  mcc: nested({ a: u8, b: u8, c: u8 }),
  mnc: nested({ a: u8, b: u8, c: u8 }),
} as const;

const gsm = nested({ ...common, egprsValid: flag8, egprs: flag8, dtmValid: flag8, dtm: flag8 });
const wcdma = nested({
  ...common,
  hsCallValid: flag8,
  hsCall: u8,
  hsServiceValid: flag8,
  hsService: u8,
  scramblingCodeValid: flag8,
  scramblingCode: u16,
});
const withTrackingArea = nested({ ...common, tacValid: flag8, tac: u16 });

const beforeNr = {
  gsmStatus: may(0x12, radioStatus),
  wcdmaStatus: may(0x13, radioStatus),
  lteStatus: may(0x14, radioStatus),
  gsm: may(0x17, gsm),
  wcdma: may(0x18, wcdma),
  lte: may(0x19, withTrackingArea),
} as const;

/** NR stands under other types in the indication. */
export const getSystemInfo = {
  service,
  id: 0x004d,
  name: "GET_SYSTEM_INFO",
  request: empty,
  response: { ...beforeNr, nrStatus: may(0x4a, radioStatus), nr: may(0x4b, withTrackingArea) },
} as const satisfies Message;

export const systemInfoChanged = {
  service,
  id: 0x004e,
  name: "SYSTEM_INFO",
  indication: { ...beforeNr, nrStatus: may(0x4c, radioStatus), nr: may(0x4d, withTrackingArea) },
} as const satisfies Indication;
