/** Steering at work: follows ConnMan's services, takes the steps, makes the calls, remembers the answers. */
import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../runtime/clock.js";
import { errorText } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import type { ConnmanPort } from "./connman.js";
import type { ConnmanService } from "./service.js";
import { steerAnswered, steerStep } from "./step.js";
import { connmanAway, type SteerLine, steerLines } from "./tell.js";
import { noSteering, type SteerCall, type SteerMemory, type SteerView } from "./types.js";

export interface SteeringOptions {
  readonly connman: ConnmanPort;
  readonly clock: Clock;
  readonly log: Log;
  /** Something has changed that the next `follow` should see. */
  readonly onChanged: () => void;
}

/** What the engine knows; services and time are steering's own. */
export type SteerTurn = Pick<SteerView, "uplinks" | "wanted"> & {
  /** Where the kernel's default leaves, or undefined where the order of the services tells it. */
  readonly carries: (services: readonly ConnmanService[]) => string | undefined;
};

/** After GetServices failed though ConnMan is there. */
const rereadMs = 1_000;

export class Steering {
  readonly #abort = new AbortController();
  readonly #unwatch: () => void;
  #memory: SteerMemory = noSteering;
  /** Undefined: not told yet. */
  #isThere: boolean | undefined;
  #services: readonly ConnmanService[] | undefined;
  #view: SteerView | undefined;
  #reading: "no" | "yes" | "again" = "no";
  #cancelAgain: () => void = () => undefined;
  #cancelReread: () => void = () => undefined;
  #warned: readonly string[] = [];

  constructor(private readonly options: SteeringOptions) {
    this.#unwatch = options.connman.watch({
      owned: (present) => this.#owned(present),
      changed: () => void this.#read(),
    });
  }

  /** One turn; what is asked leaves before this returns. */
  follow({ uplinks, wanted, carries }: SteerTurn): void {
    const { clock, onChanged } = this.options;
    const services = this.#services;
    this.#view = { services, uplinks, wanted, carries: carries(services ?? []), nowMs: clock.nowMs() };
    const { memory, calls, againInMs } = steerStep(this.#view, this.#memory);
    this.#memory = memory;
    for (const call of calls) void this.#ask(call, this.#view.nowMs);
    this.#cancelAgain();
    this.#cancelAgain = againInMs === undefined ? () => undefined : clock.after(againInMs, onChanged);
    this.#warn();
  }

  get lines(): readonly SteerLine[] {
    if (this.#isThere === false) return connmanAway;
    return this.#view === undefined ? [] : steerLines(this.#view, this.#memory);
  }

  /** Nothing is asked any more. What ConnMan was asked stays as it is: it is ConnMan's configuration, and a valid one. */
  close(): void {
    this.#unwatch();
    this.#cancelAgain();
    this.#cancelReread();
    this.#abort.abort(new Error("steering ended"));
  }

  /** A new connmand knows nothing of what its predecessor was told. */
  #owned(present: boolean): void {
    this.#isThere = present;
    this.#memory = noSteering;
    this.#services = undefined;
    if (present) void this.#read();
    this.options.onChanged();
  }

  /** Paths and order are never taken from a signal: what it told may be old when it is acted upon. */
  async #read(): Promise<void> {
    if (this.#reading !== "no") {
      this.#reading = "again";
      return;
    }
    this.#reading = "yes";
    const before = this.#services;
    try {
      this.#services = await this.options.connman.services(this.#abort.signal);
    } catch (error) {
      this.#unreadable(error);
    }
    const again = this.#isAskedAgain();
    this.#reading = "no";
    if (this.#abort.signal.aborted) return;
    if (again) void this.#read();
    if (!isDeepStrictEqual(before, this.#services)) this.options.onChanged();
  }

  #isAskedAgain(): boolean {
    return this.#reading === "again";
  }

  #unreadable(error: unknown): void {
    this.#services = undefined;
    if (this.#abort.signal.aborted) return;
    this.options.log.debug("ConnMan's services not read", { error: errorText(error) });
    this.#cancelReread();
    this.#cancelReread = this.options.clock.after(rereadMs, () => void this.#read());
  }

  async #ask(call: SteerCall, askedMs: number): Promise<void> {
    const { connman, clock, log, onChanged } = this.options;
    log.info(`ConnMan is asked to ${call.do === "move" ? `put ${call.uplink} first` : `connect ${call.uplink}`}`);
    let refusal: string | undefined;
    try {
      await connman.ask(call, this.#abort.signal);
    } catch (error) {
      refusal = refusalText(error);
    }
    if (this.#abort.signal.aborted) return;
    const answeredMs = clock.nowMs();
    const error = refusal === undefined ? {} : { error: refusal };
    this.#memory = steerAnswered(this.#memory, { call, askedMs, answeredMs, ...error });
    log.debug("ConnMan answered", {
      asked: call.do,
      uplink: call.uplink,
      refusal,
      tookMs: Math.round(answeredMs - askedMs),
    });
    onChanged();
  }

  /** Each problem once, as long as it lasts. */
  #warn(): void {
    const problems = this.lines.filter(({ isProblem }) => isProblem).map(({ text }) => text);
    for (const text of problems) if (!this.#warned.includes(text)) this.options.log.warning(text);
    this.#warned = problems;
  }
}

/** With the error's bus name, e.g. `net.connman.Error.InvalidService`. */
function refusalText(error: unknown): string {
  const name = error instanceof Error && "errorName" in error ? `${error.errorName}: ` : "";
  return `${name}${errorText(error)}`;
}
