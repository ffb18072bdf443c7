/**
 * Data calls with their IPv4 address: where the modem tells none, or the configuration wants it so, it is asked for by DHCP
 * before the call counts as up, and the call ends with its lease. A client that owns the addresses asks by itself.
 */
import type { IpSettings } from "../network/types.js";
import { abortError } from "../runtime/abort.js";
import { errorText, ModemError } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import type { IpOwner, Lease, LeasePort } from "./link-port.js";
import type { DataCall, DataCallPort } from "./ports.js";
import type { DataCallRequest, IpMethod, PacketStatistics } from "./types.js";

export interface LeasedCallsRoom {
  readonly calls: DataCallPort;
  /** Absent: who is told `dhcp` has to ask by itself, whoever it is. */
  readonly leases: LeasePort | undefined;
  /** As configured now; undefined: what the modem offers. */
  readonly method: () => IpMethod | undefined;
  readonly log: Log;
  /** Stops a call that nobody else knows of; ends by itself. */
  stop(handle: number): Promise<void>;
  /** The lease ran out: the call carries nothing any more. */
  ended(handle: number, error: ModemError): void;
  changed(handle: number, settings: IpSettings): void;
}

/** One call between the modem's yes and its end. */
interface Leasing {
  /** Ends the asking. */
  readonly over: AbortController;
  lease?: Lease;
}

export class LeasedCalls {
  readonly #leasings = new Map<number, Leasing>();

  constructor(private readonly room: LeasedCallsRoom) {}

  get maxCalls(): number {
    return this.room.calls.maxCalls;
  }

  /** An abort stops the call again. */
  async start(request: DataCallRequest, owner: IpOwner, signal: AbortSignal): Promise<DataCall> {
    const call = await this.room.calls.start(request, signal);
    try {
      const settings = this.#asConfigured(call.settings);
      if (settings.ipv4?.method !== "dhcp" || owner === "client") return { ...call, settings };
      return { ...call, settings: await this.#lease(call, settings, signal) };
    } catch (error) {
      await this.#giveUp(call.handle);
      throw error;
    }
  }

  async stop(handle: number, signal: AbortSignal): Promise<void> {
    await this.#release(handle);
    await this.room.calls.stop(handle, signal);
  }

  statistics(handle: number, signal: AbortSignal): Promise<PacketStatistics> {
    return this.room.calls.statistics(handle, signal);
  }

  /** The modem or the network has ended the call. */
  dropped(handle: number, error: ModemError): void {
    void this.#release(handle, error);
  }

  /** The modem told other settings; those of the lease go on where it tells no address. */
  changed(handle: number, told: IpSettings): void {
    const { lease } = this.#leasings.get(handle) ?? {};
    this.room.changed(handle, lease === undefined ? told : withLease(told, lease));
  }

  /** Gives every lease back. */
  async close(): Promise<void> {
    await Promise.all([...this.#leasings.keys()].map((handle) => this.#release(handle)));
  }

  #asConfigured(settings: IpSettings): IpSettings {
    const method = this.room.method();
    const { ipv4 } = settings;
    if (method === undefined || ipv4 === undefined) return settings;
    const offered = ipv4.method === "dhcp" ? "dhcp" : (ipv4.obtained ?? "static");
    // Behind an interface of PPP nobody serves DHCP.
    if (method === "dhcp" && offered !== "ppp") return { ...settings, ipv4: { method: "dhcp" } };
    if (offered === method) return settings;
    throw new ModemError("unsupported", `ip-method is ${method}, and this modem has ${offered} only`);
  }

  async #lease(call: DataCall, settings: IpSettings, signal: AbortSignal): Promise<IpSettings> {
    const { leases } = this.room;
    if (leases === undefined) return settings;
    const leasing: Leasing = { over: new AbortController() };
    this.#leasings.set(call.handle, leasing);
    const isOver = AbortSignal.any([signal, leasing.over.signal]);
    const lease = await leases.obtain(call.interfaceName, isOver);
    if (isOver.aborted) {
      // Whoever ended it had no lease to give back yet.
      await lease.stop();
      throw abortError("DHCP", isOver);
    }
    leasing.lease = lease;
    lease.events.on("changed", () => this.room.changed(call.handle, withLease(settings, lease)));
    lease.events.on("ended", (cause) => this.#ended(call.handle, cause));
    return withLease(settings, lease);
  }

  #ended(handle: number, cause: ModemError): void {
    if (!this.#leasings.has(handle)) return;
    void this.#giveUp(handle);
    this.room.ended(handle, cause);
  }

  async #giveUp(handle: number): Promise<void> {
    try {
      await this.#release(handle);
      await this.room.stop(handle);
    } catch (error) {
      this.room.log.warning("data call without an address not stopped", { cause: errorText(error) });
    }
  }

  async #release(handle: number, reason = new ModemError("aborted", "the data call is over")): Promise<void> {
    const leasing = this.#leasings.get(handle);
    this.#leasings.delete(handle);
    leasing?.over.abort(reason);
    await leasing?.lease?.stop();
  }
}

/** What only the modem can know (IPv6), and what only the server told; the smaller MTU goes for both. */
function withLease(told: IpSettings, { settings: { mtu, ipv4 } }: Lease): IpSettings {
  const mtus = [told.mtu, mtu].filter((one) => one !== undefined);
  return { ...told, ...(mtus.length === 0 ? {} : { mtu: Math.min(...mtus) }), ...(ipv4 === undefined ? {} : { ipv4 }) };
}
