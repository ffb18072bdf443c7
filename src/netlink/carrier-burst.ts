import type { LinkState } from "../network/kernel.js";
import type { Clock } from "../runtime/clock.js";

const intervalMs = 10;
/** The kernel delivers the next non-urgent link event at most a second after the last one (linkwatch, LW_URGENT aside). */
const durationMs = 1_100;

/**
 * Looks at the carrier of chosen interfaces every 10 ms for a good second after any link event. A real NIC's next carrier
 * event can be held back by the kernel for up to a second after the last event of any interface; its state is readable
 * meanwhile. An interface whose iflink differs from its ifindex is not held back and needs no burst.
 */
export class CarrierBurst {
  readonly #known = new Map<number, { readonly carrier: boolean; readonly up: boolean }>();
  readonly #counts = new Map<number, number>();
  #untilMs = 0;
  #cancel: (() => void) | undefined;

  constructor(
    private readonly query: (ifindex: number) => Promise<LinkState | undefined>,
    private readonly changed: (link: LinkState) => void,
    private readonly clock: Clock,
  ) {}

  /**
   * Takes part until the returned function is called; may be asked for by several. Begins a burst, since events may have
   * come just before; the first look is told in any case.
   */
  include(ifindex: number): () => void {
    this.#counts.set(ifindex, (this.#counts.get(ifindex) ?? 0) + 1);
    this.#begin();
    let included = true;
    return () => {
      if (!included) return;
      included = false;
      this.#release(ifindex);
    };
  }

  /** A link event of the kernel, of whichever interface. */
  linkEvent(link: LinkState): void {
    if (this.#counts.has(link.ifindex)) this.#known.set(link.ifindex, { carrier: link.carrier, up: link.up });
    if (this.#counts.size > 0) this.#begin();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#counts.clear();
  }

  #begin(): void {
    this.#untilMs = this.clock.nowMs() + durationMs;
    this.#cancel ??= this.clock.after(intervalMs, () => this.#tick());
  }

  #release(ifindex: number): void {
    const left = (this.#counts.get(ifindex) ?? 1) - 1;
    if (left > 0) this.#counts.set(ifindex, left);
    else {
      this.#counts.delete(ifindex);
      this.#known.delete(ifindex);
    }
  }

  #tick(): void {
    this.#cancel = undefined;
    if (this.clock.nowMs() > this.#untilMs) return;
    for (const ifindex of this.#counts.keys()) void this.#look(ifindex);
    if (this.#counts.size > 0) this.#cancel = this.clock.after(intervalMs, () => this.#tick());
  }

  async #look(ifindex: number): Promise<void> {
    const known = this.#known.get(ifindex);
    const link = await this.query(ifindex).catch(() => undefined); // a vanished interface has its own DELLINK
    if (link === undefined || !this.#counts.has(ifindex)) return;
    // An event came meanwhile, on another socket: which of the two is older cannot be told, so the next look decides.
    if (this.#known.get(ifindex) !== known) return;
    if (known?.carrier === link.carrier && known.up === link.up) return;
    this.#known.set(ifindex, { carrier: link.carrier, up: link.up });
    this.changed(link);
  }
}
