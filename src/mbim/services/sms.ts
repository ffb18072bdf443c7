/** SMS: a store of messages as TPDUs with the service centre's address in front. @see MBIM 1.0 10.5.31 ff. */
import { countOf, identity, opaqueBytes, pairsTo, tailOf } from "../../codec/reference.js";
import { enumOf, flagsOf, u32 } from "../../codec/scalar.js";
import { structure } from "../../codec/struct.js";
import { type Command, empty } from "../command.js";

export const smsService = "533fbeeb-14fe-4467-9f90-33a223e56c3f";

const service = smsService;

const format = enumOf({ pdu: 0, cdma: 1 });
/** Which messages a request is about. */
const flag = enumOf({ all: 0, index: 1, new: 2, old: 3, sent: 4, draft: 5 });

const configuration = {
  storageState: enumOf({ notInitialized: 0, initialized: 1 }),
  format,
  maxMessages: u32,
  cdmaShortMessageSize: u32,
  serviceCentre: identity,
} as const;

export const smsConfiguration = {
  service,
  cid: 1,
  name: "SMS_CONFIGURATION",
  query: empty,
  /** An empty service centre leaves the one that there is. */
  set: { format, serviceCentre: identity },
  response: configuration,
  notify: configuration,
} as const satisfies Command;

/** Of the format `pdu`, which alone is asked for. */
const records = {
  format,
  recordCount: countOf("records"),
  records: pairsTo(
    structure({
      index: u32,
      status: enumOf({ new: 0, old: 1, draft: 2, sent: 3 }),
      pdu: opaqueBytes,
    }),
  ),
} as const;

export const smsRead = {
  service,
  cid: 2,
  name: "SMS_READ",
  /** `index` from 1, for the flag of this name. */
  query: { format, flag, index: u32 },
  response: records,
  /** Messages of class 0: they are not stored. */
  notify: records,
  timeoutMs: { query: 30_000 },
} as const satisfies Command;

export const smsSend = {
  service,
  cid: 3,
  name: "SMS_SEND",
  set: { format, message: tailOf(structure({ pdu: opaqueBytes })) },
  response: { reference: u32 },
  // As long as the network may take for it. @see 3GPP TS 24.011 10: timers TC1* and TR1M, with the modem's own tries
  timeoutMs: { set: 60_000 },
} as const satisfies Command;

export const smsDelete = {
  service,
  cid: 4,
  name: "SMS_DELETE",
  set: { flag, index: u32 },
  response: empty,
  timeoutMs: { set: 30_000 },
} as const satisfies Command;

/** `index`: the message that came last, where one has. */
const storeStatus = { flags: flagsOf({ storeFull: 1, newMessage: 2 }), index: u32 } as const;

export const smsStoreStatus = {
  service,
  cid: 5,
  name: "SMS_MESSAGE_STORE_STATUS",
  query: empty,
  response: storeStatus,
  notify: storeStatus,
} as const satisfies Command;
