/** Cards for which nobody has written an APN: found, tried, remembered, taken over from oFono; a fleet that roams. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import t, { type Test } from "tap";
import { RecordingClient } from "../dbus/interfaces/recording-client.js";
import { startWwand, stateFolder, writeFiles, wwanctl } from "../lab/daemon.js";
import { eventually, within } from "../lab/eventually.js";
import { startModem } from "../lab/virtual-modem.js";
import { internetHost, World } from "../lab/world.js";

t.setTimeout(110_000);

const imsi = "001010123456789";
const modem = "/mbim_0";

/** As mobile-broadband-provider-info writes it. The network of this world knows "secure" only with its user. */
const providers = `<?xml version="1.0" encoding="utf-8"?>
<serviceproviders format="2.0">
<country code="zz"><provider><name>Wwand Mobile</name><gsm>
  <network-id mcc="001" mnc="01"/>
  <apn value="closed.example"><plan type="postpaid"/><usage type="internet"/><name>Last year's</name></apn>
  <apn value="secure"><plan type="postpaid"/><usage type="internet"/><username>wwand</username>
    <password>carrier</password><authentication method="chap"/></apn>
</gsm></provider></country>
</serviceproviders>
`;

const gprs = `[Settings]
Powered=true
RoamingAllowed=false

[context3]
Name=Internet
AccessPointName=v4only
Username=
Password=
AuthenticationMethod=none
Type=internet
Protocol=ip
`;

async function put(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

async function listen(t: Test, world: World): Promise<RecordingClient> {
  const client = await RecordingClient.connect(world.bus.address);
  t.teardown(() => client.close());
  return client;
}

const contextAt = async (client: RecordingClient, number: number): Promise<Record<string, unknown>> =>
  Object(await client.properties(`${modem}/context${number}`, "org.ofono.ConnectionContext"));

t.test("a modem that has no APN stored", async (t) => {
  const world = await World.build(t);
  const virtual = await startModem(world, { storedApn: "" });
  const folder = (name: string) => world.file(name);
  const config = (...lines: readonly string[]) =>
    writeFiles(world, {
      config: [
        `[paths]\nproviders = "${folder("providers.xml")}"\nofono-dir = "${folder("ofono")}"`,
        `[[modem]]\nmatch = { url = "${virtual.url}" }\nconnect = true`,
        ...lines,
      ].join("\n"),
    });
  const details = async () => (await wwanctl(world, "modem", "mbim_0")).out;

  await t.test("the database's first APN is refused with cause 27, its second works and is remembered", async (t) => {
    await put(folder("providers.xml"), providers);
    await config();
    const client = await listen(t, world);
    const first = await startWwand(world);
    const active = `${modem}/context1 ConnectionContext Active=true`;
    await within("context active", client.until(active));
    const told = (await client.take()).filter((line) => line.includes("/context1 ConnectionContext"));
    const at = (entry: string) => told.findIndex((line) => line.endsWith(entry));
    t.ok(at('AccessPointName="secure"') >= 0 && at('AccessPointName="secure"') < at("Active=true"), told.join("\n"));
    t.match(await contextAt(client, 1), { AccessPointName: "secure", Username: "wwand", AuthenticationMethod: "chap" });
    t.ok(await world.reaches(internetHost.ipv4, "wwan0"));
    t.match(await details(), /APN: secure \(database: Wwand Mobile\)/);
    t.match(await details(), /APN refused before: closed\.example \(database: .*\): esm 27 MissingOrUnknownApn/);
    t.match(first.text, /refused this APN apn=closed\.example .*next=secure/);
    t.notMatch(first.text, /carrier\b/, "no password in the log");
    t.equal((await first.end()).code, 0);

    await rm(folder("providers.xml"));
    const again = await listen(t, world);
    const second = await startWwand(world);
    await within("context active", again.until(active));
    t.match(await contextAt(again, 1), { AccessPointName: "secure" });
    t.notMatch(second.text, /refused this APN/);
    t.match(await details(), /APN: secure \(remembered: worked on 00101, database: Wwand Mobile\)/);
    t.equal((await second.end()).code, 0);
  });

  await t.test("without a database: the network tells its APN when it attaches the modem", async (t) => {
    await rm(stateFolder(world), { recursive: true });
    await virtual.step("detach");
    await config();
    const client = await listen(t, world);
    const daemon = await startWwand(world);
    await within("a name", client.until(`${modem}/context1 ConnectionContext AccessPointName="internet"`));
    await daemon.line(/no provider database/);
    // wwand's own wish may have been quicker: then the network has chosen, and told afterwards what.
    const source = /APN: internet \((modem: told by the network at attach|network: the network's default)\)/;
    await eventually("its source", details, (text) => source.test(text));
    t.equal((await daemon.end()).code, 0);
  });

  await t.test("oFono's state is taken over, its context keeps its number", async (t) => {
    await rm(stateFolder(world), { recursive: true });
    const file = join(folder("ofono"), imsi, "gprs");
    await put(file, gprs);
    await config();
    const client = await listen(t, world);
    const daemon = await startWwand(world);
    await within("context active", client.until(`${modem}/context3 ConnectionContext Active=true`));
    t.match(await contextAt(client, 3), { AccessPointName: "v4only", Protocol: "ip", Name: "Internet" });
    t.equal(await readFile(file, "utf8"), gprs, "the original is left alone");
    t.match(await details(), /APN: v4only \(import: oFono's storage\)/);
    const [added] = await client.call(modem, "org.ofono.ConnectionManager", "AddContext", "s", "internet");
    t.equal(added, `${modem}/context4`);
    t.equal((await daemon.end()).code, 0);
  });

  await t.test("a fleet's card abroad comes online; a client's no holds over a restart", async (t) => {
    await rm(stateFolder(world), { recursive: true });
    await rm(folder("ofono"), { recursive: true });
    await virtual.step("roam");
    await config("[[sim]]\nany = true\nroaming = true", '[[sim]]\nplmn = "00101"\napn = "v6only"');
    const client = await listen(t, world);
    const first = await startWwand(world);
    await within("context active", client.until(`${modem}/context1 ConnectionContext Active=true`));
    t.match(await client.properties(modem, "org.ofono.NetworkRegistration"), { Status: "roaming" });
    t.match(await contextAt(client, 1), { AccessPointName: "v6only" });
    const manager = "org.ofono.ConnectionManager";
    t.match(await client.properties(modem, manager), { RoamingAllowed: true });
    await client.set(modem, manager, "RoamingAllowed", "b", false);
    await within("detached", client.until(`${modem} ConnectionManager Attached=false`));
    t.equal((await first.end()).code, 0);
    const again = await listen(t, world);
    const second = await startWwand(world);
    // It may roam before it is on the bus, and then no signal says so.
    const registration = () => again.properties(modem, "org.ofono.NetworkRegistration").catch(() => ({}));
    await eventually("roaming", registration, (it) => Object(it).Status === "roaming");
    t.match(await again.properties(modem, manager), { RoamingAllowed: false, Attached: false });
    t.equal((await second.end()).code, 0);
  });
});
