/** Addresses by DHCP for uplinks that the policy gives `address = "dhcp"`: asked for while there is carrier, given back. */
import type { Lease } from "../modem/link-port.js";
import type { UplinkState, UplinksState } from "../network/uplinks/state.js";
import type { Uplinks } from "../network/uplinks.js";
import type { Clock } from "../runtime/clock.js";
import { errorText, ModemError } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";

export interface LeasedUplinksRoom {
  readonly uplinks: Pick<Uplinks, "policy" | "setBearer" | "state" | "events">;
  readonly clock: Clock;
  readonly log: Log;
  /** On an interface that is up. */
  ask(interfaceName: string, signal: AbortSignal): Promise<Lease>;
  raise(interfaceName: string): Promise<void>;
}

/** After a server that did not answer, or a lease that was lost; a cable that comes back is asked at once. */
const retryMs = 10_000;

/** One uplink on its way to an address, or with one. */
interface Leasing {
  readonly interfaceName: string;
  readonly over: AbortController;
  lease?: Lease;
  cancelRetry?: () => void;
}

export class LeasedUplinks {
  readonly #leasings = new Map<string, Leasing>();
  /** Interfaces that were raised, and are left alone when another program sets them down. */
  readonly #raised = new Set<string>();
  readonly #follow = (state: UplinksState) => this.#look(state);

  constructor(private readonly room: LeasedUplinksRoom) {
    room.uplinks.events.on("changed", this.#follow);
    this.#look(room.uplinks.state());
  }

  /** Gives every address back. */
  async close(): Promise<void> {
    this.room.uplinks.events.off("changed", this.#follow);
    await Promise.all([...this.#leasings.keys()].map((name) => this.#drop(name)));
  }

  #look(state: UplinksState): void {
    // Beside another manager addresses are its business.
    const wanted = state.actuating === "self" ? state.uplinks.filter(({ name }) => this.#isByDhcp(name)) : [];
    const ready = new Map(
      wanted.flatMap((uplink) => (hasCarrier(uplink) ? [[uplink.name, uplink.interfaceName]] : [])),
    );
    for (const [name, { interfaceName }] of [...this.#leasings])
      if (ready.get(name) !== interfaceName) void this.#drop(name);
    for (const [name, interfaceName] of ready)
      if (interfaceName !== undefined && !this.#leasings.has(name)) void this.#lease(name, interfaceName);
    for (const { interfaceName } of wanted) if (interfaceName !== undefined) this.#raise(interfaceName);
  }

  #isByDhcp(name: string): boolean {
    return this.room.uplinks.policy.uplinks.find((one) => one.name === name)?.address.method === "dhcp";
  }

  #raise(interfaceName: string): void {
    if (this.#raised.has(interfaceName)) return;
    this.#raised.add(interfaceName);
    this.room.raise(interfaceName).catch((error: unknown) => this.#warn(`${interfaceName} not raised`, error));
  }

  async #lease(name: string, interfaceName: string): Promise<void> {
    const leasing: Leasing = { interfaceName, over: new AbortController() };
    this.#leasings.set(name, leasing);
    try {
      const lease = await this.room.ask(interfaceName, leasing.over.signal);
      if (leasing.over.signal.aborted) return await lease.stop();
      leasing.lease = lease;
      lease.events.on("changed", () => this.#tell(name, leasing));
      lease.events.on("ended", (cause) => this.#failed(name, leasing, cause));
      this.#tell(name, leasing);
    } catch (error) {
      this.#failed(name, leasing, error);
    }
  }

  #tell(name: string, { interfaceName, lease }: Leasing): void {
    if (lease === undefined) return;
    // The kernel makes IPv6 addresses of router advertisements.
    this.room.uplinks.setBearer(name, { interfaceName, settings: { ...lease.settings, ipv6: { dns: [] } } });
  }

  #failed(name: string, leasing: Leasing, error: unknown): void {
    if (leasing.over.signal.aborted) return;
    this.#warn(`${name} has no address`, error);
    delete leasing.lease;
    this.room.uplinks.setBearer(name, undefined);
    leasing.cancelRetry = this.room.clock.after(retryMs, () => {
      this.#leasings.delete(name);
      this.#look(this.room.uplinks.state());
    });
  }

  async #drop(name: string): Promise<void> {
    const leasing = this.#leasings.get(name);
    if (leasing === undefined) return;
    this.#leasings.delete(name);
    leasing.cancelRetry?.();
    leasing.over.abort(new ModemError("aborted", "the uplink is not there any more"));
    if (leasing.lease !== undefined) this.room.uplinks.setBearer(name, undefined);
    await leasing.lease?.stop();
  }

  #warn(what: string, error: unknown): void {
    this.room.log.warning(what, { cause: errorText(error) });
  }
}

const hasCarrier = ({ families }: UplinkState): boolean =>
  families[4].presence === "no-address" || families[4].presence === "present";
