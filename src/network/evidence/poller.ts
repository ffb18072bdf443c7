/** Looks at things again and again for as long as they are wanted, each when its last look says that the next one is due. */
import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../runtime/clock.js";

export interface LookTime {
  readonly nowMs: number;
  /** How long the source took to tell. */
  readonly tookMs: number;
}

/** What is known after a look. */
export interface Looked {
  /** From this look to the next one. */
  readonly nextMs: number;
}

export interface Polling<Subject, Found, Known extends Looked> {
  /** Rejects where the kernel cannot tell: what was known stays, and it is asked again seldom. */
  readonly source: (subject: Subject) => Promise<Found>;
  /** Pure. @param before Undefined: this is the first look */
  readonly judge: (found: Found, at: LookTime, before: Known | undefined, subject: Subject) => Known;
  readonly onLooked: (subject: Subject, now: Known, before: Known | undefined) => void;
}

interface Watch<Subject, Known> {
  readonly subject: Subject;
  known?: Known;
  cancel: () => void;
}

/** A kernel that cannot tell is asked again after so long. */
const retryMs = 60_000;

export class Poller<Subject, Found, Known extends Looked> {
  readonly #watches = new Map<string, Watch<Subject, Known>>();

  constructor(
    private readonly clock: Clock,
    private readonly polling: Polling<Subject, Found, Known>,
  ) {}

  /** Looks at these from now on, and at nothing else. One that is not what it was begins anew, without a past. */
  follow(wanted: ReadonlyMap<string, Subject>): void {
    for (const [key, { subject, cancel }] of this.#watches) {
      if (isDeepStrictEqual(wanted.get(key), subject)) continue;
      cancel();
      this.#watches.delete(key);
    }
    for (const [key, subject] of wanted) {
      if (this.#watches.has(key)) continue;
      const watch: Watch<Subject, Known> = { subject, cancel: () => undefined };
      this.#watches.set(key, watch);
      this.#lookIn(0, key, watch);
    }
  }

  /** Undefined before the first look, or where nobody wants to know. */
  known(key: string): Known | undefined {
    return this.#watches.get(key)?.known;
  }

  /** Idempotent. */
  close(): void {
    this.follow(new Map());
  }

  #lookIn(inMs: number, key: string, watch: Watch<Subject, Known>): void {
    watch.cancel = this.clock.after(inMs, () => void this.#look(key, watch));
  }

  async #look(key: string, watch: Watch<Subject, Known>): Promise<void> {
    const { source, judge, onLooked } = this.polling;
    const { subject, known: before } = watch;
    const startMs = this.clock.nowMs();
    const told = await source(subject).then(
      (found) => ({ found }),
      () => undefined,
    );
    if (this.#watches.get(key) !== watch) return;
    if (told === undefined) return this.#lookIn(retryMs, key, watch);
    const nowMs = this.clock.nowMs();
    watch.known = judge(told.found, { nowMs, tookMs: nowMs - startMs }, before, subject);
    this.#lookIn(watch.known.nextMs, key, watch);
    onLooked(subject, watch.known, before);
  }
}
