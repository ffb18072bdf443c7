/** What becomes of connections when traffic moves. */
import t from "tap";
import { Flows } from "../../src/network/flows/flows.js";
import type { LocalFlow, TrackedFlow } from "../../src/network/flows/types.js";
import { groupOf, leavesByDefault } from "../../src/network/flows/which.js";
import type { LinkState, RouteEntry } from "../../src/network/kernel.js";
import type { UplinkObservation } from "../../src/network/plan/types.js";
import { createLog } from "../../src/runtime/log.js";
import { ethernetFirst, policyOf } from "../config/policies.js";
import { VirtualClock } from "../fakes/clock.js";
import { down, eth, lte, unplugged, up } from "./story.js";

const flow = (remoteAddress: string, more: Partial<LocalFlow> = {}): LocalFlow => ({
  family: 4,
  protocol: 6,
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
const datagrams = (remoteAddress: string, more: Partial<LocalFlow> = {}) =>
  flow(remoteAddress, { protocol: 17, ...more });

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
const main = [
  route("default"),
  route("192.0.2.0/24"),
  route("10.0.0.0/8"),
  { ...route("192.168.7.0/24"), ifindex: 3 },
  { ...route("192.168.8.0/24"), ifindex: 4 },
];

const lan: LinkState = {
  ifindex: 3,
  name: "br0",
  up: true,
  carrier: true,
  operState: "up",
  mtu: 1_500,
  iflink: 3,
  noArp: false,
  loopback: false,
};

const policyWith = (flows: string, more = "", uplinks = ethernetFirst) =>
  policyOf(`${uplinks.replace('["lte"]] }', `["lte"]], ${flows} }`)}${more}`);

const forwarded = (localAddress: string, leavesWith: string, more: Partial<TrackedFlow> = {}): TrackedFlow => ({
  ...flow("203.0.113.80", { protocol: 17, localAddress, remotePort: 51_820 }),
  leavesWith,
  ...more,
});
const translated = forwarded("192.168.7.2", "192.0.2.7");
const routed = forwarded("192.168.7.3", "192.168.7.3");

