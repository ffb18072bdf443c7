/**
 * Looks at the machine whenever the kernel says that something changed, and tells what is there: one report per device.
 * Level-triggered: an event only says "look", so that lost, doubled or reordered events change nothing.
 */
import { EventEmitter } from "eventemitter3";
import { type Clock, deadline } from "../runtime/clock.js";
import { errorText, ModemError } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { type Answered, askModem, type ModemVerdict } from "./ask.js";
import { type DeviceReport, explain } from "./explain.js";
import { type Followed, follow, pluggingOf } from "./follow.js";
import type { PortProber } from "./probe.js";
import type { KernelSnapshot, Snapshot } from "./snapshot.js";
import { type DeviceRow, type Verdict, verdictOf } from "./verdict.js";

/** `settling`: the kernel may add something. `asking`: a port is being asked. `known`: this is what there is. */
export type Certainty = "settling" | "asking" | "known";

export interface FoundDevice {
  /** One plugging-in: another one after a replug at the same place. */
  readonly plugging: string;
  readonly certainty: Certainty;
  readonly report: DeviceReport;
  /** What its ports said; undefined for what was not asked. */
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
  readonly clock: Clock;
  readonly log: Log;
}

/** A modem's firmware may need this long after it enumerated until it answers; oFono's and Windows' patience is similar. */
const askTimeoutMs = 30_000;

/** A device tells dozens of events while it comes: the first is looked at at once, then all that came meanwhile. */
const restMs = 50;

/** `about`: which port in which protocol; another one is asked anew. */
type Asked = { readonly about: string } & (
  | { readonly is: "asking"; readonly abort: AbortController }
  | { readonly is: "answered"; readonly answered: Answered }
);

export class Discovery {
  readonly events = new EventEmitter<{ changed: [] }>();
  #devices: readonly FoundDevice[] = [];
  #followed: readonly Followed[] = [];
  #kernel: KernelSnapshot = { release: "", modules: "missing", otherReleases: [] };
  readonly #asked = new Map<string, Asked>();
  /** `resting`: looked a moment ago, and will again soon. */
  #state: "idle" | "looking" | "looking, then again" | "resting" | "closed" = "idle";
  #cancelLook: () => void = () => undefined;
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
    if (this.#state === "looking") this.#state = "looking, then again";
    if (this.#state !== "idle") return;
    this.#state = "looking";
    this.#cancelLook();
    void this.#look();
  }

  /** Asks nobody any more. Idempotent. */
  close(): void {
    this.#state = "closed";
    this.#stopListening();
    this.#cancelLook();
    for (const asked of this.#asked.values())
      if (asked.is === "asking") asked.abort.abort(new ModemError("aborted", "wwand is ending"));
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
    this.#state = "resting";
    this.#cancelLook();
    this.#cancelLook = this.setup.clock.after(restMs, () => {
      this.#state = "idle";
      this.look();
    });
  }

  #forgetGone(): void {
    const present = new Set(this.#followed.map(({ device }) => pluggingOf(device)));
    for (const [plugging, asked] of this.#asked) {
      if (present.has(plugging)) continue;
      this.#asked.delete(plugging);
      if (asked.is === "asking") asked.abort.abort(new ModemError("unplugged", "the device is gone"));
    }
  }

  #publish(): void {
    if (this.#state === "closed") return;
    this.#devices = this.#followed.flatMap((one) => this.#found(one) ?? []);
    this.events.emit("changed");
  }

  #found({ device, isLate, coming }: Followed): FoundDevice | undefined {
    const { rows, prober, isTaken } = this.setup;
    const plugging = pluggingOf(device);
    const verdict = verdictOf(device, rows());
    if (verdict.is === "unrelated" || isTaken(verdict)) return undefined;
    const settled = coming.length === 0 || (verdict.is === "modem" && verdict.protocol !== "at");
    if (settled && verdict.is === "modem" && prober.protocols.has(verdict.protocol)) this.#ask(plugging, verdict);
    const asked = this.#asked.get(plugging);
    const answered = asked?.is === "answered" ? asked.answered : undefined;
    const report = explain(device, {
      kernel: this.#kernel,
      rows: rows(),
      protocols: prober.protocols,
      isLate,
      probeFailure: answered?.failure,
    });
    const certainty = !settled ? "settling" : asked?.is === "asking" ? "asking" : "known";
    return { plugging, certainty, report, answered };
  }

  /** Once per plugging-in and control port. */
  #ask(plugging: string, verdict: ModemVerdict): void {
    const about = `${verdict.protocol} ${verdict.control.name}`;
    const before = this.#asked.get(plugging);
    if (before?.about === about) return;
    if (before?.is === "asking") before.abort.abort(new ModemError("aborted", "there is a better port to ask"));
    const abort = new AbortController();
    this.#asked.set(plugging, { about, is: "asking", abort });
    const { clock, prober, log } = this.setup;
    const late = () => new ModemError("timeout", `no answer within ${askTimeoutMs / 1000} s`);
    const wait = deadline(clock, askTimeoutMs, abort.signal, late);
    askModem(verdict, prober, wait.signal)
      .catch((error: unknown) => ({ imei: undefined, control: verdict.control, at: [], failure: errorText(error) }))
      .then((answered) => {
        wait.release();
        if (abort.signal.aborted) return;
        this.#asked.set(plugging, { about, is: "answered", answered });
        this.#publish();
      })
      .catch((error: unknown) => log.error(`a modem that was asked was not taken: ${errorText(error)}`));
  }
}
