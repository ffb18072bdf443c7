/** What `policy check` says of files that are allowed and hardly meant, and of those that could never work. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { checkedPolicy } from "../../src/config/check.js";
import { problemText, whereText } from "../../src/config/error.js";
import { returnTime } from "../../src/network/policy/return-time.js";
import { ethernetFirst, policyOf } from "./policies.js";

const head = "version = 1\n";
const eth = `[uplink.eth]\nmatch = { name = "eth0" }\ncheck = "net"\n`;
const lte = `[uplink.lte]\nmatch = { modem = "any" }\nmetered = true\n`;
const net = `[check.net]\ntargets = ["icmp://1.1.1.1", "icmp://9.9.9.9"]\n`;
const tiers = `[group]\ndefault = { tiers = [["eth"], ["lte"]] }\n`;
const sound = head + eth + lte + net + tiers;

const staticEth = (more: string) => `[uplink.eth]\nmatch = { name = "eth0" }\naddress = "static"\n${more}`;

/** The files' text, and every line that is said about it. */
const remarked: Readonly<Record<string, readonly [toml: string, ...remarks: readonly string[]]>> = {
  "a policy without a flaw": [sound],
  "an uplink in no tier": [
    `${sound}[uplink.spare]\nmatch = { name = "eth9" }\n`,
    "p.toml:12:2: uplink.spare: it is in no tier: no traffic ever leaves by it",
  ],
  "an uplink and a group that only a class leads to": [
    `${sound}[uplink.spare]\nmatch = { name = "eth9" }\n[group.control]\ntiers = [["spare"]]\n[class.ssh]\norder = 1\nany = [{ local-port = 22 }]\ngroup = "control"\n`,
  ],
  "a class that asks for what another has had": [
    `${sound}[class.ssh]\norder = 1\nany = [{ local-port = "20-30" }, { to = "192.0.2.0/24" }]\ngroup = "default"
[class.late]\norder = 2\nany = [{ local-port = 22, uid = 0 }, { to = "192.0.2.128/25", protocol = "tcp", port = 80 }]\ngroup = "default"
[class.half]\norder = 3\nany = [{ mark = "0x10/0xff" }, { local-port = "25-40" }, { local-port = 30 }]\ngroup = "default"\n`,
    "p.toml:16:2: class.late: nothing is left for it: ssh is asked first and takes it all",
    "p.toml:22:58: class.half.any[2]: nothing is left for it: ssh is asked first and takes it",
  ],
  "roaming without a modem": [
    sound.replace("[check.net]", 'roaming = ["26201"]\n[check.net]').replace('"eth0" }', '"eth0" }\nroaming = "home"'),
    "p.toml:4:1: uplink.eth.roaming: it is matched by name, so that no modem belongs to it: it never roams",
  ],
  "a cost where there is nothing to compare it with": [
    sound.replace('"eth0" }', '"eth0" }\ncost = 1'),
    "p.toml:4:1: uplink.eth.cost: no other uplink is in its tier: it decides nothing",
  ],
  "a cost that decides": [
    sound.replace('"eth0" }', '"eth0" }\ncost = 1').replace('[["eth"], ["lte"]]', '[["eth", "lte"]]'),
  ],
  "a group that no class names": [
    `${sound}[group.control]\ntiers = [["eth"]]\n`,
    "p.toml:12:2: group.control: no class names it: no traffic ever goes its way",
  ],
  "a check of nobody": [
    `${sound}[check.old]\nextends = "net"\n`,
    "p.toml:12:2: check.old: no uplink uses it, and no check that is used extends it",
  ],
  "a value that every heir replaces": [
    `${sound.replace("[check.net]", '[check.net]\nextends = "base"')}[check.base]\npass = 1\ntargets = ["icmp://8.8.8.8"]\n`,
    "p.toml:15:1: check.base.targets: it is never reached: net has its own",
  ],
  "the same interface twice": [
    `${sound}[uplink.copy]\nmatch = { name = "eth0" }\ncheck = "net"\n`.replace('["lte"]', '["copy"], ["lte"]'),
    "p.toml:11:31: group.default.tiers[1]: this tier is never reached: none of it gets an interface",
    "p.toml:13:1: uplink.copy.match: it never gets an interface: eth, which comes before it, has the same",
  ],
  "a second modem by the word that takes any": [
    `${sound}[uplink.more]\nmatch = { modem = "any" }\n`.replace('["lte"]', '["lte", "more"]'),
    "p.toml:13:1: uplink.more.match: it never gets an interface: lte, which comes before it, has the same",
  ],
  "a pattern that an earlier one says": [
    sound.replace('name = "eth0"', 'name = ["eth*", "en*", "eth1"]'),
    'p.toml:3:34: uplink.eth.match.name[2]: "eth1" is said by "eth*" already',
  ],
  "a pattern that takes a VPN's interface too": [
    sound.replace('"eth0"', '"w*"'),
    'p.toml:3:11: uplink.eth.match.name: "w*" also fits a VPN\'s interface (wg0), which is no way to the internet of its own',
  ],
  "targets of one operator": [
    sound.replace("icmp://9.9.9.9", "icmp://1.0.0.1"),
    "p.toml:9:1: check.net.targets: all IPv4 targets are in the hands of Cloudflare: when it fails, IPv4 of the uplink is taken to be down",
  ],
  "targets of one network that nobody knows": [
    sound.replace('"icmp://1.1.1.1", "icmp://9.9.9.9"', '"icmp://192.0.2.1", "icmp://192.0.2.9"'),
    "p.toml:9:1: check.net.targets: all IPv4 targets are in the hands of 192.0.2.0/24: when it fails, IPv4 of the uplink is taken to be down",
  ],
  "one target": [
    sound.replace(', "icmp://9.9.9.9"', ""),
    "p.toml:9:1: check.net.targets: one IPv4 target only: when it fails, IPv4 of the uplink is taken to be down",
  ],
  "all targets must answer": [
    sound.replace("[check.net]", "[check.net]\npass = 2"),
    "p.toml:9:1: check.net.pass: all 2 IPv4 targets must answer: when one fails, IPv4 of the uplink is taken to be down",
  ],
  "an uplink that asks itself": [
    sound
      .replace(eth, `${staticEth('ipv4 = { address = "192.0.2.7/24" }')}\ncheck = "net"\n`)
      .replace("icmp://9.9.9.9", "icmp://192.0.2.7"),
    "p.toml:11:1: check.net.targets: 192.0.2.7 is eth's own address",
  ],
  "an uplink that asks its router only": [
    sound
      .replace(eth, `${staticEth('ipv4 = { address = "192.0.2.7/24", gateway = "192.0.2.1" }')}\ncheck = "net"\n`)
      .replace('"icmp://1.1.1.1", "icmp://9.9.9.9"', '"icmp://192.0.2.1"'),
    "p.toml:11:1: check.net.targets: one IPv4 target only: when it fails, IPv4 of the uplink is taken to be down",
    "p.toml:11:1: check.net.targets: only eth's router is asked: what fails behind it is not noticed",
  ],
  "an uplink that is never left": [
    sound.replace('check = "net"\n', "").replace(net, ""),
    "p.toml:2:2: uplink.eth: it has no check: later tiers are reached only when it loses its carrier or address",
  ],
  "a metered uplink with a dear check": [
    sound.replace("metered = true\n", 'metered = true\ncheck = "often"\n') +
      '[check.often]\nextends = "net"\nevery = { idle = "2s" }\n',
    "p.toml:13:2: check.often: on the metered lte it costs 228 MB a month",
  ],
};

