/** One modem below /net/wwand/modem: itself, its radio, its cards. */
import type { Modem } from "../../modem/api.js";
import { ChannelOwners, cardInterface } from "../interfaces/card1.js";
import { activeContext, addressMethodOf, type Modem1Snapshot, modem1Interface } from "../interfaces/modem1.js";
import { type Radio1Snapshot, radioInterface } from "../interfaces/radio1.js";
import type { StandardObjects } from "../standard.js";
import { BearerWatch } from "./bearer-watch.js";
import { listen } from "./listen.js";
import type { ModemBus } from "./shown-modem.js";
import { Undo } from "./undo.js";

/** Until the returned function is called; then the newest goes first. */
export function showModem(objects: StandardObjects, path: string, modem: Modem, bus: ModemBus): () => void {
  const undo = new Undo();
  showItself(objects, path, modem, undo);
  showRadio(objects, path, modem, undo);
  showCard(objects, path, modem, bus, undo);
  return () => undo.run();
}

function showItself(objects: StandardObjects, path: string, modem: Modem, undo: Undo): void {
  const now = (): Modem1Snapshot => {
    const { bearer, options = [] } = activeContext(modem)?.state ?? {};
    return {
      ofonoPath: modem.path,
      driverName: modem.driverName,
      state: modem.state,
      interfaceName: bearer?.interfaceName ?? "",
      addressMethod: addressMethodOf(bearer?.settings),
      options,
      context: modem.packetData?.contexts.find(({ state }) => state.type === "internet")?.state,
    };
  };
  const exported = objects.export(path, modem1Interface, now(), modem);
  undo.add(() => exported.withdraw());
  const changed = () => exported.changed(now());
  const bearers = new BearerWatch(modem, changed);
  undo.add(() => bearers.stop());
  undo.add(listen(modem.events, "changed", changed));
}

/** The registration comes and goes with the modem's level. */
function showRadio(objects: StandardObjects, path: string, modem: Modem, undo: Undo): void {
  const now = (): Radio1Snapshot => ({ registration: modem.registration?.state });
  const exported = objects.export(path, radioInterface, now(), modem);
  undo.add(() => exported.withdraw());
  const part = new Undo();
  const follow = () => {
    part.run();
    const { registration } = modem;
    if (registration !== undefined) part.add(listen(registration.events, "changed", () => exported.changed(now())));
    exported.changed(now());
  };
  follow();
  undo.add(() => part.run());
  undo.add(listen(modem.parts, "added", follow));
  undo.add(listen(modem.parts, "removed", follow));
}

function showCard(objects: StandardObjects, path: string, modem: Modem, bus: ModemBus, undo: Undo): void {
  const owners = new ChannelOwners(modem, (sender, gone) => bus.watchSender(sender, gone));
  const exported = objects.export(path, cardInterface, undefined, { modem, owners });
  undo.add(() => exported.withdraw());
  undo.add(() => owners.stop());
}
