import t from "tap";
import { DomainRefusal, type RefusalKind } from "../../../src/modem/api.js";
import { ModemError, type ModemErrorCode } from "../../../src/runtime/error.js";
import { dualSettings } from "../../fakes/modems.js";
import { contextIface, dataIface, onlineRig, path, poweredRig } from "./rig.js";

const context1 = `${path}/context1`;
const v4 =
  '{"Interface":"wwan0","Method":"static","Address":"10.64.0.7","Netmask":"255.255.255.248","Gateway":"10.64.0.7",' +
  '"DomainNameServers":["10.64.255.1","10.64.255.2"]}';
const v6 =
  '{"Interface":"wwan0","Address":"2001:db8:64::7","PrefixLength":64,"Gateway":"fe80::1",' +
  '"DomainNameServers":["2001:db8:64::53"]}';

t.test("up and down: reply, then Settings and IPv6.Settings before Active, both ways", async (t) => {
  const { client, modem } = await onlineRig(t);
  const context = modem.packetData?.contexts[0];
  if (context) context.settingsOfCarrier = dualSettings;
  await client.set(context1, contextIface, "Active", "b", true);
  await client.set(context1, contextIface, "Active", "b", false);
  t.strictSame(await client.take(), [
    "reply ConnectionContext.SetProperty Active",
    `${context1} ConnectionContext Settings=${v4}`,
    `${context1} ConnectionContext IPv6.Settings=${v6}`,
    `${context1} ConnectionContext Active=true`,
    "reply ConnectionContext.SetProperty Active",
    `${context1} ConnectionContext Settings={}`,
    `${context1} ConnectionContext IPv6.Settings={}`,
    `${context1} ConnectionContext Active=false`,
  ]);
});

t.test("up again with the same addresses: Settings is sent again, ConnMan has forgotten it", async (t) => {
  const { client } = await onlineRig(t);
  for (const active of [true, false, true]) await client.set(context1, contextIface, "Active", "b", active);
  t.equal((await client.take()).filter((entry) => entry === `${context1} ConnectionContext Settings=${v4}`).length, 2);
});

t.test("the types of the settings on the wire", async (t) => {
  const { client, modem } = await onlineRig(t);
  const context = modem.packetData?.contexts[0];
  if (context) context.settingsOfCarrier = dualSettings;
  await client.set(context1, contextIface, "Active", "b", true);
  const [properties] = await client.callRaw(context1, contextIface, "GetProperties", "");
  t.match(properties, {
    Settings: { signature: "a{sv}", value: { Method: { signature: "s" }, DomainNameServers: { signature: "as" } } },
    "IPv6.Settings": { signature: "a{sv}", value: { PrefixLength: { signature: "y" } } },
  });
});

t.test("the network takes the bearer away: the same signals, nobody asked", async (t) => {
  const { client, modem } = await onlineRig(t);
  await client.set(context1, contextIface, "Active", "b", true);
  await client.take();
  modem.packetData?.contexts[0]?.drop();
  await client.until(`${context1} ConnectionContext Active=false`);
  t.strictSame(await client.take(), [
    `${context1} ConnectionContext Settings={}`,
    `${context1} ConnectionContext Active=false`,
  ]);
});

t.test("the same value: success in silence, twice in a row, as ConnMan does after an error", async (t) => {
  const { client } = await onlineRig(t);
  await client.set(context1, contextIface, "Active", "b", false);
  await client.set(context1, contextIface, "Active", "b", false);
  await client.set(context1, contextIface, "AccessPointName", "s", "internet");
  t.strictSame(await client.take(), [
    "reply ConnectionContext.SetProperty Active",
    "reply ConnectionContext.SetProperty Active",
    "reply ConnectionContext.SetProperty AccessPointName",
  ]);
});

