/** One control protocol until both ends have agreed, as the end that offers the service. @see RFC 1661 4 */
import type { Clock } from "../../runtime/clock.js";
import { type ControlPacket, codes, type Option, optionBytes, optionsOf } from "./control-packet.js";

/** What is agreed about. */
export interface Rules {
  /** What we ask for now. */
  readonly ours: () => readonly Option[];
  /** `reject`: we do not know it; another value: this one instead. */
  readonly judge: (theirs: Option) => "ack" | "reject" | Buffer;
  /** The peer does not want these of ours as they are. False: then there is no agreement. */
  readonly refused: (options: readonly Option[], how: "nak" | "reject") => boolean;
}

export interface NegotiationListener {
  send(packet: ControlPacket): void;
  opened(): void;
  /** The peer ends it, or there is no agreement. */
  closed(): void;
}

/** Restart timer and Max-Configure. @see RFC 1661 4.6 */
const retryMs = 3_000;
const mostTries = 10;
/** For the answer to a Terminate-Request, which is asked for once only. */
const farewellMs = 1_000;

export class Negotiation {
  #id = 0;
  #tries = 0;
  #weAgreed = false;
  #theyAgreed = false;
  #cancelRetry: () => void = () => undefined;

  constructor(
    private readonly rules: Rules,
    private readonly clock: Clock,
    private readonly listener: NegotiationListener,
  ) {}

  get isOpen(): boolean {
    return this.#weAgreed && this.#theyAgreed;
  }

  open(): void {
    this.#tries = 0;
    this.#theyAgreed = false;
    this.#ask();
  }

  /** Asks the peer to end; `closed` follows with its answer, or without one when that does not come. @see RFC 1661 3.7 */
  terminate(words = ""): void {
    this.stop();
    this.#weAgreed = false;
    this.#theyAgreed = false;
    this.#id = (this.#id + 1) & 0xff;
    this.listener.send({ code: codes.terminateRequest, id: this.#id, data: Buffer.from(words) });
    this.#cancelRetry = this.clock.after(farewellMs, () => this.#close());
  }

  stop(): void {
    this.#cancelRetry();
  }

  receive({ code, id, data }: ControlPacket): void {
    const isAnswer = id === this.#id && !this.#theyAgreed;
    switch (code) {
      case codes.configureRequest:
        this.#asked(id, data);
        break;
      case codes.configureAck:
        if (isAnswer) this.#agreed();
        break;
      case codes.configureNak:
      case codes.configureReject:
        if (isAnswer) this.#refused(data, code === codes.configureNak ? "nak" : "reject");
        break;
      case codes.terminateRequest:
        this.listener.send({ code: codes.terminateAck, id, data: Buffer.alloc(0) });
        this.#close();
        break;
      case codes.terminateAck:
        this.#close();
    }
  }

  #agreed(): void {
    this.stop();
    this.#theyAgreed = true;
    this.#settle();
  }

  #ask(): void {
    if (++this.#tries > mostTries) {
      this.#close();
      return;
    }
    this.#id = (this.#id + 1) & 0xff;
    this.listener.send({ code: codes.configureRequest, id: this.#id, data: optionBytes(this.rules.ours()) });
    this.#cancelRetry();
    this.#cancelRetry = this.clock.after(retryMs, () => this.#ask());
  }

  #asked(id: number, data: Buffer): void {
    const wasOpen = this.isOpen;
    const options = optionsOf(data);
    if (options === undefined) return;
    const judged = options.map((option) => ({ option, verdict: this.rules.judge(option) }));
    const rejected = judged.flatMap(({ option, verdict }) => (verdict === "reject" ? [option] : []));
    const others = judged.flatMap(({ option: { type }, verdict }) =>
      Buffer.isBuffer(verdict) ? [{ type, value: verdict }] : [],
    );
    const [code, answer] =
      rejected.length > 0
        ? [codes.configureReject, rejected]
        : others.length > 0
          ? [codes.configureNak, others]
          : [codes.configureAck, options];
    this.#weAgreed = code === codes.configureAck;
    // The peer begins anew, and so do we.
    if (wasOpen) this.open();
    this.listener.send({ code, id, data: optionBytes(answer) });
    this.#settle();
  }

  #refused(data: Buffer, how: "nak" | "reject"): void {
    if (this.rules.refused(optionsOf(data) ?? [], how)) this.#ask();
    else this.#close();
  }

  #settle(): void {
    if (this.isOpen) this.listener.opened();
  }

  #close(): void {
    this.stop();
    this.#weAgreed = false;
    this.#theyAgreed = false;
    this.listener.closed();
  }
}
