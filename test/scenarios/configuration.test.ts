/** Mistakes in wwand.toml and in policies: told with place and expectation; a running daemon keeps what is good. */
import { rm, writeFile } from "node:fs/promises";
import t, { type Test } from "tap";
import { RecordingClient } from "../dbus/interfaces/recording-client.js";
import {
  configFile,
  policyFile,
  spawnWwand,
  standing,
  startWwand,
  writeFiles,
  wwanctl,
  wwanctlJson,
} from "../lab/daemon.js";
import { eventually, within } from "../lab/eventually.js";
import { startModem } from "../lab/virtual-modem.js";
import { World } from "../lab/world.js";

t.setTimeout(110_000);

const badConfiguration = 78;

interface Mistake {
  readonly what: string;
  readonly text: string;
  /** Where it is and what is said of it. */
  readonly says: readonly RegExp[];
}

const inConfig: readonly Mistake[] = [
  {
    what: "a key that does not exist",
    text: 'log-level = "info"\n[[modem]]\nmatch = { imei = "004999010640000" }\nconect = true\n',
    says: [/wwand\.toml:4:1\b/, /conect/, /connect/],
  },
  {
    what: "a value of the wrong type",
    text: '[[modem]]\nmatch = { imei = "004999010640000" }\nconnect = "yes"\n',
    says: [/wwand\.toml:3:1\b/, /connect/, /true or false/, /"yes"/],
  },
  {
    what: "a word that is none of the choices",
    text: 'actuate = "maybe"\n',
    says: [/wwand\.toml:1:1\b/, /actuate/, /"self"/, /"maybe"/],
  },
  { what: "no TOML at all", text: "[[modem]\n", says: [/wwand\.toml:1:\d+/] },
];

const inPolicy: readonly Mistake[] = [
  {
    what: "a duration without a unit",
    text: "[check.internet]\ntimeout = 1\n",
    says: [/60-more\.toml:2:1\b/, /check\.internet\.timeout/, /a duration with its unit/, /found the number 1\b/],
  },
  {
    what: "a unit that does not exist",
    text: 'failback = { mode = "steady", spanning = "30 parsecs" }\n',
    says: [/60-more\.toml:1:\d+/, /failback\.spanning/, /a duration with its unit/, /30 parsecs/],
  },
  {
    what: "an uplink that is not defined",
    text: '[group]\ndefault = { tiers = [["ethernet"], ["satellite"]] }\n',
    says: [/60-more\.toml:2:\d+/, /satellite/, /ethernet/],
  },
  {
    what: "a key that does not exist",
    text: '[uplink.wwan]\nmatch = { modem = "any" }\nmetred = true\n',
    says: [/60-more\.toml:3:1\b/, /metred/, /metered/],
  },
  {
    what: "a promise that the numbers cannot keep",
    text: '[check.internet]\nevery = { idle = "10s" }\n',
    says: [/toml:\d+:\d+/, /blackhole/, /5s/],
  },
];

t.test("at start: exit code 78 and the place", async (t) => {
  const world = await World.build(t);
  const refused = async (t: Test, { what, says }: Mistake) => {
    const daemon = spawnWwand(world);
    const { code } = await within(what, daemon.ended());
    t.equal(code, badConfiguration);
    for (const part of says) t.match(daemon.text, part, what);
    t.notMatch(daemon.text, /at .*\.[tj]s:\d+/, "no stack");
    t.strictSame(await world.ofWwand(), [], "nothing was begun");
  };
  for (const mistake of inConfig)
    await t.test(`wwand.toml: ${mistake.what}`, async (t) => {
      await writeFiles(world, { config: mistake.text });
      await refused(t, mistake);
    });
  for (const mistake of inPolicy)
    await t.test(`policy: ${mistake.what}`, async (t) => {
      await writeFiles(world, { config: "", policy: { "60-more.toml": mistake.text } });
      await refused(t, mistake);
    });
  await t.test("a PIN that everybody can read", async (t) => {
    await rm(configFile(world));
    await writeFiles(world, { config: '[[sim]]\nimsi = "001010123456789"\npin = "4711"\n', mode: 0o644 });
    await rm(policyFile(world, "60-more.toml"));
    const daemon = spawnWwand(world);
    t.equal((await daemon.ended()).code, badConfiguration);
    t.match(daemon.text, /wwand\.toml:3:\d+.*pin/s);
    t.match(daemon.text, /chmod 600/);
    t.notMatch(daemon.text, /4711/);
  });
  await t.test("a file that was named but is not there", async (t) => {
    await rm(configFile(world));
    const daemon = spawnWwand(world);
    t.equal((await daemon.ended()).code, badConfiguration);
    t.match(daemon.text, /wwand\.toml/);
  });
});

