/** Who else configures this machine's network, and what follows from it for addresses and routes. */
import type { Actuate, IpOwner as IpOwnerSetting } from "../config/types.js";
import type { Bus } from "../dbus/bus.js";
import type { Wisher } from "../modem/api.js";
import type { IpOwner } from "../modem/link-port.js";
import type { Mode } from "../network/uplinks/execution.js";

const connman = "net.connman";
const networkManager = "org.freedesktop.NetworkManager";

/** `auto`: a client's bearer belongs to the client exactly while a network manager that configures modems is there. */
export function ownerOf(setting: IpOwnerSetting, wisher: Wisher, managersPresent: boolean): IpOwner {
  if (setting !== "auto") return setting;
  return wisher.is === "client" && managersPresent ? "client" : "self";
}

/** `auto`: carried out through ConnMan beside ConnMan, only told beside NetworkManager, otherwise done by wwand. */
export function modeOf(setting: Actuate, present: ReadonlySet<string>): Mode {
  if (setting !== "auto") return { actuating: setting, because: `actuate = "${setting}" in wwand.toml` };
  if (present.has(connman)) return { actuating: "steer", because: "ConnMan is on the bus" };
  if (present.has(networkManager))
    return { actuating: "observe", because: "NetworkManager is on the bus and moves routes itself" };
  return { actuating: "self", because: "" };
}

/** A bus that takes longer is as good as none at the start. */
const askedWithinMs = 2_000;

/** Which network managers are on the bus now; nobody while there is no bus. */
export class ManagersPresent {
  readonly #present = new Set<string>();
  readonly #watched = new Map<string, () => void>();
  #changed: () => void = () => undefined;

  constructor(private readonly bus: Bus) {}

  /** Looks once and then keeps looking: when it resolves, `names` is right. */
  async watch(managers: readonly string[], changed: () => void): Promise<void> {
    this.#changed = changed;
    await Promise.all([...new Set([connman, networkManager, ...managers])].map((name) => this.#watch(name)));
  }

  get names(): ReadonlySet<string> {
    return this.#present;
  }

  /** Whether one of these is on the bus. */
  any(managers: readonly string[]): boolean {
    return managers.some((name) => this.#present.has(name));
  }

  close(): void {
    for (const unwatch of this.#watched.values()) unwatch();
    this.#watched.clear();
  }

  async #watch(name: string): Promise<void> {
    if (this.#watched.has(name)) return;
    // First, or a second reading of the configuration meanwhile would watch it twice.
    this.#watched.set(
      name,
      this.bus.watchName(name, (owner) => this.#tell(name, owner !== undefined)),
    );
    const [owned] = await this.bus
      .call("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner", "s", [name], {
        timeoutMs: askedWithinMs,
      })
      // Without a bus there is no manager on it; the watch tells when that changes.
      .catch(() => [false]);
    if (owned === true) this.#tell(name, true);
  }

  #tell(name: string, present: boolean): void {
    if (present === this.#present.has(name)) return;
    if (present) this.#present.add(name);
    else this.#present.delete(name);
    this.#changed();
  }
}
