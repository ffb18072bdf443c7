/** What happens to wwand's uplinks, and how long it takes until the traffic goes on. Every wait ends. */
import { ip } from "../../src/demo/command.js";
import { within } from "../../src/demo/failover.js";
import { cable } from "../../src/demo/topology.js";
import type { Application } from "../application.js";
import { monotonicMs, pause } from "../clock.js";
import { keepAddresses } from "../far-end.js";
import { beginStream, endStream, type Incident, type Lost, lostOf, pull, type Round } from "./pull.js";
import { whileSilent } from "./silence.js";
import type { WwandWorld } from "./wwand.js";

const switchTimeoutMs = 60_000;

/** How long an application is given to work again. */
export const patienceMs = 15_000;

/** A switch without a word of the kernel at its beginning. */
export interface Switch extends Lost {
  /** From the incident to the default route on the other uplink. */
  readonly switchMs: number;
}

/** Pulls the cable of a verified ethernet beside a verified backup. */
export async function cablePull(world: WwandWorld): Promise<Round> {
  await world.ready();
  const cable = { hand: world.hand, ifindex: await world.indexOf("eth0") };
  const round = await pull(cable, world.ears.links, world.echo, await world.leavesBy("wwan0"));
  await world.hand.plug();
  return round;
}

/** The network ends the session of a modem that carries the traffic; ethernet is the backup. Under "70-modem-first.toml". */
export async function bearerLoss(world: WwandWorld): Promise<Switch & { readonly modemMs: number }> {
  await world.ready();
  const left = await world.leavesBy("eth0");
  let modemMs = 0;
  const loss = await switchOf(world, left(), async () => {
    const { askedMs, toldMs } = await world.dropBearer();
    modemMs = toldMs - askedMs;
    return { sinceMs: toldMs, toldMs };
  });
  return { ...loss, modemMs };
}

/** The cable is plugged in again while the backup carries the traffic. */
export async function failback(world: WwandWorld): Promise<Switch> {
  await world.ready();
  const [away, back] = [await world.leavesBy("wwan0"), await world.leavesBy("eth0")];
  const left = away();
  await world.hand.pull();
  await within(switchTimeoutMs, "default route on wwan0", left);
  await pause(500);
  return switchOf(world, back(), async () => {
    const askedMs = monotonicMs();
    await world.hand.plug();
    return { sinceMs: askedMs, toldMs: askedMs };
  });
}

async function switchOf(world: WwandWorld, left: Promise<number>, happens: () => Promise<Incident>): Promise<Switch> {
  await beginStream(world.echo);
  const incident = await happens();
  const switchedMs = await within(switchTimeoutMs, "default route on the other uplink", left);
  const probes = await endStream(world.echo);
  return { switchMs: switchedMs - incident.sinceMs, ...lostOf(probes, incident, switchedMs) };
}

/** Drops everything behind the ISP's router, while `busy` talks or in silence; resolves with the time to the switch. */
export async function blackhole(world: WwandWorld, busy?: Application): Promise<number> {
  await world.ready();
  await busy?.begin();
  // At any moment between two questions of wwand; and a connection is known by then.
  await pause(1_000 + Math.random() * 1_000);
  const switched = (await world.leavesBy("wwan0"))();
  const tookMs = await whileSilent(
    world.isp,
    async (droppedMs) => (await within(switchTimeoutMs, "default route on wwan0", switched)) - droppedMs,
  );
  await busy?.end();
  return tookMs;
}

/** Pulls the cable under these applications: for each the time until it works again; undefined: not within the patience. */
export async function applicationsOver(
  world: WwandWorld,
  applications: readonly Application[],
): Promise<readonly (number | undefined)[]> {
  await world.ready();
  await Promise.all(applications.map((application) => application.begin()));
  await pause(1_000);
  const again = Promise.all(applications.map((application) => application.again(patienceMs)));
  const pulledMs = await world.hand.pull();
  const moments = await again;
  await Promise.all(applications.map((application) => application.end()));
  await world.hand.plug();
  return moments.map((atMs) => (atMs === undefined ? undefined : atMs - pulledMs));
}

/** Another cable to the ISP, whose two ends have the same index: the kernel is in no hurry to tell of its carrier then. */
export async function equalIndexes(): Promise<void> {
  await ip("link delete eth0");
  await cable(
    { netns: "", name: "eth0", index: 60, addresses: ["192.0.2.10/24", "2001:db8:1::10/64"] },
    { netns: "isp", name: "lan0", index: 60, addresses: ["192.0.2.1/24", "2001:db8:1::1/64"] },
  );
  await keepAddresses("isp");
  await ip("route add default via 192.0.2.1 dev eth0");
  await ip("route add default via 2001:db8:1::1 dev eth0");
}
