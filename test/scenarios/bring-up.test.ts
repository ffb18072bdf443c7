/** From a cold machine to packets: one modem that wwand keeps connected by itself, and how everything ends. */
import t, { type Test } from "tap";
import { RecordingClient } from "../dbus/interfaces/recording-client.js";
import { standing, startWwand, writeFiles, wwanctl } from "../lab/daemon.js";
import { eventually, within } from "../lab/eventually.js";
import { startModem } from "../lab/virtual-modem.js";
import { internetHost, originalResolvConf, World } from "../lab/world.js";

t.setTimeout(110_000);

const modem = "/mbim_0";
const context = `${modem}/context1`;
const sim = "org.ofono.SimManager";
const iccid = "89882280666014579837";

interface Link {
  readonly mtu: number;
  readonly flags: readonly string[];
  readonly addr_info: readonly { readonly family: string; readonly local: string; readonly scope: string }[];
}

async function wwan0(world: World): Promise<Link> {
  const [link]: readonly Link[] = JSON.parse(await world.host.ip("-j address show dev wwan0"));
  if (link === undefined) throw new Error("there is no wwan0");
  return link;
}

const globalAddresses = (link: Link, family: "inet" | "inet6"): readonly string[] =>
  link.addr_info.filter((entry) => entry.family === family && entry.scope === "global").map(({ local }) => local);

async function clientFor(t: Test, world: World): Promise<RecordingClient> {
  const client = await RecordingClient.connect(world.bus.address);
  t.teardown(() => client.close());
  return client;
}

const settingsOf = async (client: RecordingClient): Promise<Record<string, Record<string, unknown>>> =>
  Object(await client.properties(context, "org.ofono.ConnectionContext"));

const apns = [
  { apn: "internet", ip: "v4v6", families: ["inet", "inet6"] },
  { apn: "v4only", ip: "v4v6", families: ["inet"] },
  { apn: "v6only", ip: "v4v6", families: ["inet6"] },
  { apn: "internet", ip: "v4", families: ["inet"] },
  { apn: "internet", ip: "v6", families: ["inet6"] },
] as const;

t.test("no cable: the modem alone brings the machine online, and SIGTERM leaves nothing", async (t) => {
  const world = await World.build(t);
  await world.pullCable();
  const virtual = await startModem(world, { mtu: "1420" });
  const before = await world.networkState();

  for (const { apn, ip, families } of apns)
    await t.test(`APN ${apn} asked for ${ip}`, async (t) => {
      await writeFiles(world, { config: standing(virtual.url, `apn = "${apn}"\nip = "${ip}"`) });
      const client = await clientFor(t, world);
      const daemon = await startWwand(world);
      await within("context active", client.until(`${context} ConnectionContext Active=true`));
      const link = await wwan0(world);
      t.equal(link.mtu, 1420);
      t.ok(link.flags.includes("UP"), "link is up");
      const shown = await settingsOf(client);
      for (const [family, settings, target] of [
        ["inet", shown.Settings, internetHost.ipv4],
        ["inet6", shown["IPv6.Settings"], internetHost.ipv6],
      ] as const) {
        const expected = families.some((one) => one === family);
        t.equal(globalAddresses(link, family).length > 0, expected, `${family} address on wwan0`);
        t.equal(settings?.Interface, expected ? "wwan0" : undefined, `${family} settings on the bus`);
        if (!expected) continue;
        t.ok(globalAddresses(link, family).includes(String(settings?.Address)), "the bus says what the kernel has");
        await eventually(`${target} answers over wwan0`, () => world.reaches(target, "wwan0"), Boolean);
      }
      const family = families[0] === "inet" ? 4 : 6;
      await eventually(
        "default by wwan0",
        () => world.wayOut(family),
        (way) => way === "wwan0",
      );
      t.ok(await world.reaches(family === 4 ? internetHost.ipv4 : internetHost.ipv6), "and without naming it");
      await eventually(
        "the carrier's name server",
        () => world.resolvConf(),
        (text) => text.startsWith("# written by wwand"),
      );
      t.match(await world.resolvConf(), /^search example\.net$/m);

      const { code, tookMs } = await daemon.end();
      t.equal(code, 0);
      t.ok(tookMs < 2_000, "SIGTERM is over in time");
      t.comment(`SIGTERM took ${tookMs.toFixed(0)} ms`);
      t.equal(await world.networkState(), before, "rules, routes and addresses are as before");
      t.strictSame(await world.ofWwand(), []);
      t.equal(await world.resolvConf(), originalResolvConf);
      await client.until(`/ Manager ModemRemoved ${modem}`);
      t.notMatch(daemon.text, /not everything was withdrawn|unhandled|Error:/i);
    });
});