t.test("activation answers oFono's few names and no other, whatever modem or service say", async (t) => {
  const { client, modem } = await onlineRig(t);
  const activate = () => client.outcome(client.set(context1, contextIface, "Active", "b", true));
  const script = modem.packetData?.contexts[0]?.script;
  const codes: readonly ModemErrorCode[] = [
    ...(["timeout", "aborted", "unplugged", "refused", "protocol", "unsupported", "busy", "invalid"] as const),
    ...(["notReady", "denied", "badPin", "notRegistered"] as const),
  ];
  for (const code of codes) {
    script?.failNext(new ModemError(code, "no", { failure: { domain: "esm", code: 27, name: "MissingOrUnknownApn" } }));
    t.equal(await activate(), "Failed", code);
  }
  const rules: readonly (readonly [RefusalKind, string])[] = [
    ["notAttached", "NotAttached"],
    ["attachInProgress", "AttachInProgress"],
    ["inProgress", "InProgress"],
    ["notImplemented", "NotImplemented"],
    ["accessDenied", "Failed"],
    ["timedOut", "Failed"],
  ];
  for (const [kind, name] of rules) {
    script?.failNext(new DomainRefusal(kind, "no"));
    t.equal(await activate(), name, kind);
  }
  t.match(await client.properties(context1, contextIface), { Active: false, Settings: {} });
  t.strictSame(
    (await client.take()).filter((entry) => entry.startsWith("/")),
    [],
    "and nothing was signalled",
  );
});

t.test("not attached; a second context on a modem with one bearer; two requests at once", async (t) => {
  const { client, modem } = await onlineRig(t);
  modem.packetData?.detach();
  const activate = (context: string) => client.outcome(client.set(context, contextIface, "Active", "b", true));
  t.equal(await activate(context1), "NotAttached");
  modem.packetData?.attach();
  await client.call(path, dataIface, "AddContext", "s", "internet");
  const release = modem.packetData?.contexts[0]?.script.holdNext();
  const first = activate(context1);
  t.equal(await activate(context1), "InProgress");
  t.equal(await client.outcome(client.set(context1, contextIface, "Name", "s", "Other")), "InProgress", "busy");
  release?.();
  t.equal(await first, "ok");
  t.equal(await activate(`${path}/context2`), "NotImplemented");
});

t.test("settings of an idle context: reply, then the change", async (t) => {
  const { client } = await poweredRig(t);
  const changes = [
    ["Name", "Work"],
    ["Protocol", "dual"],
    ["AccessPointName", "work.example"],
    ["Username", "me"],
    ["Password", "secret"],
    ["AuthenticationMethod", "pap"],
    ["Type", "mms"],
    ["MessageProxy", "10.0.0.1:8080"],
    ["MessageCenter", "http://mmsc.example"],
  ] as const;
  for (const [property, value] of changes) {
    await client.set(context1, contextIface, property, "s", value);
    t.strictSame((await client.take()).slice(0, 2), [
      `reply ConnectionContext.SetProperty ${property}`,
      `${context1} ConnectionContext ${property}="${value}"`,
    ]);
  }
  t.match(await client.properties(context1, contextIface), Object.fromEntries(changes));
});

t.test("what cannot be set, and why", async (t) => {
  const { client } = await onlineRig(t);
  const set = (property: string, signature: string, value: unknown) =>
    client.outcome(client.set(context1, contextIface, property, signature, value));
  t.equal(await set("AccessPointName", "s", ""), "InvalidFormat", "it has one");
  t.equal(await set("AccessPointName", "s", "a b"), "InvalidFormat");
  t.equal(await set("Type", "s", "telepathy"), "InvalidFormat");
  t.equal(await set("Protocol", "s", "ipx"), "InvalidFormat");
  t.equal(await set("AuthenticationMethod", "s", "trust"), "InvalidFormat");
  t.equal(await set("MessageProxy", "s", "10.0.0.1"), "InvalidArguments", "only MMS has one");
  t.equal(await set("Settings", "a{sv}", {}), "InvalidArguments", "read-only");
  t.equal(await set("Active", "s", "1"), "InvalidArguments", "wrong type");
  await client.set(context1, contextIface, "Active", "b", true);
  t.equal(await set("Name", "s", "Other"), "InUse");
  t.equal(await set("Name", "s", "Internet"), "InUse", "even the value it has");
  t.equal(await set("MessageProxy", "s", "10.0.0.1"), "InUse");
  t.equal(await set("Name", "b", true), "InUse", "the type is not looked at");
  t.equal(await set("Settings", "a{sv}", {}), "InUse", "nor that it is read-only");
  t.equal(await set("Nonsense", "s", ""), "InUse", "nor that nobody knows it");
  t.equal(await set("Active", "s", "1"), "InvalidArguments");
});
