import type { LinkListener } from "../../src/runtime/link.js";

/** Keeps what a link's listener hears, and lets a test wait for it. */
export class HeardLink implements LinkListener {
  readonly pieces: Buffer[] = [];
  readonly closings: Error[] = [];
  #changed: (() => void) | undefined;

  data(bytes: Buffer): void {
    this.pieces.push(bytes);
    this.#changed?.();
  }

  closed(reason: Error): void {
    this.closings.push(reason);
    this.#changed?.();
  }

  get text(): string {
    return Buffer.concat(this.pieces).toString();
  }

  async until(holds: (heard: this) => boolean): Promise<void> {
    while (!holds(this)) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}
