/** wwand's table in the kernel, and whether it is still what was put there. */
import { type Clock, deadline } from "../../runtime/clock.js";
import { ModemError } from "../../runtime/error.js";
import type { NftPort } from "./nft-program.js";
import { rulesetOf } from "./ruleset.js";
import type { FirewallPlan, WatchTable } from "./types.js";

export interface NftTableOptions {
  readonly clock: Clock;
  readonly nft: NftPort;
  /** Absent: what others do to the table is not noticed. */
  readonly watch: WatchTable | undefined;
  /** Another program may have changed the table. */
  readonly onTouched: (by: string | undefined) => void;
  /** The kernel does not say when the table is changed. */
  readonly onDeaf: (error: unknown) => void;
}

const timeoutMs = 10_000;

export class NftTable {
  /** As nft shows it; undefined: that is not known. */
  #asPut: { readonly text: string | undefined } | undefined;
  /** Transactions that were heard of since `put` began, until `note` ends; undefined: what is there has been noted. */
  #heard: number | undefined;
  /** How many of them are wwand's own. */
  #own = 0;
  #plan: FirewallPlan = [];
  /** The program that touched it last. */
  #by: string | undefined;
  #unwatch: (() => void) | undefined;
  #is: "open" | "closed" = "open";

  constructor(private readonly options: NftTableOptions) {}

  /** Rejects with what nft said, the signal's reason, or ModemError `timeout`. */
  async put(plan: FirewallPlan, ended?: AbortSignal, limitMs = timeoutMs): Promise<void> {
    this.#plan = plan;
    this.#asPut = undefined;
    this.#heard = 0;
    this.#own = this.#unwatch === undefined ? 0 : 1;
    await this.#within(limitMs, ended, (signal) => this.options.nft.load(rulesetOf(plan), signal));
    // Not before: the question loads the kernel's packet filter where nft does not.
    if (plan.length > 0) this.#watch();
  }

  /** What is there by now is what was put, unless another program came between. Once after `put`. Rejects as that does. */
  async note(ended: AbortSignal): Promise<void> {
    const isEmpty = this.#plan.length === 0;
    const text = isEmpty ? undefined : await this.#list(ended);
    const isSure = (this.#heard ?? 0) <= this.#own && (isEmpty || text !== undefined);
    this.#heard = undefined;
    if (isSure) this.#asPut = { text };
    else this.options.onTouched(this.#by);
  }

  /** Rejects as `put` does. */
  async isAsPut(ended: AbortSignal): Promise<boolean> {
    const asPut = this.#asPut;
    return asPut !== undefined && (await this.#list(ended)) === asPut.text;
  }

  /** Hears nothing any more; what is put from now on is not watched. Idempotent. */
  close(): void {
    this.#is = "closed";
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  #list(ended: AbortSignal): Promise<string | undefined> {
    return this.#within(timeoutMs, ended, (signal) => this.options.nft.list(signal));
  }

  async #within<T>(limitMs: number, ended: AbortSignal | undefined, step: (signal: AbortSignal) => Promise<T>) {
    const limit = deadline(this.options.clock, limitMs, ended, () => new ModemError("timeout", "nft hangs"));
    try {
      return await step(limit.signal);
    } finally {
      limit.release();
    }
  }

  #watch(): void {
    const { watch, onDeaf } = this.options;
    // The end may have come while nft was at work.
    if (this.#is === "closed" || this.#unwatch !== undefined || watch === undefined) return;
    try {
      this.#unwatch = watch((by) => this.#touched(by));
    } catch (error) {
      this.#unwatch = () => undefined;
      onDeaf(error);
    }
  }

  #touched(by: string | undefined): void {
    this.#by = by;
    if (this.#heard !== undefined) this.#heard += 1;
    if (this.#heard === undefined || this.#heard > this.#own) this.options.onTouched(by);
  }
}
