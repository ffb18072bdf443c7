/**
 * Dialogues with the network by USSD, one at a time: a code, the network's word, an answer where it asks, and so on; or the
 * network begins. Lives while the modem is online. Texts tell balances and take PINs: none is logged. @see 3GPP TS 22.090
 */
import { EventEmitter } from "eventemitter3";
import { errorText, ModemError } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { DomainRefusal, type RefusalKind, type Ussd, type UssdNotices, type UssdPartState } from "./api.js";
import { deadlinesMs } from "./deadlines.js";
import type { Operations } from "./operations.js";
import { StatePart } from "./part.js";
import type { UssdPort } from "./ports.js";
import type { UssdWord } from "./types.js";
import { checkUssdCode } from "./ussd-code.js";

export interface UssdRoom {
  readonly port: UssdPort;
  readonly operations: Operations;
  readonly log: Log;
}

/** Who waits for the network's word. */
interface Waiting {
  resolve(text: string): void;
  reject(error: Error): void;
}

const refusalOf = {
  terminated: "terminated",
  notSupported: "notSupported",
  timedOut: "timedOut",
  otherClient: "inProgress",
} as const satisfies Record<Extract<UssdWord, { is: "end" }>["because"], RefusalKind>;

export class UssdPart extends StatePart<UssdPartState> implements Ussd {
  readonly notices = new EventEmitter<UssdNotices>();
  #waiting: Waiting | undefined;
  #isCancelling = false;
  #listens = false;

  constructor(private readonly room: UssdRoom) {
    super({ dialogue: "idle" });
  }

  /** The network can be heard from now on. Not before: nothing is asked of a modem that is still looking for one. */
  served(): void {
    if (this.#listens) return;
    this.#listens = true;
    const { operations, port, log } = this.room;
    operations
      .run("ussd.listen", { timeoutMs: deadlinesMs.read }, (signal) => port.listen(signal))
      .catch((error: unknown) => {
        this.#listens = false;
        if (!operations.isClosed) log.info("the network's own USSD is not heard", { cause: errorText(error) });
      });
  }

  /** The part is left: whoever still waits is told. */
  leave(): void {
    this.#settle("idle")?.reject(new DomainRefusal("canceled", "the modem goes offline"));
  }

  async initiate(code: string): Promise<string> {
    if (this.state.dialogue !== "idle") throw new DomainRefusal("inProgress", "a USSD dialogue goes on");
    checkUssdCode(code);
    return this.#ask((signal) => this.room.port.initiate(code, signal));
  }

  async respond(text: string): Promise<string> {
    if (this.#waiting !== undefined) throw new DomainRefusal("inProgress", "the network has not answered yet");
    if (this.state.dialogue !== "user-response") throw new DomainRefusal("notActive", "the network asks nothing");
    if (text === "") throw new DomainRefusal("invalidFormat", "an empty answer");
    return this.#ask((signal) => this.room.port.respond(text, signal));
  }

  async cancel(): Promise<void> {
    if (this.state.dialogue === "idle") throw new DomainRefusal("notActive", "no USSD dialogue goes on");
    if (this.#isCancelling) throw new DomainRefusal("inProgress", "the dialogue is being ended");
    this.#isCancelling = true;
    try {
      await this.#endAtNetwork();
    } finally {
      this.#isCancelling = false;
    }
    this.#settle("idle")?.reject(new DomainRefusal("canceled", "the dialogue was ended"));
  }

  /** The network's word, whoever waits for it. */
  said(word: UssdWord): void {
    if (word.is === "end") this.#ended(word);
    else if (this.#waiting !== undefined) this.#settle(word.asks ? "user-response" : "idle")?.resolve(word.text);
    else this.#begun(word.text, word.asks);
  }

  #ended({ because, failure }: Extract<UssdWord, { is: "end" }>): void {
    // What a cancel brings about is its own affair.
    if (this.#isCancelling) return;
    const cause = failure && new ModemError("refused", "USSD", { failure });
    const refusal = new DomainRefusal(refusalOf[because], `the network ended the dialogue: ${because}`, { cause });
    this.#settle("idle")?.reject(refusal);
  }

  /** Nobody here has asked. While the network waits for an answer it may say more. */
  #begun(text: string, asks: boolean): void {
    this.notices.emit(asks ? "request" : "notification", text);
    this.become({ dialogue: asks ? "user-response" : "idle" });
  }

  async #ask(send: (signal: AbortSignal) => Promise<void>): Promise<string> {
    const { operations } = this.room;
    this.become({ dialogue: "active" });
    let waiting: Waiting | undefined;
    const word = new Promise<string>((resolve, reject) => {
      waiting = { resolve, reject };
    });
    this.#waiting = waiting;
    try {
      return await operations.run("ussd", { timeoutMs: deadlinesMs.ussd }, (signal) => {
        send(signal).catch((error: Error) => (this.#isCancelling ? undefined : waiting?.reject(error)));
        return word;
      });
    } catch (error) {
      if (this.#waiting === waiting) this.#giveUp(error);
      throw error;
    }
  }

  /** The network has said nothing: the modem refused, or the time is over, and then nobody waits for its word any more. */
  #giveUp(error: unknown): void {
    const { operations, log } = this.room;
    this.#settle("idle");
    if (operations.isClosed || !(error instanceof ModemError) || error.code !== "timeout") return;
    this.#endAtNetwork().catch((cause: unknown) => log.info("dialogue not ended", { cause: errorText(cause) }));
  }

  #endAtNetwork(): Promise<void> {
    const { operations, port } = this.room;
    return operations.run("ussd.cancel", { timeoutMs: deadlinesMs.read }, (signal) => port.cancel(signal));
  }

  /** The dialogue is so from now on; yields who waited for that. */
  #settle(dialogue: UssdPartState["dialogue"]): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.become({ dialogue });
    return waiting;
  }
}
