import { Variant as PeerVariant } from "dbus-next";
import t, { type Test } from "tap";
import { Bus } from "../../src/dbus/bus.js";
import { bindStandard, StandardObjects } from "../../src/dbus/standard.js";
import { Variant } from "../../src/dbus/types.js";
import { ModemError } from "../../src/runtime/error.js";
import { startPrivateBus } from "../lab/dbus.js";
import { Client, readableLog, shown } from "./bus-client.js";

const name = "net.wwand";
const none = { get: () => undefined };

interface View {
  readonly iface?: string;
  readonly level: string;
  readonly holders: readonly string[];
}
interface Counters {
  statistics(): Promise<Readonly<Record<string, bigint>>>;
}

const modemView = bindStandard("net.wwand.Modem1").to<View, Counters>({
  properties: {
    OfonoPath: { get: () => "/mbim_0" },
    Driver: { get: () => "mbim" },
    Port: none,
    Imei: none,
    Level: { get: (view) => view.level },
    Stage: none,
    Cause: none,
    AddressMethod: { get: () => undefined },
    Interface: { get: (view) => view.iface },
    Apn: { get: () => undefined },
    ApnSource: { get: () => undefined },
    ApnPassedOver: { get: () => undefined },
    ProtocolOptions: { get: () => undefined },
    WhoHoldsRadioOff: { get: (view) => view.holders },
  },
  methods: {
    GetStatistics: (counters) => counters.statistics(),
    Reset: () => undefined,
    GetGnss: () => "off",
    SetGnss: () => undefined,
    GetTemperatures: () => [],
  },
});
const daemonView = bindStandard("net.wwand.Daemon1").to<string>({
  properties: {
    Version: { get: () => "0.1.0" },
    PolicyFiles: { get: () => [] },
    PolicyFolders: { get: () => [] },
    PolicyGeneration: { get: () => "" },
    PolicyError: { get: (text) => text },
    Resolver: { get: () => "file" },
    ResolverBecause: { get: () => "" },
    ResolverStub: { get: () => "" },
  },
  methods: { Why: (_, [destination]) => [`to ${destination}`], WhyPacket: () => ({}) },
});

async function rig(t: Test) {
  const daemon = await startPrivateBus();
  t.teardown(() => daemon.close());
  const bus = new Bus({ address: daemon.address, log: readableLog().log });
  t.teardown(() => bus.close());
  const objects = new StandardObjects(bus, "/net/wwand");
  await bus.connect(AbortSignal.timeout(10_000));
  await bus.requestName(name);
  const client = await Client.connect(daemon.address);
  t.teardown(() => client.disconnect());
  const properties = (path: string, member: string, ...body: unknown[]) => ({
    destination: name,
    path,
    interface: "org.freedesktop.DBus.Properties",
    member,
    signature: { Get: "ss", GetAll: "s", Set: "ssv" }[member] ?? "",
    body,
  });
  return { objects, client, properties };
}

const off: View = { level: "off", holders: [] };
const counters: Counters = { statistics: async () => ({ rxBytes: 2n ** 40n }) };
const path = "/net/wwand/modem/0";
const modem1 = "net.wwand.Modem1";

t.test("Properties: what is known, one signal for the changes of a turn, what vanished by name", async (t) => {
  const { objects, client, properties } = await rig(t);
  const modem = objects.export(path, modemView, off, counters);
  const all = async () => shown((await client.call(properties(path, "GetAll", modem1)))[0]);
  t.equal(await all(), '{"OfonoPath":"/mbim_0","Driver":"mbim","Level":"off","WhoHoldsRadioOff":[]}');
  t.equal(shown(await client.call(properties(path, "Get", modem1, "Level"))), '["off"]');
  await client.settled(name);
  client.received.length = 0;
  modem.changed({ level: "sim", holders: [] });
  modem.changed({ level: "online", iface: "wwan0", holders: [] });
  await client.settled(name);
  modem.changed({ level: "online", iface: "wwan0", holders: [] });
  modem.changed({ level: "off", holders: ["rfkill"] });
  modem.changed({ level: "online", holders: ["rfkill"] });
  await client.settled(name);
  t.strictSame(client.story(), [
    `signal PropertiesChanged "${modem1}" {"Level":"online","Interface":"wwan0"} []`,
    `signal PropertiesChanged "${modem1}" {"WhoHoldsRadioOff":["rfkill"]} ["Interface"]`,
  ]);
  t.equal(shown(modem.properties()), await all());
});

t.test("Properties: whoever reads in the turn of a change reads the change, and it is told once", async (t) => {
  const { objects, client, properties } = await rig(t);
  const modem = objects.export(path, modemView, off, counters);
  await client.settled(name);
  client.received.length = 0;
  modem.changed({ level: "online", holders: [] });
  t.match(shown(modem.properties()), '"Level":"online"');
  t.equal(shown(await client.call(properties(path, "Get", modem1, "Level"))), '["online"]');
  await client.settled(name);
  const told = client.story().filter((line) => line.startsWith("signal"));
  t.strictSame(told, [`signal PropertiesChanged "${modem1}" {"Level":"online"} []`]);
});

