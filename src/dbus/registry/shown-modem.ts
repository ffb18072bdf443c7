/** One modem on org.ofono: its Modem interface and, as they come and go, those of its parts. */
import type { Modem, PartName } from "../../modem/api.js";
import type { Exported, SignalSource } from "../bind.js";
import { LockdownHolder, type WatchSender } from "../interfaces/lockdown.js";
import { type ModemSnapshot, modemInterface } from "../interfaces/modem.js";
import type { Dict } from "../types.js";
import { listen } from "./listen.js";
import { partRows, type ShownPart } from "./parts.js";
import { Undo } from "./undo.js";

/** What serving modems needs of the bus. */
export interface ModemBus extends SignalSource {
  watchSender: WatchSender;
}

export class ShownModem {
  /** In the order in which they came. */
  readonly #parts = new Map<PartName, ShownPart>();
  readonly #undo = new Undo();
  readonly #exported: Exported<"org.ofono.Modem", ModemSnapshot>;

  constructor(
    private readonly bus: ModemBus,
    readonly modem: Modem,
  ) {
    const lockdown = new LockdownHolder(modem, (sender, gone) => bus.watchSender(sender, gone));
    this.#undo.add(() => lockdown.release());
    const present = partRows.flatMap(({ part }) => this.#export(part) ?? []);
    this.#exported = modemInterface.export(bus, modem.path, this.#snapshot(), { modem, lockdown });
    this.#undo.add(() => this.#exported.withdraw());
    this.#undo.add(() => this.#hideAll());
    for (const shown of present) shown.announced();
    this.#undo.add(listen(modem.events, "changed", () => this.#exported.changed(this.#snapshot())));
    this.#undo.add(listen(modem.parts, "added", (part) => this.#added(part)));
    this.#undo.add(listen(modem.parts, "removed", (part) => this.#removed(part)));
  }

  properties(): Dict {
    return this.#exported.properties();
  }

  /** Takes everything off the bus, the newest interface first, the modem itself last. */
  withdraw(): void {
    this.#undo.run();
  }

  #snapshot(): ModemSnapshot {
    const interfaces = [...this.#parts.keys()]
      .reverse()
      .flatMap((part) => partRows.find((row) => row.part === part) ?? []);
    return {
      state: this.modem.state,
      systemPath: this.modem.systemPath,
      interfaces: interfaces.map(({ name }) => name),
    };
  }

  #export(part: PartName): ShownPart | undefined {
    const shown = partRows.find((row) => row.part === part)?.show(this.bus, this.modem);
    if (shown !== undefined) this.#parts.set(part, shown);
    return shown;
  }

  #added(part: PartName): void {
    this.#hide(part);
    const shown = this.#export(part);
    this.#exported.changed(this.#snapshot());
    shown?.announced();
  }

  #removed(part: PartName): void {
    this.#hide(part);
    this.#exported.changed(this.#snapshot());
  }

  #hide(part: PartName): void {
    this.#parts.get(part)?.withdraw();
    this.#parts.delete(part);
  }

  #hideAll(): void {
    for (const part of [...this.#parts.keys()].reverse()) this.#hide(part);
    this.#exported.changed(this.#snapshot());
  }
}
