/** The contexts of one modem as objects; tells ContextAdded and ContextRemoved on the modem's ConnectionManager. */
import type { Context, ContextState, PacketData } from "../../modem/api.js";
import type { Exported, SignalSource } from "../bind.js";
import { connectionContextInterface } from "../interfaces/connection-context.js";
import type { ListedContext } from "../interfaces/connection-manager.js";
import type { Dict } from "../types.js";
import { listen } from "./listen.js";
import { Undo } from "./undo.js";

interface ShownContext {
  readonly exported: Exported<"org.ofono.ConnectionContext", ContextState>;
  stopListening(): void;
}

/** Who tells clients of comings and goings. */
export interface ContextListener {
  added(path: string, properties: Dict): void;
  removed(path: string): void;
}

export class ShownContexts {
  readonly #shown = new Map<Context, ShownContext>();
  readonly #undo = new Undo();

  constructor(
    private readonly bus: SignalSource,
    private readonly modemPath: string,
    private readonly packetData: PacketData,
  ) {
    for (const context of packetData.contexts) this.#show(context);
    this.#undo.add(() => {
      for (const context of [...this.#shown.keys()].reverse()) this.#hide(context);
    });
  }

  /** From here on every coming and going is told. */
  tell(listener: ContextListener): void {
    const { contextEvents } = this.packetData;
    const added = (context: Context) => {
      this.#hide(context);
      const { exported } = this.#show(context);
      listener.added(exported.path, exported.properties());
    };
    const removed = (context: Context) => {
      if (this.#hide(context)) listener.removed(this.pathOf(context));
    };
    this.#undo.add(listen(contextEvents, "added", added));
    this.#undo.add(listen(contextEvents, "removed", removed));
  }

  /** In the domain's order: internet contexts first. */
  list(): readonly ListedContext[] {
    return this.packetData.contexts.flatMap((context) => {
      const shown = this.#shown.get(context);
      return shown === undefined ? [] : [[shown.exported.path, shown.exported.properties()] as const];
    });
  }

  at(path: string): Context | undefined {
    return [...this.#shown.keys()].find((context) => this.pathOf(context) === path);
  }

  pathOf(context: Context): string {
    return `${this.modemPath}/context${context.number}`;
  }

  withdraw(): void {
    this.#undo.run();
  }

  #show(context: Context): ShownContext {
    const exported = connectionContextInterface.export(this.bus, this.pathOf(context), context.state, context);
    const stopListening = listen(context.events, "changed", (next) => exported.changed(next));
    const shown = { exported, stopListening };
    this.#shown.set(context, shown);
    return shown;
  }

  #hide(context: Context): boolean {
    const shown = this.#shown.get(context);
    shown?.stopListening();
    shown?.exported.withdraw();
    return this.#shown.delete(context);
  }
}
