/** Serves the domain on the bus: org.ofono from the modems, net.wwand from the views. */
import type { EventEmitter } from "eventemitter3";
import type { Modem, Modems } from "../modem/api.js";
import type { Log } from "../runtime/log.js";
import { managerInterface } from "./interfaces/manager.js";
import { listen } from "./registry/listen.js";
import { type ModemBus, ShownModem } from "./registry/shown-modem.js";
import { Undo } from "./registry/undo.js";
import type { BusEvents } from "./types.js";

export { serveWwand } from "./registry/wwand.js";

/** What serving org.ofono needs of the connection that owns the name. */
export interface OfonoBus extends ModemBus {
  readonly events: EventEmitter<BusEvents>;
}

/**
 * Exports the Manager at `/` and every modem with its parts, now and as they come and go, until the returned function is
 * called: then all of it is gone, the newest first. Signals of one turn leave in the order in which the domain told.
 */
export function serveOfono(bus: OfonoBus, modems: Modems, log: Log): () => void {
  const shown = new Map<Modem, ShownModem>();
  const undo = new Undo();
  const listed = () => [...shown.values()].map((one) => [one.modem.path, one.properties()] as const);
  const manager = managerInterface.export(bus, "/", undefined, { modems: listed });
  undo.add(() => manager.withdraw());

  const announce = (one: ShownModem) => manager.emit("ModemAdded", one.modem.path, one.properties());
  const add = (modem: Modem) => {
    if (shown.has(modem)) return;
    const one = new ShownModem(bus, modem);
    shown.set(modem, one);
    announce(one);
    log.debug("modem is on the bus", { path: modem.path, driver: modem.driverName });
  };
  const remove = (modem: Modem) => {
    const one = shown.get(modem);
    if (one === undefined) return;
    one.withdraw();
    shown.delete(modem);
    manager.emit("ModemRemoved", modem.path);
    log.debug("modem is off the bus", { path: modem.path });
  };

  for (const modem of modems.list) add(modem);
  undo.add(() => {
    for (const modem of [...shown.keys()].reverse()) remove(modem);
  });
  undo.add(listen(modems.events, "added", add));
  undo.add(listen(modems.events, "removed", remove));
  undo.add(whenBack(bus, () => [...shown.values()].forEach(announce)));
  return () => undo.run();
}

/** Runs `again` each time the bus returns after it was lost. */
function whenBack(bus: OfonoBus, again: () => void): () => void {
  let lost = false;
  const stopLost = listen(bus.events, "lost", () => {
    lost = true;
  });
  const stopConnected = listen(bus.events, "connected", () => {
    if (lost) again();
    lost = false;
  });
  return () => {
    stopLost();
    stopConnected();
  };
}
