/** Carries out the bearer machine of one context: calls, link, timers, and what is told to whom. */
import { errorText, ModemError } from "../runtime/error.js";
import type { ContextType, Wisher } from "./api.js";
import { BearerLink, type BearerLinkRoom } from "./bearer-link.js";
import { type BearerEffect, type BearerEvent, type BearerState, bearerStep } from "./bearer-machine.js";
import type { Attempt, CallRequests } from "./call-requests.js";
import { deadlinesMs, stableAfterMs } from "./deadlines.js";
import type { LeasedCalls } from "./leased-calls.js";
import type { Bearer, IpOwner } from "./link-port.js";
import { modemError } from "./operations.js";
import type { DataCall } from "./ports.js";
import { NetworkBackoff } from "./ports.js";
import { retryWaitMs } from "./retry.js";
import type { DataCallRequest, ProtocolOption } from "./types.js";

export type BearerFact =
  | { readonly what: "up" | "changed" | "down"; readonly bearer: Bearer }
  | { readonly what: "lost"; readonly bearer: Bearer; readonly error: ModemError };

/** What all bearers of one modem share. */
export interface BearerRoom extends BearerLinkRoom {
  readonly modemPath: string;
  readonly calls: LeasedCalls;
  random(): number;
  ipOwner(wisher: Wisher): IpOwner;
  /** The uplinks' feed. */
  tell(fact: BearerFact): void;
}

/** What one context gives its bearer. */
export interface BearerOwner {
  readonly number: number;
  type(): ContextType;
  isBeside(): boolean;
  readonly requests: CallRequests;
  /** The wish that holds the bearer now; `self` is asked for as long as a standing one does. */
  wisher(): Wisher;
  isStanding(): boolean;
  /** The bus may see a change now. */
  shown(): void;
}

/** Questions to the network in one attempt: three names, or two and another IP family. */
const mostTries = 3;
/** Less than this is not enough for an answer. */
const shortestTryMs = 3_000;

type Waiter = { readonly resolve: () => void; readonly reject: (error: ModemError) => void };

export class ContextBearer {
  #state: BearerState = { is: "idle", failures: 0 };
  /** What the bus shall see; trails the machine while a quick re-activation runs. */
  #published: DataCall | undefined;
  #lastError: ModemError | undefined;
  #told: { readonly handle: number; readonly options: readonly ProtocolOption[] } | undefined;
  #owner: IpOwner = "self";
  readonly #link: BearerLink;
  #start: AbortController | undefined;
  /** The end of a call that came while its start was still on the way to us. */
  #ended: { readonly handle: number; readonly error: ModemError } | undefined;
  #cancelTimer: () => void = () => undefined;
  #notBeforeMs = 0;
  /** A client that asks again at once after a loss is served, but not before. */
  #restUntilMs = 0;
  readonly #queue: BearerEvent[] = [];
  #busy = false;
  readonly #upWaiters: Waiter[] = [];
  readonly #downWaiters: Waiter[] = [];

  constructor(
    private readonly room: BearerRoom,
    private readonly context: BearerOwner,
  ) {
    this.#link = new BearerLink(room);
  }

  get state(): BearerState {
    return this.#state;
  }

  get published(): DataCall | undefined {
    return this.#published;
  }

  /** Why there is no bearer; undefined once one was up again. */
  get lastError(): ModemError | undefined {
    return this.#lastError;
  }

  get owner(): IpOwner {
    return this.#owner;
  }

  /** True while the modem holds, or is asked for, a call. */
  get occupiesCall(): boolean {
    return this.#state.is !== "idle" && this.#state.is !== "backoff";
  }

  /** The living bearer as the uplinks know it. */
  get bearer(): Bearer | undefined {
    return this.#state.is === "active" ? this.#describe(this.#state.call) : undefined;
  }

  /** Brings it up unless it is on the way; the outcome shows in the state. A timer of the network is respected. */
  activate(): void {
    const waitMs = this.#notBeforeMs - this.room.operations.clock.nowMs();
    if (waitMs <= 0) {
      this.#dispatch({ type: "activate" });
      return;
    }
    this.#cancelTimer();
    this.#cancelTimer = this.room.operations.clock.after(waitMs, () => this.context.shown());
  }

  /** Takes it down without the client's knowledge; a standing wish brings it up again with what holds then. */
  restart(): void {
    this.down(false).catch((error) => this.room.log.warning("bearer", { cause: errorText(error) }));
  }

