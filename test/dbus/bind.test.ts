import { Variant as PeerVariant } from "dbus-next";
import t, { type Test } from "tap";
import { bindOfono } from "../../src/dbus/bind.js";
import { Bus } from "../../src/dbus/bus.js";
import { OfonoError } from "../../src/dbus/errors.js";
import { Variant } from "../../src/dbus/types.js";
import { DomainRefusal } from "../../src/modem/api.js";
import { ModemError } from "../../src/runtime/error.js";
import { startPrivateBus } from "../lab/dbus.js";
import { Client, readableLog, shown } from "./bus-client.js";

const name = "org.ofono";

async function busAndClient(t: Test) {
  const daemon = await startPrivateBus();
  t.teardown(() => daemon.close());
  const { log, lines } = readableLog();
  const bus = new Bus({ address: daemon.address, log });
  t.teardown(() => bus.close());
  await bus.connect(AbortSignal.timeout(10_000));
  await bus.requestName(name);
  const client = await Client.connect(daemon.address);
  t.teardown(() => client.disconnect());
  return { bus, client, lines };
}

interface ManagerState {
  readonly attached: boolean;
  readonly bearer?: string;
  readonly suspended?: boolean;
  readonly roamingAllowed: boolean;
  readonly powered: boolean;
}

/** A domain object as modem/ has them: an immutable state, commands that replace it and tell so. */
class PacketData {
  state: ManagerState = { attached: false, roamingAllowed: false, powered: true };
  told: (state: ManagerState) => void = () => undefined;
  set: (next: Partial<ManagerState>) => Promise<void> | void = (next) => this.become(next);
  readonly commands: string[] = [];

  become(next: Partial<ManagerState>): void {
    this.state = { ...this.state, ...next };
    this.told(this.state);
  }
  command(text: string, next: Partial<ManagerState>): Promise<void> | void {
    this.commands.push(text);
    return this.set(next);
  }
}

const connectionManager = bindOfono("org.ofono.ConnectionManager").to<ManagerState, PacketData>({
  properties: {
    Attached: { get: (state) => state.attached },
    Bearer: { get: (state) => state.bearer },
    Suspended: { get: (state) => state.suspended },
    RoamingAllowed: {
      get: (state) => state.roamingAllowed,
      set: (data, on, { sender }) => data.command(`roaming ${on} for ${sender.slice(0, 3)}`, { roamingAllowed: on }),
    },
    Powered: {
      get: (state) => state.powered,
      set: (data, on) => data.command(`powered ${on}`, { powered: on }),
      before(_, on) {
        if (!on && denied) throw new OfonoError("AccessDenied");
      },
      signalsFirst: true,
    },
  },
  methods: {
    AddContext(_, [type]) {
      if (type !== "internet") throw new DomainRefusal("invalidFormat", `no context type ${type}`);
      return "/modem0/context1";
    },
    RemoveContext: async () => Promise.reject(new ModemError("refused", "status 2")),
    DeactivateAll: () => undefined,
    ResetContexts: async () => undefined,
    GetContexts: () => [["/modem0/context1", { Name: new Variant("s", "Internet") }]],
  },
});
let denied = false;

const iface = "org.ofono.ConnectionManager";
const at = { destination: name, path: "/modem0", interface: iface };
const setProperty = (property: string, signature: string, value: unknown) => ({
  ...at,
  member: "SetProperty",
  signature: "sv",
  body: [property, new PeerVariant(signature, value)],
});

async function packetDataOnBus(t: Test) {
  const { bus, client, lines } = await busAndClient(t);
  const data = new PacketData();
  const exported = connectionManager.export(bus, "/modem0", data.state, data);
  data.told = (state) => exported.changed(state);
  return { bus, client, data, exported, lines };
}

t.test("GetProperties shows what is known; what appears is signalled, what vanishes is not", async (t) => {
  const { client, data, exported } = await packetDataOnBus(t);
  const properties = async () => shown((await client.call({ ...at, member: "GetProperties" }))[0]);
  t.equal(await properties(), '{"Attached":false,"RoamingAllowed":false,"Powered":true}');

  client.received.length = 0;
  data.become({ powered: false, attached: true, suspended: false, bearer: "lte" });
  data.become({});
  await client.settled(name);
  const inTableOrder = [
    'signal PropertyChanged "Attached" true',
    'signal PropertyChanged "Bearer" "lte"',
    'signal PropertyChanged "Suspended" false',
    'signal PropertyChanged "Powered" false',
  ];
  t.strictSame(client.story(), inTableOrder);

  client.received.length = 0;
  const { suspended: _, bearer: __, ...detached } = data.state;
  data.state = detached;
  data.told(detached);
  data.become({ suspended: false });
  await client.settled(name);
  t.strictSame(client.story(), ['signal PropertyChanged "Suspended" false'], "the same value again after it was gone");
  t.equal(await properties(), '{"Attached":true,"Suspended":false,"RoamingAllowed":false,"Powered":false}');
  t.equal(shown(exported.properties()), await properties());
});

