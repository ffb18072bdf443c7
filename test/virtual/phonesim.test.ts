/** The judge is not ours: Debian's ofonod drives the AT face over TCP, by its plugin for oFono's phone simulator. */
import t from "tap";
import { RecordingClient } from "../dbus/interfaces/recording-client.js";
import { eventually, within } from "../lab/eventually.js";
import { ofonodMissing, phonesim, startOfonod, startTcpModem } from "../lab/phonesim.js";
import { World } from "../lab/world.js";

t.setTimeout(110_000);

const modemInterface = "org.ofono.Modem";

/** Resolves when ofonod shows its modem. */
async function ofonodFor(t: Parameters<typeof World.build>[0], world: World, more?: string): Promise<RecordingClient> {
  const client = await RecordingClient.connect(world.bus.address);
  t.teardown(async () => client.close());
  await startOfonod(world, more);
  const shown = () => client.properties(phonesim, modemInterface).catch(() => undefined);
  await eventually("ofonod lists the modem", shown, Boolean);
  return client;
}

/** As its scripts enable-modem and online-modem do. Resolves when the modem is registered and attached. */
async function bringOnline(client: RecordingClient): Promise<void> {
  for (const property of ["Powered", "Online"]) await client.set(phonesim, modemInterface, property, "b", true);
  await within("registered", client.until(`${phonesim} NetworkRegistration Status="registered"`));
  await within("attached", client.until(`${phonesim} ConnectionManager Attached=true`));
}

for (const [profile, model] of [
  ["at-generic", "Virtual AT Modem"],
  ["huawei-ncm", "E3372"],
  ["simcom-sim7600-rndis", "SIMCOM_SIM7600G-H"],
  ["simcom-a7670e", "A7670E-FASE"],
] as const)
  t.test(`${profile}: ofonod reads the card, registers, attaches`, { skip: ofonodMissing() }, async (t) => {
    const world = await World.build(t);
    await startTcpModem(world, profile);
    const client = await ofonodFor(t, world);
    await bringOnline(client);
    t.match(await client.properties(phonesim, modemInterface), { Powered: true, Online: true, Model: model });
    t.match(await client.properties(phonesim, "org.ofono.SimManager"), {
      ...{ Present: true, PinRequired: "none", CardIdentifier: "89882280666014579837" },
      ...{ SubscriberIdentity: "001010123456789", MobileCountryCode: "001", MobileNetworkCode: "01" },
      ServiceProviderName: "Wwand Mobile",
    });
    t.match(await client.properties(phonesim, "org.ofono.NetworkRegistration"), {
      ...{ Status: "registered", Mode: "auto", Technology: "lte", LocationAreaCode: 0x0102, CellId: 0x1a2b3c },
      ...{ MobileCountryCode: "001", MobileNetworkCode: "01" },
    });
    t.match(await client.properties(phonesim, "org.ofono.ConnectionManager"), { Attached: true });
  });

t.test(
  "unplugged the modem is off for ofonod; plugged in again it comes back",
  { skip: ofonodMissing() },
  async (t) => {
    const world = await World.build(t);
    const modem = await startTcpModem(world, "at-generic");
    const client = await ofonodFor(t, world);
    await bringOnline(client);
    await client.take();
    await modem.step("unplug");
    await within("off", client.until(`${phonesim} Modem Powered=false`));
    await modem.step("replug");
    await bringOnline(client);
  },
);

t.test(
  "ofonod multiplexes the line by its own gatmux, ends that in order and begins anew",
  { skip: ofonodMissing() },
  async (t) => {
    const world = await World.build(t);
    await startTcpModem(world, "at-generic");
    const client = await ofonodFor(t, world, "Multiplexer=internal");
    const power = (on: boolean) => client.set(phonesim, modemInterface, "Powered", "b", on);
    for (const round of ["first", "second"]) {
      await power(true);
      // Its plugin asks for no card over a channel: who the modem is, it does.
      const identity = { Manufacturer: "wwand", Model: "Virtual AT Modem", Revision: "VAM-1.0.0", Serial: /^\d{15}$/ };
      const told = () => client.properties(phonesim, modemInterface);
      const modem = await eventually(`${round}: who it is`, told, (shown) => JSON.stringify(shown).includes("Serial"));
      t.match(modem, { Powered: true, ...identity });
      await power(false);
    }
  },
);
