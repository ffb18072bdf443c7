/** wwand's table in the kernel, and whether it is still what was put there. */
import type { NftPort } from "./nft-program.js";
import { rulesetOf } from "./ruleset.js";
import type { FirewallPlan, WatchTable } from "./types.js";

export interface NftTableOptions {
  readonly nft: NftPort;
  /** Absent: what others do to the table is not noticed. */
  readonly watch: WatchTable | undefined;
  /** Another program may have changed the table. */
  readonly onTouched: (by: string | undefined) => void;
  /** The kernel does not say when the table is changed. */
  readonly onDeaf: (error: unknown) => void;
}

export class NftTable {
  /** As nft shows it; undefined: that is not known. */
  #asPut: { readonly text: string | undefined } | undefined;
  /** Transactions that were heard of since `put` began; undefined: none is under way. */
  #heard: number | undefined;
  /** The program that touched it last. */
  #by: string | undefined;
  #unwatch: (() => void) | undefined;
  #is: "open" | "closed" = "open";

  constructor(private readonly options: NftTableOptions) {}

  /** Rejects with what nft said, or the signal's reason. */
  async put(plan: FirewallPlan, signal: AbortSignal): Promise<void> {
    const { nft, onTouched } = this.options;
    this.#asPut = undefined;
    this.#heard = 0;
    try {
      await nft.load(rulesetOf(plan), signal);
      // Not before: the question loads the kernel's packet filter where nft does not.
      if (plan.length > 0) this.#watch();
      const text = plan.length > 0 ? await nft.list(signal) : undefined;
      // wwand's own is one.
      if (this.#heard <= 1 && (text !== undefined || plan.length === 0)) this.#asPut = { text };
    } finally {
      this.#heard = undefined;
    }
    if (this.#asPut === undefined) onTouched(this.#by);
  }

  /** Rejects as `put` does. */
  async isAsPut(signal: AbortSignal): Promise<boolean> {
    const asPut = this.#asPut;
    return asPut !== undefined && (await this.options.nft.list(signal)) === asPut.text;
  }

  /** Hears nothing any more; what is put from now on is not watched. Idempotent. */
  close(): void {
    this.#is = "closed";
    this.#unwatch?.();
    this.#unwatch = undefined;
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
    else this.options.onTouched(by);
  }
}