t.test("SetProperty: the reply precedes the signal, however late it is", async (t) => {
  const { client, data } = await packetDataOnBus(t);
  await client.call(setProperty("RoamingAllowed", "b", true));
  await client.settled(name);
  data.set = async (next) => {
    await new Promise(setImmediate);
    data.become(next);
  };
  await client.call(setProperty("RoamingAllowed", "b", false));
  await client.settled(name);
  t.strictSame(client.story(), [
    "reply",
    'signal PropertyChanged "RoamingAllowed" true',
    "reply",
    'signal PropertyChanged "RoamingAllowed" false',
  ]);
  t.strictSame(data.commands, ["roaming true for :1.", "roaming false for :1."], "the command knows who asked");
});

t.test("a row may signal before it replies, as ConnectionManager does", async (t) => {
  const { client } = await packetDataOnBus(t);
  await client.call(setProperty("Powered", "b", false));
  await client.settled(name);
  t.strictSame(client.story(), ['signal PropertyChanged "Powered" false', "reply"]);
});

t.test("the value already held is a silent success and no command", async (t) => {
  const { client, data } = await packetDataOnBus(t);
  await client.call(setProperty("Powered", "b", true));
  await client.call(setProperty("RoamingAllowed", "b", false));
  await client.settled(name);
  t.strictSame(client.story(), ["reply", "reply"]);
  t.strictSame(data.commands, []);
});

t.test("what cannot be set is InvalidArguments", async (t) => {
  const { client, data } = await packetDataOnBus(t);
  const refused = "org.ofono.Error.InvalidArguments";
  t.equal(await client.errorName(setProperty("Attached", "b", true)), refused, "read-only");
  t.equal(await client.errorName(setProperty("NoSuchThing", "b", true)), refused, "unknown");
  t.equal(await client.errorName(setProperty("__proto__", "b", true)), refused, "__proto__");
  t.equal(await client.errorName(setProperty("constructor", "s", "x")), refused, "constructor");
  t.equal(await client.errorName(setProperty("Powered", "s", "true")), refused, "wrong type");
  t.equal(
    await client.errorName(setProperty("Powered", "v", new PeerVariant("b", false))),
    refused,
    "a variant in a variant",
  );
  const noValue = { ...at, member: "SetProperty", signature: "s", body: ["Powered"] };
  t.equal(await client.errorName(noValue), "org.freedesktop.DBus.Error.UnknownMethod", "no value");
  t.strictSame(data.commands, []);
});

t.test("a row's own rule comes before the same-value test", async (t) => {
  const { client, data } = await packetDataOnBus(t);
  data.become({ powered: false });
  denied = true;
  t.teardown(() => {
    denied = false;
  });
  t.equal(await client.errorName(setProperty("Powered", "b", false)), "org.ofono.Error.AccessDenied");
});

t.test("one change at a time: the second is InProgress, and the slot is free after a failure", async (t) => {
  const { client, data } = await packetDataOnBus(t);
  let refuse: (error: Error) => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    data.set = () => {
      resolve();
      return new Promise((_, reject) => {
        refuse = reject;
      });
    };
  });
  const first = client.errorName(setProperty("RoamingAllowed", "b", true));
  await begun;
  t.equal(await client.errorName(setProperty("Powered", "b", false)), "org.ofono.Error.InProgress");
  refuse(new ModemError("timeout", "no answer"));
  t.equal(await first, "org.ofono.Error.Timedout");
  data.set = (next) => data.become(next);
  t.equal(await client.errorName(setProperty("RoamingAllowed", "b", true)), "no error");
});

t.test("methods: results, refusals of the domain, failures of the modem", async (t) => {
  const { client } = await packetDataOnBus(t);
  const add = { ...at, member: "AddContext", signature: "s" };
  t.strictSame(await client.call({ ...add, body: ["internet"] }), ["/modem0/context1"]);
  t.equal(await client.errorName({ ...add, body: ["fax"] }), "org.ofono.Error.InvalidFormat");
  const remove = { ...at, member: "RemoveContext", signature: "o", body: ["/modem0/context1"] };
  t.equal(await client.errorName(remove), "org.ofono.Error.Failed");
  t.strictSame(await client.call({ ...at, member: "DeactivateAll" }), []);
  t.strictSame(await client.call({ ...at, member: "ResetContexts" }), []);
  t.equal(shown(await client.call({ ...at, member: "GetContexts" })), '[[["/modem0/context1",{"Name":"Internet"}]]]');
});

t.test("signals of the interface, and what is left after it was withdrawn", async (t) => {
  const { client, exported } = await packetDataOnBus(t);
  exported.emit("ContextAdded", "/modem0/context2", { Type: new Variant("s", "mms") });
  exported.emit("ContextRemoved", "/modem0/context2");
  exported.withdraw();
  exported.withdraw();
  t.equal(await client.errorName({ ...at, member: "GetContexts" }), "org.freedesktop.DBus.Error.UnknownObject");
  await client.settled(name);
  t.strictSame(client.story(), [
    'signal ContextAdded "/modem0/context2" {"Type":"mms"}',
    'signal ContextRemoved "/modem0/context2"',
    "error org.freedesktop.DBus.Error.UnknownObject",
  ]);
});

