/** NAS: which radio generations and bands the modem may use, and how it chooses its network. */
import { enumOf, flag8, flagsOf, u8, u16, u32, u64 } from "../../codec/scalar.js";
import { listWith } from "../../codec/sized.js";
import { nested } from "../../codec/struct.js";
import { may, must } from "../../codec/tlv.js";
import { empty, type Message } from "../message.js";
import { plmnDigits, radioInterface } from "./nas.js";

const service = "nas";

/** Masks of technologies by bits of EF_PLMNwAcT. @see 3GPP TS 31.102 4.2.5 */
const preferredPlmns = listWith(nested({ mcc: u16, mnc: u16, technologies: u16 }), u16);
const mncDigits = listWith(nested({ mcc: u16, mnc: u16, hasThreeDigits: flag8 }));

/** What the user of the card, and what its operator prefers; best first. */
export const getPreferredNetworks = {
  service,
  id: 0x0026,
  name: "GET_PREFERRED_NETWORKS",
  request: empty,
  response: {
    preferred: may(0x10, preferredPlmns),
    operatorPreferred: may(0x11, preferredPlmns),
    preferredDigits: may(0x12, mncDigits),
    operatorPreferredDigits: may(0x13, mncDigits),
  },
} as const satisfies Message;

/** Until the next power cycle, or for good. */
const duration = enumOf({ powerCycle: 0, permanent: 1 }, u8);

export const initiateRegister = {
  service,
  id: 0x0022,
  name: "INITIATE_NETWORK_REGISTER",
  request: {
    action: must(0x01, enumOf({ automatic: 1, manual: 2 }, u8)),
    manual: may(0x10, nested({ mcc: u16, mnc: u16, radioInterface })),
    duration: may(0x11, duration),
    mncHasThreeDigits: may(0x12, flag8),
  },
  response: empty,
  timeoutMs: 60_000,
} as const satisfies Message;

/** Bit n is band n + 1. */
const lteBandMasks = nested({ to64: u64, to128: u64, to192: u64, to256: u64 });
const nrBandMasks = nested({
  to64: u64,
  to128: u64,
  to192: u64,
  to256: u64,
  to320: u64,
  to384: u64,
  to448: u64,
  to512: u64,
});

const modePreference = flagsOf({ cdma: 1, evdo: 2, gsm: 4, umts: 8, lte: 0x10, tdScdma: 0x20, nr: 0x40 }, u16);

export const getSystemSelection = {
  service,
  id: 0x0034,
  name: "GET_SYSTEM_SELECTION_PREFERENCE",
  request: empty,
  response: {
    emergency: may(0x10, flag8),
    modes: may(0x11, modePreference),
    bands: may(0x12, u64),
    roaming: may(0x14, enumOf({ off: 1, notOff: 2, notFlashing: 3, any: 0xff }, u16)),
    lteBands: may(0x15, u64),
    selection: may(0x16, enumOf({ automatic: 0, manual: 1 }, u8)),
    domain: may(0x18, u32),
    manual: may(0x1b, plmnDigits),
    extendedLteBands: may(0x23, lteBandMasks),
    nrStandaloneBands: may(0x2c, nrBandMasks),
    nrNonStandaloneBands: may(0x2d, nrBandMasks),
  },
} as const satisfies Message;

/** What is not named stays. The optional parts stand under other types than in the question. */
export const setSystemSelection = {
  service,
  id: 0x0033,
  name: "SET_SYSTEM_SELECTION_PREFERENCE",
  request: {
    modes: may(0x11, modePreference),
    bands: may(0x12, u64),
    lteBands: may(0x15, u64),
    duration: may(0x17, duration),
    extendedLteBands: may(0x24, lteBandMasks),
    nrStandaloneBands: may(0x2f, nrBandMasks),
    nrNonStandaloneBands: may(0x30, nrBandMasks),
  },
  response: empty,
  timeoutMs: 30_000,
} as const satisfies Message;
