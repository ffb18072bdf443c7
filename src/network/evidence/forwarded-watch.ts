/** Looks at what is forwarded over the uplinks that carry traffic, and tells when all of it falls silent. */
import type { Clock } from "../../runtime/clock.js";
import type { IpFamily } from "../types.js";
import {
  type ForwardedSilence,
  type ForwardedState,
  forwardedAfter,
  forwardedSilence,
  forwardedText,
  hasSent,
  nothingForwarded,
} from "./forwarded.js";
import type { Watched } from "./silence-watch.js";
import type { ForwardedPort } from "./types.js";

/** While packets are forwarded, and while none are. */
const paceMs = { busy: 1_000, idle: 3_000 } as const;
/** A table with many entries takes its time: the next look waits for so many times what the last one took ... */
const restFactor = 20;
/** ... and no longer than this, for on a busy machine it is the waiting that takes long. */
const longestMs = 3_000;
/** A kernel that cannot tell is asked again after so long. */
const retryMs = 60_000;
/** It speaks for the uplink no longer than this: a flow to a server that died is tried for minutes. */
const freshMs = 5_000;

interface Watch {
  readonly one: Watched;
  cancel: () => void;
  state: ForwardedState;
  silence?: { readonly sinceMs: number; readonly seen: ForwardedSilence } | undefined;
}

export class ForwardedWatch {
  readonly #watches = new Map<string, Watch>();

  /** `onSilence` comes once for each silence. */
  constructor(
    private readonly port: ForwardedPort,
    private readonly clock: Clock,
    private readonly onSilence: (uplink: string) => void,
  ) {}

  /** Watches these from now on, and no others. */
  follow(all: readonly Watched[]): void {
    const wanted = new Map(all.map((one) => [keyOf(one.uplink, one.family, one.addresses), one]));
    for (const [key, { cancel }] of this.#watches)
      if (!wanted.has(key)) {
        cancel();
        this.#watches.delete(key);
      }
    for (const [key, one] of wanted) if (!this.#watches.has(key)) this.#begin(key, one);
  }

  /** In words, while it lasts and is young enough to mean something. */
  silence(uplink: string, family: IpFamily): string | undefined {
    const watch = [...this.#watches.values()].find(({ one }) => one.uplink === uplink && one.family === family);
    const silence = watch?.silence;
    return silence && this.clock.nowMs() - silence.sinceMs <= freshMs ? forwardedText(silence.seen) : undefined;
  }

  /** Idempotent. */
  close(): void {
    this.follow([]);
  }

  #begin(key: string, one: Watched): void {
    const watch: Watch = { one, cancel: () => undefined, state: nothingForwarded(this.clock.nowMs()) };
    this.#watches.set(key, watch);
    watch.cancel = this.clock.after(0, () => void this.#look(key, watch));
  }

  async #look(key: string, watch: Watch): Promise<void> {
    const nextMs = await this.#see(key, watch).catch(() => retryMs);
    if (this.#watches.get(key) === watch) watch.cancel = this.clock.after(nextMs, () => void this.#look(key, watch));
  }

  /** Resolves with the time to the next look. Rejects where the kernel cannot tell: then there is no such evidence. */
  async #see(key: string, watch: Watch): Promise<number> {
    const startMs = this.clock.nowMs();
    const found = await Promise.all(watch.one.addresses.map((address) => this.port.forwarded(address)));
    const flows = found.flat();
    const nowMs = this.clock.nowMs();
    const isBusy = hasSent(watch.state, flows);
    watch.state = forwardedAfter(watch.state, flows, nowMs);
    const seen = forwardedSilence(watch.state, nowMs);
    const before = watch.silence;
    watch.silence = seen && { sinceMs: before?.sinceMs ?? nowMs, seen };
    if (seen && before === undefined && this.#watches.get(key) === watch) this.onSilence(watch.one.uplink);
    const restMs = Math.min(longestMs, restFactor * (nowMs - startMs));
    return Math.max(isBusy ? paceMs.busy : paceMs.idle, restMs);
  }
}

const keyOf = (uplink: string, family: IpFamily, addresses: readonly string[]): string =>
  `${family} ${uplink} ${addresses.join(" ")}`;
