/** The machine slept, or somebody set its clock: what timers do not tell, seen by comparing clocks. */
import { readFileSync } from "node:fs";
import type { Uplinks } from "../network/uplinks.js";
import { type Clock, systemClock } from "../runtime/clock.js";
import type { Log } from "../runtime/log.js";

export interface Clocks {
  /** Does not count sleep: CLOCK_MONOTONIC. */
  readonly clock: Clock;
  /** Counts sleep; undefined where it cannot be read. */
  readonly bootMs: () => number | undefined;
  readonly wallMs: () => number;
}

export interface TimeEvents {
  readonly slept: (ms: number) => void;
  /** Forward or (negative) back, beyond what time alone has done. */
  readonly clockSet: (byMs: number) => void;
}

/** A gateway whose clock is set is noticed before anybody looks at it; one that woke up has asked its uplinks by then. */
const everyMs = 5_000;
/** Clocks are slewed by a few milliseconds all the time. */
const stepMs = 2_000;

interface Moment {
  readonly nowMs: number;
  readonly bootMs: number | undefined;
  readonly wallMs: number;
}

export class TimeWatch {
  #last: Moment;
  #cancel: () => void;

  constructor(
    private readonly clocks: Clocks,
    private readonly events: TimeEvents,
  ) {
    this.#last = this.#now();
    this.#cancel = clocks.clock.after(everyMs, () => this.#look());
  }

  /** Idempotent. */
  close(): void {
    this.#cancel();
  }

  #now(): Moment {
    const { clock, bootMs, wallMs } = this.clocks;
    return { nowMs: clock.nowMs(), bootMs: bootMs(), wallMs: wallMs() };
  }

  #look(): void {
    const [before, now] = [this.#last, this.#now()];
    this.#last = now;
    this.#cancel = this.clocks.clock.after(everyMs, () => this.#look());
    const awakeMs = now.nowMs - before.nowMs;
    const known = now.bootMs !== undefined && before.bootMs !== undefined;
    const sleptMs = known ? now.bootMs - before.bootMs - awakeMs : 0;
    const setByMs = now.wallMs - before.wallMs - awakeMs - sleptMs;
    if (sleptMs >= stepMs) this.events.slept(sleptMs);
    if (Math.abs(setByMs) >= stepMs) this.events.clockSet(setByMs);
  }
}

/** Seconds with two decimals; sleep included. @see proc_uptime(5) */
export function bootClockMs(): number | undefined {
  try {
    const seconds = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
    return Number.isFinite(seconds) ? seconds * 1_000 : undefined;
  } catch {
    return undefined;
  }
}

/** For the uplinks, by this machine's clocks. */
export const watchTime = (uplinks: Pick<Uplinks, "awoke" | "clockSet">, log: Log): TimeWatch =>
  new TimeWatch(
    { clock: systemClock, bootMs: bootClockMs, wallMs: Date.now },
    {
      slept: (ms) => {
        log.notice("the machine slept: every uplink is asked again", { sleptS: Math.round(ms / 1_000) });
        void uplinks.awoke();
      },
      clockSet: (byMs) => {
        log.notice("the clock was set", { byS: Math.round(byMs / 1_000) });
        uplinks.clockSet();
      },
    },
  );
