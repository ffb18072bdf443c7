/** The modem of a trace as a face: QMI and MBIM. */
import { FrameStream } from "../../codec/frame-stream.js";
import { Reassembler } from "../../mbim/reassemble.js";
import { fragmentTimeoutMs } from "../../mbim/receive.js";
import type { Face, HostLine } from "../faces/face.js";
import { type Conversation, type Exchange, type Saying, Script } from "./conversation.js";
import type { Dialect } from "./dialect.js";
import type { ReplayOptions } from "./face.js";
import type { RecordedMessage, RecordedOpening } from "./recorded.js";
import { Timed } from "./timed.js";

type Building = Omit<Exchange, "answers" | "news"> & {
  readonly atMs: number;
  readonly answers: Saying[];
  readonly news: Saying[];
};

/** What was asked and answered in one opening. A message that cannot be read is left out. */
export function conversationOf({ atMs, messages }: RecordedOpening, dialect: Dialect): Conversation {
  const news: Saying[] = [];
  const exchanges: Building[] = [];
  const waiting = new Map<string, Building>();
  const hear = ({ direction, bytes, ...message }: RecordedMessage) => {
    if (direction === ">") {
      const question = dialect.question(bytes);
      if (question === undefined) return;
      const exchange = { ...question, atMs: message.atMs, answers: [], news: [] };
      exchanges.push(exchange);
      waiting.set(question.ticket, exchange);
      return;
    }
    const answered = waiting.get(dialect.ticketOf(bytes) ?? "");
    const last = exchanges.at(-1);
    const to = answered?.answers ?? last?.news ?? news;
    to.push({ afterMs: message.atMs - (answered ?? last ?? { atMs }).atMs, bytes });
  };
  for (const message of messages) {
    try {
      hear(message);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return { news, exchanges };
}

export class MessageReplay implements Face {
  readonly #timed: Timed;
  readonly #stream: FrameStream;
  readonly #fragments: Reassembler;
  #opening = -1;
  #now: { readonly dialect: Dialect; readonly script: Script } | undefined;

  constructor(
    private readonly line: HostLine,
    private readonly options: ReplayOptions,
    private readonly openDialect: () => Dialect,
  ) {
    this.#timed = new Timed(options.clock, options.speed);
    this.#stream = new FrameStream(openDialect().judge);
    this.#fragments = new Reassembler(options.clock, fragmentTimeoutMs, () => undefined);
  }

  feed(bytes: Buffer): void {
    const now = this.#now ?? this.#open();
    for (const frame of this.#stream.feed(bytes)) {
      const isMbim = this.options.recorded.protocol === "mbim";
      const whole = isMbim ? this.#fragments.accept(frame)?.joined : frame;
      if (whole !== undefined) this.#hear(whole, now.dialect, now.script);
    }
  }

  hostLeft(): void {
    this.#timed.forget();
    this.#stream.drop();
    this.#now = undefined;
  }

  close(): void {
    this.hostLeft();
    this.#fragments.close();
  }

  #open(): { readonly dialect: Dialect; readonly script: Script } {
    const { openings } = this.options.recorded;
    this.#opening = Math.min(this.#opening + 1, openings.length - 1);
    const opening = openings[this.#opening] ?? { atMs: 0, messages: [] };
    const conversation = conversationOf(opening, this.openDialect());
    const dialect = this.openDialect();
    this.#now = { dialect, script: new Script(conversation) };
    this.#timed.say(conversation.news, (bytes) => this.#send(dialect.news(bytes)));
    return this.#now;
  }

  #hear(message: Buffer, dialect: Dialect, script: Script): void {
    let question: ReturnType<Dialect["question"]>;
    try {
      question = dialect.question(message);
    } catch (error) {
      this.options.log.debug("a message that makes no sense", { detail: String(error) });
      return;
    }
    if (question === undefined) return;
    const found = script.take(question);
    if ("unknown" in found) {
      const courtesy = dialect.courtesy(message);
      if (courtesy === undefined) this.options.log.notice(`not in the trace: ${dialect.text(message)}`);
      const answer = courtesy ?? dialect.refusal(message, found.unknown);
      this.#timed.say(sayNow(answer), (bytes) => this.#send([bytes]));
      return;
    }
    const { answers, news } = found.exchange;
    const all = [
      ...answers.map((saying) => ({ ...saying, frames: () => dialect.answer(saying.bytes, message) })),
      ...(found.isFirst ? news : []).map((saying) => ({ ...saying, frames: () => dialect.news(saying.bytes) })),
    ].sort((one, other) => one.afterMs - other.afterMs);
    for (const { frames, ...saying } of all) this.#timed.say([saying], () => this.#send(frames()));
  }

  #send(frames: readonly Buffer[]): void {
    for (const frame of frames) this.line.send(frame);
  }
}

const sayNow = (frames: readonly Buffer[]): readonly Saying[] => frames.map((bytes) => ({ afterMs: 0, bytes }));
