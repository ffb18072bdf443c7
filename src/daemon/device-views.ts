/** Found devices as net.wwand shows them. */
import { EventEmitter } from "eventemitter3";
import type { DeviceState, DeviceView } from "../dbus/interfaces/views.js";
import type { FoundDevice } from "../discovery/discovery.js";
import { idsOf } from "../discovery/snapshot.js";

export class DeviceViews {
  readonly events = new EventEmitter<{ added: [device: DeviceView]; removed: [device: DeviceView] }>();
  readonly #shown = new Map<string, ShownDevice>();

  /** @param modemOf The object path of the modem that was made of a plugging-in. */
  constructor(private readonly modemOf: (plugging: string) => string | undefined) {}

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
    const state = stateOf(device, this.modemOf(device.plugging));
    const known = this.#shown.get(device.plugging);
    if (known) {
      known.become(state);
      return;
    }
    const view = new ShownDevice(state);
    this.#shown.set(device.plugging, view);
    this.events.emit("added", view);
  }
}

class ShownDevice implements DeviceView {
  readonly events = new EventEmitter<{ changed: [] }>();
  constructor(public state: DeviceState) {}

  become(state: DeviceState): void {
    this.state = state;
    this.events.emit("changed");
  }
}

function stateOf({ report, certainty }: FoundDevice, modem: string | undefined): DeviceState {
  const { device, verdict, summary, findings, interfaces, composition } = report;
  const { bus, address, manufacturer, model } = device;
  return {
    ...{ bus, address, ids: idsOf(device), manufacturer, model, certainty, summary, findings, interfaces },
    verdict: verdict.is,
    protocol: verdict.is === "modem" ? verdict.protocol : "",
    modem: modem ?? "",
    composition: composition.now,
    otherCompositions: composition.others,
    compositionRisk: composition.risk,
  };
}
