/** What becomes of connections when traffic moves. */
import t from "tap";
import { Flows } from "../../src/network/flows/flows.js";
import type { LocalFlow } from "../../src/network/flows/types.js";
import { groupOf, leavesByDefault } from "../../src/network/flows/which.js";
import type { RouteEntry } from "../../src/network/kernel.js";
import type { UplinkObservation } from "../../src/network/plan/types.js";
import { createLog } from "../../src/runtime/log.js";
import { ethernetFirst, policyOf } from "../config/policies.js";
import { VirtualClock } from "../fakes/clock.js";
import { down, eth, lte, unplugged, up } from "./story.js";

const flow = (remoteAddress: string, more: Partial<LocalFlow> = {}): LocalFlow => ({
  family: 4,
  localAddress: "192.0.2.7",
  localPort: 40_000,
  remoteAddress,
  remotePort: 443,
  uid: 0,
  mark: 0,
  ...more,
});
const download = flow("203.0.113.80");
const fromLan = flow("192.0.2.50", { localPort: 22, remotePort: 50_000 });
const ssh = flow("203.0.113.9", { localPort: 22, remotePort: 50_000 });

const route = (destination: string): RouteEntry => ({
  family: 4,
  table: 254,
  type: "unicast",
  destination,
  ifindex: 2,
  metric: 0,
  protocol: 2,
  scope: "link",
  onLink: false,
  linkDown: false,
});
const main = [route("default"), route("192.0.2.0/24"), route("10.0.0.0/8")];

const policyWith = (flows: string, more = "") =>
  policyOf(`${ethernetFirst.replace('["lte"]] }', `["lte"]], ${flows} }`)}${more}`);

class World {
  readonly clock = new VirtualClock();
  readonly lines: string[] = [];
  readonly ended: string[] = [];
  live = [download, fromLan, ssh];
  readonly flows = new Flows({
    port: {
      flows: async (source) => this.live.filter(({ localAddress }) => localAddress === source),
      reset: async (one) => {
        this.live = this.live.filter((other) => other !== one);
        this.ended.push(one.remoteAddress);
      },
    },
    kernel: { routes: async () => main },
    clock: this.clock,
    log: createLog("info", (line) => this.lines.push(line.trimEnd())),
  });
}

const away = { family: 4, from: "eth", to: "lte" } as const;
const dead: readonly UplinkObservation[] = [eth(down()), lte(up())];
const alive: readonly UplinkObservation[] = [eth(up()), lte(up())];

t.test("ethernet died: connections to the world end at once, those of the local network stay", async (t) => {
  const world = new World();
  await world.flows.moved(away, policyWith('flows = "drain"'), dead);
  t.strictSame(world.ended, ["203.0.113.80", "203.0.113.9"]);
  t.match(world.lines, [/^<6>IPv4 connections over eth ended: their programs connect again count=2/]);
});

t.test("the cable was pulled: its address is still there, and so are its connections", async (t) => {
  const world = new World();
  await world.flows.moved(away, policyWith('flows = "drain"'), [eth(unplugged()), lte(up())]);
  t.strictSame(world.ended, ["203.0.113.80", "203.0.113.9"]);
});

t.test("drain: from a living uplink they end when they had their time, unless traffic is back by then", async (t) => {
  const world = new World();
  const policy = policyWith('flows = "drain", drain = "20s"');
  await world.flows.moved(away, policy, alive);
  await world.clock.advance(19_000);
  t.strictSame(world.ended, []);
  await world.flows.moved({ family: 4, from: "lte", to: "eth" }, policy, alive);
  await world.clock.advance(60_000);
  t.strictSame(world.ended, [], "back on ethernet");
  await world.flows.moved(away, policy, alive);
  await world.clock.advance(20_000);
  t.strictSame(world.ended, ["203.0.113.80", "203.0.113.9"]);
});

t.test("keep keeps them, whatever happened; reset ends them also where ethernet lives", async (t) => {
  const keeping = new World();
  await keeping.flows.moved(away, policyWith('flows = "keep"'), dead);
  await keeping.clock.advance(3_600_000);
  t.strictSame(keeping.ended, []);
  const resetting = new World();
  await resetting.flows.moved(away, policyWith('flows = "reset"'), alive);
  t.strictSame(resetting.ended, ["203.0.113.80", "203.0.113.9"]);
});