  /** Resolves when the bearer is up; rejects when this attempt has failed or was called off. */
  up(): Promise<void> {
    const { clock } = this.room.operations;
    const resting = this.#state.is === "idle" || this.#state.is === "backoff";
    if (resting && clock.nowMs() < this.#notBeforeMs && this.#lastError) return Promise.reject(this.#lastError);
    const outcome = new Promise<void>((resolve, reject) => this.#upWaiters.push({ resolve, reject }));
    const restMs = this.#state.is === "idle" ? this.#restUntilMs - clock.nowMs() : 0;
    if (restMs > 0) this.#timer(restMs, { type: "activate" });
    else this.#dispatch({ type: "activate" });
    return outcome;
  }

  /** Takes it down; `sayNow` tells the bus before the modem has agreed. Resolves when nothing is up any more. */
  down(sayNow: boolean): Promise<void> {
    const calledOff = new ModemError("aborted", "the activation was called off");
    for (const { reject } of this.#upWaiters.splice(0)) reject(calledOff);
    const outcome = new Promise<void>((resolve, reject) => this.#downWaiters.push({ resolve, reject }));
    if (this.#state.is === "idle") this.#cancelTimer();
    this.#dispatch({ type: "deactivate", sayNow });
    return outcome;
  }

  /** The settings or the wish behind it changed: old failures and waits say nothing any more. */
  forgetFailures(): void {
    this.#notBeforeMs = 0;
    this.#restUntilMs = 0;
    this.#dispatch({ type: "forget" });
  }

  /** The modem or the network ended a call. */
  callEnded(handle: number, error: ModemError): void {
    if (this.#call()?.handle === handle) this.#dispatch(this.#withWait("lost", error));
    else if (this.#state.is === "starting") this.#ended = { handle, error };
  }

  settingsChanged(handle: number, settings: DataCall["settings"]): void {
    if (this.#call()?.handle === handle) this.#dispatch({ type: "newSettings", settings });
  }

  /** What the network tells of a call, all of it; of ours also while its start is on the way to us. */
  optionsTold(handle: number, options: readonly ProtocolOption[]): void {
    if ((this.#call()?.handle ?? handle) !== handle) return;
    this.#told = { handle, options };
    this.context.shown();
  }

  get options(): readonly ProtocolOption[] {
    return this.#told !== undefined && this.#told.handle === this.#published?.handle ? this.#told.options : [];
  }

  gone(error: ModemError): void {
    this.#dispatch({ type: "gone", error });
  }

  /** Resolves when the link is released. */
  released(): Promise<void> {
    return this.#link.settled();
  }

  #call(): DataCall | undefined {
    return this.#state.is === "active" || this.#state.is === "raising" ? this.#state.call : undefined;
  }

  #describe({ interfaceName, settings }: DataCall): Bearer {
    const { modemPath } = this.room;
    const { number, type, isBeside } = this.context;
    return {
      modemPath,
      contextNumber: number,
      contextType: type(),
      isBeside: isBeside(),
      interfaceName,
      settings,
      owner: this.#owner,
    };
  }

  #withWait(type: "failed" | "lost", error: ModemError): BearerEvent {
    // A permanent cause is about what was asked; what was not asked yet need not wait for long.
    const isHopeful = type === "failed" && this.context.requests.hasOther(error);
    const waitMs = retryWaitMs(isHopeful ? undefined : error, this.#state.failures + 1, this.room.random());
    const nowMs = this.room.operations.clock.nowMs();
    if (error instanceof NetworkBackoff) this.#notBeforeMs = nowMs + waitMs;
    if (type === "lost") this.#restUntilMs = nowMs + Math.min(waitMs, deadlinesMs.clientRest);
    return { type, error, waitMs };
  }

  /** One event after the other, each with all its effects; what an effect causes at once waits for its turn. */
  #dispatch(event: BearerEvent): void {
    this.#queue.push(event);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        this.#take(next);
        this.#settleWaiters();
      }
    } finally {
      // A listener that throws is a bug, but must not leave a bearer that takes no further event.
      this.#busy = false;
    }
  }

  #take(event: BearerEvent): void {
    const [next, ...effects] = bearerStep(this.#state, event, this.context.isStanding());
    if (next.is !== this.#state.is) {
      this.#cancelTimer();
      const waitMs = "waitMs" in event ? Math.round(event.waitMs) : undefined;
      this.room.log.debug(`bearer ${this.#state.is} -> ${next.is}`, { because: event.type, waitMs });
    }
    this.#state = next;
    for (const effect of effects) this.#carryOut(effect);
  }

  #settleWaiters(): void {
    const { is } = this.#state;
    if (is === "active" && this.#published !== undefined)
      for (const { resolve } of this.#upWaiters.splice(0)) resolve();
    if (is !== "idle" && is !== "backoff") return;
    const error = this.#lastError ?? new ModemError("aborted", "the activation was called off");
    for (const { reject } of this.#upWaiters.splice(0)) reject(error);
    for (const { resolve } of this.#downWaiters.splice(0)) resolve();
    // The context may hold a wish that now has nobody at work for it.
    if (is === "idle") this.context.shown();
  }

  #carryOut(effect: BearerEffect): void {
    switch (effect.do) {
      case "start":
        this.#startCall();
        break;
      case "cancelStart":
        this.#lastError = undefined;
        this.#start?.abort(new ModemError("aborted", "the activation was called off"));
        break;
      case "raise":
        this.#raiseLink(effect.call);
        break;
      case "takeDown":
        this.#takeDown(effect.call);
        break;
      case "withdraw":
        this.#link.withdraw(effect.call);
        break;
      case "tell":
        this.room.tell({ what: effect.what, bearer: this.#describe(effect.call) });
        break;
      case "tellLost":
        this.room.tell({ what: "lost", bearer: this.#describe(effect.call), error: effect.error });
        break;
      case "publish":
        this.#publish(effect.call, effect.error);
        break;
      case "retryAfter":
        this.#timer(effect.waitMs, { type: "retryDue" });
        break;
      case "stableAfter":
        this.#timer(stableAfterMs, { type: "stable" });
    }
  }

  #timer(delayMs: number, event: BearerEvent): void {
    this.#cancelTimer = this.room.operations.clock.after(delayMs, () => this.#dispatch(event));
  }

  #publish(call: DataCall | undefined, error: ModemError | undefined): void {
    this.#published = call;
    if (call !== undefined) {
      this.#lastError = undefined;
      this.#restUntilMs = 0;
    } else if (error !== undefined) this.#lastError = error;
    this.context.shown();
  }

  #startCall(): void {
    const quick = this.#state.is === "starting" && this.#state.old !== undefined;
    const wisher = this.context.wisher();
    // Never flipped under a bearer that somebody still sees.
    if (!quick) this.#owner = this.room.ipOwner(wisher);
    const patienceMs = wisher.is === "client" ? deadlinesMs.clientStart : deadlinesMs.standingStart;
    const abort = new AbortController();
    this.#start = abort;
    this.#ended = undefined;
    const attempt = quick ? "quick" : "first";
    this.#dial(attempt, quick ? deadlinesMs.quickStart : patienceMs, abort.signal).then(
      (call) => this.#started(abort, call),
      (error) => {
        if (this.#start !== abort) return;
        const failure = modemError(error, "the data call could not be started");
        if (!abort.signal.aborted)
          this.room.log.notice("activation failed", { context: this.context.number, cause: errorText(failure) });
        this.#dispatch(this.#withWait("failed", failure));
      },
    );
  }

  #started(abort: AbortController, call: DataCall): void {
    if (this.#start !== abort) {
      this.#stopLate(call);
      return;
    }
    this.#dispatch({ type: "started", call });
    if (this.#ended?.handle === call.handle) this.callEnded(call.handle, this.#ended.error);
  }

  /** Asks until the network grants something, it objects to more than can be changed, or patience is at its end. */
  async #dial(attempt: Attempt, patienceMs: number, signal: AbortSignal): Promise<DataCall> {
    const { requests } = this.context;
    const { clock } = this.room.operations;
    const endMs = clock.nowMs() + patienceMs;
    let asked = requests.first();
    for (let tries = 1; ; tries++) {
      try {
        const call = await this.#ask(asked, endMs - clock.nowMs(), signal);
        requests.granted(call.only === undefined ? asked : { ...asked, protocol: call.only });
        return call;
      } catch (error) {
        // Whoever names a time to come back wants to be left alone until then.
        if (signal.aborted || error instanceof NetworkBackoff) throw error;
        const next = await requests.after(asked, error, attempt);
        const isOver = tries >= mostTries || endMs - clock.nowMs() < shortestTryMs;
        if (next === undefined || signal.aborted || isOver) throw error;
        asked = next;
      }
    }
  }

  #ask(asked: DataCallRequest, timeoutMs: number, signal: AbortSignal): Promise<DataCall> {
    const { operations, calls } = this.room;
    const owner = this.#owner;
    const late = (call: DataCall) => this.#stopLate(call);
    return operations.run("dataCalls.start", { timeoutMs, signal, graceMs: deadlinesMs.lateAnswer, late }, (s) =>
      calls.start(asked, owner, s),
    );
  }

  /** The modem said yes after everybody had left: the call must not stay open. */
  #stopLate(call: DataCall): void {
    if (this.room.operations.isClosed) return;
    this.#stop(call).catch((error) => this.room.log.warning("late data call not stopped", { cause: errorText(error) }));
  }

  #stop(call: DataCall): Promise<void> {
    const { operations, calls } = this.room;
    return operations.run("dataCalls.stop", { timeoutMs: deadlinesMs.stop }, (s) => calls.stop(call.handle, s));
  }

  #raiseLink(call: DataCall): void {
    this.#link.raise(call, this.#owner, {
      raised: () => this.#dispatch({ type: "raised" }),
      failed: (error) => this.#dispatch(this.#withWait("failed", error)),
    });
  }

  #takeDown(call: DataCall): void {
    this.#link.withdraw(call);
    this.#link
      .settled()
      .then(() => (this.room.operations.isClosed ? undefined : this.#stop(call)))
      .catch((error) => this.room.log.warning("data call not stopped in order", { cause: errorText(error) }))
      .then(() => this.#dispatch({ type: "stopped" }))
      .catch((error) => this.room.log.error("bearer", { cause: errorText(error) }));
  }
}
