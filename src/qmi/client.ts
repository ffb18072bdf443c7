/**
 * The host's end of a QMI control channel: client ids, transactions with deadlines, indications.
 *
 * Opening looks before it touches: GET_VERSION_INFO disturbs nobody. SYNC, which voids every client id of the control point,
 * is sent only when the ids are used up.
 */
import { EventEmitter } from "eventemitter3";
import { decodeTlvs, encodeTlvs, type Tlvs, type TlvValues } from "../codec/tlv.js";
import { abortError } from "../runtime/abort.js";
import { AnswersFirst } from "../runtime/answers-first.js";
import { type Clock, deadline } from "../runtime/clock.js";
import { errorText, ModemError } from "../runtime/error.js";
import type { ByteLink, FrameLink } from "../runtime/link.js";
import type { Log } from "../runtime/log.js";
import { Slots } from "../runtime/slots.js";
import { SparingLog } from "../runtime/sparing-log.js";
import { type Transaction, Transactions } from "../runtime/transactions.js";
import { QmiChannel } from "./channel.js";
import { everyClient, type QmiMessage } from "./frame.js";
import { nameOf } from "./frame-log.js";
import type { FailureOf, Message, RequestOf, ResponseOf } from "./message.js";
import { errorOf, qmiError, qmiErrors } from "./result.js";
import { type Outcome, QmiService } from "./service.js";
import * as ctl from "./services/ctl.js";
import { type ServiceName, serviceNamed, services } from "./services.js";

export interface QmiClientOptions {
  readonly link: ByteLink | FrameLink;
  readonly log: Log;
  readonly clock: Clock;
  /** The link leads to qmi-proxy: the device that it shall open. */
  readonly proxiedDevice?: string;
  /** See `QmiChannelOptions`. */
  readonly requestGapMs?: number;
}

export interface QmiClientEvents {
  /** The modem has forgotten every client id and call. Ids have been asked for again when this comes. */
  reset: [];
  /** The device is gone, or does not answer any more. Last event. */
  gone: [reason: ModemError];
}

export interface Version {
  readonly major: number;
  readonly minor: number;
}

const answerTimeoutMs = 10_000;
const openTimeoutMs = 3_000;
/** A modem that has just been plugged in may not listen yet. */
const openAttempts = 3;
/** What a modem may leave unanswered after a first silence until it counts as dead. */
const lastQuestions = 3;
/** Requests at the modem at once. Firmware queues them anyway; a stuck one must not hold hundreds. */
const mostAtOnce = 32;

type State = { readonly is: "new" | "open" } | { readonly is: "over"; readonly reason: ModemError };

export class QmiClient {
  readonly events = new EventEmitter<QmiClientEvents>();
  readonly #channel: QmiChannel;
  readonly #ctlTransactions: Transactions<QmiMessage>;
  readonly #transactions: Transactions<QmiMessage>;
  readonly #slots = new Slots(mostAtOnce);
  readonly #faults: SparingLog;
  readonly #services = new Set<QmiService>();
  readonly #ended = new AbortController();
  #state: State = { is: "new" };
  #versions: ReadonlyMap<ServiceName, Version> = new Map();
  /** How many messages came from the modem so far. */
  #heard = 0;
  #asking = false;
  #resetting: Promise<void> | undefined;
  #freeing: Promise<void> | undefined;
  readonly #inOrder = new AnswersFirst<QmiMessage>(
    ({ kind }) => kind === "indication",
    (message) => (message.kind === "indication" ? this.#indication(message) : this.#response(message)),
  );

