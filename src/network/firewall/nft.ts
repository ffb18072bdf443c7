/**
 * The packet filter by Debian's `nft`: one change at a time, the last one wanted wins. What other programs take away of it
 * (`nft flush ruleset`, a firewall that is loaded again) is put back.
 */
import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../runtime/clock.js";
import { errnoOf, errorText, ModemError } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import { SparingLog } from "../../runtime/sparing-log.js";
import { Pacer } from "../pacer.js";
import type { Accounting } from "./accounting.js";
import { type NftPort, NftProgram } from "./nft-program.js";
import { NftTable } from "./nft-table.js";
import type { Firewall, FirewallPlan, WatchTable } from "./types.js";

export interface NftOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Absent: who counts packets is no business of ours. */
  readonly accounting?: Accounting;
  /** Absent: what others do to the table is not noticed. */
  readonly watch?: WatchTable;
  /** Default: the program. */
  readonly nft?: NftPort;
}

const retryMs = 10_000;
/** To start a program keeps this process for a moment: what was put is read once nobody waits for anything. */
const noteMs = 1_000;
/** The daemon's end has routes and addresses to take back as well. */
const closeTimeoutMs = 1_000;

export class NftFirewall implements Firewall {
  #wanted: FirewallPlan | undefined;
  /** Undefined: leftovers of an earlier run may be there, or another program's changes. */
  #installed: FirewallPlan | undefined;
  /** Another program may have changed it: it is looked at before anything is put. */
  #isDoubted = false;
  /** It was put a while ago, and is to be noted as it is. */
  #isUnnoted = false;
  #mendings = 0;
  /** What failed last. */
  #told: string | undefined;
  #turn: Promise<void> | undefined;
  readonly #end = new AbortController();
  #cancelRetry: () => void = () => undefined;
  #cancelNote: () => void = () => undefined;
  #is: "open" | "without nft" | "closed" = "open";
  readonly #table: NftTable;
  readonly #pacer: Pacer;
  readonly #changes: SparingLog;
  /** The program that touched it last. */
  #by: string | undefined;

  constructor(private readonly options: NftOptions) {
    const { clock, log, watch, nft = new NftProgram() } = options;
    this.#changes = new SparingLog(log, clock);
    this.#pacer = new Pacer(clock, () => this.#mend());
    this.#table = new NftTable({
      clock,
      nft,
      watch,
      onTouched: (by) => {
        this.#by = by;
        this.#pacer.ask();
      },
      onDeaf: (error) =>
        log.notice("a packet filter that another program takes away is not put back", { error: errorText(error) }),
    });
  }

  follow(plan: FirewallPlan): void {
    if (this.#is !== "open" || isDeepStrictEqual(plan, this.#wanted)) return;
    this.#wanted = plan;
    void this.#work();
  }

  async close(): Promise<void> {
    if (this.#is === "closed") return;
    const was = this.#is;
    this.#is = "closed";
    this.#rest();
    this.#end.abort(new ModemError("aborted", "the packet filter is given back"));
    await this.#turn;
    // What was on its way when it ended may have come about all the same.
    if (was === "without nft" || this.#wanted === undefined || this.#wanted.length === 0) return;
    await this.#put([], undefined, closeTimeoutMs);
  }

  #rest(): void {
    this.#cancelRetry();
    this.#cancelNote();
    this.#pacer.stop();
    this.#table.close();
  }

  #work(): Promise<void> {
    this.#turn ??= this.#converge().finally(() => {
      this.#turn = undefined;
    });
    return this.#turn;
  }

  /** Resolves with whether there was anything to put back. */
  async #mend(): Promise<boolean> {
    const before = this.#mendings;
    this.#isDoubted = true;
    await this.#work();
    return this.#mendings > before;
  }

  async #converge(): Promise<void> {
    this.#cancelRetry();
    for (;;) {
      const plan = this.#wanted;
      if (this.#is !== "open" || plan === undefined) return;
      try {
        // One step at a time: another plan may have come during it.
        if (this.#isDoubted) await this.#look();
        else if (this.#isUnnoted) await this.#note();
        else if (isDeepStrictEqual(this.#installed, plan)) return;
        else await this.#put(plan, this.#end.signal);
      } catch (error) {
        this.#failed(plan, error);
        return;
      }
    }
  }

  async #look(): Promise<void> {
    this.#isDoubted = false;
    const isAsPut = this.#table.isAsPut(this.#end.signal);
    isAsPut.catch(() => {
      this.#isDoubted = true;
    });
    if (await isAsPut) return;
    this.#mendings += 1;
    this.#installed = undefined;
    this.#changes.warning("another program changed wwand's packet filter; it is put back", {
      ...(this.#by !== undefined && { by: this.#by }),
    });
  }

  #noteSoon(): void {
    this.#isUnnoted = true;
    void this.#work();
  }

  async #note(): Promise<void> {
    this.#isUnnoted = false;
    await this.#table.note(this.#end.signal);
  }

  async #put(plan: FirewallPlan, ended?: AbortSignal, limitMs?: number): Promise<void> {
    this.#cancelNote();
    this.#isUnnoted = false;
    await this.#table.put(plan, ended, limitMs);
    this.#installed = plan;
    if (this.#is === "open") this.#cancelNote = this.options.clock.after(noteMs, () => this.#noteSoon());
    this.#told = undefined;
    this.#count(plan);
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
      this.#rest();
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
    this.#cancelRetry = clock.after(retryMs, () => void this.#work());
  }
}
