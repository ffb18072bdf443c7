/** The host's side of one MBIM control channel. @see MBIM 1.0 9 */
import { EventEmitter } from "eventemitter3";
import { decodeStruct, encodeStruct, type Fields, type Values } from "../codec/struct.js";
import { abortable, abortError } from "../runtime/abort.js";
import { AnswersFirst } from "../runtime/answers-first.js";
import type { Clock } from "../runtime/clock.js";
import { errorText, type FailureCause, ModemError } from "../runtime/error.js";
import type { ByteLink, FrameLink } from "../runtime/link.js";
import type { Log } from "../runtime/log.js";
import { Slots } from "../runtime/slots.js";
import { SparingLog } from "../runtime/sparing-log.js";
import { Transactions } from "../runtime/transactions.js";
import { MbimChannel } from "./channel.js";
import type { Action, Command } from "./command.js";
import { type MbimMessage, protocolErrorName, protocolErrors } from "./frame.js";
import { messageText } from "./frame-log.js";
import { commandName } from "./services/all.js";
import { radioState } from "./services/basic-connect.js";
import { proxyConfiguration } from "./services/proxy-control.js";
import { statusError, status as statusOf } from "./status.js";

export interface MbimClientOptions {
  readonly link: ByteLink | FrameLink;
  readonly log: Log;
  readonly clock: Clock;
  /** Adds the bytes to the debug lines. */
  readonly logFrames?: boolean;
  /** The link leads to mbim-proxy; this is the device that the proxy shall open, e.g. `/dev/cdc-wdm0`. */
  readonly proxiedDevice?: string;
}

export interface MbimClientEvents {
  /** The function had lost its state and was opened again: sessions and subscriptions are gone. */
  reopened: [];
  /** The link ended, or the function does not answer any more. Once; never after `close` was called. */
  gone: [reason: ModemError];
}

/** A command's end: `values` where the InformationBuffer was readable, also beside a refusal. */
export interface Outcome<V> {
  readonly status: number;
  readonly values: V | undefined;
}

type State =
  | { readonly is: "new" }
  | { readonly is: "opening"; readonly done: Promise<void> }
  | { readonly is: "open" }
  | { readonly is: "over"; readonly reason: ModemError };

const commandTimeoutMs = 10_000;
const openTimeoutMs = 5_000;
const openAttempts = 6;
const reopenAttempts = 2;
const resyncCloseTimeoutMs = 2_000;
/** The scan and a slow CONNECT may each hold one; queries still pass. */
const maxOutstanding = 4;
/** So many deadlines in a row without a single message in between: the function is stuck. */
const silentTimeoutsBeforeResync = 3;
/** For the question whether anybody is there. */
const signOfLifeTimeoutMs = 5_000;

const never = new AbortController().signal;

const unlessTimeout = (error: unknown): void => {
  if (!(error instanceof ModemError && error.code === "timeout")) throw error;
};

