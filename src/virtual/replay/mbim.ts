/** Replaying MBIM: transactions and the size of frames are the host's own. */
import { decodeStruct } from "../../codec/struct.js";
import { decodeMessage, encodeFrames, type MbimMessage, protocolErrors } from "../../mbim/frame.js";
import { fieldsOf } from "../../mbim/frame-log.js";
import { status } from "../../mbim/status.js";
import { judgeMbim } from "../../mbim/stream.js";
import { protocols } from "../../trace/protocols/all.js";
import type { Dialect, Question } from "./dialect.js";

type Command = MbimMessage & { readonly type: "command" };

const plain = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);

/** The values as a text, without the secrets. What no table explains was zeroed in the trace, and so is no content. */
function contentOf(message: Command): string {
  const fields = fieldsOf(message);
  if (fields === undefined) return "";
  const values: Record<string, unknown> = { ...decodeStruct(fields, message.payload) };
  for (const [name, { hides }] of Object.entries(fields)) if (hides === "secret") delete values[name];
  return JSON.stringify(values, plain);
}

const defaultFrameBytes = 4096;

export class MbimDialect implements Dialect {
  readonly judge = judgeMbim;
  readonly text = protocols.mbim.text;
  #maxFrameBytes = defaultFrameBytes;

  question(bytes: Buffer): Question | undefined {
    const message = decodeMessage(bytes);
    const common = { asker: "", ticket: String(message.transaction) };
    if (message.type === "open") this.#maxFrameBytes = message.maxControlTransfer;
    if (message.type === "open" || message.type === "close")
      return { name: message.type, key: message.type, ...common };
    if (message.type !== "command") return undefined;
    const name = `${message.service}/${message.cid}/${message.action}`;
    return { name, key: `${name} ${contentOf(message)}`, ...common };
  }

  ticketOf(bytes: Buffer): string | undefined {
    const { type, transaction } = decodeMessage(bytes);
    return type === "indicateStatus" ? undefined : String(transaction);
  }

  answer(recorded: Buffer, to: Buffer): readonly Buffer[] {
    const { transaction } = decodeMessage(to);
    return encodeFrames({ ...decodeMessage(recorded), transaction }, this.#maxFrameBytes);
  }

  news(recorded: Buffer): readonly Buffer[] {
    return encodeFrames(decodeMessage(recorded), this.#maxFrameBytes);
  }

  courtesy(to: Buffer): readonly Buffer[] | undefined {
    const { type, transaction } = decodeMessage(to);
    if (type !== "open" && type !== "close") return undefined;
    const answer = type === "open" ? "openDone" : "closeDone";
    return encodeFrames({ type: answer, transaction, status: status.success }, this.#maxFrameBytes);
  }

  refusal(to: Buffer, unknown: "message" | "content"): readonly Buffer[] {
    const message = decodeMessage(to);
    const { transaction } = message;
    if (message.type !== "command")
      return encodeFrames({ type: "functionError", transaction, error: protocolErrors.unknown }, this.#maxFrameBytes);
    const { service, cid } = message;
    const refused = unknown === "message" ? status.noDeviceSupport : status.invalidParameters;
    const answer = {
      type: "commandDone",
      transaction,
      service,
      cid,
      status: refused,
      payload: Buffer.alloc(0),
    } as const;
    return encodeFrames(answer, this.#maxFrameBytes);
  }
}
