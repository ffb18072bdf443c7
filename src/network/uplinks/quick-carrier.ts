/** Has the carrier of every uplink's interface looked at closely, for as long as it is one. */
import type { Kernel } from "../kernel.js";
import type { UplinkObservation } from "../plan/types.js";

export class QuickCarrier {
  readonly #release = new Map<number, () => void>();

  constructor(private readonly kernel: Pick<Kernel, "quickenCarrier">) {}

  follow(observed: readonly UplinkObservation[]): void {
    const wanted = new Set(observed.flatMap(({ ifindex }) => ifindex ?? []));
    for (const [ifindex, release] of this.#release)
      if (!wanted.has(ifindex)) {
        release();
        this.#release.delete(ifindex);
      }
    for (const ifindex of wanted)
      if (!this.#release.has(ifindex)) this.#release.set(ifindex, this.kernel.quickenCarrier(ifindex));
  }

  close(): void {
    this.follow([]);
  }
}
