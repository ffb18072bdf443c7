/**
 * Every number that wwand takes from the kernel's shared spaces, in one place.
 *
 * Lookups, in the order the kernel asks them:
 * ```text
 *     0  lookup local                              (kernel)
 * 32700  lookup main suppress_prefixlength 0       main, but none of its default routes
 * 32701  from <uplink address> lookup <its table>  replies and bound sockets leave by their own uplink or not at all
 * 32701  oif <uplink interface> lookup <its table> checks with SO_BINDTODEVICE
 * 32710  <what the class is> lookup <group table>  classes of the policy, in their order, one number each
 * 32765  lookup 20000                              wwand's choice
 * 32766  lookup main                               (kernel) foreign defaults, only where we chose nothing
 * ```
 * The priorities lie shortly before 32766 on purpose: a VPN's rules (wg-quick: the next free below the lowest, Tailscale:
 * 52xx) come earlier and keep deciding about their traffic.
 */
export const MAIN_TABLE = 254;
/** Holds at most one default route per family, the chosen one, and the way to name servers that only another uplink has. */
export const WWAND_TABLE = 20_000;
/** The table of the uplink on the interface with this index: unique while the interface lives. */
export const uplinkTableId = (ifindex: number): number => WWAND_TABLE + ifindex;

/** Groups beside the default one: their number of tables is that of `maxClasses`. */
export const groupTableId = (at: number): number => WWAND_TABLE - 1 - at;
export const maxClasses = 32;
/** The lowest of our tables. */
export const FIRST_TABLE = groupTableId(maxClasses - 1);

export const MAIN_WITHOUT_DEFAULTS_PRIORITY = 32_700;
export const UPLINK_RULE_PRIORITY = 32_701;
export const classPriority = (at: number): number => 32_710 + at;
export const WWAND_TABLE_PRIORITY = 32_765;

/** Of every default route of ours, in both families: the same slot, so that a switch replaces. */
export const DEFAULT_METRIC = 1024;
/** Behind any other: the `unreachable` route that stops a lookup instead of letting it reach main. */
export const LAST_RESORT_METRIC = 4_000_000_000;