  constructor(private readonly options: QmiClientOptions) {
    const { clock, log, link, requestGapMs = 0 } = options;
    this.#faults = new SparingLog(log, clock);
    this.#ctlTransactions = new Transactions(clock, () => this.#silence(), 0xff);
    this.#transactions = new Transactions(clock, () => this.#silence(), 0xffff);
    this.#channel = new QmiChannel(
      { link, log, clock, requestGapMs },
      {
        message: (message) => this.#received(message),
        closed: (reason) => this.#over(new ModemError("unplugged", `${link.name} is gone`, { cause: reason })),
      },
    );
    this.#channel.listen();
  }

  /** Finds out who answers. @throws ModemError `timeout` when nobody does, `unplugged`, `aborted` */
  async open(signal: AbortSignal): Promise<void> {
    const { proxiedDevice } = this.options;
    if (proxiedDevice !== undefined) await this.#control(ctl.proxyOpen, { devicePath: proxiedDevice }, signal);
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#readVersions(signal);
        break;
      } catch (error) {
        const isSilence = error instanceof ModemError && error.code === "timeout";
        if (!isSilence || attempt >= openAttempts) throw error;
      }
    }
    if (this.#state.is === "new") this.#state = { is: "open" };
  }

  /**
   * Voids every client id of this control point, also those of programs that died, and so ends what they had begun. Not
   * through a proxy: there the ids are other programs'.
   */
  async startAfresh(signal: AbortSignal): Promise<void> {
    await this.#control(ctl.sync, {}, signal);
    if (this.#services.size > 0) this.#idsAreVoid("a fresh start was asked for");
  }

  /** What the modem serves; undefined for a service that it does not have. */
  version(service: ServiceName): Version | undefined {
    return this.#versions.get(service);
  }

  /** A client id of `service`. @throws ModemError `unsupported` when the modem has no such service */
  async allocate(service: ServiceName, signal: AbortSignal): Promise<QmiService> {
    const allocated = new QmiService(this, service, await this.#clientId(service, signal));
    this.#services.add(allocated);
    return allocated;
  }

  /** An id that an earlier run was given. It may be void, so it is of no account before `keep`. */
  resume(service: ServiceName, id: number): QmiService {
    return new QmiService(this, service, id);
  }

  /** Counts as allocated from now on: it hears indications, and is given back at the end. */
  keep(service: QmiService): void {
    this.#services.add(service);
  }

  /** Every id that is held. */
  get clients(): readonly { readonly service: ServiceName; readonly client: number }[] {
    return [...this.#services].map(({ name, id }) => ({ service: name, client: id }));
  }

  async release(service: QmiService, signal: AbortSignal): Promise<void> {
    this.#services.delete(service);
    if (this.#state.is === "over") return;
    await this.#control(
      ctl.releaseClient,
      { released: { service: services[service.name], client: service.id } },
      signal,
    );
  }

  async exchange<M extends Message>(
    service: QmiService,
    message: M,
    request: RequestOf<M>,
    signal: AbortSignal,
  ): Promise<Outcome<M>> {
    const outcome = await this.#ask(message, service.id, encodeTlvs<M["request"]>(message.request, request), signal);
    const isVoid = outcome.is === "refused" && outcome.error === qmiErrors.invalidClientId;
    if (isVoid && this.#services.has(service)) this.#idsAreVoid("a client id is void");
    return outcome;
  }

  /** Gives every client id back within `timeoutMs`, then closes the link. Idempotent. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#state.is !== "over") {
      const late = () => new ModemError("timeout", "client ids were not taken back in time");
      const wait = deadline(this.options.clock, timeoutMs, undefined, late);
      await Promise.allSettled([...this.#services].map((service) => this.release(service, wait.signal)));
      wait.release();
    }
    this.#over(new ModemError("aborted", `${this.options.link.name} was closed`), "quietly");
  }

  async #readVersions(signal: AbortSignal): Promise<void> {
    const { services: told } = await this.#control(ctl.getVersionInfo, {}, signal);
    this.#versions = new Map(
      told.flatMap(({ service, major, minor }) => {
        const name = serviceNamed(service);
        return name === undefined ? [] : [[name, { major, minor }] as const];
      }),
    );
  }

  async #clientId(service: ServiceName, signal: AbortSignal): Promise<number> {
    const request = { service: services[service] };
    const first = await this.#tryControl(ctl.allocateClient, request, signal);
    if (first.is === "success") return first.values.allocated.client;
    if (first.error === qmiErrors.invalidServiceType)
      throw new ModemError("unsupported", `the modem has no ${service.toUpperCase()} service`);
    // Behind a proxy the ids belong to other programs, which still use them.
    const mayFree = first.error === qmiErrors.clientIdsExhausted && this.options.proxiedDevice === undefined;
    if (!mayFree) throw qmiError("CTL ALLOCATE_CID", first.error);
    // Ids of programs that died are never given back; SYNC frees them, ours included.
    await this.#freeIds(signal);
    return (await this.#control(ctl.allocateClient, request, signal)).allocated.client;
  }

  /** Once for all who found them used up at the same time: a second SYNC would void what the first has freed. */
  #freeIds(signal: AbortSignal): Promise<void> {
    if (this.#freeing === undefined) {
      this.options.log.notice("client ids are used up: freeing those of programs that have gone");
      this.#freeing = this.startAfresh(signal).finally(() => {
        this.#freeing = undefined;
      });
    }
    return this.#freeing;
  }

  async #control<M extends Message>(message: M, request: RequestOf<M>, signal: AbortSignal): Promise<ResponseOf<M>> {
    const outcome = await this.#tryControl(message, request, signal);
    if (outcome.is === "success") return outcome.values;
    throw qmiError(`CTL ${message.name}`, outcome.error);
  }

  #tryControl<M extends Message>(message: M, request: RequestOf<M>, signal: AbortSignal): Promise<Outcome<M>> {
    return this.#ask(message, 0, encodeTlvs<M["request"]>(message.request, request), signal);
  }

  async #ask<M extends Message>(message: M, client: number, tlvs: Buffer, signal: AbortSignal): Promise<Outcome<M>> {
    const what = `${message.service.toUpperCase()} ${message.name}`;
    await this.#slots.take(what, signal, message.lane === "urgent" ? "first" : "last");
    const answer = await this.#exchange(message, client, tlvs, signal, what);
    try {
      return outcomeOf(message, answer.tlvs);
    } catch (error) {
      throw new ModemError("protocol", `${what}: unreadable answer`, { cause: error });
    }
  }

  /** The slot is free when the modem has answered or will not any more, which may be after the caller has left. */
  #exchange(message: Message, client: number, tlvs: Buffer, signal: AbortSignal, what: string): Promise<QmiMessage> {
    const over = () => this.#slots.release();
    if (this.#state.is === "over" || signal.aborted) {
      over();
      return Promise.reject(this.#state.is === "over" ? this.#state.reason : abortError(what, signal));
    }
    const { service: name, id } = message;
    const service = services[name];
    const isControl = name === "ctl";
    const transactions = isControl ? this.#ctlTransactions : this.#transactions;
    const accepts = (answer: QmiMessage) =>
      answer.service === service && answer.id === id && (isControl || answer.client === client);
    const timeoutMs = message.timeoutMs ?? (isControl ? openTimeoutMs : answerTimeoutMs);
    const transaction = transactions.start({ what, timeoutMs, signal, accepts, over });
    const frame = { kind: "request", service, client, transaction: transaction.id, id, tlvs } as const;
    this.#send(transactions, transaction, frame, isControl ? "urgent" : message.lane);
    if (message.abort !== undefined) this.#takeBackWhenAbandoned(message.abort, client, transaction);
    return transaction.answer;
  }

  /** The modem may work on it for minutes yet, and hold other requests up meanwhile. */
  #takeBackWhenAbandoned(abort: Message, client: number, { id, answer }: Transaction<QmiMessage>): void {
    answer.catch((error: unknown) => {
      if (!(error instanceof ModemError) || error.code !== "aborted" || this.#state.is === "over") return;
      const tlvs = encodeTlvs<Tlvs>(abort.request, { transaction: id });
      // Too late is no harm: then there is an answer that nobody waits for.
      this.#ask(abort, client, tlvs, this.#ended.signal).catch(() => undefined);
    });
  }

  #send(
    transactions: Transactions<QmiMessage>,
    transaction: Transaction<QmiMessage>,
    message: QmiMessage,
    lane: Message["lane"],
  ): void {
    const what = nameOf(message);
    const unsent = (cause: unknown) => new ModemError("unplugged", `${what} could not be sent`, { cause });
    const forget = (error: unknown) =>
      transactions.fail(transaction.id, error instanceof ModemError ? error : unsent(error));
    this.#channel
      .send(message, () => transaction.isAbandoned, lane)
      .then((fate) => (fate === "left" ? forget(new ModemError("aborted", `${what} abandoned`)) : undefined), forget);
  }

  /** Ids that we hold are worth nothing: each service gets a new one, and whoever listens begins anew. */
  #idsAreVoid(why: string): void {
    if (this.#resetting !== undefined || this.#state.is === "over") return;
    this.options.log.warning("the modem has forgotten its clients; asking for new ids", { why });
    this.#resetting = this.#renewIds()
      .then(
        () => void this.events.emit("reset"),
        (error: unknown) =>
          this.#over(
            new ModemError("timeout", `${this.options.link.name} gives no client ids any more`, { cause: error }),
          ),
      )
      .finally(() => {
        this.#resetting = undefined;
      });
  }

  async #renewIds(): Promise<void> {
    for (const service of [...this.#services]) {
      const request = { service: services[service.name] };
      service.id = (await this.#control(ctl.allocateClient, request, this.#ended.signal)).allocated.client;
    }
  }

  /** A deadline passed, and perhaps nobody would ask again for hours. */
  #silence(): void {
    if (this.#state.is !== "open" || this.#asking) return;
    this.#asking = true;
    void this.#isAnybodyThere().finally(() => {
      this.#asking = false;
    });
  }

  /** Whatever the modem says ends the doubt. */
  async #isAnybodyThere(): Promise<void> {
    const before = this.#heard;
    for (let asked = 1; this.#heard === before; asked++) {
      try {
        return await this.#readVersions(this.#ended.signal);
      } catch (cause) {
        if (asked < lastQuestions || this.#heard !== before) continue;
        return this.#over(new ModemError("timeout", `${this.options.link.name} does not answer any more`, { cause }));
      }
    }
  }

  #received(message: QmiMessage): void {
    this.#heard += 1;
    this.#inOrder.take(message);
  }

  #response(message: QmiMessage): void {
    const transactions = message.service === services.ctl ? this.#ctlTransactions : this.#transactions;
    if (!transactions.settle(message.transaction, message))
      this.options.log.debug("nobody waits for this answer", { message: nameOf(message) });
  }

  #indication(message: QmiMessage): void {
    if (message.service === services.ctl) {
      if (message.id === ctl.synced.id) this.#idsAreVoid("it has started afresh");
      return;
    }
    const name = serviceNamed(message.service);
    for (const service of [...this.#services]) {
      if (service.name !== name || (message.client !== everyClient && message.client !== service.id)) continue;
      try {
        service.hear(message.id, message.tlvs);
      } catch (error) {
        this.#faults.warning("unreadable indication", { message: nameOf(message), reason: errorText(error) });
      }
    }
  }

  #over(reason: ModemError, how: "told" | "quietly" = "told"): void {
    if (this.#state.is === "over") return;
    this.#state = { is: "over", reason };
    this.#ended.abort(reason);
    this.#inOrder.clear();
    for (const transactions of [this.#ctlTransactions, this.#transactions]) transactions.failAll(reason);
    this.#channel.close();
    if (how === "told") this.events.emit("gone", reason);
  }
}

function outcomeOf<M extends Message>(message: M, tlvs: Buffer): Outcome<M> {
  const error = errorOf(tlvs);
  if (error === 0) return { is: "success", values: decodeTlvs<M["response"]>(message.response, tlvs) };
  const fields: Tlvs = message.failure ?? {};
  const failure: TlvValues<Tlvs> = decodeTlvs(fields, tlvs);
  return { is: "refused", error, failure: failure as Partial<FailureOf<M>> };
}
