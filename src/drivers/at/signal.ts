/** Signal: told where the modem does that, else asked from time to time; only what has moved far enough is news. */
import type { SignalPort, SignalSteps } from "../../modem/ports.js";
import type { Signal } from "../../modem/types.js";
import type { Clock } from "../../runtime/clock.js";
import type { Log } from "../../runtime/log.js";
import { Again } from "./again.js";
import type { Chat } from "./chat.js";
import type { AtDialect } from "./dialect.js";

export interface SignalContext {
  readonly chat: Chat;
  readonly dialect: Pick<AtDialect, "signal" | "signalNews">;
  readonly clock: Clock;
  readonly log: Log;
  readonly ended: AbortSignal;
  told(state: Signal): void;
}

/** Bars on a screen, at the price of one command. */
const pollMs = 30_000;

const measures = [
  ["rssiDbm", "rssiDb"],
  ["rsrpDbm", "rsrpDb"],
  ["rsrqDb", "rsrqDb"],
  ["snrDb", "snrDb"],
] as const;

/** A value that comes or goes has moved as well. */
const hasMoved = (before: Signal, now: Signal, steps: SignalSteps): boolean =>
  measures.some(([key, step]) => {
    const [old, value] = [before[key], now[key]];
    if (old === undefined || value === undefined) return old !== value;
    return Math.abs(value - old) >= steps[step];
  });

export class AtSignal implements SignalPort {
  /** Absent: whatever the modem tells is told. */
  #steps: SignalSteps | undefined;
  #told: Signal = {};
  #cancelPoll: () => void = () => undefined;
  readonly #poll: Again;

  constructor(private readonly context: SignalContext) {
    const { log, ended } = context;
    const ask = async () => this.#news(await this.state(ended));
    this.#poll = new Again({ what: "signal", log, signal: ended, ask });
    ended.addEventListener("abort", () => this.#cancelPoll(), { once: true });
  }

  async state(signal: AbortSignal): Promise<Signal> {
    const { chat, dialect } = this.context;
    for (const query of dialect.signal) {
      const measured = await chat.askIfKnown({ ...query, anyPort: true }, signal);
      if (measured !== undefined && Object.keys(measured).length > 0) return measured;
    }
    return {};
  }

  /** Done here: modems that tell by themselves have steps of their own. */
  async report(steps: SignalSteps): Promise<void> {
    this.#steps = steps;
    if (this.context.dialect.signalNews === undefined) this.#pollLater();
  }

  /** @throws RangeError when the line cannot be read */
  hears(line: string): void {
    const { signalNews } = this.context.dialect;
    if (signalNews !== undefined && line.toUpperCase().startsWith(signalNews.prefix)) this.#news(signalNews.read(line));
  }

  #news(now: Signal): void {
    if (this.#steps !== undefined && !hasMoved(this.#told, now, this.#steps)) return;
    this.#told = now;
    this.context.told(now);
  }

  #pollLater(): void {
    const { clock, ended } = this.context;
    this.#cancelPoll();
    if (ended.aborted) return;
    this.#cancelPoll = clock.after(pollMs, () => {
      this.#poll.request();
      this.#pollLater();
    });
  }
}
