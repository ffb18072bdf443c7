/** The far end of the cable for tests: answers by script, from the same message tables as the host. */
import { decodeStruct, encodeStruct, type Fields, type Values } from "../../src/codec/struct.js";
import type { Action, Command } from "../../src/mbim/command.js";
import { encodeFrames, type MbimMessage, protocolErrors } from "../../src/mbim/frame.js";
import { MbimReceiver } from "../../src/mbim/receive.js";
import { status as statusOf } from "../../src/mbim/status.js";
import type { Clock } from "../../src/runtime/clock.js";
import { systemClock } from "../../src/runtime/clock.js";
import { ModemError } from "../../src/runtime/error.js";
import type { ByteLink, FrameLink, LinkListener } from "../../src/runtime/link.js";

export type Reply<R extends Fields> = { readonly status?: number; readonly values?: Values<R> } | "silence";
type Handler = (payload: Buffer) => Promise<{ status: number; payload: Buffer } | "silence">;
type AddressedCommand = Extract<MbimMessage, { type: "command" }>;

export interface ScriptedDeviceOptions {
  readonly kind?: "bytes" | "frames";
  readonly clock?: Clock;
  readonly maxFrameBytes?: number;
}

export class ScriptedDevice {
  readonly link: ByteLink | FrameLink;
  /** Everything that came, in order. */
  readonly received: MbimMessage[] = [];
  /** Faults that the device saw in what the host sent. */
  readonly faults: string[] = [];
  isOpen = false;
  /** Answers nothing at all while set. */
  isSilent = false;
  /** Called for OPEN instead of the usual success. */
  onOpen: (message: MbimMessage) => MbimMessage | "silence" = ({ transaction }) => ({
    type: "openDone",
    transaction,
    status: statusOf.success,
  });
  readonly #handlers = new Map<string, Handler>();
  readonly #receiver: MbimReceiver;
  readonly #maxFrameBytes: number;
  #listener: LinkListener | undefined;
  #isGone = false;

  constructor({ kind = "frames", clock = systemClock, maxFrameBytes = 4096 }: ScriptedDeviceOptions = {}) {
    this.#maxFrameBytes = maxFrameBytes;
    this.#receiver = new MbimReceiver(kind, clock, {
      message: (message) => void this.#message(message),
      fault: (_transaction, error) => this.faults.push(error),
      garbage: (bytes) => this.faults.push(`garbage ${bytes}`),
    });
    const common = {
      name: "/dev/scripted",
      listen: (listener: LinkListener) => {
        this.#listener = listener;
      },
      write: async (bytes: Buffer) => {
        if (this.#isGone) throw new ModemError("unplugged", "scripted device is gone");
        this.#receiver.feed(Buffer.from(bytes));
      },
      close: () => this.#end(new Error("closed by the host")),
    };
    this.link = kind === "bytes" ? { kind, ...common } : { kind, maxFrameBytes, ...common };
  }

  onQuery<Q extends Fields, R extends Fields>(
    command: Command & { readonly query: Q; readonly response: R },
    reply: (request: Values<Q>) => Reply<R> | Promise<Reply<R>>,
  ): this {
    const [request, response]: [Q, R] = [command.query, command.response];
    return this.#handle(command, "query", request, response, reply);
  }

  onSet<S extends Fields, R extends Fields>(
    command: Command & { readonly set: S; readonly response: R },
    reply: (request: Values<S>) => Reply<R> | Promise<Reply<R>>,
  ): this {
    const [request, response]: [S, R] = [command.set, command.response];
    return this.#handle(command, "set", request, response, reply);
  }

  indicate<N extends Fields>(command: Command & { readonly notify: N }, values: Values<N>): void {
    const { service, cid } = command;
    const fields: N = command.notify;
    this.send({ type: "indicateStatus", transaction: 0, service, cid, payload: encodeStruct(fields, values) });
  }

  send(message: MbimMessage): void {
    for (const frame of encodeFrames(message, this.#maxFrameBytes)) this.raw(frame);
  }

  /** Bytes as they are, in a turn of their own. */
  raw(bytes: Buffer): void {
    setImmediate(() => {
      if (!this.#isGone) this.#listener?.data(bytes);
    });
  }

  unplug(): void {
    this.#end(Object.assign(new Error("cable pulled"), { code: "ENODEV" }));
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Names of the commands that came so far: `CONNECT set`. */
  commands(command: Command, action: Action): AddressedCommand[] {
    return this.received.filter(
      (message): message is AddressedCommand =>
        message.type === "command" &&
        message.service === command.service &&
        message.cid === command.cid &&
        message.action === action,
    );
  }

  requests<S extends Fields>(command: Command & { readonly set: S }): Values<S>[] {
    const fields: S = command.set;
    return this.commands(command, "set").map(({ payload }) => decodeStruct(fields, payload));
  }

  #handle<Q extends Fields, R extends Fields>(
    command: Command,
    action: Action,
    request: Q,
    response: R,
    reply: (request: Values<Q>) => Reply<R> | Promise<Reply<R>>,
  ): this {
    this.#handlers.set(`${command.service}/${command.cid}/${action}`, async (payload) => {
      const answer = await reply(decodeStruct(request, payload));
      if (answer === "silence") return answer;
      const { status = statusOf.success, values } = answer;
      return { status, payload: values === undefined ? Buffer.alloc(0) : encodeStruct(response, values) };
    });
    return this;
  }

  async #message(message: MbimMessage): Promise<void> {
    this.received.push(message);
    if (this.isSilent) return;
    const { transaction } = message;
    if (message.type === "open") {
      const answer = this.onOpen(message);
      if (answer === "silence") return;
      this.isOpen = answer.type === "openDone" && answer.status === statusOf.success;
      return this.send(answer);
    }
    if (message.type === "close") {
      this.isOpen = false;
      return this.send({ type: "closeDone", transaction, status: statusOf.success });
    }
    if (message.type === "command") return this.#command(message);
  }

  async #command({ transaction, service, cid, action, payload }: AddressedCommand): Promise<void> {
    if (!this.isOpen) return this.send({ type: "functionError", transaction, error: protocolErrors.notOpened });
    const handler = this.#handlers.get(`${service}/${cid}/${action}`);
    const answer = handler === undefined ? noSupport : await handler(payload);
    if (answer === "silence") return;
    this.send({ type: "commandDone", transaction, service, cid, ...answer });
  }

  #end(reason: Error): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#receiver.close();
    setImmediate(() => this.#listener?.closed(reason));
  }
}

const noSupport = { status: statusOf.noDeviceSupport, payload: Buffer.alloc(0) };
