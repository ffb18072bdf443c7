/** The packet filter's rules as `nft -f` takes them: one table of wwand's own, put in whole. Pure. */
import type { FirewallPlan, FirewallUplink } from "./types.js";

export const tableName = "wwand";

/** Gone, whether it was there or not. */
export const removal = `table inet ${tableName}\ndelete table inet ${tableName}\n`;

/** Behind source NAT (100), where packets have the address that they leave with. @see linux/netfilter_ipv4.h */
const guardPriority = 150;

/** One transaction: the table is never missing, nor half there. */
export function rulesetOf(plan: FirewallPlan): string {
  if (plan.length === 0) return removal;
  const masquerading = plan.filter(({ masquerade }) => masquerade);
  const names = masquerading.map(({ interfaceName }) => quoted(interfaceName)).join(", ");
  return [
    removal.trimEnd(),
    `table inet ${tableName} {`,
    ...chain("guard", `type filter hook postrouting priority ${guardPriority}`, plan.flatMap(guardRules)),
    ...(masquerading.length === 0
      ? []
      : [
          ...chain("source", "type nat hook postrouting priority srcnat", [`oifname { ${names} } masquerade`]),
          ...chain("segments", "type filter hook forward priority mangle", [
            `oifname { ${names} } tcp flags syn tcp option maxseg size set rt mtu`,
            `iifname { ${names} } tcp flags syn tcp option maxseg size set rt mtu`,
          ]),
        ]),
    "}",
    "",
  ].join("\n");
}

const chain = (name: string, hook: string, rules: readonly string[]): readonly string[] =>
  rules.length === 0
    ? []
    : [`  chain ${name} {`, `    ${hook}; policy accept;`, ...rules.map((rule) => `    ${rule}`), "  }"];

/**
 * The kernel itself is asked whether the address is the interface's: one that the network has just given is allowed as soon as it
 * is there. What asks for an address has none yet, and neighbour discovery is link-local.
 */
function guardRules({ interfaceName, guards }: FirewallUplink): readonly string[] {
  if (!guards) return [];
  const foreign = "fib saddr . oif type != local counter drop";
  const name = quoted(interfaceName);
  return [
    `oifname ${name} ip saddr != 0.0.0.0 ${foreign}`,
    `oifname ${name} ip6 saddr != { ::, fe80::/10 } ${foreign}`,
  ];
}

/** The kernel allows almost any character in a name; nft's strings end at a quote, and `*` means any. */
function quoted(interfaceName: string): string {
  if (/["*\\]/.test(interfaceName)) throw new RangeError(`interface ${interfaceName} cannot be named to nft`);
  return `"${interfaceName}"`;
}
