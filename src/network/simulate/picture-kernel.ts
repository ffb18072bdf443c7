/** A kernel that is nothing but its picture: as much of one as uplinks ask for. */
import type { AddressEntry, KernelEvent, LinkState, RouteEntry } from "../kernel.js";
import { emptyPicture, pictureAfter } from "../picture.js";
import type { UplinksKernel } from "../uplinks.js";

export class PictureKernel implements UplinksKernel {
  #picture = emptyPicture;
  readonly #listeners = new Set<(event: KernelEvent) => void>();

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
