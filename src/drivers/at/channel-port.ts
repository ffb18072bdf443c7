/** A channel of a multiplexed line as the serial port that PPP may have: opened for each call, closed after it. */
import type { MuxChannel } from "../../cmux/channel.js";
import { ChannelTerminal } from "../../cmux/terminal.js";
import { ModemError } from "../../runtime/error.js";
import type { ByteLink, LinkListener } from "../../runtime/link.js";
import type { DataPort } from "./ppp-dialler.js";

/** Which channel is opened: `Multiplexer.open`. */
export type OpenChannel = (signal: AbortSignal) => Promise<MuxChannel>;

export class ChannelPort implements DataPort {
  #call: ChannelCall | undefined;

  /** @param baudRate Of the line, bits per second: a terminal has none, but wants one. */
  constructor(
    private readonly openChannel: OpenChannel,
    readonly baudRate: number,
  ) {}

  /** The terminal of the call that was dialled last. */
  get path(): string {
    return this.#call?.path ?? "";
  }

  async open(signal: AbortSignal): Promise<ByteLink> {
    this.release();
    const channel = await this.openChannel(signal);
    const call = new ChannelCall(channel, await ChannelTerminal.open(channel));
    this.#call = call;
    return call;
  }

  /** DTR falls, and the channel is closed: the modem hangs up. Whoever has the terminal open reads its end. */
  release(): void {
    this.#call?.hangUp();
    this.#call = undefined;
  }
}

/** Until it is let go it is a link as every other; from then on what comes is the terminal's. */
class ChannelCall implements ByteLink {
  readonly kind = "bytes";
  readonly name: string;
  #listener: LinkListener | undefined;
  #isLetGo = false;
  #hadCarrier = false;

  constructor(
    private readonly channel: MuxChannel,
    private readonly terminal: ChannelTerminal,
  ) {
    this.name = channel.name;
    channel.events.on("signals", ({ carrier }) => this.#carrier(carrier));
  }

  get path(): string {
    return this.terminal.path;
  }

  listen(listener: LinkListener): void {
    this.#listener = listener;
    this.channel.listen({
      data: (bytes) => (this.#isLetGo ? this.terminal.deliver(bytes) : listener.data(bytes)),
      closed: (reason) => {
        this.terminal.close();
        if (!this.#isLetGo) listener.closed(reason);
      },
    });
  }

  write(bytes: Buffer): Promise<void> {
    return this.channel.write(bytes);
  }

  dropDtr(): Promise<void> {
    return this.channel.dropDtr();
  }

  letGo(): void {
    if (this.#isLetGo) return;
    this.#isLetGo = true;
    this.#listener?.closed(new ModemError("aborted", `${this.name} carries a call`));
  }

  /** Nothing to those who have let it go. */
  close(): void {
    if (!this.#isLetGo) this.hangUp();
  }

  hangUp(): void {
    this.terminal.close();
    this.channel.close();
  }

  /** Of a modem that shows the call on DCD, as by &C1; others leave it as it is. */
  #carrier(carrier: boolean): void {
    if (this.#hadCarrier && !carrier && this.#isLetGo) this.terminal.close();
    this.#hadCarrier = carrier;
  }
}
