import t from "tap";
import type { AddressEntry, LinkState, RouteEntry } from "../../src/network/kernel.js";
import { type Bearer, observe, type Sources } from "../../src/network/observe.js";
import { isAmbiguous, pictureAfter, pictureOf } from "../../src/network/picture.js";
import { eligibilityOf, eligibilityText } from "../../src/network/plan/eligibility.js";
import type { Policy, RoamingRule } from "../../src/network/policy/types.js";
import type { ProbeReport } from "../../src/network/probe/prober.js";
import type { ServingNetwork } from "../../src/network/types.js";
import { uplinkOfModem } from "../../src/network/uplinks/modem.js";
import { policyOf } from "../config/policies.js";

const link = (ifindex: number, name: string, carrier = true): LinkState => ({
  ifindex,
  name,
  up: true,
  carrier,
  operState: carrier ? "up" : "lowerLayerDown",
  mtu: 1500,
  iflink: ifindex,
  noArp: false,
  loopback: name === "lo",
});

const address = (ifindex: number, text: string, more: Partial<AddressEntry> = {}): AddressEntry => ({
  family: text.includes(":") ? 6 : 4,
  ifindex,
  address: text,
  prefixLength: text.includes(":") ? 64 : 24,
  scope: "global",
  tentative: false,
  dadFailed: false,
  permanent: true,
  ...more,
});

const route = (ifindex: number, gateway: string, metric = 0): RouteEntry => ({
  family: gateway.includes(":") ? 6 : 4,
  table: 254,
  type: "unicast",
  destination: "default",
  ifindex,
  gateway,
  metric,
  protocol: 16,
  scope: "global",
  onLink: false,
  linkDown: false,
});

interface World {
  readonly links?: readonly LinkState[];
  readonly addresses?: readonly AddressEntry[];
  readonly routes?: readonly RouteEntry[];
  readonly bearers?: Readonly<Record<string, Bearer>>;
  readonly reports?: Readonly<Record<string, ProbeReport>>;
  readonly before?: string;
}

/** `eth 4: present` and so on, with the reason where there is one. */
function seen(policy: Policy, world: World): readonly string[] {
  const { links = [], addresses = [], routes = [], bearers = {}, reports = {}, before } = world;
  const sources: Sources = {
    picture: pictureOf(links, addresses, routes),
    bearers: new Map(Object.entries(bearers)),
    holds: new Map(),
    networks: new Map(),
    usage: () => undefined,
    report: (uplink, family) => reports[`${uplink} ${family}`],
    presentSinceMs: () => 0,
    previousInterface: () => before,
    oneDefaultOnly: false,
    nowMs: 60_000,
  };
  return observe(policy, sources).flatMap(({ name, interfaceName, families }) =>
    ([4, 6] as const).map((family) => {
      const { presence, verdict, gateway, evidence } = families[family];
      const via = gateway === undefined ? "" : ` via ${gateway}`;
      const what = presence === "present" ? `${interfaceName}${via} ${verdict}` : presence;
      return `${name} ${family}: ${what}${evidence === "" ? "" : ` (${evidence})`}`;
    }),
  );
}

const ethernet = (more = "") =>
  policyOf(
    `version = 1\n[uplink.eth]\nmatch = { name = ["eth*", "en*"] }\n${more}\n[group]\ndefault = { tiers = [["eth"]] }`,
  );
const checked = 'check = "internet"\n[check.internet]\ntargets = ["icmp://1.1.1.1"]';

t.test("a DHCP client's address and metric-0 default, a router's IPv6 one", async (t) => {
  t.strictSame(
    seen(ethernet(), {
      links: [link(1, "lo"), link(2, "eth0")],
      addresses: [address(2, "192.0.2.7"), address(2, "2001:db8::7"), address(2, "fe80::1", { scope: "link" })],
      routes: [route(2, "192.0.2.1"), route(2, "192.0.2.9", 100), route(2, "fe80::ff", 1024)],
    }),
    ["eth 4: eth0 via 192.0.2.1 up (not checked)", "eth 6: eth0 via fe80::ff up (not checked)"],
  );
});

