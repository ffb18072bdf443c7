/** Data calls over MBIM sessions. @see MBIM 1.0 10.5.12, 10.5.20 */
import type { MbimClient, Outcome } from "../../mbim/client.js";
import { connect, ipConfiguration, packetStatistics } from "../../mbim/services/basic-connect.js";
import { pco } from "../../mbim/services/ms-basic-connect-extensions.js";
import { status as statusOf } from "../../mbim/status.js";
import type { DataCall, DataCallPort } from "../../modem/ports.js";
import type { DataCallRequest, PacketStatistics, ProtocolOption } from "../../modem/types.js";
import type { IpSettings } from "../../network/types.js";
import { abortable, abortError } from "../../runtime/abort.js";
import { type Clock, deadline } from "../../runtime/clock.js";
import { errorText, type FailureCause, ModemError } from "../../runtime/error.js";
import { Inbox } from "../../runtime/inbox.js";
import type { Log } from "../../runtime/log.js";
import { familiesOf, type IpConfiguration, ipConfigurationOf, ipSettingsOf, merged, missing } from "./ip-settings.js";
import { pcoQuestion, protocolOptionsOf } from "./protocol-options.js";
import {
  activationOf,
  type ConnectInfo,
  checkRequest,
  deactivate,
  isActive,
  refusal,
  Session,
  type SessionLinks,
  sessionCause,
} from "./session.js";

/** Addresses may come by indication, well after CONNECT was answered. */
const addressTimeoutMs = 20_000;
/** For the second family of a dual session, which often never comes. */
const secondFamilyTimeoutMs = 3_000;
const activationTimeoutMs = 180_000;
const deactivationTimeoutMs = 10_000;
/** Numbers of IP sessions; the kernel keeps the VLANs above for other streams. @see MBIM 1.0 7, table 7-1 */
const maxSessionNumbers = 256;

const never = new AbortController().signal;

export interface DataCallContext {
  readonly client: MbimClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly interfaceName: string;
  /** MaxSessions of DEVICE_CAPS. */
  readonly maxSessions: number;
  /** Absent: only session 0 has an interface. */
  readonly sessionLinks: SessionLinks | undefined;
  /** Whether the serving network is LTE or later, which decides how its causes read. */
  isEps(): boolean;
  ended(handle: number, cause: FailureCause | undefined): void;
  settingsChanged(handle: number, settings: IpSettings): void;
  /** The function tells protocol options. */
  readonly hasOptions: boolean;
  optionsTold(handle: number, options: readonly ProtocolOption[]): void;
}

export class MbimDataCalls implements DataCallPort {
  readonly maxCalls: number;
  readonly #sessions = new Map<number, Session>();
  readonly #cleared = new Set<number>();
  readonly #connectInfos = new Inbox<ConnectInfo>();
  readonly #configurations = new Inbox<IpConfiguration>();
  #lastHandle = 0;

