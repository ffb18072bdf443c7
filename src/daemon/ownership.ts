/** Who else configures this machine's network, and what follows from it for addresses and routes. */
import type { Actuate, IpOwner as IpOwnerSetting } from "../config/types.js";
import type { Bus } from "../dbus/bus.js";
import type { Wisher } from "../modem/api.js";
import type { IpOwner } from "../modem/link-port.js";
import type { Actuating } from "../network/uplinks/state.js";

const connman = "net.connman";
const networkManager = "org.freedesktop.NetworkManager";

/** `auto`: a client's bearer belongs to the client exactly while a network manager that configures modems is there. */
export function ownerOf(setting: IpOwnerSetting, wisher: Wisher, managersPresent: boolean): IpOwner {
  if (setting !== "auto") return setting;
  return wisher.is === "client" && managersPresent ? "client" : "self";
}

/** `auto`: carried out through ConnMan beside ConnMan, only told beside NetworkManager, otherwise done by wwand. */
export function actuatingOf(setting: Actuate, present: ReadonlySet<string>): Actuating {
  if (setting !== "auto") return setting;
  if (present.has(connman)) return "steer";
  return present.has(networkManager) ? "observe" : "self";
}

/** The network managers that are on the bus now. */
export class ManagersPresent {
  readonly #present = new Set<string>();
  readonly #unwatch: (() => void)[] = [];

  constructor(
    bus: Bus,
    private readonly managers: readonly string[],
    changed: () => void,
  ) {
    for (const name of new Set([connman, networkManager, ...managers]))
      this.#unwatch.push(
        bus.watchName(name, (owner) => {
          if ((owner !== undefined) === this.#present.has(name)) return;
          if (owner === undefined) this.#present.delete(name);
          else this.#present.add(name);
          changed();
        }),
      );
  }

  get names(): ReadonlySet<string> {
    return this.#present;
  }

  /** One of those that, by configuration, give modem interfaces their addresses. */
  get configuresModems(): boolean {
    return this.managers.some((name) => this.#present.has(name));
  }

  close(): void {
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
  }
}
