/** NAS: what the receiver measures, and when it tells. */
import { i8, i16, u16 } from "../../codec/scalar.js";
import { listWith } from "../../codec/sized.js";
import { nested } from "../../codec/struct.js";
import { may, must } from "../../codec/tlv.js";
import { empty, type Indication, type Message } from "../message.js";
import { radioInterface } from "./nas.js";

const service = "nas";

/** dBm, dB and tenths of dB as the names of 3GPP TS 27.007 8.69 have them. */
const signalInfo = {
  gsmRssiDbm: may(0x12, i8),
  wcdma: may(0x13, nested({ rssiDbm: i8, ecIoMinusHalfDb: i16 })),
  lte: may(0x14, nested({ rssiDbm: i8, rsrqDb: i8, rsrpDbm: i16, snrTenthDb: i16 })),
  nr: may(0x17, nested({ rsrpDbm: i16, snrTenthDb: i16 })),
  nrRsrqDb: may(0x18, i16),
  wcdmaRscpDbm: may(0x19, i16),
} as const;

export const getSignalInfo = {
  service,
  id: 0x004f,
  name: "GET_SIGNAL_INFO",
  request: empty,
  response: signalInfo,
} as const satisfies Message;

/** By how much a value must move to be told: tenths of dB or dBm. In firmware that is too old CONFIG_SIGNAL_INFO stands for it. */
export const configureSignalInfo2 = {
  service,
  id: 0x006c,
  name: "CONFIG_SIGNAL_INFO_2",
  request: {
    gsmRssi: may(0x1d, u16),
    wcdmaRssi: may(0x1f, u16),
    wcdmaEcIo: may(0x21, u16),
    lteRssi: may(0x23, u16),
    lteSnr: may(0x25, u16),
    lteRsrq: may(0x27, u16),
    lteRsrp: may(0x29, u16),
    nrSnr: may(0x34, u16),
    nrRsrp: may(0x36, u16),
    nrRsrq: may(0x39, u16),
  },
  response: empty,
} as const satisfies Message;

/** Thresholds: a value that crosses one is told. */
export const configureSignalInfo = {
  service,
  id: 0x0050,
  name: "CONFIG_SIGNAL_INFO",
  request: {
    rssiDbm: may(0x10, listWith(i8)),
    lteSnrTenthDb: may(0x13, listWith(i16)),
    rsrqDb: may(0x15, listWith(i8)),
    rsrpDbm: may(0x16, listWith(i16)),
  },
  response: empty,
} as const satisfies Message;

export const signalInfoChanged = {
  service,
  id: 0x0051,
  name: "SIGNAL_INFO",
  indication: signalInfo,
} as const satisfies Indication;

const strength = nested({ dbm: i8, radioInterface });

/** Superseded by GET_SIGNAL_INFO, still asked. */
export const getSignalStrength = {
  service,
  id: 0x0020,
  name: "GET_SIGNAL_STRENGTH",
  request: { wanted: may(0x10, u16) },
  response: { strength: must(0x01, strength), strengths: may(0x10, listWith(strength, u16)) },
} as const satisfies Message;
