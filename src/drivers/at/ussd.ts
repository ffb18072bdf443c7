/** Dialogues by USSD. @see 3GPP TS 27.007 7.15 */
import { type UssdNews, ussdNews } from "../../at/replies/cusd.js";
import type { UssdPort } from "../../modem/ports.js";
import type { UssdWord } from "../../modem/types.js";
import { ModemError } from "../../runtime/error.js";
import type { Chat } from "./chat.js";
import type { AtDialect } from "./dialect.js";
import { readUssd, type UssdStyle, writtenUssd } from "./ussd-coding.js";

export interface UssdContext {
  readonly chat: Chat;
  readonly dialect: Pick<AtDialect, "ussd">;
  /** Every word of the network. */
  said(word: UssdWord): void;
}

/** Some firmware answers when the network has. */
const sendMs = 60_000;

const asks = 1;
const endings: Readonly<Record<number, Extract<UssdWord, { is: "end" }>["because"]>> = {
  3: "otherClient",
  4: "notSupported",
  5: "timedOut",
};
/** 2 with a text is the last word of a network that ends so what it has said. */
const words: readonly number[] = [0, asks, 2];

export function ussdWordOf({ result, text, codingScheme }: UssdNews, style: UssdStyle): UssdWord {
  const isWord = words.includes(result) && (text !== undefined || result !== 2);
  if (!isWord) return { is: "end", because: endings[result] ?? "terminated" };
  return { is: "text", text: readUssd(text ?? "", codingScheme, style), asks: result === asks };
}

export class AtUssd implements UssdPort {
  /** The network waits for an answer. */
  #isAsked = false;

  constructor(private readonly context: UssdContext) {}

  listen(signal: AbortSignal): Promise<void> {
    return this.context.chat.tell({ text: "AT+CUSD=1" }, signal);
  }

  async initiate(text: string, signal: AbortSignal): Promise<void> {
    this.#isAsked = false;
    const written = writtenUssd(text, this.context.dialect.ussd);
    await this.context.chat.tell(
      { text: `AT+CUSD=1,"${written.text}",${written.codingScheme}`, secret: true, timeoutMs: sendMs },
      signal,
    );
  }

  /** To a modem an answer and a code are the same. */
  async respond(text: string, signal: AbortSignal): Promise<void> {
    if (!this.#isAsked) throw new ModemError("refused", "the network waits for no answer");
    return this.initiate(text, signal);
  }

  cancel(signal: AbortSignal): Promise<void> {
    return this.context.chat.tell({ text: "AT+CUSD=2" }, signal);
  }

  /** @throws RangeError when the line cannot be read */
  hears(line: string): void {
    const news = ussdNews(line);
    if (news === undefined) return;
    this.#isAsked = news.result === asks;
    this.context.said(ussdWordOf(news, this.context.dialect.ussd));
  }
}
