/** "Where does this packet go?": wwanctl's words against the kernel's own, before and after a switch. */
import t, { type Test } from "tap";
import { main } from "../../src/cli/main.js";
import { wwanctl } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import { bothUp, quickReturn } from "../lab/two-uplinks.js";
import { internetHost, type World } from "../lab/world.js";

t.setTimeout(110_000);

const policy = `${quickReturn}check.frugal.every = { idle = "1s", down = "500ms" }
[class.management]
order = 10
group = "control"
any   = [{ local-port = "22-24" }]

[class.guests]
order = 20
group = "control"
any   = [{ interface = "lan9" }]

[class.backup]
order = 30
group = "default"
any   = [{ uid = 1000 }, { to = "2001:db8:feed::/48" }]

[group.control]
tiers   = [["wwan"], ["ethernet"]]
none-up = "best-guess"
`;

/** Two guests' networks, and a VPN whose rule stands before wwand's. */
async function othersSettings({ host }: World): Promise<void> {
  await host.batch([
    "link add lan9 type veth peer name guest9",
    "link set lan9 up",
    "link set guest9 up",
    "address add 192.168.9.1/24 dev lan9",
    "link add vpn0 type veth peer name vpn1",
    "link set vpn0 up",
    "link set vpn1 up",
    "address add 198.18.7.1/24 dev vpn0",
    "route add default dev vpn0 table 51820",
    "rule add fwmark 0xca6c lookup 51820 priority 32000",
    "rule add fwmark 0xca6d prohibit priority 31999",
  ]);
  await host.run("sysctl", "-qw", "net.ipv4.ip_forward=1");
}

interface Asked {
  readonly name: string;
  /** Of wwanctl, and the same in words of `ip route get`. */
  readonly options: readonly string[];
  readonly kernel: string;
}

const to4 = internetHost.ipv4;
const packets: readonly Asked[] = [
  { name: "plain", options: ["--to", to4], kernel: to4 },
  { name: "management", options: [to4, "--local-port", "22"], kernel: `${to4} ipproto tcp sport 22` },
  { name: "user", options: ["--to", to4, "--uid", "1000"], kernel: `${to4} uid 1000` },
  { name: "bound", options: ["--to", to4, "--from", "192.0.2.10"], kernel: `${to4} from 192.0.2.10` },
  { name: "guest", options: ["--to", to4, "--interface", "lan9"], kernel: `${to4} from 192.168.9.3 iif lan9` },
  { name: "vpn", options: ["--to", to4, "--mark", "0xca6c"], kernel: `${to4} mark 0xca6c` },
  {
    name: "neighbour",
    options: ["--to", "192.0.2.77", "--local-port", "22"],
    kernel: "192.0.2.77 ipproto tcp sport 22",
  },
  { name: "v6", options: ["--to", internetHost.ipv6], kernel: internetHost.ipv6 },
];

interface Said {
  readonly code: number;
  readonly text: string;
}

/** `wwanctl why`, without a process for each question. */
async function why(world: World, ...options: readonly string[]): Promise<Said> {
  const lines: string[] = [];
  const tell = (text: string) => void lines.push(text);
  const code = await main(["--bus", world.bus.address, ...options], { out: tell, err: tell });
  return { code, text: lines.join("\n") };
}

type Answers = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Both say the same: interface, gateway, source. */
async function agree(t: Test, world: World): Promise<Answers> {
  const answers: Record<string, Readonly<Record<string, unknown>>> = {};
  for (const { name, options, kernel } of packets) {
    const words = await world.host.ip(`route get ${kernel}`);
    const answer = Object(JSON.parse((await why(world, "--json", "why", ...options)).text));
    const word = (key: string) => new RegExp(`\\b${key} (\\S+)`).exec(words)?.[1];
    t.equal(answer.Interface, word("dev"), `${name}: ${words}`);
    t.equal(answer.Gateway, word("via"), `${name}: ${words}`);
    if (word("src") !== undefined) t.equal(answer.Source, word("src"), `${name}: ${words}`);
    answers[name] = answer;
  }
  return answers;
}

