import type { AddressEntry, LinkState } from "../kernel.js";
import type { IpOwner } from "./desired.js";

/** Something of the wish that the kernel did not grant. */
export interface LinkFailure {
  /** In words, e.g. `put 2001:db8::7/64`. */
  readonly doing: string;
  readonly error: unknown;
}

/** What the kernel really has, read back after the last change. */
export interface AppliedLink {
  readonly interfaceName: string;
  readonly owner: IpOwner;
  readonly link: LinkState;
  /** All of the interface, those of others and of router advertisements included. */
  readonly addresses: readonly AddressEntry[];
  readonly failures: readonly LinkFailure[];
}

export interface LinkEvents {
  /** After the first configuration and after every mending. */
  applied: [applied: AppliedLink];
  /** Others changed the interface; it is being mended. `what` in words, e.g. `mtu is 9000 instead of 1430`. */
  drift: [interfaceName: string, what: readonly string[]];
  /** The interface went away (unplug); nothing is kept for it any more. */
  gone: [interfaceName: string];
  /** A client cannot be heard when it asks for routers; it is given time instead. */
  deaf: [interfaceName: string, error: unknown];
  mendFailed: [interfaceName: string, error: unknown];
}