t.test("nowhere to go: nothing is ended, until something lives again", async (t) => {
  const world = new World();
  const policy = policyWith('flows = "reset"');
  await world.flows.moved(away, policy, [eth(down()), lte(down())]);
  await world.flows.moved({ family: 4, from: "eth", to: undefined }, policy, [eth(down()), lte(unplugged())]);
  t.strictSame(world.ended, []);
  await world.flows.moved({ family: 4, from: undefined, to: "lte" }, policy, dead);
  t.strictSame(world.ended, ["203.0.113.80", "203.0.113.9"]);
});

t.test("a class with a group of its own keeps its connections when all other traffic moves", async (t) => {
  const world = new World();
  const policy = policyWith(
    'flows = "reset"',
    '\n[group.control]\ntiers = [["eth"], ["lte"]]\nflows = "keep"\n[class.ssh]\norder = 1\nany = [{ local-port = 22 }]\ngroup = "control"\n',
  );
  await world.flows.moved(away, policy, dead);
  t.strictSame(world.ended, ["203.0.113.80"]);
  await world.flows.moved({ ...away, group: "control" }, policy, dead);
  t.strictSame(world.ended, ["203.0.113.80"]);
});

t.test("a kernel that cannot tell is told once, and nothing hangs", async (t) => {
  const world = new World();
  const flows = new Flows({
    port: { flows: () => Promise.reject(new Error("dump TCP connections: ENOENT")), reset: async () => undefined },
    kernel: { routes: async () => main },
    clock: world.clock,
    log: createLog("info", (line) => world.lines.push(line.trimEnd())),
  });
  await flows.moved(away, policyWith('flows = "reset"'), dead);
  t.match(world.lines, [/^<4>connections over the uplink that was left were not ended error=".*ENOENT"/]);
});

t.test(
  "a kernel that cannot end connections: that is told with its cause; one that ended by itself is nobody's business",
  async (t) => {
    for (const [code, lines] of [
      ["EOPNOTSUPP", 1],
      ["ENOENT", 0],
    ] as const) {
      const world = new World();
      const flows = new Flows({
        port: {
          flows: async () => [download],
          reset: () => Promise.reject(Object.assign(new Error(`end a TCP connection: ${code}`), { code })),
        },
        kernel: { routes: async () => main },
        clock: world.clock,
        log: createLog("info", (line) => world.lines.push(line.trimEnd())),
      });
      await flows.moved(away, policyWith('flows = "reset"'), dead);
      t.equal(world.lines.length, lines, code);
      if (lines > 0) t.match(world.lines, [/^<4>1 connections over eth were not ended error=".*EOPNOTSUPP"/]);
    }
  },
);

t.test("closed: what was draining stays", async (t) => {
  const world = new World();
  await world.flows.moved(away, policyWith('flows = "drain"'), alive);
  world.flows.close();
  await world.clock.advance(3_600_000);
  t.strictSame(world.ended, []);
});

t.test("which class: every key of a selector has to fit, the first class decides", async (t) => {
  const { classes } = policyOf(`${ethernetFirst}
[group.a]
tiers = [["eth"]]
[group.b]
tiers = [["lte"]]
[class.one]
order = 1
any = [{ port = 443, uid = "1000-1999" }, { mark = "0x10/0xf0" }]
group = "a"
[class.two]
order = 2
any = [{ port = 443 }, { to = "203.0.113.0/24" }, { port = 53, protocol = "udp" }, { interface = "br0" }]
group = "b"
`);
  t.equal(groupOf(flow("198.51.100.1", { uid: 1500 }), classes), "a");
  t.equal(groupOf(flow("198.51.100.1", { uid: 999 }), classes), "b");
  t.equal(groupOf(flow("198.51.100.1", { remotePort: 80, mark: 0x12 }), classes), "a");
  t.equal(groupOf(flow("203.0.113.5", { remotePort: 80 }), classes), "b");
  t.equal(groupOf(flow("198.51.100.1", { remotePort: 53 }), classes), "default");
});

t.test("what another route than the default leads to is not moved by a switch", async (t) => {
  t.equal(leavesByDefault(flow("203.0.113.80"), main), true);
  t.equal(leavesByDefault(flow("192.0.2.50"), main), false);
  t.equal(leavesByDefault(flow("10.9.8.7"), main), false);
  t.equal(leavesByDefault(flow("2001:db8::1", { family: 6 }), main), true);
});