const modemFirst = `failback = { mode = "steady", spanning = "0s" }

[uplink.wwan]
match = { modem = "any" }
check = "internet"

[group]
default = { tiers = [["wwan"], ["ethernet"]] }
`;

t.test("SIGHUP: a bad policy changes nothing, a good one is taken, the bearer lives on", async (t) => {
  const world = await World.build(t);
  const modem = await startModem(world);
  await writeFiles(world, { config: standing(modem.url) });
  const daemon = await startWwand(world);
  const ofono = await RecordingClient.connect(world.bus.address);
  const own = await RecordingClient.connect(world.bus.address, "net.wwand");
  t.teardown(() => {
    ofono.close();
    own.close();
  });
  const policyError = async () => {
    const [value] = await own.call(
      "/net/wwand",
      "org.freedesktop.DBus.Properties",
      "Get",
      "ss",
      "net.wwand.Daemon1",
      "PolicyError",
    );
    return String(value);
  };
  const choice = async () => [await world.wayOut(4), await world.wayOut(6)].join();
  const wwanVerdict = async () => JSON.stringify((await wwanctlJson(world, "uplink", "wwan")).json);
  await eventually("wwan verified", wwanVerdict, (text) => /"Verdict4":"up","Verdict6":"up"/.test(text));
  await eventually("by ethernet", choice, (ways) => ways === "eth0,eth0");
  const address = await world.host.ip("-o address show dev wwan0 scope global");
  const lease = JSON.stringify(JSON.parse(await modem.step("state")).model.sessions);
  await ofono.take();

  const mark = daemon.lines.length;
  await writeFile(policyFile(world, "60-more.toml"), "[check.internet]\ntimeout = 1\n");
  daemon.signal("SIGHUP");
  await within("the log says so", daemon.line(/the last good one stays.*60-more\.toml:2:1/, mark));
  const told = await eventually("PolicyError", policyError, (text) => text !== "");
  t.match(told, /60-more\.toml:2:1.*check\.internet\.timeout.*a duration with its unit.*found the number 1/s);
  const status = await wwanctl(world, "status");
  t.equal(status.code, 0);
  t.match(status.out, /the policy on disk was not taken, the last good one stays: .*60-more\.toml:2:1/);
  t.equal(await choice(), "eth0,eth0", "the last good policy is in force");

  await writeFile(policyFile(world, "60-more.toml"), modemFirst);
  daemon.signal("SIGHUP");
  await eventually("the modem first now", choice, (ways) => ways === "wwan0,wwan0");
  t.equal(await policyError(), "");
  t.notMatch((await wwanctl(world, "status")).out, /not taken/);

  t.equal(await world.host.ip("-o address show dev wwan0 scope global"), address, "wwan0 was not touched");
  t.equal(JSON.stringify(JSON.parse(await modem.step("state")).model.sessions), lease, "nor the session");
  t.strictSame(
    (await ofono.take()).filter((line) => /Active|Settings|Attached/.test(line)),
    [],
    "clients heard nothing",
  );
  t.equal((await daemon.end()).code, 0);
  t.strictSame(await world.ofWwand(), []);
});

t.test("SIGHUP: another APN holds from the next plugging in, and the log says so", async (t) => {
  const world = await World.build(t);
  const modem = await startModem(world);
  const config = (apn: string) => standing(modem.url, `apn = "${apn}"\nip = "v4v6"`);
  await writeFiles(world, { config: config("internet") });
  const daemon = await startWwand(world);
  t.match(await daemon.line(/mbim_0: connected/), /ipv4=\S+ ipv6=/, "an APN of both families");
  await writeFiles(world, { config: config("v4only") });
  const mark = daemon.lines.length;
  daemon.signal("SIGHUP");
  await within("it is told", daemon.line(/\[\[sim\]\] has changed: .*from the next time that the modem/, mark));
  await modem.step("unplug");
  await within("unplugged", daemon.line(/mbim_0: disconnected/, mark));
  await modem.step("replug");
  t.notMatch(await within("connected", daemon.line(/mbim_0: connected/, mark)), /ipv6=/, "an APN of one family");
  t.equal((await daemon.end()).code, 0);
});