interface ModemState {
  readonly interfaces: readonly string[];
  readonly features: readonly string[];
  readonly powered: boolean;
}
const none = { get: () => undefined };
const settable = { get: () => undefined, set: () => undefined };
const modem = bindOfono("org.ofono.Modem").to<ModemState, undefined>({
  properties: {
    Powered: { get: (state) => state.powered, set: () => undefined },
    Online: settable,
    Lockdown: settable,
    Emergency: none,
    Name: none,
    Manufacturer: none,
    Model: none,
    Revision: none,
    Serial: none,
    SoftwareVersionNumber: none,
    SystemPath: none,
    Interfaces: { get: (state) => state.interfaces, coalesce: true },
    Features: { get: (state) => state.features, coalesce: true, alongside: "Interfaces" },
    Type: none,
    Capabilities: none,
  },
  methods: {},
});

t.test(
  "Interfaces and Features: one pair per turn, with the last value, at the place of the last change",
  async (t) => {
    const { bus, client } = await busAndClient(t);
    const off = { interfaces: [], features: [], powered: false };
    const exported = modem.export(bus, "/modem0", off, undefined);
    exported.changed({ ...off, interfaces: ["A"] });
    exported.changed({ ...off, interfaces: ["A"], powered: true });
    exported.changed({ interfaces: ["B", "A"], features: ["b"], powered: true });
    await client.settled(name);
    exported.changed({ interfaces: ["C", "B", "A"], features: ["b"], powered: true });
    await client.settled(name);
    t.strictSame(client.story(), [
      'signal PropertyChanged "Powered" true',
      'signal PropertyChanged "Interfaces" ["B","A"]',
      'signal PropertyChanged "Features" ["b"]',
      'signal PropertyChanged "Interfaces" ["C","B","A"]',
      'signal PropertyChanged "Features" ["b"]',
    ]);
  },
);

t.test("signals of several objects leave in the order in which they were told", async (t) => {
  const { bus, client } = await busAndClient(t);
  const off = { interfaces: [], features: [], powered: false };
  const one = modem.export(bus, "/one", off, undefined);
  const two = modem.export(bus, "/two", off, undefined);
  one.changed({ ...off, powered: true });
  two.changed({ ...off, powered: true });
  one.changed({ ...off, interfaces: ["A"], powered: true });
  one.changed(off);
  await client.settled(name);
  t.strictSame(
    client.received.filter(({ path }) => path !== undefined).map(({ path, body }) => `${path} ${shown(body)}`),
    [
      '/one ["Powered",true]',
      '/two ["Powered",true]',
      '/one ["Powered",false]',
      '/one ["Interfaces",[]]',
      '/one ["Features",[]]',
    ],
  );
});

t.test("a value that its type does not allow spoils one signal and not the object", async (t) => {
  const { bus, client, lines } = await busAndClient(t);
  const off = { interfaces: [], features: [], powered: false };
  const exported = modem.export(bus, "/modem0", off, undefined);
  exported.changed({ interfaces: ["bad\0"], features: ["ok"], powered: false });
  await client.settled(name);
  t.strictSame(client.story(), ['signal PropertyChanged "Features" ["ok"]']);
  t.match(
    lines.at(-1),
    /PropertyChanged on \/modem0 not sent: value 1, item 0: a string that has no UTF-8 form, or has a NUL$/,
  );
  const all = { destination: name, path: "/modem0", interface: "org.ofono.Modem", member: "GetProperties" };
  t.equal(await client.errorName(all), "org.ofono.Error.Failed");
  exported.changed({ interfaces: ["good"], features: ["ok"], powered: false });
  t.equal(await client.errorName(all), "no error");
});

t.test("a table that is not the XML's does not start", async (t) => {
  const bind = (table: object) => () => Reflect.apply(bindOfono("org.ofono.NetworkOperator").to, undefined, [table]);
  const properties = {
    Name: none,
    Status: none,
    MobileCountryCode: none,
    MobileNetworkCode: none,
    Technologies: none,
    AdditionalInformation: none,
  };
  const methods = { Register: () => undefined };
  t.doesNotThrow(bind({ properties, methods }));
  t.throws(
    bind({ properties: { ...properties, Colour: none }, methods }),
    /NetworkOperator properties: .*table has Colour/,
  );
  t.throws(bind({ properties: { Name: none }, methods }), /the XML has Status, .*the table has not/);
  t.throws(bind({ properties, methods: {} }), /NetworkOperator methods: the XML has Register/);
  t.throws(
    bind({ properties: { ...properties, Name: settable }, methods }),
    /NetworkOperator.Name: the XML says read-only/,
  );
});