export class MbimClient {
  readonly events = new EventEmitter<MbimClientEvents>();
  readonly #channel: MbimChannel;
  readonly #transactions: Transactions<MbimMessage>;
  readonly #slots = new Slots(maxOutstanding);
  readonly #watchers = new Map<string, Set<(payload: Buffer) => () => void>>();
  readonly #ended = new AbortController();
  readonly #faults: SparingLog;
  #state: State = { is: "new" };
  #silentTimeouts = 0;
  /** Counts the successful OPENs: a command that went out before the last one says nothing about the present. */
  #opens = 0;
  readonly #inOrder = new AnswersFirst<MbimMessage>(
    ({ type }) => type === "indicateStatus",
    (message) => this.#message(message),
  );
  #closing: Promise<void> | undefined;

  constructor(private readonly options: MbimClientOptions) {
    this.#faults = new SparingLog(options.log, options.clock);
    this.#transactions = new Transactions(options.clock, () => this.#deadlinePassed());
    this.#channel = new MbimChannel(options, {
      message: (message) => this.#inOrder.take(message),
      fault: (transaction, detail) => {
        const error = new ModemError("protocol", `unusable answer from the modem: ${detail}`);
        this.#transactions.fail(transaction, error);
      },
      closed: (reason) => this.#over(new ModemError("unplugged", `${options.link.name} is gone`, { cause: reason })),
    });
    this.#channel.listen();
  }

  /** Opens the function; a function that was open already starts afresh. @see MBIM 1.0 9.3.1 */
  async open(signal: AbortSignal): Promise<void> {
    this.#throwIfOver();
    await this.#opening(this.#handshake(openAttempts, signal));
  }

  /** Asks. @throws ModemError with the MBIM status as `failure` when the function refuses */
  async query<Q extends Fields, R extends Fields>(
    command: Command & { readonly query: Q; readonly response: R },
    request: Values<Q>,
    signal: AbortSignal,
  ): Promise<Values<R>> {
    const payload = encodeStruct(command.query, request);
    return this.#insist(command, "query", await this.#outcome(command, "query", payload, signal));
  }

  /** Changes something. @throws ModemError with the MBIM status as `failure` when the function refuses */
  async set<S extends Fields, R extends Fields>(
    command: Command & { readonly set: S; readonly response: R },
    request: Values<S>,
    signal: AbortSignal,
  ): Promise<Values<R>> {
    const payload = encodeStruct(command.set, request);
    return this.#insist(command, "set", await this.#outcome(command, "set", payload, signal));
  }

  /** Like `set`, for callers that read the InformationBuffer beside a refusal. */
  trySet<S extends Fields, R extends Fields>(
    command: Command & { readonly set: S; readonly response: R },
    request: Values<S>,
    signal: AbortSignal,
  ): Promise<Outcome<Values<R>>> {
    return this.#outcome(command, "set", encodeStruct(command.set, request), signal);
  }

  /** Calls `listener` for each indication of `command`; the returned function ends that. */
  watch<N extends Fields>(
    command: Command & { readonly notify: N },
    listener: (values: Values<N>) => void,
  ): () => void {
    const key = `${command.service}/${command.cid}`;
    const fields: N = command.notify;
    const take = (payload: Buffer) => {
      const values = decodeStruct(fields, payload);
      return () => listener(values);
    };
    const watchers = this.#watchers.get(key) ?? new Set();
    this.#watchers.set(key, watchers.add(take));
    return () => watchers.delete(take);
  }

  /** Sends CLOSE, waits for the answer up to `timeoutMs`, then closes the link. Idempotent. */
  close(timeoutMs: number): Promise<void> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<void> {
    // Through a proxy the device belongs to others too: the proxy closes it with its last client.
    if (this.#state.is === "open" && this.options.proxiedDevice === undefined)
      await this.#simple({ type: "close" }, "CLOSE", timeoutMs, never).catch((error: unknown) =>
        this.options.log.debug("CLOSE failed", { reason: String(error) }),
      );
    this.#over(new ModemError("aborted", `${this.options.link.name} was closed`));
  }

  #insist<V>(command: Command, action: Action, { status, values }: Outcome<V>): V {
    if (status !== statusOf.success) throw statusError(`${command.name} ${action}`, status);
    if (values === undefined) throw new ModemError("protocol", `${command.name} ${action}: unreadable answer`);
    return values;
  }

  async #outcome<R extends Fields>(
    command: Command & { readonly response: R },
    action: Action,
    payload: Buffer,
    signal: AbortSignal,
  ): Promise<Outcome<Values<R>>> {
    const what = `${command.name} ${action}`;
    const answer = await this.#command(command, action, payload, signal);
    try {
      return { status: answer.status, values: decodeStruct(command.response, answer.payload) };
    } catch (error) {
      if (answer.status !== statusOf.success) return { status: answer.status, values: undefined };
      throw new ModemError("protocol", `${what}: unreadable answer`, { cause: error });
    }
  }

  /** One command and its answer; opens the function again, once, where that says that it is not open. */
  async #command(command: Command, action: Action, payload: Buffer, signal: AbortSignal) {
    const what = `${command.name} ${action}`;
    for (let isRetry = false; ; isRetry = true) {
      await this.#slots.take(what, signal);
      await this.#ready(what, signal).catch((error: unknown) => {
        this.#slots.release();
        throw error;
      });
      const { service, cid } = command;
      const timeoutMs = command.timeoutMs?.[action] ?? commandTimeoutMs;
      const opens = this.#opens;
      const answer = await this.#exchange(
        { type: "command", action, service, cid, payload },
        what,
        timeoutMs,
        signal,
        () => this.#slots.release(),
      );
      if (answer.type === "commandDone") return answer;
      if (isRetry || answer.type !== "functionError" || answer.error !== protocolErrors.notOpened)
        throw unexpected(what, answer);
      if (opens === this.#opens)
        await abortable(this.#reopen(`${what}: the function is not open`, false), what, signal);
    }
  }

  /** Waits until the function is open. */
  async #ready(what: string, signal: AbortSignal): Promise<void> {
    while (this.#state.is !== "open") {
      if (this.#state.is === "over") throw this.#state.reason;
      if (this.#state.is === "new") throw new ModemError("notReady", `${what}: the function is not open`);
      await abortable(this.#state.done, what, signal);
    }
  }

  async #exchange(
    message: DistributiveOmit<MbimMessage, "transaction">,
    what: string,
    timeoutMs: number,
    signal: AbortSignal,
    over: () => void = () => undefined,
  ): Promise<MbimMessage> {
    if (this.#state.is === "over" || signal.aborted) {
      over();
      throw this.#state.is === "over" ? this.#state.reason : abortError(what, signal);
    }
    const accepts = (answer: MbimMessage) => answers(message, answer);
    const transaction = this.#transactions.start({ what, timeoutMs, signal, accepts, over });
    const forget = (error: unknown) => this.#transactions.fail(transaction.id, asUnplugged(what, error));
    this.#channel
      .send({ ...message, transaction: transaction.id }, () => transaction.isAbandoned)
      .then((fate) => (fate === "sent" ? undefined : forget(abortError(what, signal))), forget);
    return transaction.answer;
  }

  #throwIfOver(): void {
    if (this.#state.is === "over") throw this.#state.reason;
  }

  async #simple(
    message: { type: "close" } | { type: "open"; maxControlTransfer: number },
    what: string,
    timeoutMs: number,
    signal: AbortSignal,
  ) {
    const answer = await this.#exchange(message, what, timeoutMs, signal);
    if (answer.type !== "openDone" && answer.type !== "closeDone") throw unexpected(what, answer);
    if (answer.status !== statusOf.success) throw statusError(what, answer.status);
  }

  /** Records that the function is being opened; everything else waits for `done`. */
  async #opening(done: Promise<void>): Promise<void> {
    this.#state = { is: "opening", done };
    try {
      await done;
      this.#opens += 1;
      if (this.#state.is === "opening") this.#state = { is: "open" };
    } catch (error) {
      if (this.#state.is === "opening") this.#state = { is: "new" };
      throw error;
    }
  }

  async #handshake(attempts: number, signal: AbortSignal): Promise<void> {
    if (this.options.proxiedDevice !== undefined) await this.#configureProxy(this.options.proxiedDevice, signal);
    const { maxFrameBytes } = this.#channel;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#simple({ type: "open", maxControlTransfer: maxFrameBytes }, "OPEN", openTimeoutMs, signal);
      } catch (error) {
        // A modem that has just been plugged in may not listen yet, or be busy.
        const isWorthRetry = error instanceof ModemError && (error.code === "timeout" || error.code === "busy");
        if (!isWorthRetry || attempt >= attempts || signal.aborted) throw error;
      }
    }
  }

  async #configureProxy(devicePath: string, signal: AbortSignal): Promise<void> {
    const { service, cid, name } = proxyConfiguration;
    const timeoutMs = proxyConfiguration.timeoutMs.set;
    const payload = encodeStruct(proxyConfiguration.set, { devicePath, timeout: Math.ceil(timeoutMs / 1000) });
    const command = { type: "command", action: "set", service, cid, payload } as const;
    const answer = await this.#exchange(command, name, timeoutMs, signal);
    if (answer.type !== "commandDone") throw unexpected(name, answer);
    if (answer.status !== statusOf.success) throw statusError(`mbim-proxy: ${devicePath}`, answer.status);
  }

  #deadlinePassed(): void {
    this.#silentTimeouts += 1;
    if (this.#state.is !== "open") return;
    if (this.#silentTimeouts >= silentTimeoutsBeforeResync)
      this.#reopen(`${this.#silentTimeouts} commands in a row without an answer`, true).catch(() => undefined);
    else if (this.#silentTimeouts === 1) this.#isAnybodyThere().catch(() => undefined);
  }

  /** Perhaps nobody would ask again for hours. Whatever the function says ends the doubt, no answer counts as another one. */
  async #isAnybodyThere(): Promise<void> {
    const { service, cid, name, query } = radioState;
    const question = { type: "command", action: "query", service, cid, payload: encodeStruct(query, {}) } as const;
    while (this.#state.is === "open" && this.#silentTimeouts > 0)
      await this.#exchange(question, `${name} query`, signOfLifeTimeoutMs, this.#ended.signal).catch(unlessTimeout);
  }

  /** CLOSE and OPEN; when that fails too, the modem is given up. */
  #reopen(why: string, isStuck: boolean): Promise<void> {
    if (this.#state.is === "opening") return this.#state.done;
    if (this.#state.is === "over") return Promise.reject(this.#state.reason);
    this.options.log.warning("opening the function again", { why });
    return this.#opening(this.#openAgain(isStuck));
  }

  async #openAgain(isStuck: boolean): Promise<void> {
    try {
      if (isStuck) {
        this.#transactions.failAll(new ModemError("timeout", "the modem stopped answering"));
        await this.#simple({ type: "close" }, "CLOSE", resyncCloseTimeoutMs, this.#ended.signal).catch(() => undefined);
      }
      await this.#handshake(reopenAttempts, this.#ended.signal);
      this.#silentTimeouts = 0;
    } catch (error) {
      this.#throwIfOver();
      const reason = new ModemError("timeout", `${this.options.link.name} does not answer any more`, { cause: error });
      this.#over(reason);
      throw reason;
    }
    queueMicrotask(() => this.events.emit("reopened"));
  }

  #message(message: MbimMessage): void {
    switch (message.type) {
      case "indicateStatus":
        this.#silentTimeouts = 0;
        this.#indication(message.service, message.cid, message.payload);
        return;
      case "commandDone":
      case "openDone":
      case "closeDone":
      case "functionError":
        this.#silentTimeouts = 0;
        if (this.#transactions.settle(message.transaction, message)) return;
        break;
      default:
        break;
    }
    this.options.log.debug("nobody waits for this message", { message: messageText(message) });
  }

  #indication(service: string, cid: number, payload: Buffer): void {
    const deliveries: (() => void)[] = [];
    try {
      for (const take of this.#watchers.get(`${service}/${cid}`) ?? []) deliveries.push(take(payload));
    } catch (error) {
      this.#faults.warning("unreadable indication", {
        command: commandName(service, cid),
        reason: errorText(error),
      });
      return;
    }
    for (const deliver of deliveries) deliver();
  }

  #over(reason: ModemError): void {
    if (this.#state.is === "over") return;
    this.#state = { is: "over", reason };
    this.#ended.abort(reason);
    this.#inOrder.clear();
    this.#transactions.failAll(reason);
    this.#channel.close();
    if (this.#closing === undefined) this.events.emit("gone", reason);
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** FUNCTION_ERROR answers everything; the rest must be the counterpart of what was sent. */
function answers(request: DistributiveOmit<MbimMessage, "transaction">, answer: MbimMessage): boolean {
  if (answer.type === "functionError") return true;
  if (request.type !== "command") return answer.type === `${request.type}Done`;
  return answer.type === "commandDone" && answer.service === request.service && answer.cid === request.cid;
}

function unexpected(what: string, answer: MbimMessage): ModemError {
  const failure: FailureCause | undefined =
    answer.type === "functionError"
      ? { domain: "mbim", code: answer.error, name: protocolErrorName(answer.error) }
      : undefined;
  return new ModemError("protocol", `${what} was answered with ${messageText(answer)}`, { failure });
}

const asUnplugged = (what: string, error: unknown): ModemError =>
  error instanceof ModemError ? error : new ModemError("unplugged", `${what} could not be sent`, { cause: error });