for (const [what, [toml, ...expected]] of Object.entries(remarked))
  t.test(what, async (t) => {
    const file = join(t.testdir({ "p.toml": toml }), "p.toml");
    const { problems, remarks, policy } = checkedPolicy([file]);
    t.strictSame(problems, []);
    t.ok(policy, "it is taken all the same");
    const said = remarks.map((remark) => `${whereText(remark)}${remark.text}`.replace(file, "p.toml"));
    t.strictSame(said, expected);
  });

const policies = new URL("../../policy/", import.meta.url).pathname;

t.test("every shipped policy stands alone, keeps its promise, and has nothing doubtful in it", async (t) => {
  const files = readdirSync(policies, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".toml") && !name.startsWith("timelines"),
  );
  t.ok(files.length >= 4);
  for (const name of files) {
    const { problems, remarks, policy } = checkedPolicy([join(policies, name)]);
    t.strictSame([...problems, ...remarks], [], name);
    t.ok(policy, name);
  }
});

const refused: Readonly<Record<string, readonly [toml: string, problem: string]>> = {
  "a VPN's interface": [
    sound.replace('"eth0"', '["eth*", "wg0"]'),
    'p.toml:3:11: uplink.eth.match.name: expected an interface of its own: a VPN\'s runs over an uplink and is none, found "wg0"',
  ],
  "a check that can never be asked": [
    sound.replace(eth, `${staticEth('ipv6 = { address = "2001:db8::7/64" }')}\ncheck = "net"\n`),
    'p.toml:6:1: uplink.eth.check: expected a check with an IPv6 target, since the uplink has no other address, found "net", which has none',
  ],
  "its own promise broken": [
    `${sound}[slo]\nblackhole = "3s"\n`,
    "p.toml:4:1: uplink.eth.check: expected a worst case of at most 3s for eth, or a longer slo.blackhole, found 4.1s = every.idle 1s + timeout 1s + 2 more rounds of 1s + switch 100ms",
  ],
};