t.test("networkd's renewal: the new router's default is appended, the old one's removed afterwards", async (t) => {
  const [old, next] = [route(2, "192.0.2.1", 1024), route(2, "192.0.2.2", 1024)];
  const before = pictureOf([link(2, "eth0")], [address(2, "192.0.2.7")], [old]);
  t.ok(isAmbiguous(before, { type: "route", change: "new", route: next }), "appended or replaced: the table is read");
  t.notOk(isAmbiguous(before, { type: "route", change: "new", route: old }), "the same once more is neither");
  const read = pictureOf([link(2, "eth0")], [address(2, "192.0.2.7")], [old, next]);
  t.strictSame(pictureAfter(read, { type: "route", change: "del", route: old }).defaults, [next]);
  t.strictSame(
    pictureAfter(before, { type: "route", change: "new", route: next }).defaults,
    [next],
    "replaced, mostly",
  );
});

t.test("why an uplink takes no part", async (t) => {
  const present = { addresses: [address(2, "192.0.2.7")], routes: [route(2, "192.0.2.1")] };
  const reason = (world: World) => seen(ethernet(), world)[0];
  t.equal(reason({}), "eth 4: absent (no such interface)");
  t.equal(reason({ ...present, links: [link(2, "eth0", false)] }), "eth 4: no-carrier (eth0 has no carrier)");
  t.equal(reason({ ...present, links: [{ ...link(2, "eth0"), up: false }] }), "eth 4: no-carrier (eth0 is set down)");
  t.equal(reason({ links: [link(2, "eth0")] }), "eth 4: no-address (no IPv4 address on eth0)");
  t.equal(
    reason({ links: [link(2, "eth0")], addresses: present.addresses }),
    "eth 4: no-address (an IPv4 address on eth0, but no default route of it in table main)",
  );
  t.equal(
    seen(ethernet(), { links: [link(2, "eth0")], addresses: [address(2, "2001:db8::7", { tentative: true })] })[1],
    "eth 6: no-address (no IPv6 address on eth0)",
    "duplicate detection still runs",
  );
});

t.test("several interfaces fit: the first with carrier, and then it stays while it has it", async (t) => {
  const all = {
    addresses: [2, 3, 10].map((ifindex) => address(ifindex, `192.0.${ifindex}.7`)),
    routes: [2, 3, 10].map((ifindex) => route(ifindex, `192.0.${ifindex}.1`, ifindex)),
  };
  const which = (links: readonly LinkState[], before?: string) =>
    seen(ethernet(), { ...all, links, ...(before !== undefined && { before }) })[0]?.split(" ")[2];
  t.equal(which([link(10, "eth10"), link(2, "eth2"), link(3, "eth3")]), "eth2", "eth2 comes before eth10");
  t.equal(which([link(2, "eth2", false), link(3, "eth3")]), "eth3");
  t.equal(which([link(2, "eth2"), link(3, "eth3")], "eth3"), "eth3", "no move while it works");
  t.equal(which([link(2, "eth2"), link(3, "eth3", false)], "eth3"), "eth2");
  t.equal(which([link(3, "en3"), link(2, "eth2")]), "eth2", "the earlier pattern");
});

t.test("a modem's interface is not taken for ethernet, whatever it is called", async (t) => {
  const policy = policyOf(
    'version = 1\n[uplink.eth]\nmatch = { name = "e*" }\n[uplink.lte]\nmatch = { modem = "any" }\n[group]\ndefault = { tiers = [["eth"], ["lte"]] }',
  );
  const settings = {
    ipv4: { method: "static", address: "198.51.100.5", prefixLength: 32, gateway: "198.51.100.1", dns: [] },
  } as const;
  t.strictSame(
    seen(policy, {
      links: [link(7, "enx001122")],
      addresses: [address(7, "198.51.100.5")],
      bearers: { lte: { interfaceName: "enx001122", settings } },
    }),
    [
      "eth 4: absent (no such interface)",
      "eth 6: absent (no such interface)",
      "lte 4: enx001122 via 198.51.100.1 up (not checked)",
      "lte 6: no-address (the bearer has no IPv6)",
    ],
  );
});

