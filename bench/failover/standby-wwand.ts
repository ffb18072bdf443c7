/** wwand with the shipped policy and a modem that waits as `standby` says. */
import { Bus } from "../../src/dbus/bus.js";
import { uplinkShows, within } from "../../src/demo/failover.js";
import { WWAND_TABLE } from "../../src/network/routing/tables.js";
import { silentLog } from "../../src/runtime/log.js";
import type { Scope } from "../../src/runtime/scope.js";
import { byPolicy, startWwand, writeFiles } from "../../test/lab/daemon.js";
import { startModem } from "../../test/lab/virtual-modem.js";
import type { World } from "../../test/lab/world.js";
import { type Decider, readyTimeoutMs, StandbyMachine } from "./standby-machine.js";

export type Standby = "hot" | "warm" | "cold";

/** Back soon after the cable, however often; what is left on the modem ends then. None of it hastens the way out. */
const quickReturn = (
  standby: Standby,
): string => `failback = { mode = "steady", spanning = "1s", flaps = { max = 100, within = "1s" } }
uplink.wwan.standby = "${standby}"
check.internet.every.down = "500ms"
group.default.flows = "reset"
`;

/** What net.wwand shows of the modem's uplink when it waits. */
const waiting = {
  hot: { property: "Verdict4", shows: "up" },
  warm: { property: "Presence", shows: "standby" },
  cold: { property: "Presence", shows: "standby" },
} as const satisfies Record<Standby, object>;

export const wwandOnStandby = (scope: Scope, standby: Standby): Promise<StandbyMachine> =>
  StandbyMachine.build(scope, {}, (world) => startDeciding(world, scope, standby));

async function startDeciding(world: World, scope: Scope, standby: Standby): Promise<Decider> {
  const modem = await startModem(world);
  await writeFiles(world, { config: byPolicy(modem.url), policy: { "60-bench.toml": quickReturn(standby) } });
  await startWwand(world);
  const bus = scope.own(new Bus({ address: world.bus.address, log: silentLog }), (opened) => opened.close());
  await bus.connect(AbortSignal.timeout(readyTimeoutMs));
  const { property, shows } = waiting[standby];
  const rests = () =>
    Promise.all([uplinkShows(bus, "ethernet", "Verdict4", "up"), uplinkShows(bus, "wwan", property, shows)]);
  return { table: WWAND_TABLE, rests: () => within(readyTimeoutMs, `wwand with a ${standby} standby`, rests()) };
}