t.test("Properties: what cannot be read or written has the standard's errors", async (t) => {
  const { objects, client, properties } = await rig(t);
  objects.export(path, modemView, off, counters);
  const error = (member: string, ...body: unknown[]) => client.errorName(properties(path, member, ...body));
  const prefix = "org.freedesktop.DBus.Error";
  t.equal(await error("Get", modem1, "Colour"), `${prefix}.UnknownProperty`);
  t.equal(await error("Get", modem1, "Interface"), `${prefix}.UnknownProperty`, "not known now");
  t.equal(await error("Get", modem1, "__proto__"), `${prefix}.UnknownProperty`);
  t.equal(await error("GetAll", "net.wwand.Uplink1"), `${prefix}.UnknownInterface`);
  t.equal(await error("Set", modem1, "Level", new PeerVariant("s", "off")), `${prefix}.PropertyReadOnly`);
});

t.test("methods answer, fail with names of wwand, and one result is one value", async (t) => {
  const { objects, client } = await rig(t);
  let failing = false;
  const fail = async () => {
    throw new ModemError("notReady", "no data call");
  };
  objects.export(path, modemView, off, { statistics: () => (failing ? fail() : counters.statistics()) });
  objects.export("/net/wwand", daemonView, "", undefined);
  const get = { destination: name, path, interface: modem1, member: "GetStatistics" };
  t.strictSame(await client.call(get), [{ rxBytes: 2n ** 40n }]);
  failing = true;
  t.equal(await client.errorName(get), "net.wwand.Error.NotAvailable");
  const why = { destination: name, path: "/net/wwand", member: "Why", signature: "s", body: ["192.0.2.1"] };
  t.strictSame(await client.call(why), [["to 192.0.2.1"]]);
});

t.test("ObjectManager: what is there, what comes and what goes, below its own path", async (t) => {
  const { objects, client } = await rig(t);
  const daemon = objects.export("/net/wwand", daemonView, "", undefined);
  const modem = objects.export(path, modemView, off, counters);
  const managed = async () => {
    const manager = { destination: name, path: "/net/wwand", interface: "org.freedesktop.DBus.ObjectManager" };
    return shown((await client.call({ ...manager, member: "GetManagedObjects" }))[0]);
  };
  const known = '{"OfonoPath":"/mbim_0","Driver":"mbim","Level":"off","WhoHoldsRadioOff":[]}';
  t.equal(await managed(), `{"${path}":{"${modem1}":${known}}}`);
  modem.withdraw();
  modem.withdraw();
  t.equal(await managed(), "{}");
  daemon.changed("a.toml:3: unknown key");
  await client.settled(name);
  const signals = client.story().filter((line) => line.startsWith("signal"));
  t.strictSame(signals, [
    `signal InterfacesAdded "${path}" {"${modem1}":${known}}`,
    `signal InterfacesRemoved "${path}" ["${modem1}"]`,
    'signal PropertiesChanged "net.wwand.Daemon1" {"PolicyError":"a.toml:3: unknown key"} []',
  ]);
  const gone = { destination: name, path, interface: modem1, member: "GetStatistics" };
  t.equal(await client.errorName(gone), "org.freedesktop.DBus.Error.UnknownObject");
  objects.export(path, modemView, off, counters);
  t.equal(await managed(), `{"${path}":{"${modem1}":${known}}}`, "and again after a replug");
});

t.test("an age is read when asked for and never signalled", async (t) => {
  const { objects, client, properties } = await rig(t);
  let nowMs = 1000n;
  interface Judged {
    readonly verdict: string;
    readonly sinceMs: bigint;
  }
  const uplink = bindStandard("net.wwand.Uplink1").to<Judged>({
    properties: {
      Name: none,
      Interface: none,
      Kind: none,
      Presence: none,
      Verdict4: { get: (view) => view.verdict },
      Verdict6: none,
      Eligibility: none,
      Usage: none,
      Tier: none,
      Addresses: none,
      Gateway4: none,
      Gateway6: none,
      DomainNameServers: none,
      Because: none,
      WorstCaseDetectionMs: none,
      Metered: none,
      VerdictAgeMs: { get: (view) => nowMs - view.sinceMs },
      Targets: { get: () => undefined },
    },
    methods: {},
  });
  const where = "/net/wwand/uplink/eth0";
  const shownUplink = objects.export(where, uplink, { verdict: "up", sinceMs: 900n }, undefined);
  nowMs = 5000n;
  const age = properties(where, "Get", "net.wwand.Uplink1", "VerdictAgeMs");
  t.equal(shown(await client.call(age)), "[4100]");
  shownUplink.changed({ verdict: "up", sinceMs: 4000n });
  await client.settled(name);
  t.equal(shown(await client.call(age)), "[1000]");
  t.notMatch(client.story().join("\n"), /PropertiesChanged/);
  t.strictSame(shownUplink.properties().VerdictAgeMs, new Variant("t", 1000n));
});
