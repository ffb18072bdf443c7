/** What wwand wants of the packet filter, as one value. Pure data. */
/** One uplink that packets are looked at on their way out of. */
export interface FirewallUplink {
  readonly interfaceName: string;
  /**
   * Packets leave with one of the interface's own addresses or not at all: cellular networks end sessions that send with an
   * address they did not give.
   */
  readonly guards: boolean;
  /** Packets of other machines leave with the uplink's own address, and TCP's segments fit it. */
  readonly masquerade: boolean;
}

export type FirewallPlan = readonly FirewallUplink[];

export interface Firewall {
  /** Brings the packet filter to `plan`; what failed is told in the log and tried again. */
  follow(plan: FirewallPlan): void;
  /** Takes everything back. Idempotent. @throws Error with what stayed */
  close(): Promise<void>;
}

/**
 * Calls `onTouched` after each transaction that had to do with wwand's table, wwand's own included, with the name of the
 * program, and without where some may have been missed. Returns what ends it. @throws Error where the kernel tells nobody
 */
export type WatchTable = (onTouched: (by?: string) => void) => () => void;

/** Where the packet filter is none of wwand's business. */
export const noFirewall: Firewall = { follow: () => undefined, close: () => Promise.resolve() };
