import { errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { BusError, type ErrorPrefix, type ErrorReply, knownErrorReply, unforeseenErrorReply } from "./errors.js";
import { encodeMessage, type IncomingMessage, noReplyExpected, type OutgoingMessage, sendableText } from "./message.js";
import type { ObjectTree } from "./objects.js";
import type { Reply } from "./types.js";

/** Where the answers of one connection go. */
export interface ReplyPath {
  send(message: Buffer): void;
  /** Lets the queued signals leave now. */
  flushSignals(): void;
}

const invalidArgs = "org.freedesktop.DBus.Error.InvalidArgs";
const prefixOf = (name: string): ErrorPrefix =>
  name.startsWith("net.wwand") ? "net.wwand.Error." : "org.ofono.Error.";

/** Answers method calls. Whatever a handler does, the caller gets one reply (unless it wants none) and nobody throws. */
export class Dispatcher {
  constructor(
    private readonly tree: ObjectTree,
    private readonly log: Log,
  ) {}

  /** Answers at once when the handler does not wait; the handler itself runs before this returns. */
  handle(call: IncomingMessage, path: ReplyPath): void {
    let prefix = prefixOf(call.interface ?? "");
    try {
      if (call.body === undefined) throw new BusError(invalidArgs, call.problem.message);
      const { interfaceName, method } = this.tree.find(call);
      prefix = prefixOf(interfaceName);
      const outcome = method.call(call.body, { sender: call.sender ?? "" });
      if ("then" in outcome) {
        outcome.then(
          (reply) => this.#reply(call, reply, prefix, path),
          (error: unknown) => this.#fail(call, error, prefix, path),
        );
      } else this.#reply(call, outcome, prefix, path);
    } catch (error) {
      this.#fail(call, error, prefix, path);
    }
  }

  #reply(call: IncomingMessage, reply: Reply, prefix: ErrorPrefix, path: ReplyPath): void {
    const { signature, body, signalsFirst } = reply;
    try {
      const message = encodeMessage({ ...answering(call), type: "reply", signature, body });
      if (signalsFirst === true) path.flushSignals();
      if (wantsReply(call)) path.send(message);
    } catch (error) {
      this.#fail(call, error, prefix, path);
    }
  }

  #fail(call: IncomingMessage, error: unknown, prefix: ErrorPrefix, path: ReplyPath): void {
    const known = knownErrorReply(error, prefix);
    const what = `${call.interface ?? ""}.${call.member ?? ""} on ${call.path ?? ""}`;
    if (known === undefined) this.log.error(`${what}: ${errorText(error)}`, { stack: stackOf(error) });
    else this.log.debug(`${what} answered ${known.name}`, { cause: errorText(error) });
    if (wantsReply(call)) path.send(this.#encodeError(call, known ?? unforeseenErrorReply(prefix)));
  }

  #encodeError(call: IncomingMessage, { name, text }: ErrorReply): Buffer {
    const reply = (errorName: string): OutgoingMessage => ({
      ...answering(call),
      type: "error",
      errorName,
      signature: "s",
      body: [sendableText(text)],
    });
    try {
      return encodeMessage(reply(name));
    } catch (error) {
      this.log.error(`error reply ${name}: ${errorText(error)}`);
      return encodeMessage(reply("org.freedesktop.DBus.Error.Failed"));
    }
  }
}

const wantsReply = (call: IncomingMessage): boolean => (call.flags & noReplyExpected) === 0;

/** A reply itself never wants one. */
const answering = (call: IncomingMessage): Pick<OutgoingMessage, "flags" | "replySerial" | "destination"> => ({
  flags: noReplyExpected,
  replySerial: call.serial,
  ...(call.sender === undefined ? {} : { destination: call.sender }),
});

const stackOf = (error: unknown): string | undefined => (error instanceof Error ? error.stack : undefined);
