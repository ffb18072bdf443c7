/** UIM: the operator changes files of the card over the air. @see ETSI TS 102 223 6.4.7 */
import { enumOf, flag8, u8, u16 } from "../../codec/scalar.js";
import { bytesWith, listWith } from "../../codec/sized.js";
import { nested } from "../../codec/struct.js";
import { may, must } from "../../codec/tlv.js";
import { empty, type Indication, type Message } from "../message.js";
import { session, sessionType } from "./uim.js";

const service = "uim";

/** Every file that the operator changes over the air is told. */
export const registerRefreshAll = {
  service,
  id: 0x0044,
  name: "REFRESH_REGISTER_ALL",
  request: { session, wanted: must(0x02, flag8) },
  response: empty,
} as const satisfies Message;

export const refreshed = {
  service,
  id: 0x0033,
  name: "REFRESH",
  indication: {
    event: may(
      0x10,
      nested({
        stage: enumOf({ waitForOk: 0, start: 1, success: 2, failure: 3 }, u8),
        mode: enumOf({ reset: 0, init: 1, initFcn: 2, fcn: 3, initFullFcn: 4, applicationReset: 5 }, u8),
        sessionType,
        aid: bytesWith(u8),
        files: listWith(nested({ id: u16, path: bytesWith(u8) }), u16),
      }),
    ),
  },
} as const satisfies Indication;

/** To be said after `start`, or the card waits. */
export const completeRefresh = {
  service,
  id: 0x002c,
  name: "REFRESH_COMPLETE",
  request: { session, success: must(0x02, flag8) },
  response: empty,
} as const satisfies Message;
