/** Where packets go, told from a plan and from what a kernel answered. */
import t from "tap";
import type { LinkState, RouteEntry, RuleEntry } from "../../../src/network/kernel.js";
import { packetAnswer } from "../../../src/network/packet/answer.js";
import { packetFrom } from "../../../src/network/packet/packet.js";
import type { Decisions, KernelAnswer, PacketAnswer } from "../../../src/network/packet/types.js";
import { plannedRules } from "../../../src/network/packet/way.js";
import { emptyPicture } from "../../../src/network/picture.js";
import { noMemory } from "../../../src/network/plan/memory.js";
import type { UplinkObservation } from "../../../src/network/plan/types.js";
import { plan } from "../../../src/network/plan.js";
import { asDecided } from "../../../src/network/simulate/as-decided.js";
import { ethernetFirst, policyOf } from "../../config/policies.js";
import { down, eth, lte, noBearer, seen, up } from "../story.js";

const groups = `[group]
control = { tiers = [["lte"], ["eth"]] }
bulk = { tiers = [["eth"]], none-up = "unreachable" }`;

const classes = `
[class.ssh]
order = 1
group = "control"
any = [
  { local-port = "22-24" },
  { mark = "0x100/0xff00" },
]
[class.backup]
order = 2
group = "bulk"
any = [{ uid = 1000 }, { to = "2001:db8:9::/48" }]
[class.web]
order = 3
group = "default"
any = [{ port = 443, protocol = "udp" }]
[class.guests]
order = 4
group = "control"
any = [{ interface = "br-lan" }, { port = 443, protocol = "udp" }]
`;

const link = (name: string, ifindex: number): LinkState => ({
  ...{ name, ifindex, up: true, carrier: true, operState: "up", mtu: 1500, iflink: ifindex, noArp: false },
  loopback: name === "lo",
});
const links = new Map(
  [link("lo", 1), link("eth0", 2), link("wwan0", 7), link("tun0", 9)].map((one) => [one.ifindex, one]),
);

function machine(uplinks: readonly UplinkObservation[], more: Partial<Decisions> = {}): Decisions {
  const policy = policyOf(`${ethernetFirst.replace("[group]", groups)}${classes}`);
  const picture = { ...emptyPicture, links };
  return {
    ...{ policy, picture, observed: uplinks, actuating: "self" },
    plan: plan(policy, seen(uplinks), noMemory),
    ...more,
  };
}

const both = machine([eth(up()), lte(up())]);

/** Of a kernel that has what was decided. */
function ask(words: Readonly<Record<string, string>>, decisions = both): PacketAnswer {
  const packet = packetFrom(words);
  return packetAnswer(decisions, packet, asDecided(decisions, packet));
}

const to = "203.0.113.10";

t.test("a class by its ports: its line, its group, its rule, and the way after that", async (t) => {
  const answer = ask({ to, "local-port": "22" });
  t.match(answer, {
    ...{ uplink: "lte", interfaceName: "wwan0", rule: 32_710, table: 19_998, trafficClass: "ssh", group: "control" },
    ...{ key: "local-port 22-24, protocol tcp", place: "policy.toml:22", decided: "lte", next: "eth", isBad: false },
  });
  t.strictSame(answer.because, [
    "IPv4 tcp from port 22 to 203.0.113.10 leaves by lte (wwan0)",
    "class ssh by local-port 22-24, protocol tcp (policy.toml:22) takes it: group control",
    "group control has lte, tier 1 of 2 (policy.toml:14): IPv4: lte: first choice; lte is up (answer from icmp://1.1.1.1 in 12ms)",
    "ip rule 32710: from all ipproto tcp sport 22-24 lookup 19998 decides (wwand's)",
    "route default dev wwan0 table 19998 metric 1024",
    "were lte lost, then: by eth (eth0)",
  ]);
});

