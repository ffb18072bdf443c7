/** Tells when anything about a modem's contexts changes, through every coming and going of its packet data. */
import type { Context, Modem, PacketData } from "../../modem/api.js";
import { listen } from "./listen.js";
import { Undo } from "./undo.js";

export class BearerWatch {
  readonly #contexts = new Map<Context, () => void>();
  readonly #part = new Undo();
  readonly #undo = new Undo();

  constructor(
    modem: Modem,
    private readonly changed: () => void,
  ) {
    this.#undo.add(() => this.#leave());
    if (modem.packetData !== undefined) this.#enter(modem.packetData);
    const added = (part: string) => {
      if (part === "packetData" && modem.packetData !== undefined) this.#enter(modem.packetData);
      this.changed();
    };
    const removed = (part: string) => {
      if (part === "packetData") this.#leave();
      this.changed();
    };
    this.#undo.add(listen(modem.parts, "added", added));
    this.#undo.add(listen(modem.parts, "removed", removed));
  }

  stop(): void {
    this.#undo.run();
  }

  #enter({ contexts, contextEvents }: PacketData): void {
    this.#leave();
    for (const context of contexts) this.#watch(context);
    this.#part.add(listen(contextEvents, "added", (context) => this.#watch(context)));
    this.#part.add(
      listen(contextEvents, "removed", (context) => {
        this.#unwatch(context);
        this.changed();
      }),
    );
  }

  #leave(): void {
    this.#part.run();
    for (const context of [...this.#contexts.keys()]) this.#unwatch(context);
  }

  #watch(context: Context): void {
    this.#unwatch(context);
    this.#contexts.set(context, listen(context.events, "changed", this.changed));
  }

  #unwatch(context: Context): void {
    this.#contexts.get(context)?.();
    this.#contexts.delete(context);
  }
}
