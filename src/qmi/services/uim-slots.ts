/** UIM: the places for cards. */
import { enumOf, flag8, u8, u32 } from "../../codec/scalar.js";
import { bytesWith, listWith, withheld } from "../../codec/sized.js";
import { nested } from "../../codec/struct.js";
import { may, must } from "../../codec/tlv.js";
import { empty, type Indication, type Message } from "../message.js";

const service = "uim";

const slotStatus = {
  slots: may(
    0x10,
    listWith(
      nested({
        card: enumOf({ unknown: 0, absent: 1, present: 2 }),
        slot: enumOf({ inactive: 0, active: 1 }),
        logicalSlot: u8,
        /** BCD, as in EF ICCID. */
        iccid: withheld(bytesWith(u8)),
      }),
    ),
  ),
  information: may(0x11, listWith(nested({ protocol: u32, applications: u8, atr: bytesWith(u8), isEuicc: flag8 }))),
  /** BCD; empty for a plain card. */
  eids: may(0x12, listWith(withheld(bytesWith(u8)))),
} as const;

export const getSlotStatus = {
  service,
  id: 0x0047,
  name: "GET_SLOT_STATUS",
  request: empty,
  response: slotStatus,
} as const satisfies Message;

export const slotStatusChanged = {
  service,
  id: 0x0048,
  name: "SLOT_STATUS",
  indication: slotStatus,
} as const satisfies Indication;

/** Both counted from 1. */
export const switchSlot = {
  service,
  id: 0x0046,
  name: "SWITCH_SLOT",
  request: { logicalSlot: must(0x01, u8), physicalSlot: must(0x02, u32) },
  response: empty,
  timeoutMs: 30_000,
} as const satisfies Message;