t.test("classes by every other key, the first that fits, and none", async (t) => {
  const taken = (words: Readonly<Record<string, string>>) => {
    const { trafficClass, key, place, uplink } = ask(words);
    return [trafficClass, key, place, uplink];
  };
  t.strictSame(taken({ to, mark: "0x1ab" }), ["ssh", "mark 0x100/0xff00", "policy.toml:23", "lte"]);
  t.strictSame(taken({ to, uid: "1000" }), ["backup", "uid 1000", "policy.toml:28", "eth"]);
  t.strictSame(taken({ to, uid: "1000", "local-port": "23" }).slice(0, 1), ["ssh"], "it is asked first");
  t.strictSame(taken({ to, "local-port": "22", protocol: "udp" }), [undefined, undefined, undefined, "eth"]);
  t.strictSame(taken({ to, port: "443", protocol: "udp" }), ["web", "port 443, protocol udp", "policy.toml:32", "eth"]);
  t.strictSame(taken({ to, interface: "br-lan" }), ["guests", "interface br-lan", "policy.toml:36", "lte"]);
  t.strictSame(taken({ to, interface: "eth9" }).slice(3), ["eth"]);
  t.strictSame(taken({ to: "2001:db8:9::1" }).slice(0, 2), ["backup", "to 2001:db8:9::/48"]);
});

t.test("no class: the default group, and what a lost uplink would make of it", async (t) => {
  t.strictSame(ask({ to }).because.slice(0, 3), [
    "IPv4 to 203.0.113.10 leaves by eth (eth0)",
    "no class fits: group default",
    "group default has eth, tier 1 of 2 (policy.toml:16): IPv4: eth: first choice; eth is up (answer from icmp://1.1.1.1 in 12ms)",
  ]);
  t.match(ask({ to }), { group: "default", rule: 32_765, table: 20_000, next: "lte" });
});

t.test("a group without uplink: refused where it says so, else the next rule is asked", async (t) => {
  const noEthernet = machine([eth(noBearer()), lte(up())]);
  const refused = ask({ to, uid: "1000" }, noEthernet);
  t.match(refused, { error: "ENETUNREACH", trafficClass: "backup", rule: 32_711, isBad: true });
  t.match(refused.because[0], /^IPv4 to 203\.0\.113\.10 of user 1000 is refused/);

  const policy = policyOf(
    `${ethernetFirst.replace("[group]", '[group]\ncontrol = { tiers = [["lte"]] }')}\n[class.ssh]\norder = 1\ngroup = "control"\nany = [{ local-port = 22 }]`,
  );
  const uplinks = [eth(up()), lte(noBearer())];
  const answer = ask(
    { to, "local-port": "22" },
    { ...machine(uplinks), policy, plan: plan(policy, seen(uplinks), noMemory) },
  );
  t.match(answer, { uplink: "eth", group: "default", rule: 32_765 });
  t.strictSame(answer.because.slice(1, 3), [
    "class ssh by local-port 22, protocol tcp (policy.toml:20) fits, but group control has no uplink for IPv4: the next rule is asked",
    "no other class fits: group default",
  ]);
  t.match(
    answer.because.join("\n"),
    /^ip rule 32710: from all ipproto tcp sport 22 lookup 19999 fits, but has no route/m,
  );
});

t.test("replies come before classes: what has an uplink's address leaves by that, or not at all", async (t) => {
  const answer = ask({ to, from: "192.0.2.7", "local-port": "22" });
  t.match(answer, { uplink: "eth", rule: 32_701, table: 20_002 });
  t.match(answer.because[1], /^class ssh .* fits, but before classes comes the uplink whose address it has$/);
  t.match(answer.because.at(-1), "were eth lost, then: it is refused (unreachable)");
});

