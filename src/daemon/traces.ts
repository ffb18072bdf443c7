/** The trace of this daemon: the last minutes, and what is kept of them when something fails. */
import { join } from "node:path";
import { StateFolder } from "../runtime/atomic-file.js";
import type { Clock } from "../runtime/clock.js";
import { errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { version } from "../runtime/version.js";
import { type Bundle, writeBundle } from "../trace/bundle.js";
import { KeptTraces } from "../trace/kept.js";
import { maskedBundle } from "../trace/mask.js";
import type { TraceRing } from "../trace/ring.js";
import type { Failure } from "./failure-watch.js";

/** What follows a failure belongs to it. */
const aftermathMs = 2_000;
/** The same failure again and again, as retries bring it, is kept once in this time. */
const sameFailureMs = 600_000;
const rememberedFailures = 64;

export class Traces {
  readonly ring: TraceRing;
  readonly #kept: KeptTraces;
  readonly #log: Log;
  readonly #due = new Map<() => void, Failure>();
  readonly #keptAtMs = new Map<string, number>();
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly clock: Clock,
    stateDir: string,
    ring: TraceRing,
    log: Log,
  ) {
    this.ring = ring;
    this.#log = log.child("trace");
    this.#kept = new KeptTraces(new StateFolder(join(stateDir, "trace"), this.#log));
  }

  /** Keeps what led to this and the moments after it. */
  failed(failure: Failure): void {
    const key = `${failure.modem} ${failure.reason}`;
    const nowMs = this.clock.nowMs();
    if (nowMs - (this.#keptAtMs.get(key) ?? Number.NEGATIVE_INFINITY) < sameFailureMs) return;
    // The last of several in a row is the newest: forgotten last.
    this.#keptAtMs.delete(key);
    this.#keptAtMs.set(key, nowMs);
    const [oldest] = this.#keptAtMs.keys();
    if (this.#keptAtMs.size > rememberedFailures && oldest !== undefined) this.#keptAtMs.delete(oldest);
    const cancel = this.clock.after(aftermathMs, () => {
      this.#due.delete(cancel);
      this.#keep(failure);
    });
    this.#due.set(cancel, failure);
  }

  list(): ReturnType<KeptTraces["list"]> {
    return this.#kept.list();
  }

  /** @throws ModemError `invalid` when nothing of that name was kept */
  async read(name: string, identities: boolean): Promise<Buffer> {
    const bundle = name === "" ? this.#bundle({ modem: "", reason: "asked for" }) : await this.#kept.read(name);
    return writeBundle(identities ? bundle : await maskedBundle(bundle));
  }

  /** What waits to be kept is kept at once. Resolves when it is on the disk. */
  async close(): Promise<void> {
    for (const [cancel, failure] of this.#due) {
      cancel();
      this.#keep(failure);
    }
    this.#due.clear();
    await this.#writing;
  }

  #bundle({ modem, reason }: Failure): Bundle {
    const madeAt = new Date().toISOString();
    return { header: { madeAt, wwand: version, reason, modem, identities: "real" }, entries: this.ring.entries() };
  }

  #keep(failure: Failure): void {
    const bundle = this.#bundle(failure);
    const kept = this.#kept.keep(bundle).then(
      (name) => this.#log.info("kept what led to a failure", { name, failure: failure.reason }),
      (error: unknown) => this.#log.warning("a failure's trace could not be kept", { cause: errorText(error) }),
    );
    this.#writing = Promise.all([this.#writing, kept]).then(() => undefined);
  }
}
