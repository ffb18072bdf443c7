/** A kernel that is nothing but its picture: as much of one as uplinks ask for. */
import type { AddressEntry, Counters, KernelEvent, LinkState, RouteEntry } from "../kernel.js";
import { emptyPicture, pictureAfter } from "../picture.js";
import type { UplinksKernel } from "../uplinks/types.js";

/** From a moment on an interface carries so much. */
interface Load {
  readonly sinceMs: number;
  readonly bytes: number;
  readonly bytesPerS: number;
}

export class PictureKernel implements UplinksKernel {
  #picture = emptyPicture;
  readonly #loads = new Map<number, Load>();
  readonly #listeners = new Set<(event: KernelEvent) => void>();

  constructor(private readonly nowMs: () => number) {}

  /** From now on programs transfer so much by that interface, both directions together. */
  carry(ifindex: number, bytesPerS: number): void {
    this.#loads.set(ifindex, { sinceMs: this.nowMs(), bytes: this.#bytes(ifindex), bytesPerS });
  }

  #bytes(ifindex: number): number {
    const { sinceMs, bytes, bytesPerS } = this.#loads.get(ifindex) ?? { sinceMs: 0, bytes: 0, bytesPerS: 0 };
    return bytes + (bytesPerS * (this.nowMs() - sinceMs)) / 1_000;
  }

  /** Something happens; listeners hear of it in the next microtask, as they do from a socket. */
  tell(event: KernelEvent): void {
    this.#picture = pictureAfter(this.#picture, event);
    for (const listener of this.#listeners)
      queueMicrotask(() => {
        if (this.#listeners.has(listener)) listener(event);
      });
  }

  async links(): Promise<readonly LinkState[]> {
    return [...this.#picture.links.values()];
  }

  async counters(): Promise<ReadonlyMap<number, Counters>> {
    const received = [...this.#picture.links.keys()].map(
      (ifindex) => [ifindex, { rxBytes: Math.floor(this.#bytes(ifindex)), txBytes: 0 }] as const,
    );
    return new Map(received);
  }

  /** So much at once, beside what it carries all the time. */
  receive(ifindex: number, bytes: number): void {
    const { bytesPerS } = this.#loads.get(ifindex) ?? { bytesPerS: 0 };
    this.#loads.set(ifindex, { sinceMs: this.nowMs(), bytes: this.#bytes(ifindex) + bytes, bytesPerS });
  }

  async addresses(): Promise<readonly AddressEntry[]> {
    return this.#picture.addresses;
  }

  async routes(): Promise<readonly RouteEntry[]> {
    return this.#picture.defaults;
  }

  /** Every interface of a timeline is up already. */
  setLink(): Promise<void> {
    return Promise.resolve();
  }

  async putAddress(address: AddressEntry): Promise<void> {
    this.tell({ type: "address", change: "new", address });
  }

  async removeAddress(address: AddressEntry): Promise<void> {
    this.tell({ type: "address", change: "del", address });
  }

  watch(listener: (event: KernelEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  quickenCarrier(): () => void {
    return () => undefined;
  }
}
