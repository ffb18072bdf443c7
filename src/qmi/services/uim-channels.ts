/** UIM: logical channels to applications of the card. @see ETSI TS 102 221 11.1.17 */
import { flag8, u8, u16 } from "../../codec/scalar.js";
import { bytesWith, withheld } from "../../codec/sized.js";
import { nested } from "../../codec/struct.js";
import { may, must } from "../../codec/tlv.js";
import type { Message } from "../message.js";

const service = "uim";

const slot = must(0x01, u8);
const channelResult = may(0x11, nested({ sw1: u8, sw2: u8 }));

export const openChannel = {
  service,
  id: 0x0042,
  name: "OPEN_LOGICAL_CHANNEL",
  request: { slot, aid: may(0x10, bytesWith(u8)) },
  response: { channel: may(0x10, u8), cardResult: channelResult, selected: may(0x12, bytesWith(u8)) },
  failure: { cardResult: channelResult },
  timeoutMs: 30_000,
} as const satisfies Message;

/** With a channel and without an application it closes. */
export const logicalChannel = {
  service,
  id: 0x003f,
  name: "LOGICAL_CHANNEL",
  request: { slot, aid: may(0x10, bytesWith(u8)), channel: may(0x11, u8), terminate: may(0x13, flag8) },
  response: { channel: may(0x10, u8), cardResult: channelResult },
  failure: { cardResult: channelResult },
} as const satisfies Message;

export const sendApdu = {
  service,
  id: 0x003b,
  name: "SEND_APDU",
  request: { slot, apdu: must(0x02, withheld(bytesWith(u16))), channel: may(0x10, u8) },
  response: { answer: may(0x10, withheld(bytesWith(u16))) },
  timeoutMs: 30_000,
} as const satisfies Message;
