/** Two ends of a line without a wire: what one sends the other hears, as the test lets it. */
import { Multiplexer } from "../../src/cmux/multiplexer.js";
import type { MuxSettings } from "../../src/cmux/state.js";
import type { ByteLink } from "../../src/runtime/link.js";
import { silentLog } from "../../src/runtime/log.js";
import { VirtualClock } from "../fakes/clock.js";

export const never = new AbortController().signal;

const settings = { maxInfoBytes: 31, frameMs: 100, messageMs: 300, mostTries: 3 } as const;

export class Ends {
  readonly clock = new VirtualClock();
  /** Each write, by who sent it, as hexadecimal. */
  readonly sent: string[] = [];
  /** What becomes of bytes on the line; none: they are lost. */
  pass: (bytes: Buffer, from: "host" | "modem") => Buffer | undefined = (bytes) => bytes;
  readonly host: Multiplexer;
  readonly modem: Multiplexer;

  constructor(more: Partial<MuxSettings> = {}) {
    this.host = this.#end(
      "host",
      { ...settings, ...more, role: "initiator", mayBeOpened: () => false },
      () => this.modem,
    );
    this.modem = this.#end(
      "modem",
      { ...settings, ...more, role: "responder", mayBeOpened: (dlci) => dlci <= 3 },
      () => this.host,
    );
  }

  /** Lets what is under way arrive, then time pass. */
  async run(ms = 0): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await this.clock.advance(0);
    await this.clock.advance(ms);
  }

  /** The outcome of `promise` while time passes, up to `ms`. */
  async soon<T>(promise: Promise<T>, ms = 5_000): Promise<T> {
    let isDone = false;
    const settled = promise.finally(() => {
      isDone = true;
    });
    settled.catch(() => undefined);
    for (let passed = 0; !isDone && passed < ms; passed += 50) await this.run(50);
    return settled;
  }

  #end(from: "host" | "modem", own: MuxSettings, other: () => Multiplexer): Multiplexer {
    const write = async (bytes: Buffer) => {
      this.sent.push(`${from} ${bytes.toString("hex")}`);
      const passed = this.pass(Buffer.from(bytes), from);
      if (passed !== undefined) setImmediate(() => other().feed(passed));
    };
    return new Multiplexer({ name: from, settings: own, clock: this.clock, log: silentLog, write });
  }
}

/** What a channel has brought, and its end. */
export function heardOn(channel: ByteLink): { text: string; end: Error | undefined } {
  const heard: { text: string; end: Error | undefined } = { text: "", end: undefined };
  channel.listen({
    data: (bytes) => {
      heard.text += bytes.toString("latin1");
    },
    closed: (reason) => {
      heard.end = reason;
    },
  });
  return heard;
}
