/**
 * Looks at the machine whenever the kernel says that something changed, and tells what is there: one report per device.
 * Level-triggered: an event only says "look", so that lost, doubled or reordered events change nothing.
 */
import { EventEmitter } from "eventemitter3";
import type { Clock } from "../runtime/clock.js";
import { errorText, ModemError } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import type { Answered, ModemVerdict } from "./ask.js";
import { type DeviceReport, explain } from "./explain.js";
import { type Followed, follow, pluggingOf } from "./follow.js";
import { Interview } from "./interview.js";
import type { Protocol } from "./kernel-drivers.js";
import type { PortProber } from "./probe.js";
import type { KernelSnapshot, Snapshot } from "./snapshot.js";
import { type DeviceRow, type Verdict, verdictOf } from "./verdict.js";

/** `settling`: the kernel may add something. `asking`: a port is being asked. `known`: this is what there is. */
export type Certainty = "settling" | "asking" | "known";

export interface FoundDevice {
  /** One plugging-in: another one after a replug at the same place. */
  readonly plugging: string;
  readonly certainty: Certainty;
  /** The kernel has finished with it; a modem is `known` before that when it can be used. */
  readonly isComplete: boolean;
  readonly report: DeviceReport;
  /** What its ports said; undefined for what was not asked, or not yet. */
  readonly answered: Answered | undefined;
}

export interface DiscoverySetup {
  /** Everything that there is now, with access and holders of the ports of modems. */
  readonly look: () => Promise<Snapshot>;
  /** Calls when it is time to look; the returned function ends that. */
  readonly listen: (changed: () => void) => () => void;
  readonly rows: () => readonly DeviceRow[];
  /** Devices that are somebody else's business: named by URL. */
  readonly isTaken: (verdict: Verdict) => boolean;
  readonly prober: PortProber;
  /** Protocols that a driver here speaks; others can be asked at most. */
  readonly driven: ReadonlySet<Protocol>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * A device tells dozens of events while it comes: the first is looked at at once, then all that came meanwhile, when it has
 * been quiet for so long, or after `mostRestMs` of a storm.
 */
const restMs = 50;
const mostRestMs = 200;

export class Discovery {
  readonly events = new EventEmitter<{ changed: [] }>();
  #devices: readonly FoundDevice[] = [];
  #followed: readonly Followed[] = [];
  #kernel: KernelSnapshot = { release: "", modules: "missing", otherReleases: [] };
  readonly #interviews = new Map<string, Interview>();
  /** By plugging-in. */
  readonly #switchFailures = new Map<string, string>();
  /** `resting`: looked a moment ago, and will again soon. */
  #state: "idle" | "looking" | "looking, then again" | "resting" | "closed" = "idle";
  #cancelLook: () => void = () => undefined;
  #askedMs = 0;
  readonly #stopListening: () => void;

  constructor(private readonly setup: DiscoverySetup) {
    // Listen first, look second: what happens in between is then an event.
    this.#stopListening = setup.listen(() => this.look());
  }

  /** Every device that has anything to do with modems. */
  get devices(): readonly FoundDevice[] {
    return this.#devices;
  }

  /** Begins a look, or one more soon after the one that runs. */
  look(): void {
    this.#askedMs = this.setup.clock.nowMs();
    if (this.#state === "looking") this.#state = "looking, then again";
    if (this.#state !== "idle") return;
    this.#state = "looking";
    this.#cancelLook();
    void this.#look();
  }

  /** It is still a disc, and why; part of its report as long as it is plugged in. */
  switchFailed(plugging: string, failure: string): void {
    this.#switchFailures.set(plugging, failure);
    this.#publish();
  }

  /** Asks nobody any more. Idempotent. */
  close(): void {
    this.#state = "closed";
    this.#stopListening();
    this.#cancelLook();
    for (const interview of this.#interviews.values()) interview.end(new ModemError("aborted", "wwand is ending"));
  }

  async #look(): Promise<void> {
    const { setup } = this;
    try {
      const { kernel, devices } = await setup.look();
      if (this.#state === "closed") return;
      this.#kernel = kernel;
      const { followed, lookAgainMs } = follow(this.#followed, devices, setup.clock.nowMs());
      this.#followed = followed;
      this.#forgetGone();
      if (lookAgainMs !== undefined) this.#cancelLook = setup.clock.after(lookAgainMs, () => this.look());
      this.#publish();
    } catch (error) {
      setup.log.error(`devices could not be read: ${errorText(error)}`);
    }
    if (this.#state === "looking, then again") this.#rest();
    if (this.#state === "looking") this.#state = "idle";
  }

  #rest(): void {
    const { clock } = this.setup;
    this.#state = "resting";
    this.#cancelLook();
    const latestMs = clock.nowMs() + mostRestMs;
    const rest = (pauseMs: number) => {
      this.#cancelLook = clock.after(pauseMs, () => {
        const againMs = Math.min(this.#askedMs + restMs, latestMs) - clock.nowMs();
        if (againMs > 0) return rest(againMs);
        this.#state = "idle";
        this.look();
      });
    };
    rest(restMs);
  }

  #forgetGone(): void {
    const present = new Set(this.#followed.map(({ device }) => pluggingOf(device)));
    for (const plugging of this.#switchFailures.keys())
      if (!present.has(plugging)) this.#switchFailures.delete(plugging);
    for (const [plugging, interview] of this.#interviews) {
      if (present.has(plugging)) continue;
      this.#interviews.delete(plugging);
      interview.end(new ModemError("unplugged", "the device is gone"));
    }
  }

  #publish(): void {
    if (this.#state === "closed") return;
    this.#devices = this.#followed.flatMap((one) => this.#found(one) ?? []);
    this.events.emit("changed");
  }

  #found({ device, isLate, coming }: Followed): FoundDevice | undefined {
    const { rows, prober, driven, isTaken } = this.setup;
    const plugging = pluggingOf(device);
    const verdict = verdictOf(device, rows());
    if (verdict.is === "unrelated" || isTaken(verdict)) return undefined;
    const isComplete = coming.length === 0;
    const isUsable = isComplete || (verdict.is === "modem" && verdict.protocol !== "at");
    const mayAsk = isUsable && verdict.is === "modem" && prober.protocols.has(verdict.protocol);
    const interview = mayAsk ? this.#interview(plugging, verdict, isComplete) : undefined;
    const report = explain(device, {
      ...{ kernel: this.#kernel, rows: rows(), protocols: driven, isLate },
      switchFailure: this.#switchFailures.get(plugging),
      ...interview,
    });
    const certainty = !isUsable ? "settling" : interview?.isAsking ? "asking" : "known";
    return { plugging, certainty, isComplete, report, answered: interview?.answered };
  }

  /** Asks what is new, and tells what is known by now. */
  #interview(plugging: string, verdict: ModemVerdict, isComplete: boolean) {
    const { prober, clock } = this.setup;
    const interview =
      this.#interviews.get(plugging) ?? new Interview({ prober, clock, changed: () => this.#publish() });
    this.#interviews.set(plugging, interview);
    interview.go(verdict, isComplete);
    const { heard } = interview;
    return { isAsking: interview.isAsking(verdict), answered: interview.answered(verdict), heard };
  }
}
