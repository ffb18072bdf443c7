/** Found devices as net.wwand shows them. */
import { EventEmitter } from "eventemitter3";
import type { DeviceState, DeviceView, SwitchedDevice } from "../dbus/interfaces/views.js";
import type { FoundDevice } from "../discovery/discovery.js";
import { idsOf, portPath } from "../discovery/snapshot.js";

/** What was made of a plugging-in. */
export interface FoundModems {
  /** The object path of the modem. */
  pathOf(plugging: string): string | undefined;
  /** The name that it keeps, with or without a driver. */
  nameOf(plugging: string): string | undefined;
}

/** Makes a plugged-in device show other functions, by the name of a composition. */
export type SwitchComposition = (plugging: string, name: string) => Promise<SwitchedDevice>;

export class DeviceViews {
  readonly events = new EventEmitter<{ added: [device: DeviceView]; removed: [device: DeviceView] }>();
  readonly #shown = new Map<string, ShownDevice>();

  constructor(
    private readonly modems: FoundModems,
    private readonly switchTo: SwitchComposition,
  ) {}

  get list(): readonly DeviceView[] {
    return [...this.#shown.values()];
  }

  follow(devices: readonly FoundDevice[]): void {
    const present = new Set(devices.map(({ plugging }) => plugging));
    for (const [plugging, view] of this.#shown) {
      if (present.has(plugging)) continue;
      this.#shown.delete(plugging);
      this.events.emit("removed", view);
    }
    for (const device of devices) this.#follow(device);
  }

  #follow(device: FoundDevice): void {
    const state = stateOf(device, this.modems);
    const known = this.#shown.get(device.plugging);
    if (known) {
      known.become(state);
      return;
    }
    const view = new ShownDevice(state, (name) => this.switchTo(device.plugging, name));
    this.#shown.set(device.plugging, view);
    this.events.emit("added", view);
  }
}

class ShownDevice implements DeviceView {
  readonly events = new EventEmitter<{ changed: [] }>();
  constructor(
    public state: DeviceState,
    readonly switchComposition: DeviceView["switchComposition"],
  ) {}

  become(state: DeviceState): void {
    this.state = state;
    this.events.emit("changed");
  }
}

function stateOf({ plugging, report, certainty, answered }: FoundDevice, modems: FoundModems): DeviceState {
  const { device, verdict, summary, findings, interfaces, ports, composition } = report;
  const { bus, address, manufacturer, model } = device;
  return {
    ...{ bus, address, ids: idsOf(device), manufacturer, model, certainty, summary, findings, interfaces },
    verdict: verdict.is,
    protocol: verdict.is === "modem" ? verdict.protocol : "",
    modem: modems.pathOf(plugging) ?? "",
    name: modems.nameOf(plugging) ?? "",
    imei: answered?.imei ?? "",
    modemManufacturer: answered?.manufacturer ?? "",
    modemModel: answered?.model ?? "",
    ports: ports.map(({ port, role, because }) => ({ path: portPath(port), role, because })),
    composition: composition.now,
    otherCompositions: composition.others,
    compositionRisk: composition.risk,
    compositionSource: composition.source,
  };
}
