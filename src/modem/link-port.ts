/**
 * What the domain asks of the link, and what it tells the uplinks. Owned by the core; network/ or main.ts satisfies the
 * port, a test does it with an object literal.
 */
import type { EventEmitter } from "eventemitter3";
import type { IpSettings } from "../network/types.js";
import type { ModemError } from "../runtime/error.js";
import type { ContextType } from "./api.js";

/**
 * Who assigns addresses, routes and DNS on the bearer's interface. `client`: wwand raises the link, sets MTU, raw-ip and
 * the link-local interface id, nothing else.
 */
export type IpOwner = "self" | "client";

export interface LinkPort {
  /**
   * Brings the interface to `settings`; resolves when the kernel has agreed, before anybody hears that the bearer is up.
   * Called again with other settings on a living bearer: apply the difference. Rejects with the kernel's errno as cause.
   */
  raise(interfaceName: string, settings: IpSettings, owner: IpOwner, signal: AbortSignal): Promise<void>;
  /** Takes back what `raise` did. Idempotent; an interface that is gone already is no error. */
  withdraw(interfaceName: string): Promise<void>;
}

/** An address that a DHCP server gave, kept until it is given back. */
export interface Lease {
  /** As they are now. */
  readonly settings: IpSettings;
  readonly events: EventEmitter<LeaseEvents>;
  /** Gives it back. Idempotent; `ended` does not follow. */
  stop(): Promise<void>;
}

export interface LeaseEvents {
  changed: [settings: IpSettings];
  ended: [cause: ModemError];
}

export interface LeasePort {
  /** Raises the interface and asks until `signal`. @throws ModemError with the cause: nobody answers, refused, no client */
  obtain(interfaceName: string, signal: AbortSignal): Promise<Lease>;
}

/** One data call that carries packets. */
export interface Bearer {
  /** The modem's path on the bus. */
  readonly modemPath: string;
  readonly contextNumber: number;
  /** Only an internet context carries what its own client did not address to it. */
  readonly contextType: ContextType;
  /** The configuration has it beside the one for the internet: it carries what is sent to its interface, nothing else. */
  readonly isBeside: boolean;
  readonly interfaceName: string;
  readonly settings: IpSettings;
  readonly owner: IpOwner;
}

/**
 * Facts for the uplinks, each told in the turn in which it happened. After `lost` follows `up` (the quick re-activation
 * worked; the settings may differ) or `down`. The bus hears of a loss only at `down`.
 */
export interface BearerEvents {
  /** The link is configured and packets flow. */
  up: [bearer: Bearer];
  /** The network gave the living bearer other addresses; the link follows them already. */
  changed: [bearer: Bearer];
  /** No packet goes through any more; a quick re-activation runs. */
  lost: [bearer: Bearer, reason: ModemError];
  /** The interface's configuration is being taken back. */
  down: [bearer: Bearer];
}
