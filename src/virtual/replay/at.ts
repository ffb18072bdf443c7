/** The modem of a trace as a face: AT. One command at a time, so that everything up to the next one is its answer. */
import { finalResult } from "../../at/results.js";
import type { Covering } from "../../trace/cover.js";
import { protocols } from "../../trace/protocols/all.js";
import type { Face, HostLine } from "../faces/face.js";
import { type Conversation, type Exchange, type Saying, Script } from "./conversation.js";
import type { ReplayOptions } from "./face.js";
import type { RecordedOpening } from "./recorded.js";
import { Timed } from "./timed.js";

/** The line as the trace has it: secrets covered. */
function lineOf(bytes: Buffer, covering: Covering): string {
  const copy = Buffer.from(bytes);
  covering.coverSecrets(copy, ">");
  return copy.toString("latin1").trim();
}

const hasResult = ({ bytes }: Saying): boolean =>
  bytes
    .toString("latin1")
    .split(/[\r\n]+/)
    .some((line) => finalResult(line.trim(), { call: true, numbers: false }) !== undefined);

function conversationOf({ atMs, messages }: RecordedOpening): Conversation {
  const covering = protocols.at.covering();
  const news: Saying[] = [];
  const exchanges: (Exchange & { readonly atMs: number; readonly answers: Saying[]; readonly news: Saying[] })[] = [];
  for (const message of messages) {
    if (message.direction === ">") {
      const key = lineOf(message.bytes, covering);
      exchanges.push({ name: key, key, asker: "", atMs: message.atMs, answers: [], news: [] });
      continue;
    }
    const last = exchanges.at(-1);
    const saying = { afterMs: message.atMs - (last ?? { atMs }).atMs, bytes: message.bytes };
    if (last === undefined) news.push(saying);
    else (last.answers.some(hasResult) ? last.news : last.answers).push(saying);
  }
  return { news, exchanges };
}

export class LineReplay implements Face {
  readonly #timed: Timed;
  #covering = protocols.at.covering();
  #held = "";
  #opening = -1;
  #script: Script | undefined;

  constructor(
    private readonly line: HostLine,
    private readonly options: ReplayOptions,
  ) {
    this.#timed = new Timed(options.clock, options.speed);
  }

  feed(bytes: Buffer): void {
    const script = this.#script ?? this.#open();
    this.#held += bytes.toString("latin1");
    const lines = this.#held.split(/(?<=[\r\x1a])/);
    this.#held = /[\r\x1a]$/.test(this.#held) ? "" : (lines.pop() ?? "");
    for (const line of lines) if (line.trim() !== "") this.#hear(line, script);
  }

  hostLeft(): void {
    this.#timed.forget();
    this.#held = "";
    this.#script = undefined;
  }

  close(): void {
    this.hostLeft();
  }

  #open(): Script {
    const { openings } = this.options.recorded;
    this.#opening = Math.min(this.#opening + 1, openings.length - 1);
    const conversation = conversationOf(openings[this.#opening] ?? { atMs: 0, messages: [] });
    this.#covering = protocols.at.covering();
    this.#script = new Script(conversation);
    this.#timed.say(conversation.news, (bytes) => this.line.send(bytes));
    return this.#script;
  }

  #hear(text: string, script: Script): void {
    const key = lineOf(Buffer.from(text, "latin1"), this.#covering);
    const found = script.take({ name: key, key, asker: "" });
    if ("unknown" in found) {
      this.options.log.notice(`not in the trace: ${key}`);
      this.#timed.say([{ afterMs: 0, bytes: Buffer.from("\r\nERROR\r\n") }], (bytes) => this.line.send(bytes));
      return;
    }
    const { answers, news } = found.exchange;
    this.#timed.say(found.isFirst ? [...answers, ...news] : answers, (bytes) => this.line.send(bytes));
  }
}