t.test(
  "a tunnel is no uplink for a pattern that it fits: by its kind, or by its name where the kernel cannot tell",
  async (t) => {
    const policy = policyOf(
      `version = 1\n[uplink.any]\nmatch = { name = "*" }\n[group]\ndefault = { tiers = [["any"]] }`,
    );
    const tunnels = [{ ...link(3, "office"), kind: "wireguard" }, link(4, "wg0"), { ...link(5, "tun0"), kind: "tun" }];
    t.equal(seen(policy, { links: tunnels })[0], "any 4: absent (no such interface)");
    t.equal(
      seen(policy, { links: [...tunnels, link(9, "tuner0", false)] })[0],
      "any 4: no-carrier (tuner0 has no carrier)",
      "one without carrier rather than a tunnel",
    );
  },
);

t.test("a family without a target of its own follows the other one's verdict", async (t) => {
  const judgement = { state: { is: "down" } } as const;
  t.strictSame(
    seen(ethernet(checked), {
      links: [link(2, "eth0")],
      addresses: [address(2, "192.0.2.7"), address(2, "2001:db8::7")],
      routes: [route(2, "192.0.2.1"), route(2, "fe80::ff", 1024)],
      reports: { "eth 4": { judgement, evidence: "no answer", rounds: [], targets: [] } },
    }),
    [
      "eth 4: eth0 via 192.0.2.1 down (no answer)",
      "eth 6: eth0 via fe80::ff down (as IPv4, it has no IPv6 target: no answer)",
    ],
  );
});

t.test("which uplink is this modem: an exact match comes before any", async (t) => {
  const policy = policyOf(`version = 1
[uplink.spare]
match = { modem = "any" }
[uplink.main]
match = { imei = "867698040012345" }
[uplink.card]
match = { iccid = "89490200001234567890" }
[group]
default = { tiers = [["main"], ["card"], ["spare"]] }`);
  t.equal(uplinkOfModem(policy, { imei: "867698040012345", iccid: "89490200001234567890" }), "main");
  t.equal(uplinkOfModem(policy, { imei: "1", iccid: "89490200001234567890" }), "card");
  t.equal(uplinkOfModem(policy, {}), "spare");
  t.equal(uplinkOfModem(policyOf("version = 1"), { imei: "867698040012345" }), undefined);
});

t.test("in which networks a modem's uplink may carry traffic", async (t) => {
  const [home, abroad] = [
    { plmn: "26201", isHome: true },
    { plmn: "20801", isHome: false },
  ];
  const is = (rule: RoamingRule, held?: string, network?: ServingNetwork) =>
    eligibilityText(eligibilityOf(rule, { held, network }));
  t.equal(is("any", undefined, abroad), "ok");
  t.equal(is("home", undefined, undefined), "ok", "nobody knows yet where it is; it has no connection either");
  t.equal(is("home", undefined, home), "ok");
  t.equal(is("home", undefined, abroad), "roaming on 20801 (allowed: home)");
  t.equal(is("home", undefined, { isHome: false }), "roaming on a network without a number (allowed: home)");
  t.equal(is(["20801", "20810"], undefined, abroad), "ok");
  t.equal(is(["20801"], undefined, home), "roaming on 26201 (allowed: 20801)", "a list is a list");
  t.equal(is(["26201"], undefined, { isHome: true }), "ok", "its number is not known");
  t.equal(is("home", "it is being serviced", abroad), "held: it is being serviced");
});
