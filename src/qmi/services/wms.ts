/**
 * WMS: short messages. Raw data is a TPDU with the service centre's address in front.
 * @see 3GPP TS 23.040, TS 24.011; libqmi's data/qmi-service-wms.json
 */
import { enumOf, flag8, u8, u16, u32 } from "../../codec/scalar.js";
import { bytesWith, fixedText, identifying, listWith, restText, sealed, textWith } from "../../codec/sized.js";
import { nested } from "../../codec/struct.js";
import { may, must } from "../../codec/tlv.js";
import { empty, type Indication, type Message } from "../message.js";

const service = "wms";

const storage = enumOf({ card: 0, device: 1 }, u8);
const format = enumOf({ cdma: 0, pointToPoint: 6, broadcast: 7 }, u8);
const mode = enumOf({ cdma: 0, gsmUmts: 1 }, u8);
const tag = enumOf({ read: 0, notRead: 1, sent: 2, notSent: 3 }, u8);
/** Text and numbers of people. */
const pdu = sealed(bytesWith(u16));

/** Where a message lies. */
const place = nested({ storage, index: u32 });

export const reset = {
  service,
  id: 0x0000,
  name: "RESET",
  request: empty,
  response: empty,
} as const satisfies Message;

export const setEventReport = {
  service,
  id: 0x0001,
  name: "SET_EVENT_REPORT",
  request: { newMessages: may(0x10, flag8) },
  response: empty,
} as const satisfies Message;

/** A message that came: where it was stored, or itself. */
export const eventReport = {
  service,
  id: 0x0001,
  name: "EVENT_REPORT",
  indication: {
    stored: may(0x10, place),
    transferred: may(0x11, nested({ acknowledge: enumOf({ host: 0, done: 1 }, u8), transaction: u32, format, pdu })),
    mode: may(0x12, mode),
    serviceCentre: may(0x15, identifying(restText)),
    overIms: may(0x16, flag8),
  },
} as const satisfies Indication;

/** Beside the refusal of a message: who refused it, and why. @see 3GPP TS 24.011 annex E-2, TS 23.040 9.2.3.22 */
const networkCause = may(0x12, nested({ rpCause: u16, tpCause: u8 }));

export const rawSend = {
  service,
  id: 0x0020,
  name: "RAW_SEND",
  request: { message: must(0x01, nested({ format, pdu })), overIms: may(0x13, flag8) },
  /** Some firmware tells no reference. */
  response: { reference: must(0x01, u16) },
  failure: { networkCause, failureType: may(0x13, enumOf({ temporary: 0, permanent: 1 }, u8)) },
  // As long as the network may take for it. @see 3GPP TS 24.011 10: timers TC1* and TR1M, with the modem's own tries
  timeoutMs: 60_000,
} as const satisfies Message;

export const rawWrite = {
  service,
  id: 0x0021,
  name: "RAW_WRITE",
  request: { message: must(0x01, nested({ storage, format, pdu })) },
  response: { index: must(0x01, u32) },
} as const satisfies Message;

export const rawRead = {
  service,
  id: 0x0022,
  name: "RAW_READ",
  request: { place: must(0x01, place), mode: may(0x10, mode), overIms: may(0x11, flag8) },
  response: { message: must(0x01, nested({ tag, format, pdu })) },
} as const satisfies Message;

export const modifyTag = {
  service,
  id: 0x0023,
  name: "MODIFY_TAG",
  request: { message: must(0x01, nested({ storage, index: u32, tag })), mode: may(0x10, mode) },
  response: empty,
} as const satisfies Message;

/** Without index and tag all of the storage. */
export const deleteMessages = {
  service,
  id: 0x0024,
  name: "DELETE",
  request: { storage: must(0x01, storage), index: may(0x10, u32), tag: may(0x11, tag), mode: may(0x12, mode) },
  response: empty,
} as const satisfies Message;

export const listMessages = {
  service,
  id: 0x0031,
  name: "LIST_MESSAGES",
  request: { storage: must(0x01, storage), tag: may(0x11, tag), mode: may(0x12, mode) },
  response: { messages: must(0x01, listWith(nested({ index: u32, tag }), u32)) },
} as const satisfies Message;

const routes = must(
  0x01,
  listWith(
    nested({
      type: enumOf({ pointToPoint: 0 }, u8),
      messageClass: enumOf({ class0: 0, class1: 1, class2: 2, class3: 3, none: 4, cdma: 5 }, u8),
      storage,
      action: enumOf({ discard: 0, storeAndNotify: 1, transfer: 2, transferAndAcknowledge: 3 }, u8),
    }),
    u16,
  ),
);
const statusReports = may(0x10, enumOf({ kept: 0, transferred: 1 }, u8));

/** What becomes of messages by their class; outlives whoever said so. */
export const setRoutes = {
  service,
  id: 0x0032,
  name: "SET_ROUTES",
  request: { routes, statusReports },
  response: empty,
} as const satisfies Message;

export const getRoutes = {
  service,
  id: 0x0033,
  name: "GET_ROUTES",
  request: empty,
  response: { routes, statusReports },
} as const satisfies Message;

/** `type`: the octet before the digits, in decimal figures: `145` of an international number. */
export const getServiceCentre = {
  service,
  id: 0x0034,
  name: "GET_SMSC_ADDRESS",
  request: empty,
  response: { address: must(0x01, nested({ type: fixedText(3), digits: identifying(textWith(u8)) })) },
} as const satisfies Message;

export const setServiceCentre = {
  service,
  id: 0x0035,
  name: "SET_SMSC_ADDRESS",
  request: { digits: must(0x01, identifying(restText)), type: may(0x10, restText) },
  response: empty,
} as const satisfies Message;

/** To the network, that a message handed over has been taken. */
export const sendAck = {
  service,
  id: 0x0037,
  name: "SEND_ACK",
  request: {
    message: must(0x01, nested({ transaction: u32, protocol: mode, success: flag8 })),
    failure: may(0x11, nested({ rpCause: u8, tpCause: u8 })),
    overIms: may(0x12, flag8),
  },
  response: empty,
  failure: { failureCause: may(0x10, u8) },
} as const satisfies Message;

export const serviceCentreChanged = {
  service,
  id: 0x0046,
  name: "SMSC_ADDRESS",
  indication: { address: must(0x01, nested({ type: fixedText(3), digits: identifying(textWith(u8)) })) },
} as const satisfies Indication;

export const memoryFull = {
  service,
  id: 0x003f,
  name: "MEMORY_FULL",
  indication: { memory: must(0x01, nested({ storage, mode })) },
} as const satisfies Indication;