t.test("a class by destination, in IPv6", async (t) => {
  const v6 = up();
  const answer = ask({ to: "2001:db8:9::1" }, machine([eth(up(), { v6 }), lte(up(), { v6 })]));
  t.match(answer, { trafficClass: "backup", key: "to 2001:db8:9::/48", uplink: "eth", gateway: "fe80::1" });
  t.equal(answer.because.at(-1), "were eth lost, then: it is refused (unreachable)", "that group has eth alone");
});

const vpnRule: RuleEntry = {
  ...{ family: 4, priority: 32_000, action: "lookup", table: 51_820, protocol: 3, invert: false },
  ...{ mark: 0xca6c, markMask: 0xffff_ffff },
};
const vpnRoute: RouteEntry = {
  ...{ family: 4, table: 51_820, type: "unicast", destination: "default", ifindex: 9, metric: 0, protocol: 3 },
  ...{ scope: "link", onLink: false, linkDown: false, preferredSource: "10.9.0.2" },
};

const routed = (route: RouteEntry, more: readonly RuleEntry[] = []): KernelAnswer => ({
  way: { is: "routed", route },
  rules: [...plannedRules(both, 4), ...more],
  ...{ routes: [], remarks: [] },
});

t.test("another program's rule in front: named, with what it is before", async (t) => {
  const marked = packetFrom({ to, mark: "0xca6c", "local-port": "22" });
  const answer = packetAnswer(both, marked, routed(vpnRoute, [vpnRule]));
  t.match(answer, { interfaceName: "tun0", source: "10.9.0.2", rule: 32_000, decided: "lte", isBad: true });
  t.equal(answer.uplink, undefined);
  t.match(answer.because[0], /leaves by tun0, which is none of the uplinks$/);
  t.strictSame(answer.because.slice(3, 6), [
    "ip rule 32000: from all fwmark 0xca6c lookup 51820 decides (another program's)",
    "route default dev tun0 table 51820 metric 0, source 10.9.0.2",
    "another program's rule stands before wwand's; without it: by lte (wwan0)",
  ]);
});

t.test("a goto in front jumps over the rules between", async (t) => {
  const jump: RuleEntry = { ...vpnRule, priority: 31_000, action: "goto", table: 0, target: 32_100 };
  const later: RuleEntry = { ...vpnRule, priority: 32_100 };
  const rules = [...plannedRules(both, 4), vpnRule, later, jump];
  const asked = (mark: string) => packetAnswer(both, packetFrom({ to, mark }), { ...routed(vpnRoute), rules }).rule;
  t.equal(asked("0xca6c"), 32_100);
});

t.test("a rule that cannot be read in front: it is said that there must be one", async (t) => {
  const answer = packetAnswer(both, packetFrom({ to }), routed(vpnRoute));
  t.match(answer, { isBad: true, decided: "eth" });
  t.equal(answer.rule, undefined);
  t.match(answer.because, [
    /leaves by tun0/,
    /./,
    /./,
    /^route default dev tun0/,
    /^decided: by eth \(eth0\); no rule that wwand can read leads elsewhere/,
  ]);
});

t.test("where wwand does not move routes: what it has decided, beside what the kernel does", async (t) => {
  const others: RouteEntry = { ...vpnRoute, table: 254, ifindex: 7 };
  const rules = plannedRules({ plan: machine([]).plan }, 4);
  const kernel: KernelAnswer = { way: { is: "routed", route: others }, rules, routes: [others], remarks: [] };
  for (const [actuating, who] of [
    ["observe", /wwand only observes here$/m],
    ["steer", /ConnMan is asked to do that$/m],
  ] as const) {
    const answer = packetAnswer({ ...both, actuating }, packetFrom({ to }), kernel);
    t.match(answer, { uplink: "lte", rule: 32_766, decided: "eth", isBad: false });
    t.match(answer.because.join("\n"), who);
  }
});

