/** net.wwand: the daemon, its decision, its uplinks and modems as objects below /net/wwand. */
import type { Modem } from "../../modem/api.js";
import { daemonInterface } from "../interfaces/daemon1.js";
import { deviceInterface } from "../interfaces/device1.js";
import { failoverInterface, familyWord } from "../interfaces/failover1.js";
import { traceInterface } from "../interfaces/trace1.js";
import { type UplinkSnapshot, uplinkInterface } from "../interfaces/uplink1.js";
import type { DaemonView, DeviceView, FailoverView, UplinkView, Views } from "../interfaces/views.js";
import { StandardObjects } from "../standard.js";
import { freshWhenRead } from "./fresh.js";
import { listen } from "./listen.js";
import type { ModemBus } from "./shown-modem.js";
import { Undo } from "./undo.js";
import { showModem } from "./wwand-modem.js";

const root = "/net/wwand";

/** A name as one element of an object path: what D-Bus does not allow there becomes `_` and its code in hex. */
export const pathElement = (name: string): string =>
  name === "" ? "_" : name.replace(/[^A-Za-z0-9]/gu, (character) => `_${character.codePointAt(0)?.toString(16) ?? ""}`);

/** Exports everything that `views` shows, now and as it comes and goes, until the returned function is called. */
export function serveWwand(bus: ModemBus, views: Views): () => void {
  const undo = new Undo();
  const refreshers = new Set<() => void>();
  const refresh = () => {
    for (const one of refreshers) one();
  };
  const objects = new StandardObjects(freshWhenRead(bus, refresh), root);
  undo.add(() => objects.close());
  undo.add(showDaemon(objects, views.daemon));
  const trace = objects.export(root, traceInterface, undefined, views.trace);
  undo.add(() => trace.withdraw());
  undo.add(showFailover(objects, views.failover));
  undo.add(showAll(views.uplinks.list, views.uplinks.events, (uplink) => showUplink(objects, uplink, refreshers)));
  undo.add(showAll(views.devices.list, views.devices.events, (device) => showDevice(objects, device)));
  undo.add(
    showAll(views.modems.list, views.modems.events, (modem) => showModem(objects, modemPath(modem), modem, bus)),
  );
  return () => undo.run();
}

type Comings<Item> = Parameters<typeof listen<{ added: [item: Item]; removed: [item: Item] }, "added">>[0];

function showAll<Item>(present: readonly Item[], events: Comings<Item>, show: (item: Item) => () => void): () => void {
  const shown = new Map<Item, () => void>();
  const undo = new Undo();
  const hide = (item: Item) => {
    shown.get(item)?.();
    shown.delete(item);
  };
  const add = (item: Item) => {
    hide(item);
    shown.set(item, show(item));
  };
  undo.add(() => [...shown.keys()].reverse().forEach(hide));
  undo.add(listen<{ added: [item: Item]; removed: [item: Item] }, "added">(events, "added", add));
  undo.add(listen<{ added: [item: Item]; removed: [item: Item] }, "removed">(events, "removed", hide));
  present.forEach(add);
  return () => undo.run();
}

function showDaemon(objects: StandardObjects, view: DaemonView): () => void {
  const exported = objects.export(root, daemonInterface, view.state, view);
  return stopping(
    listen(view.events, "changed", () => exported.changed(view.state)),
    () => exported.withdraw(),
  );
}

function showFailover(objects: StandardObjects, view: FailoverView): () => void {
  const exported = objects.export(`${root}/failover`, failoverInterface, view.state, view);
  let { lastSwitch: told, lastGroupSwitch: toldOfGroup } = view.state;
  const changed = () => {
    exported.changed(view.state);
    const { lastSwitch, lastGroupSwitch: moved } = view.state;
    if (lastSwitch !== undefined && lastSwitch !== told)
      exported.emit("Switched", familyWord(lastSwitch), lastSwitch.from, lastSwitch.to, lastSwitch.because);
    told = lastSwitch;
    if (moved !== undefined && moved !== toldOfGroup)
      exported.emit("GroupSwitched", moved.group, familyWord(moved), moved.from, moved.to, moved.because);
    toldOfGroup = moved;
  };
  return stopping(listen(view.events, "changed", changed), () => exported.withdraw());
}

function showUplink(objects: StandardObjects, view: UplinkView, refreshers: Set<() => void>): () => void {
  const now = (): UplinkSnapshot => ({ ...view.state, ...view.moment() });
  const exported = objects.export(`${root}/uplink/${pathElement(view.name)}`, uplinkInterface, now(), undefined);
  const changed = () => exported.changed(now());
  refreshers.add(changed);
  const stopListening = listen(view.events, "changed", changed);
  return stopping(
    () => {
      stopListening();
      refreshers.delete(changed);
    },
    () => exported.withdraw(),
  );
}

function showDevice(objects: StandardObjects, view: DeviceView): () => void {
  const path = `${root}/device/${view.state.bus}_${pathElement(view.state.address)}`;
  const exported = objects.export(path, deviceInterface, view.state, view);
  return stopping(
    listen(view.events, "changed", () => exported.changed(view.state)),
    () => exported.withdraw(),
  );
}

const modemPath = ({ path }: Modem): string => `${root}/modem/${path.slice(1).replaceAll("/", "_")}`;

const stopping = (listening: () => void, exported: () => void) => (): void => {
  listening();
  exported();
};
