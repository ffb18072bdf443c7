/** VOICE: unstructured supplementary services, the part of it that a data modem is asked for. Their texts tell balances and take PINs. */
import { enumOf, flag8, u8, u16 } from "../../codec/scalar.js";
import { bytesWith, sealed, secretly, utf16With } from "../../codec/sized.js";
import { nested } from "../../codec/struct.js";
import { may, must } from "../../codec/tlv.js";
import { empty, type Indication, type Message } from "../message.js";

const service = "voice";

const ussData = nested({
  codingScheme: enumOf({ unknown: 0, ascii: 1, octets: 2, ucs2: 3 }, u8),
  /** UCS2 with the high byte first. */
  data: sealed(bytesWith(u8)),
});
const utf16 = secretly(utf16With(u8));

export const registerIndications = {
  service,
  id: 0x0003,
  name: "INDICATION_REGISTER",
  request: { ussd: may(0x16, flag8) },
  response: empty,
} as const satisfies Message;

/** Of a call's end; supplementary services that fail give one as well. */
const failureCause = may(0x10, u16);

/** Answered when the dialogue is over. */
export const originateUssd = {
  service,
  id: 0x003a,
  name: "ORIGINATE_USSD",
  request: { ussData: must(0x01, ussData) },
  response: { ussData: may(0x12, ussData), utf16: may(0x16, utf16) },
  failure: { failureCause },
  timeoutMs: 100_000,
} as const satisfies Message;

/** Answered when it has been sent; what becomes of it is told. Newer firmware has it. */
export const originateUssdNoWait = {
  service,
  id: 0x0043,
  name: "ORIGINATE_USSD_NO_WAIT",
  request: { ussData: must(0x01, ussData) },
  response: empty,
} as const satisfies Message;

export const ussdOriginated = {
  service,
  id: originateUssdNoWait.id,
  name: originateUssdNoWait.name,
  indication: {
    /** A QMI error. */
    error: may(0x10, u16),
    failureCause: may(0x11, u16),
    ussData: may(0x12, ussData),
    utf16: may(0x14, utf16),
  },
} as const satisfies Indication;

export const answerUssd = {
  service,
  id: 0x003b,
  name: "ANSWER_USSD",
  request: { ussData: must(0x01, ussData) },
  response: empty,
  timeoutMs: 30_000,
} as const satisfies Message;

export const cancelUssd = {
  service,
  id: 0x003c,
  name: "CANCEL_USSD",
  request: empty,
  response: empty,
  lane: "urgent",
} as const satisfies Message;

/** The dialogue is over, without another word. */
export const ussdReleased = {
  service,
  id: 0x003d,
  name: "RELEASE_USSD",
  indication: empty,
} as const satisfies Indication;

export const ussdReceived = {
  service,
  id: 0x003e,
  name: "USSD",
  indication: {
    userAction: must(0x01, enumOf({ unknown: 0, notRequired: 1, required: 2 }, u8)),
    ussData: may(0x10, ussData),
    utf16: may(0x11, utf16),
  },
} as const satisfies Indication;