const pinAttempts = (text: string): number => text.match(/entering a PIN by ourselves/g)?.length ?? 0;

t.test("a card that is locked", async (t) => {
  const world = await World.build(t);
  const virtual = await startModem(world, { pinEnabled: "true" });
  /** The card asks for its PIN when it comes to power. */
  const powerCycle = async () => {
    await virtual.step("unplug");
    await virtual.step("replug");
  };
  const configured = (pin: string) =>
    writeFiles(world, {
      config: `${standing(virtual.url)}pin = "${pin}"\n`.replace(/imsi = .*/, `iccid = "${iccid}"`),
    });
  const retries = async (client: RecordingClient) => Object(Object(await client.properties(modem, sim)).Retries).pin;
  const stage = async () => (await wwanctl(world, "modem", "mbim_0")).out;

  await t.test("a wrong configured PIN costs one try", async (t) => {
    await configured("9999");
    const client = await clientFor(t, world);
    const daemon = await startWwand(world);
    await within("PIN wanted", client.until(`${modem} SimManager PinRequired="pin"`));
    await eventually(
      "one try less",
      () => retries(client),
      (left) => left === 2,
    );
    await eventually("the reason in wwanctl", stage, (text) => /did not accept its PIN/.test(text));
    t.equal(pinAttempts(daemon.text), 1);
    t.notMatch(daemon.text, /9999/, "the PIN is not in the log");
    t.equal((await daemon.end()).code, 0);
  });

  await t.test("a restart does not try it again; a client's EnterPin works", async (t) => {
    await powerCycle();
    const client = await clientFor(t, world);
    const daemon = await startWwand(world);
    await eventually("the reason in wwanctl", stage, (text) => /only 2 tries are left/.test(text));
    t.equal(pinAttempts(daemon.text), 0);
    t.equal(await retries(client), 2);
    await client.call(modem, sim, "EnterPin", "ss", "pin", "1234");
    await within("context active", client.until(`${context} ConnectionContext Active=true`));
    t.equal(await retries(client), 3);
    t.ok(await world.reaches(internetHost.ipv4, "wwan0"));
    t.notMatch(daemon.text, /"1234"/, "the PIN is not in the log");
    t.equal((await daemon.end()).code, 0);
  });

  await t.test("three tries again, but the card has refused it once: it is never entered again", async (t) => {
    await powerCycle();
    const daemon = await startWwand(world);
    await eventually("the reason in wwanctl", stage, (text) => /refused the configured PIN/.test(text));
    t.equal(pinAttempts(daemon.text), 0);
    t.equal((await daemon.end()).code, 0);
  });

  await t.test("corrected in wwand.toml and entered once by a client, it is trusted again", async (t) => {
    await configured("1234");
    const client = await clientFor(t, world);
    const first = await startWwand(world);
    await within("PIN wanted", client.until(`${modem} SimManager PinRequired="pin"`));
    await client.call(modem, sim, "EnterPin", "ss", "pin", "1234");
    await within("context active", client.until(`${context} ConnectionContext Active=true`));
    t.equal((await first.end()).code, 0);
    await powerCycle();
    const again = await clientFor(t, world);
    const daemon = await startWwand(world);
    await within("context active", again.until(`${context} ConnectionContext Active=true`));
    t.equal(pinAttempts(daemon.text), 1);
    t.equal((await daemon.end()).code, 0);
  });
});
