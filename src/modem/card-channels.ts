/** Logical channels of one open driver: each is its owner's alone, and nobody's is forgotten open. */
import { errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { DomainRefusal } from "./api.js";
import type { CardChannelsPort } from "./card-ports.js";
import type { OpenedChannel } from "./control.js";
import { deadlinesMs } from "./deadlines.js";
import type { Operations } from "./operations.js";

export class CardChannels {
  readonly #owners = new Map<number, string>();
  /** Owners whose channels were closed while one was being opened for them. */
  readonly #gone = new Set<string>();
  /** A card answers one command after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly port: CardChannelsPort,
    private readonly operations: Operations,
    private readonly log: Log,
  ) {}

  async open(owner: string, aid: Buffer): Promise<OpenedChannel> {
    this.#gone.delete(owner);
    const opened = await this.#inTurn("card.openChannel", (signal) => this.port.open(aid, signal));
    this.#owners.set(opened.channel, owner);
    if (this.#gone.delete(owner)) this.#closeLeft(opened.channel);
    return opened;
  }

  async transmit(owner: string, channel: number, apdu: Buffer): Promise<Buffer> {
    this.#check(owner, channel);
    return this.#inTurn("card.transmit", (signal) => this.port.transmit(channel, apdu, signal));
  }

  async close(owner: string, channel: number): Promise<void> {
    this.#check(owner, channel);
    await this.#close(channel);
  }

  ownerGone(owner: string): void {
    this.#gone.add(owner);
    for (const [channel, of] of this.#owners) if (of === owner) this.#closeLeft(channel);
  }

  /** Another card, or none: what was open is not. */
  cardLeft(): void {
    this.#owners.clear();
  }

  #check(owner: string, channel: number): void {
    const of = this.#owners.get(channel);
    if (of === undefined) throw new DomainRefusal("notFound", `channel ${channel} is not open`);
    if (of !== owner) throw new DomainRefusal("accessDenied", `channel ${channel} is another program's`);
  }

  async #close(channel: number): Promise<void> {
    await this.#inTurn("card.closeChannel", (signal) => this.port.close(channel, signal));
    this.#owners.delete(channel);
  }

  #closeLeft(channel: number): void {
    this.#close(channel).catch((error: unknown) => {
      if (!this.operations.isClosed) this.log.warning("a card channel stays open", { cause: errorText(error) });
    });
  }

  #inTurn<T>(name: string, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const done = this.#last.then(() => this.operations.run(name, { timeoutMs: deadlinesMs.card }, act));
    this.#last = done.catch(() => undefined);
    return done;
  }
}
