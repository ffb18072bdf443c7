/** The packet filter by Debian's `nft`: one change at a time, the last one wanted wins. */
import { isDeepStrictEqual } from "node:util";
import { type Clock, deadline } from "../../runtime/clock.js";
import { errnoOf, errorText, ModemError } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import { runProgram } from "../program.js";
import type { Accounting } from "./accounting.js";
import { rulesetOf } from "./ruleset.js";
import type { Firewall, FirewallPlan } from "./types.js";

export interface NftOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Absent: who counts packets is no business of ours. */
  readonly accounting?: Accounting;
  /** Runs `nft -f -` with that input. Default: the program. */
  readonly nft?: (input: string, signal: AbortSignal) => Promise<unknown>;
}

const timeoutMs = 10_000;
const retryMs = 10_000;
/** The daemon's end has routes and addresses to take back as well. */
const closeTimeoutMs = 1_000;
/** Also where the daemon was started with a user's path. */
const programs = ["nft", "/usr/sbin/nft"] as const;

export class NftFirewall implements Firewall {
  #wanted: FirewallPlan | undefined;
  /** Undefined: leftovers of an earlier run may be there. */
  #installed: FirewallPlan | undefined;
  /** What failed last. */
  #told: string | undefined;
  #turn: Promise<void> | undefined;
  readonly #end = new AbortController();
  #cancelRetry: () => void = () => undefined;
  #is: "open" | "without nft" | "closed" = "open";
  readonly #nft: (input: string, signal: AbortSignal) => Promise<unknown>;

  constructor(private readonly options: NftOptions) {
    this.#nft = options.nft ?? runNft;
  }

  follow(plan: FirewallPlan): void {
    if (this.#is !== "open" || isDeepStrictEqual(plan, this.#wanted)) return;
    this.#wanted = plan;
    this.#work();
  }

  async close(): Promise<void> {
    if (this.#is === "closed") return;
    const was = this.#is;
    this.#is = "closed";
    this.#cancelRetry();
    this.#end.abort(new ModemError("aborted", "the packet filter is given back"));
    await this.#turn;
    // What was on its way when it ended may have come about all the same.
    if (was === "without nft" || this.#wanted === undefined || this.#wanted.length === 0) return;
    await this.#put([], closeTimeoutMs);
  }

  #work(): void {
    this.#turn ??= this.#converge().finally(() => {
      this.#turn = undefined;
    });
  }

  async #converge(): Promise<void> {
    this.#cancelRetry();
    for (;;) {
      const plan = this.#wanted;
      if (this.#is !== "open" || plan === undefined || isDeepStrictEqual(this.#installed, plan)) return;
      try {
        await this.#put(plan, timeoutMs, this.#end.signal);
      } catch (error) {
        this.#failed(plan, error);
        return;
      }
    }
  }

  async #put(plan: FirewallPlan, limitMs: number, ended?: AbortSignal): Promise<void> {
    const limit = deadline(this.options.clock, limitMs, ended, () => new ModemError("timeout", "nft hangs"));
    try {
      await this.#nft(rulesetOf(plan), limit.signal);
      this.#installed = plan;
      this.#told = undefined;
      this.#count(plan);
    } finally {
      limit.release();
    }
  }

  /** After nft, which loads the kernel's connection tracking. */
  #count(plan: FirewallPlan): void {
    try {
      this.options.accounting?.follow(plan.some(({ masquerade }) => masquerade));
    } catch (error) {
      this.options.log.info("forwarded flows are no evidence: their packets are not counted", {
        error: errorText(error),
      });
    }
  }

  #failed(plan: FirewallPlan, error: unknown): void {
    const { log, clock } = this.options;
    if (this.#is === "closed") return;
    if (errnoOf(error) === "ENOENT") {
      this.#is = "without nft";
      if (plan.length > 0)
        log.notice(
          "nft is not installed: packets with foreign addresses are not kept from cellular uplinks, nothing is masqueraded",
        );
      return;
    }
    // Nothing was wanted, and where nft cannot even take away, nothing of ours can be.
    if (plan.length === 0 && this.#installed === undefined) {
      this.#installed = plan;
      return;
    }
    const told = errorText(error);
    // A kernel without what it takes will not have it in ten seconds either.
    if (told !== this.#told) log.error("packet filter not changed; it is tried again", { error: told });
    this.#told = told;
    this.#cancelRetry = clock.after(retryMs, () => this.#work());
  }
}

async function runNft(input: string, signal: AbortSignal): Promise<unknown> {
  const [first, second] = programs;
  try {
    return await runProgram([first, "-f", "-"], signal, input);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    return runProgram([second, "-f", "-"], signal, input);
  }
}