/** Questions that cannot be meant, and what this machine does not have. */
async function odd(t: Test, world: World): Promise<void> {
  const odd: readonly (readonly [code: number, words: RegExp, options: readonly string[]])[] = [
    [2, /"example\.com" is not an IP address/, ["--to", "example.com"]],
    [2, /there is no "lan7"/, ["--to", to4, "--interface", "lan7"]],
    [2, /there is no user "nobody-of-that-name"/, ["--to", to4, "--uid", "nobody-of-that-name"]],
    [2, /to which address\?/, ["--uid", "0"]],
    [0, /stays on this machine/, ["--to", "127.0.0.1"]],
    [0, /leaves by ethernet/, ["--to", to4, "--uid", "root"]],
    [1, /is no address of this machine/, ["--to", to4, "--from", "203.0.113.77"]],
    [
      1,
      /is refused: prohibited \(EACCES\)\n(.*\n)*ip rule 31999: .* prohibit decides/,
      ["--to", to4, "--mark", "0xca6d"],
    ],
  ];
  for (const [code, words, options] of odd) {
    const said = await why(world, "why", ...options);
    t.match(said.text, words);
    t.equal(said.code, code, options.join(" "));
  }
}

t.test("every kind of packet: what wwanctl says is what the kernel does, and the reason is the policy's", async (t) => {
  const { world, modem, ways } = await bothUp(t, { policy, before: othersSettings });
  const text = async (...options: readonly string[]) => (await why(world, "why", ...options)).text;
  const managedBy = (name: string) =>
    eventually(
      `management by ${name}`,
      () => text("--to", to4, "--local-port", "22"),
      (said) => said.includes(`leaves by ${name} `),
    );
  await managedBy("wwan");

  const before = await agree(t, world);
  t.match(before.plain, {
    Uplink: "ethernet",
    Rule: 32_765,
    Table: 20_000,
    Group: "default",
    Next: "wwan",
    Bad: false,
  });
  t.match(before.management, {
    ...{ Uplink: "wwan", Rule: 32_710, Class: "management", Group: "control", Next: "ethernet" },
    ...{ Key: "local-port 22-24, protocol tcp", Place: /60-test\.toml:7$/ },
  });
  t.match(before.user, { Uplink: "ethernet", Rule: 32_712, Class: "backup", Key: "uid 1000" });
  t.match(before.bound, { Uplink: "ethernet", Rule: 32_701 });
  t.match(before.guest, { Uplink: "wwan", Rule: 32_711, Class: "guests" });
  t.match(before.vpn, { Interface: "vpn0", Rule: 32_000, Decided: "ethernet", Bad: true });
  t.match(before.neighbour, { Interface: "eth0", Rule: 32_700 });
  t.match(before.v6, { Uplink: "ethernet", Rule: 32_712, Class: "backup", Key: "to 2001:db8:feed::/48" });
  t.match(
    await text("--to", to4, "--mark", "0xca6c"),
    /^another program's rule stands before wwand's; without it: by ethernet \(eth0\)$/m,
  );
  await odd(t, world);
  t.match(await wwanctl(world, "why", "--to", to4), { code: 0, out: /^IPv4 to \S+ leaves by ethernet \(eth0\)$/m });

  await world.blackhole();
  await ways("wwan0", "wwan0");
  const after = await agree(t, world);
  t.match(after.plain, { Uplink: "wwan", Rule: 32_765 });
  t.match(after.bound, { Uplink: "ethernet" }, "with the address of ethernet by ethernet, or not at all");
  t.match(await text("--to", to4), /^IPv4 moved \S+ ago from ethernet to wwan: \w+, decided by group\.default\.tiers/m);

  await world.endBlackhole();
  await ways("eth0", "eth0");
  await modem.step("unplug");
  await managedBy("ethernet");
  t.match((await agree(t, world)).guest, { Uplink: "ethernet", Class: "guests", Next: undefined });
});
