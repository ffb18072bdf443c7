/** Two cables under wwand: ethernet by the ISP, and a backup by the carrier. No modem, which would cost the guest most. */
import { startWwand, writeFiles } from "../../lab/daemon.js";
import type { Program } from "../../lab/program.js";
import { internetHost, type World } from "../../lab/world.js";
import type { Guest } from "./guest.js";

/** What the carrier has assigned. */
export const backup = { ipv4: "198.18.64.10", ipv6: "2001:db8:64::10" } as const;

/** Questions have ten times as long as an answer takes here. */
const policy = `version = 1
failback = { mode = "steady", spanning = "2s" }

[uplink.ethernet]
match = { name = "eth0" }
check = "internet"

[uplink.backup]
match = { name = "*" }
check = "internet"

[check.internet]
targets = ["icmp://${internetHost.ipv4}"]
timeout = "1s"
every   = { idle = "1s", suspect = "500ms", down = "1s" }
verdict = { down = 3, up = 2 }

[group]
default = { tiers = [["ethernet"], ["backup"]] }
`;

export interface TwoCables {
  readonly world: World;
  readonly daemon: Program;
  /** Resolves when wwand has told this move of IPv4 traffic, since it was last asked for one. */
  moves(from: string, to: string): Promise<string>;
  /** Those that it has told since then, as lines of its log. */
  untold(): readonly string[];
}

/** @param before What is so before wwand comes. */
export async function twoCables(
  g: Guest,
  more: string,
  before?: (world: World) => Promise<unknown>,
): Promise<TwoCables> {
  const world = await g.world();
  const carrier = world.carrier.name;
  await world.host.batch([
    `link add eth1 index 11 type veth peer name lan1 index 42 netns ${carrier}`,
    `address add ${backup.ipv4}/24 dev eth1`,
    `address add ${backup.ipv6}/64 dev eth1 nodad`,
    "link set eth1 up",
    "route add default via 198.18.64.1 dev eth1 metric 200",
    "route add default via 2001:db8:64::1 dev eth1 metric 2000",
  ]);
  await world.carrier.batch([
    "address add 198.18.64.1/24 dev lan1",
    "address add 2001:db8:64::1/64 dev lan1 nodad",
    "link set lan1 up",
  ]);
  await before?.(world);
  await writeFiles(world, {
    config: "",
    policy: { "10-ethernet-first.toml": policy, "50-targets.toml": undefined, "60.toml": more },
  });
  const daemon = await startWwand(world);
  // Its rules are this machine's.
  g.atEnd(() => daemon.end());
  let from = 0;
  const moves = async (one: string, other: string) => {
    const line = await daemon.line(new RegExp(`uplinks: IPv4 traffic: ${one} -> ${other}`), from);
    from = daemon.lines.indexOf(line, from) + 1;
    return line;
  };
  return {
    world,
    daemon,
    moves,
    untold: () => daemon.lines.slice(from).filter((line) => /uplinks: IPv4 traffic: /.test(line)),
  };
}
