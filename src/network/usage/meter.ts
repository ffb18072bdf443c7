/** Reads the interfaces' counters while some uplink has a cap, keeps the account, and tells when a cap is reached. */
import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../runtime/clock.js";
import { errorText } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import type { Kernel } from "../kernel.js";
import type { UplinkObservation } from "../plan/types.js";
import type { Policy } from "../policy/types.js";
import type { UsageBook } from "./book.js";
import { booked, type CappedUplink, emptyLedger, type Ledger } from "./ledger.js";
import { type CapLevel, levelOf, pastText, type Usage, usageOf } from "./usage.js";

export interface MeterOptions {
  readonly kernel: Pick<Kernel, "counters">;
  /** Absent: what was used is forgotten with this process. */
  readonly book?: UsageBook;
  readonly clock: Clock;
  /** Wall time in milliseconds; undefined: the clock is not known to be right. */
  readonly date: () => number | undefined;
  readonly log: Log;
  /** Another level, or another period: traffic may have to move. */
  readonly onChanged: () => void;
}

/** A cap is overrun by what goes through in this time. */
const everyMs = 5_000;
/** At most so much is forgotten when the power fails: as much as goes through in this time, or a hundredth of the cap. */
const writeEveryMs = 300_000;
const writeShare = 0.01;

export class UsageMeter {
  #ledger: Ledger = emptyLedger;
  /** What the disk has ... */
  #kept: Ledger = emptyLedger;
  /** ... and what it is to have when the writing under way is over. */
  #written: Ledger = emptyLedger;
  #writtenAtMs = 0;
  #capped: readonly CappedUplink[] = [];
  /** What was told last, by uplink. */
  readonly #levels = new Map<string, CapLevel>();
  readonly #shown = new Map<string, Usage>();
  #reading: Promise<void> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #cancel: (() => void) | undefined;
  #is: "new" | "open" | "closed" = "new";
  #failure = "";
  #diskFailure = "";

  constructor(private readonly options: MeterOptions) {}

  /** Knows what was used before when it resolves; never rejects. */
  async open(policy: Policy): Promise<void> {
    const { book, clock, log } = this.options;
    try {
      this.#ledger = (await book?.read()) ?? emptyLedger;
    } catch (error) {
      log.error(`what uplinks have used is not known: ${errorText(error)}`);
    }
    if (this.#is === "closed") return;
    this.#is = "open";
    this.#kept = this.#ledger;
    this.#written = this.#ledger;
    this.#writtenAtMs = clock.nowMs();
    this.#capped = cappedOf(policy, []);
    this.#show();
    // What was told before a restart is no news.
    for (const [name, usage] of this.#shown) this.#levels.set(name, levelOf(usage));
  }

  /** As of the last reading. */
  usage(uplink: string): Usage | undefined {
    return this.#shown.get(uplink);
  }

  follow(policy: Policy, observed: readonly UplinkObservation[]): void {
    if (this.#is !== "open") return;
    const capped = cappedOf(policy, observed);
    if (isDeepStrictEqual(capped, this.#capped) && this.#cancel !== undefined) return;
    this.#capped = capped;
    this.#cancel?.();
    this.#cancel = undefined;
    for (const name of [...this.#shown.keys()]) if (!capped.some((one) => one.name === name)) this.#shown.delete(name);
    if (capped.length > 0) this.#again(0);
  }

  /** The account is on the disk when it resolves; never rejects. */
  async close(): Promise<void> {
    const wasOpen = this.#is === "open";
    this.#cancel?.();
    if (wasOpen && this.#capped.length > 0) await this.#read();
    this.#is = "closed";
    // Whether the disk has what is on its way to it shows when that has ended.
    await this.#writing;
    if (wasOpen) this.#write();
    await this.#writing;
  }

  #again(inMs: number): void {
    this.#cancel?.();
    this.#cancel = this.options.clock.after(inMs, () => {
      void this.#read().then(() => {
        if (this.#is === "open" && this.#capped.length > 0) this.#again(everyMs);
      });
    });
  }

  /** One reading at a time, in the order in which the counters grow. */
  #read(): Promise<void> {
    this.#reading ??= this.#readNow().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readNow(): Promise<void> {
    const { kernel, date, log } = this.options;
    try {
      const counters = await kernel.counters();
      this.#ledger = booked(this.#ledger, counters, this.#capped, date());
      this.#failure = "";
    } catch (error) {
      // The next reading has it all: counters only grow.
      if (this.#failure !== errorText(error)) log.warning(`interface counters not read: ${errorText(error)}`);
      this.#failure = errorText(error);
      return;
    }
    const before = new Map(this.#shown);
    this.#show();
    // Each is told, whether one before it was news or not.
    const news = [...this.#shown].filter(([name, usage]) => this.#tell(name, usage, before.get(name)));
    const isNews = news.length > 0;
    if (isNews || this.#isWorthWriting()) this.#write();
    if (isNews) this.options.onChanged();
  }

  #show(): void {
    const nowMs = this.options.date();
    for (const { name, cap } of this.#capped) {
      const usage = usageOf(this.#ledger, name, cap, nowMs);
      if (usage) this.#shown.set(name, usage);
    }
  }

  /** True: it matters to the plan. */
  #tell(name: string, usage: Usage, before: Usage | undefined): boolean {
    const [level, told = "free"] = [levelOf(usage), this.#levels.get(name)];
    this.#levels.set(name, level);
    const { log } = this.options;
    if (level === told) return before?.until !== usage.until;
    if (level === "free") log.info(`${name} is within its cap again`);
    else if (level === "soft")
      log.notice(`${name} has used ${pastText(usage, level)} (cap.soft): any other uplink that works comes first`);
    else log.notice(`${name} has used ${pastText(usage, level)} (cap.hard): it carries nothing more`);
    return true;
  }

  #isWorthWriting(): boolean {
    if (this.options.clock.nowMs() - this.#writtenAtMs >= writeEveryMs)
      return !isDeepStrictEqual(this.#ledger.uplinks, this.#written.uplinks);
    return this.#capped.some(({ name, cap }) => {
      const [now, then] = [this.#ledger, this.#written].map(
        (ledger) => usageOf(ledger, name, cap, undefined)?.bytes ?? 0,
      );
      const limit = Math.min(cap.softBytes ?? Number.POSITIVE_INFINITY, cap.hardBytes ?? Number.POSITIVE_INFINITY);
      return Math.abs((now ?? 0) - (then ?? 0)) >= limit * writeShare;
    });
  }

  #write(): void {
    const { book, clock, log } = this.options;
    if (book === undefined || isDeepStrictEqual(this.#ledger, this.#written)) return;
    this.#written = this.#ledger;
    this.#writtenAtMs = clock.nowMs();
    const ledger = this.#ledger;
    this.#writing = this.#writing
      .then(() => book.write(ledger))
      .then(() => {
        this.#kept = ledger;
        this.#diskFailure = "";
      })
      .catch((error: unknown) => {
        if (this.#written === ledger) this.#written = this.#kept;
        const failure = errorText(error);
        if (failure !== this.#diskFailure) log.error(`what uplinks have used is not kept: ${failure}`);
        this.#diskFailure = failure;
      });
  }
}

function cappedOf({ uplinks }: Policy, observed: readonly UplinkObservation[]): readonly CappedUplink[] {
  return uplinks.flatMap(({ name, cap }) => {
    if (cap === undefined) return [];
    const ifindex = observed.find((one) => one.name === name)?.ifindex;
    return [{ name, cap, ...(ifindex !== undefined && { ifindex }) }];
  });
}
