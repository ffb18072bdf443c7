/**
 * A recorded conversation taken apart: what was asked, what was answered when, and what came unasked after which question.
 * Knows no protocol; those are rows in protocols.ts.
 */

/** Something that the modem said. `afterMs`: since the question it belongs to, or since the port was opened. */
export interface Saying {
  readonly afterMs: number;
  readonly bytes: Buffer;
}

export interface Exchange {
  /** What is asked, without its content: `uim 32`. */
  readonly name: string;
  /** With it; equal for the same question whatever numbers it had. */
  readonly key: string;
  /** Who asked, where a protocol has several (QMI's client ids). */
  readonly asker: string;
  /** Empty: the modem never answered. */
  readonly answers: readonly Saying[];
  /** Unasked, before the next question. Of one question the first time only. */
  readonly news: readonly Saying[];
}

/** From one opening of the port to the next. */
export interface Conversation {
  /** Before anything was asked. */
  readonly news: readonly Saying[];
  readonly exchanges: readonly Exchange[];
}

/** How the questions of a replay find theirs: each recorded one once and in order, then the last of its kind again. */
export class Script {
  readonly #used = new Set<Exchange>();

  constructor(private readonly conversation: Conversation) {}

  /** The exchange that answers; `isFirst` while it has not been used before. `unknown`: which part of it nobody asked. */
  take(
    question: Pick<Exchange, "name" | "key" | "asker">,
  ): { readonly exchange: Exchange; readonly isFirst: boolean } | { readonly unknown: "message" | "content" } {
    const same = this.conversation.exchanges.filter(({ key }) => key === question.key);
    const fresh = same.filter((one) => !this.#used.has(one));
    const byAsker = (one: Exchange) => one.asker === question.asker;
    const exchange = fresh.find(byAsker) ?? fresh[0] ?? same.findLast(byAsker) ?? same.at(-1);
    if (exchange === undefined) {
      const isKnown = this.conversation.exchanges.some(({ name }) => name === question.name);
      return { unknown: isKnown ? "content" : "message" };
    }
    const isFirst = !this.#used.has(exchange);
    this.#used.add(exchange);
    return { exchange, isFirst };
  }
}
