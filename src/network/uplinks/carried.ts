/** By which uplinks the kernel's own default routes leave, where other programs set them. A fact once it has stood. */
import type { Clock } from "../../runtime/clock.js";
import type { Choice } from "../plan/types.js";
import type { IpFamily } from "../types.js";

/** A route that another program takes back within this never carried anything worth telling. */
const standingMs = 250;
const families: readonly IpFamily[] = [4, 6];

export interface Moved {
  readonly family: IpFamily;
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** When the kernel had it. */
  readonly atMs: number;
}

export class Carried {
  #choice: Choice = { 4: undefined, 6: undefined };
  #seen: Readonly<Record<IpFamily, { readonly uplink: string | undefined; readonly sinceMs: number }>> = {
    4: { uplink: undefined, sinceMs: 0 },
    6: { uplink: undefined, sinceMs: 0 },
  };
  #cancel: () => void = () => undefined;

  constructor(
    private readonly clock: Clock,
    /** Enough time has passed: look once more. */
    private readonly again: () => void,
  ) {}

  /** What has stood for its time. */
  get choice(): Choice {
    return this.#choice;
  }

  /** Takes what the kernel has now; returns what has stood long enough since and was not told yet. */
  see(now: Choice): readonly Moved[] {
    const nowMs = this.clock.nowMs();
    for (const family of families)
      if (now[family] !== this.#seen[family].uplink)
        this.#seen = { ...this.#seen, [family]: { uplink: now[family], sinceMs: nowMs } };
    const untold = families.filter((family) => this.#seen[family].uplink !== this.#choice[family]);
    const stood = untold.filter((family) => nowMs - this.#seen[family].sinceMs >= standingMs);
    const moved = stood.map((family): Moved => {
      const { uplink, sinceMs } = this.#seen[family];
      return { family, from: this.#choice[family], to: uplink, atMs: sinceMs };
    });
    for (const { family, to } of moved) this.#choice = { ...this.#choice, [family]: to };
    this.#cancel();
    const left = untold.filter((family) => !stood.includes(family));
    const dueMs = left.map((family) => this.#seen[family].sinceMs + standingMs - nowMs);
    this.#cancel = left.length === 0 ? () => undefined : this.clock.after(Math.min(...dueMs), this.again);
    return moved;
  }

  /** Forgets what was told. */
  stop(): void {
    this.#cancel();
    this.#choice = { 4: undefined, 6: undefined };
  }
}
