/** A modem with one AT port, as oFono's clients see it. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { RecordingClient } from "../dbus/interfaces/recording-client.js";
import { leftToClients, standing, startWwand, stateFolder, writeFiles, wwanctl } from "../lab/daemon.js";
import { eventually, within } from "../lab/eventually.js";
import { startModem, startProfile } from "../lab/virtual-modem.js";
import { internetHost, World } from "../lab/world.js";

t.setTimeout(110_000);

t.test("--modem at+pty: listed, powered, registered; unplugged and back with less to ask", async (t) => {
  const world = await World.build(t);
  await writeFiles(world, { config: leftToClients });
  const modem = await startModem(world, {}, { port: "modem", net: "wwan0" }, "at", "pty");
  const client = await RecordingClient.connect(world.bus.address);
  t.teardown(() => client.close());
  const daemon = await startWwand(world, "--modem", modem.url);
  t.match(await client.call("/", "org.ofono.Manager", "GetModems"), [[["/at_0", { Type: "hardware" }]]]);
  const power = async () => {
    for (const [property, value] of [
      ["Powered", true],
      ["Online", true],
    ] as const)
      await client.set("/at_0", "org.ofono.Modem", property, "b", value);
    await within("registered", client.until('/at_0 NetworkRegistration Status="registered"'));
  };
  await power();
  t.match(await client.properties("/at_0", "org.ofono.NetworkRegistration"), {
    ...{ Mode: "auto", Name: "Wwand Mobile", MobileCountryCode: "001", MobileNetworkCode: "01", Technology: "lte" },
    ...{ LocationAreaCode: 0x0102, CellId: 0x1a2b3c },
  });
  t.match(await client.properties("/at_0", "org.ofono.SimManager"), {
    ...{ Present: true, CardIdentifier: "89882280666014579837", SubscriberIdentity: "001010123456789" },
  });
  t.match(await client.properties("/at_0", "org.ofono.Modem"), { Model: "Virtual AT Modem", Revision: "VAM-1.0.0" });
  t.match((await wwanctl(world, "modem", "at_0")).out, /the modem has no packet data/, "and says what it cannot");
  const ussd = "org.ofono.SupplementaryServices";
  t.strictSame(await client.call("/at_0", ussd, "Initiate", "s", "*101#"), ["USSD", "Баланс: 5 ₽"]);
  t.strictSame(await client.call("/at_0", ussd, "Initiate", "s", "*111#"), ["USSD", "1 Balance\n2 Service PIN"]);
  t.match(await client.properties("/at_0", ussd), { State: "user-response" });
  t.strictSame(await client.call("/at_0", ussd, "Respond", "s", "1"), ["12.34 EUR"]);
  t.strictSame(await readdir(join(stateFolder(world), "firmware")), ["wwand_Virtual-AT-Modem_VAM-1.0.0.json"]);

  await client.take();
  await modem.step("unplug");
  await daemon.line(/modem unplugged modem=\/at_0/);
  await modem.step("replug");
  await within("listed again", client.until("/ Manager ModemAdded /at_0"));
  await power();
  t.equal((await daemon.end()).code, 0);
});

t.test("a Huawei modem over its network interface: attached, connected, packets; dropped and back; gone", async (t) => {
  const world = await World.build(t);
  await world.pullCable();
  const modem = await startProfile(world, "huawei-ncm", "at");
  const before = await world.networkState();
  await writeFiles(world, { config: standing(modem.url, 'apn = "internet"\nip = "v4"') });
  const client = await RecordingClient.connect(world.bus.address);
  t.teardown(() => client.close());
  const daemon = await startWwand(world);
  const online = async (from: number) => {
    await daemon.line(/at_0: connected interface=wwan0/, from);
    await eventually(`${internetHost.ipv4} answers`, () => world.reaches(internetHost.ipv4, "wwan0"), Boolean);
  };
  await online(0);
  t.match(await client.properties("/at_0", "org.ofono.ConnectionManager"), { Attached: true, Bearer: "lte" });
  t.match((await wwanctl(world, "modem", "at_0", "temperature")).out, /^gsm amplifier +30\.4 °C$/m);
  t.match((await wwanctl(world, "modem", "at_0", "bands", "lte=3,7")).out, /^lte: 3, 7, 20 \(not used\)$/m);
  t.match((await wwanctl(world, "modem", "at_0", "cells")).out, /^lte +serving +00101 +258 +1715004 +101 +1300 /m);
  const satellites = await wwanctl(world, "modem", "at_0", "gnss", "on");
  t.match(
    satellites,
    { code: 1, out: /NotImplemented: .*no receiver for satellites/ },
    "the stick has none, and says so",
  );
  t.match(await client.properties("/at_0/context1", "org.ofono.ConnectionContext"), {
    ...{ Active: true, AccessPointName: "internet" },
    Settings: { Interface: "wwan0", Method: "static", Gateway: "10.64.0.1", DomainNameServers: ["10.64.0.1"] },
  });
  const dropped = daemon.lines.length;
  await modem.step("drop-bearer");
  await online(dropped);
  t.equal((await daemon.end()).code, 0);
  t.equal(await world.networkState(), before);
});