t.test("a modem on standby is connected when it is needed, which is not now", async (t) => {
  const standby = lte({ presence: "standby", evidence: "on standby" });
  const uplinks = machine([eth(up()), standby]);
  const answer = ask({ to }, uplinks);
  t.match(answer, { uplink: "eth", next: "lte" });
  t.equal(answer.because.at(-1), "were eth lost, then: by lte, which is connected for that");
  t.match(ask({ to, from: "192.0.2.7" }, uplinks).because.at(-1), "were eth lost, then: nothing leads there");
});

t.test("a forwarded packet that nothing refuses, and that is refused all the same", async (t) => {
  const guest = packetFrom({ to, interface: "br-lan", from: "192.168.8.2" });
  const kernel = { rules: plannedRules(both, 4), routes: [], remarks: [] };
  const answer = packetAnswer(both, guest, { way: { is: "refused", errno: "EHOSTUNREACH" }, ...kernel });
  t.strictSame(answer.because.slice(-3), [
    "decided: by lte (wwan0)",
    "were lte lost, then: by eth (eth0)",
    "no rule or route refuses it: forwarding is off (net.ipv4.conf.br-lan.forwarding)",
  ]);
});

t.test("beside ConnMan wwand moves IPv6, and classes, by itself", async (t) => {
  const steered: Decisions = { ...both, actuating: "steer" };
  t.match(packetAnswer(steered, packetFrom({ to, "local-port": "22" }), routed(vpnRoute, [vpnRule])), { isBad: true });
  t.match(packetAnswer(steered, packetFrom({ to }), routed(vpnRoute, [vpnRule])), { isBad: false });
});

t.test("what is forwarded leaves with the uplink's address where that is said", async (t) => {
  const policy = policyOf(ethernetFirst.replace("[uplink.lte]", "masquerade = true\n[uplink.lte]"));
  const answer = ask({ to, interface: "lan9", from: "192.168.8.2" }, { ...both, policy });
  t.equal(answer.because.at(-1), "it leaves with an address of eth (masquerade)");
});

t.test("refusals of the kernel: which rule, where that is known, and bad news in any case", async (t) => {
  const refusal: RuleEntry = { ...vpnRule, action: "prohibit", table: 0 };
  const kernel = { rules: [...plannedRules(both, 4), refusal], routes: [], remarks: ["a remark"] };
  const way = { is: "refused", errno: "EACCES" } as const;
  const answer = packetAnswer(both, packetFrom({ to, mark: "0xca6c" }), { way, ...kernel });
  t.match(answer, { error: "EACCES", rule: 32_000, decided: "eth", isBad: true });
  t.match(answer.because[0], /is refused: prohibited \(EACCES\)$/);
  t.match(answer.because.at(-1), "a remark");
  const none = packetAnswer(both, packetFrom({ to: "2001:db8::1" }), {
    ...{ way: { is: "no-family" }, rules: [], routes: [], remarks: [] },
  });
  t.match(none, { error: "EAFNOSUPPORT", isBad: true });
  t.equal(none.because[0], "IPv6 to 2001:db8::1: this machine has no IPv6");
});

t.test("destinations that no policy moves", async (t) => {
  const routedBy = (to: string, more: Partial<RouteEntry>) =>
    packetAnswer(both, packetFrom({ to }), routed({ ...vpnRoute, table: 255, destination: `${to}/32`, ...more }))
      .because;
  t.match(routedBy("127.0.0.1", { type: "local", ifindex: 1 })[0], "IPv4 to 127.0.0.1 stays on this machine");
  t.match(routedBy("192.0.2.255", { type: "broadcast", ifindex: 2 })[0], "leaves by eth0 as broadcast");
  t.match(routedBy("255.255.255.255", { type: "broadcast", ifindex: 2 }).at(-1), /^broadcast to the link/);
  t.match(ask({ to: "239.1.2.3" }).because.at(-1), /^multicast: a socket that names its interface/);
  t.match(ask({ to }, machine([eth(down()), lte(down())])), { uplink: "eth" }, "all are down: where it was");
});
