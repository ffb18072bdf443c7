/** Carries out the level machine: opens and closes the driver, switches the radio, tries again for a standing wish. */
import { errorText, ModemError } from "../runtime/error.js";
import type { ModemLevel } from "./api.js";
import type { BearerFact } from "./bearer.js";
import { deadlinesMs } from "./deadlines.js";
import {
  atLeast,
  initialLevel,
  type LevelEffect,
  type LevelEvent,
  type LevelState,
  levelOf,
  levelStep,
} from "./level.js";
import { modemError, Operations } from "./operations.js";
import type { PinMemory } from "./pin.js";
import { retryWaitMs } from "./retry.js";
import { Session } from "./session.js";
import type { ModemSetup } from "./setup.js";
import { isHeld, type Standing } from "./standing.js";

export interface LevelRoom {
  readonly setup: ModemSetup;
  readonly pins: PinMemory;
  /** wwand's own reasons to keep the modem up. */
  standing(): Standing;
  /** The level is lower than before; what only the higher one had ends right after this. */
  fallen(): void;
  /** Anything that clients may see, or wait for, has changed. */
  moved(): void;
  gone(reason: ModemError): void;
  tell(fact: BearerFact): void;
}

export class LevelRunner {
  readonly operations: Operations;
  #state = initialLevel;
  #session: Session | undefined;
  #openError: ModemError | undefined;
  #radioError: ModemError | undefined;
  #failures = 0;
  #cancelRetry: () => void = () => undefined;
  #abandonOpen: AbortController | undefined;

  constructor(private readonly room: LevelRoom) {
    this.operations = new Operations(room.setup.clock);
  }

  get state(): LevelState {
    return this.#state;
  }

  get level(): ModemLevel {
    return levelOf(this.#state);
  }

  /** What is open; undefined while the driver is not. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Why the last opening failed; undefined while one runs or has worked. */
  get openError(): ModemError | undefined {
    return this.#openError;
  }

  get radioError(): ModemError | undefined {
    return this.#radioError;
  }

  /** Before another attempt: what failed before is not its outcome. */
  forgetRadioError(): void {
    this.#radioError = undefined;
  }

  want(want: LevelState["want"]): void {
    this.dispatch({ type: "want", want });
  }

  /** Somebody asks again for what was wanted already: a failure or the modem's own change of mind is not the last word. */
  pursue(): void {
    this.dispatch({ type: "retryDue" });
  }

  dispatch(event: LevelEvent): void {
    const before = this.level;
    const [next, ...effects] = levelStep(this.#state, event);
    this.#state = next;
    const after = this.level;
    if (!atLeast(after, before)) this.#descend(after);
    if (!atLeast(before, after)) this.#ascend(before, after);
    for (const effect of effects) this.#carryOut(effect);
    this.room.moved();
  }

  /** The end: everything told when the call returns, everything released when the promise resolves. */
  async close(reason: ModemError): Promise<void> {
    const ended = this.#session?.end(reason);
    this.#openError = reason;
    this.#abandonOpen?.abort(reason);
    this.dispatch({ type: "gone" });
    this.operations.close(reason);
    await ended;
    this.#session = undefined;
  }

  #ascend(from: ModemLevel, to: ModemLevel): void {
    if (from === "off") this.#session?.begin();
    if (to === "online") this.#session?.enterOnline();
  }

  /** Clients see it first, contexts before all; then what they cannot see any more ends. */
  #descend(to: ModemLevel): void {
    if (!atLeast(to, "online")) this.#session?.packetData?.showOnline(false);
    if (!atLeast(to, "online")) this.#session?.packetData?.registered(undefined);
    this.room.fallen();
    if (!atLeast(to, "online")) this.#session?.leaveOnline();
    if (!atLeast(to, "offline")) this.#session?.leaveOffline();
  }

  #carryOut(effect: LevelEffect): void {
    switch (effect.do) {
      case "open":
        this.#carry(this.#open());
        break;
      case "abandonOpen":
        this.#abandonOpen?.abort(new ModemError("aborted", "the modem is not wanted any more"));
        break;
      case "close":
        this.#carry(this.#shutDown());
        break;
      case "radioOn":
      case "radioOff":
        this.#carry(this.#switchRadio(effect.do === "radioOn"));
    }
  }

  #carry(work: Promise<void>): void {
    work.catch((error) => this.room.setup.log.error("modem", { cause: errorText(error) }));
  }

  async #open(): Promise<void> {
    const abandon = new AbortController();
    this.#abandonOpen = abandon;
    this.#openError = undefined;
    this.#cancelRetry();
    const { signal } = abandon;
    try {
      const late = (session: Session) => this.#carry(session.end(new ModemError("aborted", "opened too late")));
      const options = { timeoutMs: deadlinesMs.enable, signal, late };
      const opened = await this.operations.run("openDriver", options, (s) => this.#makeSession(s));
      this.#session = opened;
      this.#failures = 0;
      this.dispatch({ type: "opened", radio: opened.radioAtOpening });
    } catch (error) {
      if (this.operations.isClosed) return;
      this.#openError = modemError(error, "the modem could not be opened");
      this.room.setup.log.warning("power-on failed", { cause: errorText(this.#openError) });
      this.dispatch({ type: "openFailed" });
      this.#retry(this.#openError);
    } finally {
      this.#abandonOpen = undefined;
    }
  }

  async #makeSession(signal: AbortSignal): Promise<Session> {
    const driver = await this.room.setup.openDriver(signal);
    const session = new Session(driver, {
      setup: this.room.setup,
      pins: this.room.pins,
      standing: () => this.room.standing(),
      dispatch: (event) => this.#session === session && this.dispatch(event),
      moved: () => this.#session === session && this.room.moved(),
      gone: (reason) => this.room.gone(reason),
      tell: (fact) => this.room.tell(fact),
    });
    try {
      await session.readRadio();
      return session;
    } catch (error) {
      await session.end(modemError(error, "the modem could not be opened"));
      throw error;
    }
  }

  /** For a standing wish only: a client is told of the failure and decides itself. */
  #retry(error: ModemError): void {
    if (!isHeld(this.room.standing()) || this.#state.want === "off") return;
    this.#failures += 1;
    const waitMs = retryWaitMs(error, this.#failures, (this.room.setup.random ?? Math.random)());
    this.#cancelRetry();
    this.#cancelRetry = this.operations.clock.after(waitMs, () => this.dispatch({ type: "retryDue" }));
  }

  async #shutDown(): Promise<void> {
    const session = this.#session;
    await session?.shutDown(["on", "turningOff", "stuck"].includes(this.#state.radio));
    if (this.operations.isClosed) return;
    this.dispatch({ type: "closed" });
    if (this.#session === session) this.#session = undefined;
    this.room.moved();
  }

  async #switchRadio(on: boolean): Promise<void> {
    this.#radioError = undefined;
    try {
      await this.#session?.switchRadio(on);
      this.#failures = 0;
    } catch (error) {
      if (this.operations.isClosed) return;
      this.#radioError = modemError(error, "the radio could not be switched");
      this.room.setup.log.warning("radio", { cause: errorText(this.#radioError) });
      this.room.moved();
      this.#retry(this.#radioError);
    }
  }
}
