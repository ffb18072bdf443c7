/** What a trace has to know of each protocol: one row each. */
import type { Judge } from "../../codec/frame-stream.js";
import { judgeMbim } from "../../mbim/stream.js";
import { judgeQmux } from "../../qmi/frame.js";
import type { Covering } from "../cover.js";
import type { Protocol } from "../entry.js";
import { AtCovering, atText } from "./at.js";
import { MbimCovering, mbimText } from "./mbim.js";
import { QmiCovering, qmiText } from "./qmi.js";

export interface ProtocolRow {
  /** How messages are found in bytes; undefined: they are lines. */
  readonly judge: Judge | undefined;
  covering(): Covering;
  /** One message for people, identities in part. @throws RangeError when it is none */
  text(message: Buffer): string;
}

export const protocols: Readonly<Record<Protocol, ProtocolRow>> = {
  qmi: { judge: judgeQmux, covering: () => new QmiCovering(), text: qmiText },
  mbim: { judge: judgeMbim, covering: () => new MbimCovering(), text: mbimText },
  at: { judge: undefined, covering: () => new AtCovering(), text: atText },
};
