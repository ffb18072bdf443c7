/** What replaying has to know of a protocol of messages. One for each time that a host opens the port. */
import type { Judge } from "../../codec/frame-stream.js";
import type { Exchange } from "./conversation.js";

export interface Question extends Pick<Exchange, "name" | "key" | "asker"> {
  /** What its answer is recognised by. */
  readonly ticket: string;
}

export interface Dialect {
  readonly judge: Judge;
  /** Undefined: the message asks for nothing. @throws RangeError when it is none */
  question(message: Buffer): Question | undefined;
  /** The ticket of the question that this answers; undefined: it comes unasked. @throws RangeError */
  ticketOf(message: Buffer): string | undefined;
  /** A recorded answer with the numbers of the question that it answers now, as the frames of it. */
  answer(recorded: Buffer, to: Buffer): readonly Buffer[];
  /** What came unasked, for whoever it concerns now. */
  news(recorded: Buffer): readonly Buffer[];
  /** What nobody asked the recorded modem: the protocol's own error. */
  refusal(to: Buffer, unknown: "message" | "content"): readonly Buffer[];
  /**
   * What a host says when it comes or goes, which a trace may not have: it begins later and ends before. Undefined: no
   * such thing.
   */
  courtesy(to: Buffer): readonly Buffer[] | undefined;
  /** For the log. */
  text(message: Buffer): string;
}
