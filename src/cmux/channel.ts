/** One DLC as a serial port. */
import { EventEmitter } from "eventemitter3";
import { type Clock, sleep } from "../runtime/clock.js";
import { ModemError } from "../runtime/error.js";
import type { ByteLink, LinkListener } from "../runtime/link.js";
import { readySignals } from "./state.js";
import type { Signals } from "./values.js";

/** What a channel makes of its line. */
export interface ChannelLine {
  /** Resolves when the line has taken them. */
  write(bytes: Buffer): Promise<void>;
  signal(signals: Signals): void;
  close(): void;
}

export interface ChannelEvents {
  /** The far end's lines have changed, or were told again. */
  signals: [signals: Signals];
}

/** As long as a UART's line would have to be down. */
const dtrMs = 500;

export class MuxChannel implements ByteLink {
  readonly kind = "bytes";
  readonly events = new EventEmitter<ChannelEvents>();
  #listener: LinkListener | undefined;
  /** What came before there was a listener. */
  #early: Buffer[] = [];
  #ended: Error | undefined;
  #ours: Signals = readySignals;

  constructor(
    readonly name: string,
    private readonly line: ChannelLine,
    private readonly clock: Clock,
  ) {}

  listen(listener: LinkListener): void {
    if (this.#listener !== undefined) throw new Error(`${this.name} has its listener already`);
    this.#listener = listener;
    for (const bytes of this.#early.splice(0)) if (this.#ended === undefined) listener.data(bytes);
    if (this.#ended !== undefined) listener.closed(this.#ended);
  }

  async write(bytes: Buffer): Promise<void> {
    if (this.#ended !== undefined)
      throw new ModemError("unplugged", `${this.name}: not written, the channel has ended`, { cause: this.#ended });
    await this.line.write(bytes);
  }

  /** DTR and RTS as they are told to the modem. @see 3GPP TS 27.010 5.4.6.3.7 */
  async dropDtr(): Promise<void> {
    this.#signal({ ready: false, willReceive: false });
    await sleep(this.clock, dtrMs, new AbortController().signal);
    this.#signal({ ready: true, willReceive: true });
  }

  /** The modem is to send nothing on this channel until it is told otherwise. */
  holdBack(holdsBack: boolean): void {
    if (holdsBack !== this.#ours.holdsBack) this.#signal({ holdsBack });
  }

  /** The modem's side: DCD. */
  setCarrier(carrier: boolean): void {
    this.#signal({ carrier });
  }

  close(): void {
    if (this.#ended !== undefined) return;
    this.#signal({ ready: false, willReceive: false });
    this.line.close();
    this.end(new ModemError("aborted", `${this.name} was closed`));
  }

  /** Of whoever owns the line. */
  deliver(bytes: Buffer): void {
    if (this.#ended !== undefined) return;
    if (this.#listener === undefined) this.#early.push(bytes);
    else this.#listener.data(bytes);
  }

  /** The same: the channel is over. */
  end(reason: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#listener?.closed(reason);
  }

  #signal(change: Partial<Signals>): void {
    if (this.#ended !== undefined) return;
    this.#ours = { ...this.#ours, ...change };
    this.line.signal(this.#ours);
  }
}
