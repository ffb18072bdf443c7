/** Ethernet first, the modem as backup: cables, blackholes, other programs' routes, and what wwanctl says meanwhile. */
import t, { type Test } from "tap";
import { defaultMoved } from "../../src/demo/failover.js";
import { Rtnetlink } from "../../src/netlink/rtnetlink.js";
import { RecordingClient } from "../dbus/interfaces/recording-client.js";
import { standing, startWwand, writeFiles, wwanctl, wwanctlJson } from "../lab/daemon.js";
import { eventually, within } from "../lab/eventually.js";
import type { Program } from "../lab/program.js";
import { startModem, type VirtualModem } from "../lab/virtual-modem.js";
import { internetHost, originalResolvConf, World } from "../lab/world.js";

t.setTimeout(110_000);

const properties = "org.freedesktop.DBus.Properties";
/** A busy machine: from a timer to the turn of the loop that it is due in, several times, and the command that begins it. */
const loopMarginMs = 3_000;
/** The shipped 30 s are nothing that a test should wait for; the rest is the shipped policy. */
const failbackMs = 2_000;
const quickFailback = `failback = { mode = "steady", spanning = "${failbackMs}ms" }\n`;

interface Incident {
  readonly world: World;
  readonly modem: VirtualModem;
  readonly daemon: Program;
  /** The host's, as somebody else sees it. */
  readonly kernel: Rtnetlink;
  uplink(name: string, property: string): Promise<unknown>;
}

/** Both uplinks verified, ethernet carries the traffic. */
async function ready(t: Test): Promise<Incident> {
  const world = await World.build(t);
  const modem = await startModem(world);
  await writeFiles(world, { config: standing(modem.url), policy: { "60-failback.toml": quickFailback } });
  const daemon = await startWwand(world);
  const client = await RecordingClient.connect(world.bus.address, "net.wwand");
  t.teardown(() => client.close());
  const uplink = async (name: string, property: string) =>
    (await client.call(`/net/wwand/uplink/${name}`, properties, "Get", "ss", "net.wwand.Uplink1", property))[0];
  for (const name of ["ethernet", "wwan"])
    for (const verdict of ["Verdict4", "Verdict6"])
      await eventually(
        `${name} ${verdict}`,
        () => uplink(name, verdict),
        (value) => value === "up",
      );
  await eventually(
    "traffic by ethernet",
    () => world.wayOut(),
    (way) => way === "eth0",
  );
  const kernel = Rtnetlink.open({ netns: world.host.path });
  t.teardown(() => kernel.close());
  return { world, modem, daemon, kernel, uplink };
}

async function indexOf(kernel: Rtnetlink, name: string): Promise<number> {
  const link = await kernel.link(name);
  if (link === undefined) throw new Error(`there is no interface ${name}`);
  return link.ifindex;
}

const bothBy = (world: World, name: string): Promise<unknown> =>
  eventually(
    `both families by ${name}`,
    async () => [await world.wayOut(4), await world.wayOut(6)].join(),
    (ways) => ways === `${name},${name}`,
  );

const mainDefault = async (world: World): Promise<string> => world.host.ip("route show table main default");