  constructor(private readonly context: DataCallContext) {
    this.maxCalls =
      context.sessionLinks === undefined ? 1 : Math.max(1, Math.min(context.maxSessions, maxSessionNumbers));
    context.client.watch(connect, (info) => this.#connectReported(info));
    context.client.watch(ipConfiguration, (info) => this.#configurationReported(info));
    context.client.watch(pco, ({ sessionId, octets }) => this.#optionsReported(sessionId, octets));
  }

  async start(request: DataCallRequest, signal: AbortSignal): Promise<DataCall> {
    checkRequest(request);
    const session = await this.#occupy(signal);
    const isOver = AbortSignal.any([signal, session.ended.signal]);
    try {
      // First, since a session that nothing could carry need not be asked of the network.
      await this.#openLink(session, isOver);
      await this.#activate(session, request, isOver);
      session.state = { is: "configuring" };
      const settings = await this.#configure(session, isOver);
      if (isOver.aborted) throw abortError("start", isOver);
      session.state = { is: "up", settings };
      if (this.context.hasOptions) this.#readOptions(session);
      return {
        handle: session.handle,
        interfaceName: session.link?.interfaceName ?? this.context.interfaceName,
        settings,
      };
    } catch (error) {
      this.#withdraw(session).catch((reason: unknown) =>
        this.context.log.warning("session may still be up in the modem", {
          session: session.id,
          reason: errorText(reason),
        }),
      );
      throw error;
    }
  }

  async stop(handle: number, signal: AbortSignal): Promise<void> {
    const session = [...this.#sessions.values()].find((one) => one.handle === handle);
    if (session?.state.is === "up") {
      const { settings } = session.state;
      const done = this.#deactivate(session.id, never).then(
        () => this.#release(session),
        (error: unknown) => {
          if (session.state.is === "stopping") session.state = { is: "up", settings };
          throw error;
        },
      );
      session.state = { is: "stopping", done };
    }
    if (session?.state.is === "stopping") await abortable(session.state.done, "stop", signal);
  }

  /** MBIM counts per device, not per session. */
  async statistics(handle: number, signal: AbortSignal): Promise<PacketStatistics> {
    if (![...this.#sessions.values()].some((session) => session.handle === handle && session.state.is === "up"))
      throw new ModemError("notReady", "the data call is not up");
    const counted = await this.context.client.query(packetStatistics, {}, signal);
    return {
      rxBytes: Number(counted.inOctets),
      txBytes: Number(counted.outOctets),
      rxPackets: Number(counted.inPackets),
      txPackets: Number(counted.outPackets),
      rxErrors: counted.inErrors,
      txErrors: counted.outErrors,
      rxDrops: counted.inDiscards,
      txDrops: counted.outDiscards,
    };
  }

  /** Deactivates every session that was ever begun here and is not certainly down; waits until `signal`. */
  async endAll(signal: AbortSignal): Promise<void> {
    const sessions = [...this.#sessions.values()];
    for (const session of sessions) {
      session.ended.abort(new ModemError("aborted", "the modem is being closed"));
      if (session.state.is === "up") session.state = { is: "withdrawing" };
    }
    await Promise.allSettled(sessions.map(({ id }) => deactivate(this.context.client, id, signal)));
  }

  /** The function has forgotten every session. */
  lostAll(): void {
    const error = new ModemError("refused", "the modem lost the session");
    for (const session of [...this.#sessions.values()]) this.#lost(session, error, undefined);
    this.#cleared.clear();
  }

  /** The device is gone: whoever waits hears `reason`. Resolves when the sessions' interfaces are gone too. */
  async close(reason: ModemError): Promise<void> {
    this.#connectInfos.close(reason);
    this.#configurations.close(reason);
    await Promise.all([...this.#sessions.values()].map((session) => this.#release(session)));
  }

  /**
   * The lowest session number that is free, or will be in a moment: whoever comes back finds the interface that it had. Where
   * there is none, one that is only being withdrawn is waited for.
   */
  async #occupy(signal: AbortSignal): Promise<Session> {
    for (;;) {
      const ids = [...Array(this.maxCalls).keys()];
      const id = ids.find((one) => (this.#sessions.get(one)?.state.is ?? "leaving") === "leaving");
      const gone = id === undefined ? undefined : this.#sessions.get(id);
      if (gone !== undefined) {
        await abortable(gone.released, "start", signal);
        continue;
      }
      if (id !== undefined) {
        const session = new Session(id, ++this.#lastHandle);
        this.#sessions.set(id, session);
        return session;
      }
      const leaving = [...this.#sessions.values()].filter(
        ({ state }) => state.is === "withdrawing" || state.is === "stopping",
      );
      if (leaving.length === 0) throw new ModemError("busy", `all ${this.maxCalls} sessions of the modem are in use`);
      await abortable(Promise.race(leaving.map(({ released }) => released)), "start", signal);
    }
  }

  /** Its number is free when its interface is gone. */
  async #release(session: Session): Promise<void> {
    const { id, link } = session;
    session.state = { is: "leaving" };
    if (link !== undefined)
      await link.close().catch((error: unknown) =>
        this.context.log.warning("interface not removed", {
          interface: link.interfaceName,
          reason: errorText(error),
        }),
      );
    if (this.#sessions.get(id) === session) this.#sessions.delete(id);
    session.release();
  }

  async #openLink(session: Session, signal: AbortSignal): Promise<void> {
    if (session.id === 0) return;
    session.link = await this.context.sessionLinks?.open(session.id, signal).catch((cause: unknown) => {
      if (signal.aborted) throw abortError("start", signal);
      if (cause instanceof ModemError) throw cause;
      throw new ModemError("unsupported", `the kernel gives session ${session.id} no interface`, { cause });
    });
  }

  async #activate(session: Session, request: DataCallRequest, signal: AbortSignal): Promise<void> {
    const { client, isEps } = this.context;
    await this.#clearLeftover(session.id, signal);
    // Not under the caller's signal: a late answer must be seen, for it tells whether there is something to end.
    const activation = client.trySet(connect, activationOf(session.id, request), never);
    session.activation = activation;
    const answered = () => {
      session.isActivationAnswered = true;
    };
    activation.then(answered, answered);
    const outcome = await abortable(activation, "CONNECT", signal);
    if (outcome.status !== statusOf.success) throw refusal(outcome, isEps());
    if (outcome.values === undefined) throw new ModemError("protocol", "CONNECT: unreadable answer");
    const info = await this.#activated(session.id, outcome.values, signal);
    session.families = familiesOf(info.ipType, request.protocol);
  }

  /** Some functions answer `activating` and report the end by indication. */
  async #activated(sessionId: number, first: ConnectInfo, signal: AbortSignal): Promise<ConnectInfo> {
    let info = first;
    const wait = deadline(
      this.context.clock,
      activationTimeoutMs,
      signal,
      () => new ModemError("timeout", "CONNECT stays activating"),
    );
    try {
      while (info.activationState === "activating")
        info = await nextOf(this.#connectInfos, (next) => next.sessionId === sessionId, wait.signal);
    } finally {
      wait.release();
    }
    if (info.activationState !== "deactivated" && info.activationState !== "deactivating") return info;
    throw new ModemError("refused", "the network did not activate the session", {
      failure: sessionCause(info.nwError, this.context.isEps()),
    });
  }

  /** Once per session number and OPEN: what an earlier owner left active is ended, for it has other settings. */
  async #clearLeftover(sessionId: number, signal: AbortSignal): Promise<void> {
    if (this.#cleared.has(sessionId)) return;
    try {
      if (await isActive(this.context.client, sessionId, signal)) await this.#deactivate(sessionId, signal);
    } catch (error) {
      // Not every firmware answers the question without a session; only a refusal may pass.
      if (!(error instanceof ModemError) || error.failure?.domain !== "mbim") throw error;
    }
    this.#cleared.add(sessionId);
  }

  async #deactivate(sessionId: number, signal: AbortSignal): Promise<void> {
    const wait = deadline(
      this.context.clock,
      deactivationTimeoutMs,
      signal,
      () => new ModemError("timeout", "CONNECT deactivate"),
    );
    try {
      const isDown = (info: ConnectInfo) => info.sessionId === sessionId && info.activationState === "deactivated";
      if ((await deactivate(this.context.client, sessionId, wait.signal)) === "deactivating")
        await nextOf(this.#connectInfos, isDown, wait.signal);
    } finally {
      wait.release();
    }
  }

  /** Ends what a failed or aborted start may have left, also when the function answers the activation late. */
  async #withdraw(session: Session): Promise<void> {
    const { activation, isActivationAnswered } = session;
    session.state = { is: "withdrawing" };
    try {
      if (activation === undefined) return;
      const known = isActivationAnswered ? await outcomeOf(activation) : undefined;
      if (known !== undefined && known.status !== statusOf.success) return;
      const first = await this.#deactivate(session.id, never).then(
        () => undefined,
        (error: unknown) => error,
      );
      const late = isActivationAnswered ? undefined : await outcomeOf(activation);
      if (late?.status === statusOf.success) await this.#deactivate(session.id, never);
      else if (first !== undefined) throw first;
    } finally {
      await this.#release(session);
    }
  }

  async #configure(session: Session, signal: AbortSignal): Promise<IpSettings> {
    const isAnswered = await this.#ask(session, signal);
    const lack = missing(session.configuration, session.families);
    if (isAnswered && lack !== "none")
      await this.#awaitAddresses(session, lack === "all" ? addressTimeoutMs : secondFamilyTimeoutMs, signal);
    return ipSettingsOf(session.configuration, session.families);
  }

  /** Merges the function's answer into the session's configuration; false when it does not know the question. */
  async #ask(session: Session, signal: AbortSignal): Promise<boolean> {
    try {
      const answer = await this.context.client.query(ipConfiguration, ipConfigurationOf(session.id), signal);
      session.configuration = merged(session.configuration, answer);
      return true;
    } catch (error) {
      if (!(error instanceof ModemError) || error.failure?.domain !== "mbim" || error.code === "protocol") throw error;
      this.context.log.info("no IP configuration from the modem", { session: session.id, reason: errorText(error) });
      return error.code !== "unsupported";
    }
  }

  async #awaitAddresses(session: Session, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const expired = new ModemError("timeout", "no addresses from the modem");
    const wait = deadline(this.context.clock, timeoutMs, signal, () => expired);
    try {
      while (missing(session.configuration, session.families) !== "none") {
        const news = await nextOf(this.#configurations, ({ sessionId }) => sessionId === session.id, wait.signal);
        // An indication without content only says that there is something to ask for.
        if (missing(news, session.families) === "all") await this.#ask(session, wait.signal);
      }
    } catch (error) {
      if (error !== expired) throw error;
      this.context.log.info("the modem names no address", { session: session.id, waitedMs: timeoutMs });
    } finally {
      wait.release();
    }
  }

  #connectReported(info: ConnectInfo): void {
    this.#connectInfos.deliver(info);
    const session = this.#sessions.get(info.sessionId);
    if (info.activationState !== "deactivated" || session === undefined) return;
    const cause = sessionCause(info.nwError, this.context.isEps());
    const error = new ModemError("refused", "the network ended the session", { failure: cause });
    this.#lost(session, error, cause);
  }

  /** While `activating` the report is about an earlier session of this number: it is not ours to hear. */
  #lost(session: Session, error: ModemError, cause: FailureCause | undefined): void {
    if (session.state.is === "configuring") session.ended.abort(error);
    if (session.state.is !== "up") return;
    void this.#release(session);
    this.context.ended(session.handle, cause);
  }

  #configurationReported(info: IpConfiguration): void {
    const session = this.#sessions.get(info.sessionId);
    if (session === undefined) return;
    session.configuration = merged(session.configuration, info);
    this.#configurations.deliver(info);
    if (session.state.is === "up")
      this.#refresh(session, info).catch((error: unknown) =>
        this.context.log.warning("addresses not read", { session: session.id, reason: errorText(error) }),
      );
  }

  /** Nobody waits for it. */
  #readOptions({ id, handle }: Session): void {
    this.context.client.query(pco, pcoQuestion(id), never).then(
      ({ octets }) => this.#sessions.get(id)?.handle === handle && this.#optionsReported(id, octets),
      (error: unknown) => this.context.log.info("no protocol options", { session: id, reason: errorText(error) }),
    );
  }

  #optionsReported(sessionId: number, octets: readonly number[]): void {
    const session = this.#sessions.get(sessionId);
    if (session?.state.is === "up") this.context.optionsTold(session.handle, protocolOptionsOf(octets));
  }

  async #refresh(session: Session, info: IpConfiguration): Promise<void> {
    if (missing(info, session.families) === "all") await this.#ask(session, never);
    if (session.state.is !== "up") return;
    const settings = ipSettingsOf(session.configuration, session.families);
    if (JSON.stringify(settings) === JSON.stringify(session.state.settings)) return;
    session.state = { is: "up", settings };
    this.context.settingsChanged(session.handle, settings);
  }
}

/** The next item, or the abort as ModemError. */
const nextOf = <T>(inbox: Inbox<T>, accepts: (item: T) => boolean, signal: AbortSignal): Promise<T> =>
  inbox.next(accepts, signal).catch((error: unknown) => {
    throw error instanceof ModemError ? error : abortError("start", signal);
  });

const outcomeOf = (activation: Promise<Outcome<ConnectInfo>>): Promise<Outcome<ConnectInfo> | undefined> =>
  activation.catch(() => undefined);
