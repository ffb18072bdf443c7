/** What cards, networks and cables do to a modem that speaks AT: told by name, and over when its cause is, without a restart. */
import t, { type Test } from "tap";
import { networkCause } from "../../src/codec/network-cause.js";
import { RecordingClient } from "../dbus/interfaces/recording-client.js";
import { standing, startWwand, writeFiles, wwanctl } from "../lab/daemon.js";
import { eventually, within } from "../lab/eventually.js";
import { startProfile } from "../lab/virtual-modem.js";
import { internetHost, World } from "../lab/world.js";

t.setTimeout(110_000);

const path = "/at_0";
const context = `${path}/context1`;
const rightPin = "1234";
const puk = "12345678";

const access = (apn: string): string => `apn = "${apn}"\nip = "v4"`;

/** A Huawei stick over its network interface, kept connected by wwand. */
async function kept(
  t: Test,
  settings: Readonly<Record<string, string>> = {},
  { pin, apn = "internet" }: { readonly pin?: string; readonly apn?: string } = {},
) {
  const world = await World.build(t);
  await world.pullCable();
  const modem = await startProfile(world, "huawei-ncm", "at", settings);
  const config = standing(modem.url, access(apn));
  const iccid = 'iccid = "89882280666014579837"';
  await writeFiles(world, {
    config: pin === undefined ? config : `${config.replace(/imsi = .*/, iccid)}pin = "${pin}"\n`,
  });
  const daemon = await startWwand(world);
  const ofono = await RecordingClient.connect(world.bus.address);
  const own = await RecordingClient.connect(world.bus.address, "net.wwand");
  t.teardown(() => [ofono, own].map((client) => client.close()));
  const stage = async () => {
    const asked = ["/net/wwand/modem/at_0", "org.freedesktop.DBus.Properties", "Get", "ss"] as const;
    return String((await own.call(...asked, "net.wwand.Modem1", "Stage").catch(() => [""]))[0]);
  };
  return {
    ...{ world, modem, daemon, ofono },
    isToldAs: (words: RegExp) => eventually("net.wwand says it", stage, (text) => words.test(text), 20_000),
    works: async () => {
      await eventually("connected", stage, (text) => /10\/10 connected/.test(text), 30_000);
      await eventually(`${internetHost.ipv4} answers`, () => world.reaches(internetHost.ipv4, "wwan0"), Boolean);
    },
    sim: (member: string, ...words: readonly string[]) =>
      ofono.call(path, "org.ofono.SimManager", member, "s".repeat(words.length), ...words),
    setContext: (property: string, value: string) =>
      ofono.set(context, "org.ofono.ConnectionContext", property, "s", value),
  };
}

t.test("cards: pulled, locked, PINs that are wrong until the PUK is asked for", async (t) => {
  const { world, modem, daemon, works, isToldAs, sim } = await kept(t);
  await works();
  await modem.step("sim-remove");
  await isToldAs(/4\/10 SIM: no SIM is inserted/);
  await modem.step("sim-insert");
  await works();

  await modem.step("pin-lock");
  await isToldAs(/the SIM wants its PIN: no PIN is configured for this card/);
  for (const _ of [1, 2, 3]) await t.rejects(sim("EnterPin", "pin", "9999"), { message: /IncorrectPassword/ });
  await isToldAs(/the SIM wants its PUK: puk is wanted, only a person can enter it/);
  t.match((await wwanctl(world, "modem", "at_0")).out, /the SIM wants its PUK/);
  await t.rejects(sim("ResetPin", "puk", "87654321", rightPin), { message: /IncorrectPassword/ });
  await sim("ResetPin", "puk", puk, rightPin);
  await works();
  t.notMatch(daemon.text, /9999|12345678|87654321/, "no secret in the log");
  t.equal((await daemon.end()).code, 0);
});

t.test("the configured PIN is wrong: tried once, said, and the right one opens the card", async (t) => {
  const { daemon, ofono, works, isToldAs, sim } = await kept(t, { pinEnabled: "true" }, { pin: "9999" });
  await isToldAs(/the SIM did not accept its PIN/);
  const { Retries } = Object(await ofono.properties(path, "org.ofono.SimManager"));
  t.match(Retries, { pin: 2 });
  await sim("EnterPin", "pin", rightPin);
  await works();
  t.equal((await daemon.end()).code, 0);
});

/** What 3GPP TS 24.301 has a network say to who it does not want, or not now. */
const refusals = [2, 3, 5, 6, 7, 8, 11, 12, 13, 14, 15, 17, 22];

t.test(
  "registration is refused, by each cause that networks give: its name is told, and it ends with it",
  async (t) => {
    const { modem, daemon, works, isToldAs } = await kept(t);
    await works();
    for (const code of refusals) {
      await modem.step("reject", String(code));
      await isToldAs(new RegExp(`6/10 register: denied \\(emm ${code} ${networkCause("emm", code)?.name}\\)`));
    }
    await modem.step("accept");
    await works();
    t.equal((await daemon.end()).code, 0);
  },
);

t.test("the network refuses the call: a wrong APN and others, by name; another APN ends it at once", async (t) => {
  const { world, modem, daemon, works, isToldAs, setContext } = await kept(t);
  await works();
  await modem.step("refuse-calls", "33");
  await modem.step("drop-bearer");
  await isToldAs(/8\/10 activate: the network refused the connection \(esm 33 RequestedServiceOptionNotSubscribed\)/);
  await modem.step("refuse-calls", "0");
  await setContext("AccessPointName", "nowhere");
  await isToldAs(/the network refused the connection \(esm 27 MissingOrUnknownApn\)/);
  t.match((await wwanctl(world, "modem", "at_0")).out, /esm 27 MissingOrUnknownApn/);
  await setContext("AccessPointName", "internet");
  await works();
  t.equal((await daemon.end()).code, 0);
});

t.test("SIGHUP: another APN in wwand.toml ends the refusal of the first, without a replug", async (t) => {
  const { world, modem, daemon, works, isToldAs } = await kept(t, {}, { apn: "nowhere" });
  await isToldAs(/the network refused the connection \(esm 27 MissingOrUnknownApn\)/);
  await writeFiles(world, { config: standing(modem.url, access("internet")) });
  daemon.signal("SIGHUP");
  await works();
  t.equal((await daemon.end()).code, 0);
});

t.test("the port vanishes in the middle of a connection, and comes back", async (t) => {
  const { modem, daemon, ofono, works } = await kept(t);
  await works();
  await ofono.take();
  await modem.step("unplug");
  // Whoever sees it first says so: who watches the port, or who speaks on it.
  await within("it is said", daemon.line(/modem (unplugged|lost)/));
  await within("off the list", ofono.until(`/ Manager ModemRemoved ${path}`));
  await modem.step("replug");
  await works();
  t.equal((await daemon.end()).code, 0);
});
