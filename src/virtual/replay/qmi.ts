/** Replaying QMI: client ids and transactions are the host's own, whatever they were in the trace. */
import { decodeTlvs, elementsOf, encodeTlvs } from "../../codec/tlv.js";
import { decodeFrame, encodeFrame, everyClient, judgeQmux, type QmiMessage } from "../../qmi/frame.js";
import { fieldsOf } from "../../qmi/frame-log.js";
import { encodeResult, qmiErrors } from "../../qmi/result.js";
import { allocateClient, releaseClient } from "../../qmi/services/ctl.js";
import { services } from "../../qmi/services.js";
import { protocols } from "../../trace/protocols/all.js";
import type { Dialect, Question } from "./dialect.js";

/** The TLVs as a text, without those that hold a secret and with nothing in those that no table explains. */
function contentOf(frame: Buffer): string {
  const bytes = Buffer.from(frame);
  protocols.qmi.covering().openIdentities(bytes, ">");
  const message = decodeFrame(bytes);
  const rows = Object.values(fieldsOf(message, 0) ?? {});
  const parts = [...elementsOf(message.tlvs)].map(({ type, value }) => {
    const hides = rows.find((row) => row.type === type)?.value.hides;
    return `${type}=${hides === "secret" ? "" : value.toString("hex")}`;
  });
  return parts.sort().join(" ");
}

export class QmiDialect implements Dialect {
  readonly judge = judgeQmux;
  readonly text = protocols.qmi.text;
  /** By `service/id` of the host: the client id of the trace that it stands for. */
  readonly #clients = new Map<string, number>();

  question(frame: Buffer): Question | undefined {
    const message = decodeFrame(frame);
    if (message.kind !== "request") return undefined;
    const { service, client, transaction, id } = message;
    const name = `${service}/${id}`;
    const asker = `${service}/${this.#clients.get(`${service}/${client}`) ?? client}`;
    return { name, key: `${name} ${contentOf(frame)}`, asker, ticket: `${service}/${client}/${transaction}` };
  }

  ticketOf(frame: Buffer): string | undefined {
    const { kind, service, client, transaction } = decodeFrame(frame);
    return kind === "response" ? `${service}/${client}/${transaction}` : undefined;
  }

  answer(recorded: Buffer, to: Buffer): readonly Buffer[] {
    const { client, transaction } = decodeFrame(to);
    const answer = { ...decodeFrame(recorded), client, transaction };
    if (answer.service !== services.ctl) return [encodeFrame(answer)];
    if (answer.id === releaseClient.id) this.#release(decodeFrame(to));
    return [encodeFrame(answer.id === allocateClient.id ? this.#allocated(answer) : answer)];
  }

  news(recorded: Buffer): readonly Buffer[] {
    const message = decodeFrame(recorded);
    if (message.client === everyClient || message.service === services.ctl) return [recorded];
    return [...this.#clients].flatMap(([key, client]) => {
      const [service, host] = key.split("/").map(Number);
      const isTheirs = service === message.service && client === message.client;
      return isTheirs && host !== undefined ? [encodeFrame({ ...message, client: host })] : [];
    });
  }

  refusal(to: Buffer, unknown: "message" | "content"): readonly Buffer[] {
    const error = unknown === "message" ? qmiErrors.invalidQmiCommand : qmiErrors.invalidArgument;
    return [encodeFrame({ ...decodeFrame(to), kind: "response", tlvs: encodeResult(error) })];
  }

  courtesy(to: Buffer): readonly Buffer[] | undefined {
    const message = decodeFrame(to);
    if (message.service !== services.ctl || message.id !== releaseClient.id) return undefined;
    this.#release(message);
    return [encodeFrame({ ...message, kind: "response", tlvs: Buffer.concat([encodeResult(0), message.tlvs]) })];
  }

  /** The recorded id where it is free, else the next one: a host may ask more often than the recorded one did. */
  #allocated(answer: QmiMessage): QmiMessage {
    let told: ReturnType<typeof decodeTlvs<typeof allocateClient.response>>;
    try {
      told = decodeTlvs(allocateClient.response, answer.tlvs);
    } catch {
      return answer;
    }
    const { service, client: recorded } = told.allocated;
    let client = recorded;
    while (this.#clients.has(`${service}/${client}`)) client = (client % 0xfe) + 1;
    this.#clients.set(`${service}/${client}`, recorded);
    const allocated = encodeTlvs(allocateClient.response, { allocated: { service, client } });
    return { ...answer, tlvs: Buffer.concat([encodeResult(0), allocated]) };
  }

  #release({ tlvs }: QmiMessage): void {
    const { released } = decodeTlvs(releaseClient.request, tlvs);
    this.#clients.delete(`${released.service}/${released.client}`);
  }
}
