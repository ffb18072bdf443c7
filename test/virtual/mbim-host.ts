/** A host on the virtual modem's unix socket that speaks frames, not requests: it can say everything a real host never would. */
import { connect, type Socket } from "node:net";
import { decodeStruct, encodeStruct } from "../../src/codec/struct.js";
import type { Command, NotifyOf, QueryOf, ResponseOf, SetOf } from "../../src/mbim/command.js";
import { encodeFrames, type MbimMessage } from "../../src/mbim/frame.js";
import { MbimReceiver } from "../../src/mbim/receive.js";
import { systemClock } from "../../src/runtime/clock.js";
import { Inbox } from "../../src/runtime/inbox.js";

export type Told<T extends MbimMessage["type"]> = MbimMessage & { readonly type: T };

/** COMMAND_DONE as status and values where there are any, or the code of FUNCTION_ERROR. */
export interface Heard<C extends Command> {
  readonly status?: number;
  readonly values?: ResponseOf<C>;
  readonly error?: number;
}

export class MbimHost {
  readonly #inbox = new Inbox<MbimMessage>();
  readonly #early: MbimMessage[] = [];
  #transaction = 1;
  /** Frames as they came, for looking at their sizes. */
  readonly frames: Buffer[] = [];
  garbageBytes = 0;

  private constructor(
    private readonly socket: Socket,
    private readonly maxFrameBytes: number,
  ) {
    const receiver = new MbimReceiver("bytes", systemClock, {
      message: (message, frames) => {
        this.frames.push(...frames);
        if (!this.#inbox.deliver(message)) this.#early.push(message);
      },
      fault: (_transaction, error, detail) => this.#inbox.close(new Error(`${error}: ${detail}`)),
      garbage: (bytes) => {
        this.garbageBytes += bytes;
      },
    });
    socket.on("data", (bytes) => receiver.feed(bytes));
    socket.once("close", () => {
      receiver.close();
      this.#inbox.close(new Error("the modem hung up"));
    });
  }

  static connect(path: string, maxFrameBytes = 4096): Promise<MbimHost> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once("error", reject);
      socket.once("connect", () => resolve(new MbimHost(socket, maxFrameBytes)));
    });
  }

  hangUp(): void {
    this.socket.destroy();
  }

  write(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** Resolves when the modem, in the same event loop, has read what was written. */
  async heardByModem(): Promise<void> {
    await new Promise((resolve) => this.socket.write("", resolve));
    // One poll phase to read, and one more should the first have begun already.
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  say(message: MbimMessage): void {
    for (const frame of encodeFrames(message, this.maxFrameBytes)) this.write(frame);
  }

  /** The next message that fits, also one that came before it was asked for. */
  hear(fits: (message: MbimMessage) => boolean): Promise<MbimMessage> {
    const at = this.#early.findIndex(fits);
    const [early] = at < 0 ? [] : this.#early.splice(at, 1);
    return early ? Promise.resolve(early) : this.#inbox.next(fits, AbortSignal.timeout(10_000));
  }

  /** What came and nobody asked for. */
  get unheard(): readonly MbimMessage[] {
    return this.#early;
  }

  async open(maxControlTransfer = this.maxFrameBytes): Promise<number> {
    this.say({ type: "open", transaction: this.#transaction++, maxControlTransfer });
    const done = await this.hear(({ type }) => type === "openDone");
    return done.type === "openDone" ? done.status : -1;
  }

  query<C extends Command>(command: C, request: QueryOf<C>) {
    return this.command(command, "query", encodeStruct(command.query ?? {}, request));
  }

  set<C extends Command>(command: C, request: SetOf<C>) {
    return this.command(command, "set", encodeStruct(command.set ?? {}, request));
  }

  async command<C extends Command>(command: C, action: "query" | "set", payload: Buffer): Promise<Heard<C>> {
    const transaction = this.#transaction++;
    const { service, cid } = command;
    this.say({ type: "command", transaction, service, cid, action, payload });
    const done = await this.hear(
      (message) =>
        (message.type === "commandDone" || message.type === "functionError") && message.transaction === transaction,
    );
    if (done.type === "functionError") return { error: done.error };
    if (done.type !== "commandDone") throw new Error(`unexpected ${done.type}`);
    const values =
      done.payload.length > 0 ? (decodeStruct(command.response, done.payload) as ResponseOf<C>) : undefined;
    return { status: done.status, ...(values === undefined ? {} : { values }) };
  }

  /** The next indication of this command that fits. */
  async indication<C extends Command>(command: C, fits: (values: NotifyOf<C>) => boolean = () => true) {
    const read = (message: MbimMessage): NotifyOf<C> | undefined =>
      message.type === "indicateStatus" && message.service === command.service && message.cid === command.cid
        ? (decodeStruct(command.notify ?? {}, message.payload) as NotifyOf<C>)
        : undefined;
    const message = await this.hear((candidate) => {
      const values = read(candidate);
      return values !== undefined && fits(values);
    });
    const values = read(message);
    if (values === undefined) throw new Error("the message changed while it was read");
    return values;
  }
}
