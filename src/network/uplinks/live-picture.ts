/** The kernel's picture kept current: read whole at the start and after lost events, changed by each event in between. */
import type { Clock } from "../../runtime/clock.js";
import { errorText } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import type { Kernel, KernelEvent, NeighbourEntry } from "../kernel.js";
import { emptyPicture, isAmbiguous, type Picture, pictureAfter, pictureOf } from "../picture.js";
import { MAIN_TABLE } from "../routing/tables.js";

export interface PictureOptions {
  readonly kernel: Pick<Kernel, "watch" | "links" | "addresses" | "routes">;
  readonly clock: Clock;
  readonly log: Log;
  readonly onChanged: () => void;
  readonly onNeighbour: (neighbour: NeighbourEntry) => void;
}

/** Where reading the kernel failed. */
const retryMs = 1_000;

export class LivePicture {
  #picture: Picture = emptyPicture;
  /** Events that came while the kernel was being read; undefined when it is not. */
  #pending: KernelEvent[] | undefined;
  #is: "new" | "open" | "closed" = "new";
  #unwatch: () => void = () => undefined;
  #cancelReread: () => void = () => undefined;

  constructor(private readonly options: PictureOptions) {}

  get current(): Picture {
    return this.#picture;
  }

  /** Rejects when the kernel cannot be read. */
  async open(): Promise<void> {
    this.#unwatch = this.options.kernel.watch((event) => this.#hear(event));
    await this.read();
    if (this.#is === "new") this.#is = "open";
  }

  /** Idempotent. */
  close(): void {
    this.#is = "closed";
    this.#unwatch();
    this.#cancelReread();
  }

  /** Once open, what fails is told in the log and tried again. */
  async read(): Promise<void> {
    const { kernel } = this.options;
    const pending: KernelEvent[] = [];
    this.#pending = pending;
    try {
      const links = await kernel.links();
      const addresses = await kernel.addresses();
      const routes = await kernel.routes({ table: MAIN_TABLE });
      this.#picture = pending.reduce(pictureAfter, pictureOf(links, addresses, routes));
    } catch (error) {
      if (this.#is === "new") throw error;
      this.#unreadable(error);
    } finally {
      if (this.#pending === pending) this.#pending = undefined;
    }
  }

  #unreadable(error: unknown): void {
    const { clock, log } = this.options;
    // The kernel may have been closed under a reading on its way.
    if (this.#is === "closed") return;
    log.error("kernel state not readable", { error: errorText(error) });
    this.#cancelReread();
    this.#cancelReread = clock.after(retryMs, () => this.#hear({ type: "resync", reason: "the last reading failed" }));
  }

  #hear(event: KernelEvent): void {
    const { onChanged, onNeighbour } = this.options;
    if (event.type === "neighbour") onNeighbour(event.neighbour);
    else if (event.type === "resync" || isAmbiguous(this.#picture, event))
      this.read().then(onChanged, (error: unknown) => this.#unreadable(error));
    else if (this.#pending) this.#pending.push(event);
    else this.#see(pictureAfter(this.#picture, event));
  }

  #see(picture: Picture): void {
    if (picture === this.#picture) return;
    this.#picture = picture;
    this.options.onChanged();
  }
}