class World {
  readonly clock = new VirtualClock();
  readonly lines: string[] = [];
  readonly ended: string[] = [];
  live: readonly LocalFlow[] = [download, fromLan, ssh];
  tracked: TrackedFlow[] = [];
  readonly forgotten: string[] = [];
  /** What the kernel says of an entry that is to go. */
  refusal: string | undefined;
  readonly flows = new Flows({
    port: {
      flows: async (source, transport) =>
        this.live.filter(
          ({ localAddress, protocol }) => localAddress === source && protocol === { tcp: 6, udp: 17 }[transport],
        ),
      reset: async (one) => {
        this.live = this.live.filter((other) => other !== one);
        this.ended.push(one.remoteAddress);
      },
    },
    tracked: {
      leavingWith: async (address) =>
        this.tracked.filter(({ leavesWith, localAddress }) => leavesWith === address && localAddress !== address),
      untranslated: async () => this.tracked.filter(({ leavesWith, localAddress }) => leavesWith === localAddress),
      forget: async ({ localAddress }) => {
        if (this.refusal !== undefined) throw Object.assign(new Error(this.refusal), { code: this.refusal });
        this.forgotten.push(localAddress);
      },
    },
    kernel: { routes: async () => main, links: async () => [lan] },
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

t.test("connected UDP sockets: as connections, by the same policy and classes", async (t) => {
  const syslog = datagrams("203.0.113.81", { remotePort: 514 });
  const quic = datagrams("203.0.113.82");
  const control =
    '\n[group.control]\ntiers = [["eth"], ["lte"]]\nflows = "keep"\n[class.logs]\norder = 1\nany = [{ port = 514, protocol = "udp" }]\ngroup = "control"\n';
  for (const [flows, more, observed, ended] of [
    ['flows = "drain"', "", dead, ["203.0.113.81", "203.0.113.82"]],
    ['flows = "reset"', "", alive, ["203.0.113.81", "203.0.113.82"]],
    ['flows = "keep"', "", dead, []],
    ['flows = "drain"', "", alive, []],
    ['flows = "reset"', control, dead, ["203.0.113.82"]],
  ] as const) {
    const world = new World();
    world.live = [syslog, quic];
    await world.flows.moved(away, policyWith(flows, more), observed);
    t.strictSame(world.ended, ended, `${flows}${more}`);
    t.match(
      world.lines,
      ended.length === 0 ? [] : [/^<6>IPv4 connected UDP sockets over eth ended: their programs connect again/],
    );
  }
});

t.test("sockets that a switch has nothing to do with stay", async (t) => {
  const world = new World();
  world.live = [
    datagrams("203.0.113.82", { boundTo: 2 }),
    flow("203.0.113.82", { boundTo: 2 }),
    datagrams("203.0.113.67", { localPort: 68, remotePort: 67 }),
    datagrams("239.1.2.3"),
    datagrams("255.255.255.255"),
    datagrams("192.0.2.50", { remotePort: 514 }),
    datagrams("192.0.2.7"),
    flow("198.51.100.5"),
  ];
  await world.flows.moved(away, policyWith('flows = "reset"'), [eth(down()), lte(up())]);
  const what =
    "bound to their interface, a DHCP client's, to a group, to all, to the local network, to itself, to the modem's own address";
  t.strictSame(world.ended, [], what);
});

t.test("a kernel that cannot tell is told once, and nothing hangs", async (t) => {
  const world = new World();
  const flows = new Flows({
    port: {
      flows: (_, transport) => Promise.reject(new Error(`dump ${transport} sockets: ENOENT`)),
      reset: async () => undefined,
    },
    kernel: { routes: async () => main, links: async () => [] },
    clock: world.clock,
    log: createLog("info", (line) => world.lines.push(line.trimEnd())),
  });
  for (const _ of ["a switch", "another"]) await flows.moved(away, policyWith('flows = "reset"'), dead);
  t.match(world.lines, [
    /^<4>connections over the uplink that was left were not ended error=".*tcp.*ENOENT"/,
    /^<4>connected UDP sockets over the uplink that was left were not ended error=".*udp.*ENOENT"/,
  ]);
  t.equal(world.lines.length, 2);
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
          flows: async (_, transport) => (transport === "tcp" ? [download] : []),
          reset: () => Promise.reject(Object.assign(new Error(`end a socket: ${code}`), { code })),
        },
        kernel: { routes: async () => main, links: async () => [] },
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
  t.equal(groupOf(flow("198.51.100.1", { remotePort: 53, protocol: 17 }), classes), "b");
  t.equal(groupOf(flow("198.51.100.1", { remotePort: 80, inInterface: "br0" }), classes), "b");
});

t.test("what another route than the default leads to is not moved by a switch", async (t) => {
  t.equal(leavesByDefault(flow("203.0.113.80"), main), true);
  t.equal(leavesByDefault(flow("192.0.2.50"), main), false);
  t.equal(leavesByDefault(flow("10.9.8.7"), main), false);
  t.equal(leavesByDefault(flow("2001:db8::1", { family: 6 }), main), true);
});

const masquerading = (flows: string, more = "") =>
  policyWith(flows, more, ethernetFirst.replace("[uplink.lte]", "[uplink.lte]\nmasquerade = true"));

t.test(
  "what is forwarded begins anew at once, for there is no old way for it: reset, and drain from a living uplink",
  async (t) => {
    for (const flows of ['flows = "reset"', 'flows = "drain", drain = "20s"']) {
      const world = new World();
      world.live = [];
      world.tracked = [translated, routed];
      await world.flows.moved(away, masquerading(flows), alive);
      t.strictSame(world.forgotten.sort(), ["192.168.7.2", "192.168.7.3"], flows);
      t.match(world.lines, [/^<6>forwarded IPv4 flows begin anew over lte count=2/]);
    }
  },
);

t.test("forwarded flows that stay: kept ones, those that go nowhere new, those of another class", async (t) => {
  const keeping = new World();
  keeping.tracked = [translated, routed];
  await keeping.flows.moved(away, masquerading('flows = "keep"'), dead);
  t.strictSame(keeping.forgotten, [], "keep");

  const routing = new World();
  routing.tracked = [translated, routed];
  await routing.flows.moved(away, policyWith('flows = "reset"'), dead);
  t.strictSame(routing.forgotten, ["192.168.7.2"], "an uplink that does not masquerade: what is routed stays routed");

  const others = new World();
  others.tracked = [
    forwarded("192.168.7.3", "192.168.7.3", { remoteAddress: "192.168.8.9" }),
    forwarded("203.0.113.9", "203.0.113.9", { remoteAddress: "192.168.7.9" }),
    forwarded("192.0.2.7", "192.0.2.7"),
    forwarded("192.168.7.2", "198.51.100.5"),
    forwarded("192.168.7.2", "100.64.0.1"),
  ];
  const what =
    "between two LANs, from the world to a server here, of this machine, of the new uplink, of somebody's VPN";
  await others.flows.moved(away, masquerading('flows = "reset"'), dead);
  t.strictSame(others.forgotten, [], what);
  t.strictSame(
    others.lines.filter((line) => line.includes("forwarded")),
    [],
  );

  const classes = new World();
  classes.tracked = [translated, forwarded("192.168.8.3", "192.168.8.3")];
  const guests =
    '\n[group.control]\ntiers = [["eth"], ["lte"]]\n[class.lan]\norder = 1\nany = [{ interface = "br0" }]\ngroup = "control"\n';
  await classes.flows.moved(away, masquerading('flows = "reset"', guests), dead);
  t.strictSame(classes.forgotten, ["192.168.8.3"], "what came in by br0 has not moved");
  await classes.flows.moved({ ...away, group: "control" }, masquerading('flows = "reset"', guests), dead);
  t.strictSame(classes.forgotten, ["192.168.8.3", "192.168.7.2"]);
});

t.test("an entry that ended by itself is nobody's business; one that hardware holds on to is told of", async (t) => {
  for (const [refusal, told] of [
    ["ENOENT", []],
    ["EBUSY", [/^<4>1 forwarded IPv4 flows keep the source of an uplink that was left error=EBUSY/]],
  ] as const) {
    const world = new World();
    world.live = [];
    world.tracked = [translated];
    world.refusal = refusal;
    await world.flows.moved(away, masquerading('flows = "reset"'), dead);
    t.match(world.lines, told, refusal);
    t.equal(world.lines.length, told.length, refusal);
  }
});
