/** The packet filter's rules as `nft -f` takes them: one table of wwand's own, put in whole. Pure. */
import type { IpFamily } from "../types.js";
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

/** What asks for an address has none yet, and neighbour discovery is link-local. */
const always = { 4: ["0.0.0.0"], 6: ["::", "fe80::/10"] } as const satisfies Record<IpFamily, readonly string[]>;

function guardRules({ interfaceName, sources }: FirewallUplink): readonly string[] {
  if (sources === undefined) return [];
  const rule = (family: IpFamily) => {
    const allowed = [...always[family], ...sources[family]].join(", ");
    return `oifname ${quoted(interfaceName)} ${family === 4 ? "ip" : "ip6"} saddr != { ${allowed} } counter drop`;
  };
  return [rule(4), rule(6)];
}

/** The kernel allows almost any character in a name; nft's strings end at a quote, and `*` means any. */
function quoted(interfaceName: string): string {
  if (/["*\\]/.test(interfaceName)) throw new RangeError(`interface ${interfaceName} cannot be named to nft`);
  return `"${interfaceName}"`;
}
