/** The channels of a multiplexed line: an AT port each. */
import type { MuxChannel } from "../../../cmux/channel.js";
import { Multiplexer } from "../../../cmux/multiplexer.js";
import type { FaceContext, HostLine } from "../face.js";
import { AtFunction } from "./function.js";

export interface AtChannelsOptions {
  /** N1, in bytes. */
  readonly maxInfoBytes: number;
  readonly context: FaceContext;
  send(frame: Buffer): void;
  /** The line speaks AT again. */
  ended(): void;
}

const holdMs = 5_000;
/** T1 and T2 are those of the specification; N2 is more, for hosts that are slow. @see 3GPP TS 27.010 5.7 */
const times = { frameMs: 100, messageMs: 300, mostTries: 10 } as const;
/** A host that does not read, or holds its channel back, loses what is more. */
const mostWaitingBytes = 1 << 16;

export class AtChannels {
  readonly #multiplexer: Multiplexer;
  readonly #open = new Set<MuxChannel>();
  #cancelHold: () => void = () => undefined;

  constructor(private readonly options: AtChannelsOptions) {
    const { context, maxInfoBytes, send, ended } = options;
    const { machine, log } = context;
    const { channels = 0 } = machine.profile.at?.cmux ?? {};
    this.#multiplexer = new Multiplexer({
      name: "the line",
      settings: { role: "responder", maxInfoBytes, ...times, mayBeOpened: (dlci) => dlci <= channels },
      clock: machine.clock,
      log,
      write: async (bytes) => send(bytes),
    });
    this.#multiplexer.events.on("opened", (channel) => this.#opened(channel));
    this.#multiplexer.events.on("ended", () => {
      this.#cancelHold();
      ended();
    });
  }

  feed(bytes: Buffer): void {
    this.#multiplexer.feed(bytes);
  }

  /** No data for a while. */
  hold(): void {
    this.#hold(true);
    this.#cancelHold();
    this.#cancelHold = this.options.context.machine.clock.after(holdMs, () => this.#hold(false));
  }

  /** The modem ends it in order. */
  leave(): void {
    void this.#multiplexer.close();
  }

  /** Without a word. */
  drop(): void {
    this.#multiplexer.lost(new Error("the modem has restarted"));
  }

  #hold(holdsBack: boolean): void {
    for (const channel of this.#open) channel.holdBack(holdsBack);
  }

  #opened(channel: MuxChannel): void {
    let waitingBytes = 0;
    const send = (bytes: Buffer) => {
      if (waitingBytes + bytes.length > mostWaitingBytes) return;
      waitingBytes += bytes.length;
      const taken = () => {
        waitingBytes -= bytes.length;
      };
      channel.write(Buffer.from(bytes)).then(taken, taken);
    };
    const line: HostLine = { send, flush: () => undefined, setCarrier: (up) => channel.setCarrier(up) };
    const face = new AtFunction(line, this.options.context);
    this.#open.add(channel);
    channel.events.on("signals", ({ ready }) => face.setLines({ dtr: ready, rts: ready }));
    channel.listen({
      data: (bytes) => face.feed(bytes),
      closed: () => {
        this.#open.delete(channel);
        face.close();
      },
    });
  }
}