t.test("the cable is pulled and comes back", async (t) => {
  const { world, daemon, kernel } = await ready(t);
  const foreign = await mainDefault(world);
  t.match(foreign, /^default via 192\.0\.2\.1 dev eth0$/, "a DHCP client's default of metric 0");

  const before = await wwanctlJson(world, "status");
  t.equal(before.code, 0);
  t.match(before.json, { failover: { Ipv4Uplink: "ethernet", Ipv6Uplink: "ethernet" } });
  t.match((await wwanctl(world, "why", internetHost.ipv4)).out, /^IPv4 leaves by ethernet \(eth0\)/);

  const moved = defaultMoved(kernel, 4, await indexOf(kernel, "wwan0"));
  const pulledMs = performance.now();
  await world.pullCable();
  t.comment(
    `IPv4 by wwan0 ${((await within("IPv4 by wwan0", moved)) - pulledMs).toFixed(1)} ms after "ip link set down"`,
  );
  await bothBy(world, "wwan0");
  t.ok(await world.reaches(internetHost.ipv4), "IPv4 goes on");
  t.ok(await world.reaches(internetHost.ipv6), "IPv6 goes on");
  t.match(
    await mainDefault(world),
    /^default via 192\.0\.2\.1 dev eth0 linkdown$/,
    "the foreign default is still there",
  );
  await eventually(
    "the carrier's name server",
    () => world.resolvConf(),
    (text) => text.includes("nameserver 10.64.0.1"),
  );

  const meanwhile = await wwanctlJson(world, "status");
  t.equal(meanwhile.code, 0);
  t.match(meanwhile.json, {
    failover: { Ipv4Uplink: "wwan", Ipv6Uplink: "wwan", LastSwitch: { from: "ethernet", to: "wwan" } },
    modems: [{ OfonoPath: "/mbim_0", Level: "online", Interface: "wwan0" }],
  });
  const why = await wwanctlJson(world, "why");
  t.equal(why.code, 0);
  t.match(JSON.stringify(why.json), /IPv4 leaves by wwan \(wwan0\).*ethernet/);
  const down = await wwanctlJson(world, "uplink", "ethernet");
  t.match(down, { code: 1, json: { Name: "ethernet" } }, "an uplink that is not there is bad news");
  t.notMatch(down.json, { Presence: "present" });
  t.match(await wwanctlJson(world, "uplink", "wwan"), { code: 0, json: { Presence: "present", Verdict4: "up" } });
  t.match(await wwanctlJson(world, "modem", "mbim_0"), { code: 0, json: { Level: "online" } });

  const pluggedMs = performance.now();
  await world.plugCable();
  await bothBy(world, "eth0");
  const backMs = performance.now() - pluggedMs;
  t.ok(backMs >= failbackMs, "not before ethernet was steady");
  t.comment(`back on ethernet after ${backMs.toFixed(0)} ms, steady for ${failbackMs} ms asked`);
  t.match(await mainDefault(world), /^default via 192\.0\.2\.1 dev eth0$/);
  await eventually(
    "the ISP's names, behind the stub",
    () => world.resolvConf(),
    (text) => /nameserver 127\.0\.0\.200\nnameserver 192\.0\.2\.53\n/.test(text),
  );

  t.equal((await daemon.end()).code, 0);
  t.equal(await world.resolvConf(), originalResolvConf);
  t.strictSame(await world.ofWwand(), []);
  t.equal(await mainDefault(world), foreign);
});

t.test("the ISP swallows everything while the link stays up", async (t) => {
  const { world, uplink, kernel } = await ready(t);
  const computedMs = Number(await uplink("ethernet", "WorstCaseDetectionMs"));
  t.ok(computedMs > 0 && computedMs <= 5_000, "the shipped policy keeps its 5 s");
  const moved = defaultMoved(kernel, 4, await indexOf(kernel, "wwan0"));
  const sinceMs = performance.now();
  await world.blackhole();
  const leftMs = (await within("IPv4 by wwan0", moved)) - sinceMs;
  t.comment(`left after ${leftMs.toFixed(0)} ms, computed worst case ${computedMs} ms`);
  t.ok(leftMs <= computedMs + loopMarginMs, `left within ${computedMs} ms, and ${loopMarginMs} ms for a busy machine`);
  await bothBy(world, "wwan0");
  t.ok(await world.reaches(internetHost.ipv4));
  t.ok(await world.reaches(internetHost.ipv6));
  t.match((await wwanctl(world, "uplink", "ethernet")).out, /verdict: IPv4 down, IPv6 down/);
  t.equal(await uplink("ethernet", "Presence"), "present");
});

t.test("nothing is left to go by, and no daemon to ask", async (t) => {
  const { world, modem, daemon } = await ready(t);
  await modem.step("unplug");
  await eventually(
    "no modem",
    () => wwanctlJson(world, "modem"),
    ({ code, json }) => code === 1 && String(json) === "",
  );
  t.match(await wwanctlJson(world, "modem", "mbim_0"), { code: 1, json: null });
  t.match(await wwanctlJson(world, "uplink", "nix"), { code: 1, json: null });
  t.equal((await wwanctl(world, "status")).code, 0, "ethernet carries on");
  await world.pullCable();
  const offline = await eventually(
    "offline",
    () => wwanctlJson(world, "status"),
    ({ code }) => code === 1,
  );
  t.match(offline.json, { failover: { Ipv4Uplink: "", Ipv6Uplink: "" } });
  t.match((await wwanctl(world, "status")).out, /^OFFLINE/);
  t.equal((await wwanctl(world, "why")).code, 1);
  t.equal((await wwanctl(world, "why", "nonsense")).code, 2);
  t.equal((await wwanctl(world, "fly")).code, 2);
  t.equal((await daemon.end()).code, 0);
  const { code, json } = await wwanctlJson(world, "status");
  t.equal(code, 2);
  t.match(json, { error: /wwand is not running/ });
});