for (const [what, [toml, expected]] of Object.entries(refused))
  t.test(`refused: ${what}`, async (t) => {
    const file = join(t.testdir({ "p.toml": toml }), "p.toml");
    const { problems, policy } = checkedPolicy([file]);
    t.equal(policy, undefined);
    t.strictSame(
      problems.map((problem) => problemText(problem).replace(file, "p.toml")),
      [expected],
    );
  });

t.test("no interface of an ordinary machine is taken for a VPN's", async (t) => {
  const names = [
    "eth0",
    "enp3s0",
    "en*",
    "lan*",
    "wlan0",
    "wwan0",
    "usb0",
    "tung0",
    "wglan",
    "vlan5",
    "ppp0",
    "tunnel-b",
  ];
  for (const name of names) t.ok(policyOf(sound.replace("eth0", name)), name);
});

t.test("the way back takes the longer of steadiness and the rounds that make it up again", async (t) => {
  const steady = { mode: { is: "steady" } } as const;
  const [eth] = policyOf(ethernetFirst).uplinks;
  t.strictSame(eth && returnTime(eth, steady), {
    backMs: 40_100,
    formula: "40.1s = every.down 10s + spanning 30s + switch 100ms",
  });
  const quiet = {
    mode: { is: "quiet", quiet: { belowBytesPerS: 2_000, spanningMs: 10_000, atMostMs: 3_600_000 } },
  } as const;
  t.equal(
    eth && returnTime(eth, quiet).formula,
    "3640.1s = every.down 10s + spanning 30s + failback.quiet.at-most 1h + switch 100ms",
  );
  const [slow] = policyOf(`${ethernetFirst}[failback]\nspanning = "2s"\n`).uplinks;
  t.strictSame(slow && returnTime(slow, steady), {
    backMs: 15_100,
    formula: "15.1s = every.down 10s + 5 rounds in 5s + switch 100ms",
  });
  const [unchecked] = policyOf(sound.replace('check = "net"\n', "").replace(net, "")).uplinks;
  t.equal(unchecked && returnTime(unchecked, steady).formula, "30.1s = spanning 30s + switch 100ms");
});
