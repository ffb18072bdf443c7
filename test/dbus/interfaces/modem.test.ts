import t from "tap";
import { DomainRefusal } from "../../../src/modem/api.js";
import { ModemError } from "../../../src/runtime/error.js";
import { dataIface, modemIface, onlineRig, path, poweredRig, rig, simIface } from "./rig.js";

t.test("cold start as ConnMan needs it: the IMSI before ConnectionManager, registration before attach", async (t) => {
  const { client, modems } = await rig(t);
  modems.add();
  await client.set(path, modemIface, "Powered", "b", true);
  await client.until(`${path} Modem Features=["gprs","sim"]`);
  await client.set(path, modemIface, "Online", "b", true);
  await client.until(`${path} ConnectionManager Bearer="lte"`);
  t.strictSame(await client.take(), [
    "/ Manager ModemAdded /mbim_0",
    "reply Modem.SetProperty Powered",
    "/mbim_0 Modem Powered=true",
    '/mbim_0 Modem Interfaces=["org.ofono.SimManager"]',
    '/mbim_0 Modem Features=["sim"]',
    '/mbim_0 Modem Manufacturer="wwand"',
    '/mbim_0 Modem Model="Virtual Modem"',
    '/mbim_0 Modem Revision="1.0"',
    '/mbim_0 Modem Serial="352099001761481"',
    '/mbim_0 Modem Capabilities=["lte"]',
    '/mbim_0 SimManager CardIdentifier="8949020000012345678"',
    '/mbim_0 SimManager Retries={"pin":3,"puk":10}',
    '/mbim_0 SimManager SubscriberIdentity="262011234567890"',
    '/mbim_0 SimManager MobileCountryCode="262"',
    '/mbim_0 SimManager MobileNetworkCode="01"',
    '/mbim_0 SimManager ServiceProviderName="Testnetz"',
    '/mbim_0 SimManager SubscriberNumbers=["+491701234567"]',
    '/mbim_0 Modem Interfaces=["org.ofono.ConnectionManager","org.ofono.SimManager"]',
    '/mbim_0 Modem Features=["gprs","sim"]',
    "reply Modem.SetProperty Online",
    "/mbim_0 Modem Online=true",
    '/mbim_0 Modem Interfaces=["org.ofono.NetworkRegistration","org.ofono.ConnectionManager","org.ofono.SimManager"]',
    '/mbim_0 Modem Features=["net","gprs","sim"]',
    '/mbim_0 NetworkRegistration Status="searching"',
    '/mbim_0 NetworkRegistration Status="registered"',
    '/mbim_0 NetworkRegistration Technology="lte"',
    '/mbim_0 NetworkRegistration MobileCountryCode="262"',
    '/mbim_0 NetworkRegistration MobileNetworkCode="01"',
    '/mbim_0 NetworkRegistration Name="Testnetz"',
    "/mbim_0 NetworkRegistration Strength=61",
    "/mbim_0 ConnectionManager Attached=true",
    '/mbim_0 ConnectionManager Bearer="lte"',
  ]);
});

t.test("power off: the context goes first, the interfaces in one pair, last", async (t) => {
  const { client, modem } = await onlineRig(t);
  modem.packetData?.contexts[0]?.bringUp();
  await client.until("/mbim_0/context1 ConnectionContext Active=true");
  await client.take();
  await client.set(path, modemIface, "Powered", "b", false);
  t.strictSame(await client.take(), [
    "reply Modem.SetProperty Powered",
    "/mbim_0/context1 ConnectionContext Settings={}",
    "/mbim_0/context1 ConnectionContext Active=false",
    "/mbim_0 ConnectionManager Attached=false",
    '/mbim_0 ConnectionManager Bearer="none"',
    "/mbim_0 Modem Powered=false",
    "/mbim_0 Modem Online=false",
    "/mbim_0 Modem Interfaces=[]",
    "/mbim_0 Modem Features=[]",
  ]);
  t.equal(await client.outcome(client.properties(path, simIface)), "org.freedesktop.DBus.Error.UnknownMethod");
  t.equal(
    await client.outcome(client.properties(`${path}/context1`, "org.ofono.ConnectionContext")),
    "org.freedesktop.DBus.Error.UnknownObject",
  );
});

t.test("offline: registration goes, packet data stays", async (t) => {
  const { client } = await onlineRig(t);
  await client.set(path, modemIface, "Online", "b", false);
  t.strictSame((await client.take()).slice(-3), [
    "/mbim_0 Modem Online=false",
    '/mbim_0 Modem Interfaces=["org.ofono.ConnectionManager","org.ofono.SimManager"]',
    '/mbim_0 Modem Features=["gprs","sim"]',
  ]);
});

t.test("GetProperties of a modem that is off, and of one that runs", async (t) => {
  const { client, modems } = await rig(t);
  const modem = modems.add();
  t.strictSame(await client.properties(path, modemIface), {
    Powered: false,
    Online: false,
    Lockdown: false,
    Emergency: false,
    SystemPath: modem.systemPath,
    Interfaces: [],
    Features: [],
    Type: "hardware",
  });
  await client.set(path, modemIface, "Powered", "b", true);
  await client.until(`${path} Modem Features=["gprs","sim"]`);
  t.strictSame(await client.properties(path, modemIface), {
    Powered: true,
    Online: false,
    Lockdown: false,
    Emergency: false,
    Manufacturer: "wwand",
    Model: "Virtual Modem",
    Revision: "1.0",
    Serial: "352099001761481",
    SystemPath: modem.systemPath,
    Interfaces: [dataIface, simIface],
    Features: ["gprs", "sim"],
    Type: "hardware",
    Capabilities: ["lte"],
  });
});

t.test("the echo of Powered, as ConnMan sends it, is answered at once and silently", async (t) => {
  const { client } = await poweredRig(t);
  await client.set(path, modemIface, "Powered", "b", true);
  await client.set(path, modemIface, "Powered", "b", true);
  t.strictSame(await client.take(), ["reply Modem.SetProperty Powered", "reply Modem.SetProperty Powered"]);
});

t.test("each refusal has the name that clients decide on", async (t) => {
  const { client, modems } = await rig(t);
  const modem = modems.add();
  const set = (property: string, signature: string, value: unknown) =>
    client.outcome(client.set(path, modemIface, property, signature, value));
  t.equal(await set("Online", "b", true), "NotAvailable", "online while unpowered");
  t.equal(await set("Online", "b", false), "NotAvailable", "even the value it has");
  t.equal(await set("Powered", "s", "yes"), "InvalidArguments", "wrong type");
  t.equal(await set("Powered", "u", 1), "InvalidArguments", "an integer is no boolean");
  t.equal(await set("Interfaces", "as", []), "InvalidArguments", "read-only");
  t.equal(await set("Colour", "s", "red"), "InvalidArguments", "unknown");

  const release = modem.script.holdNext();
  const first = client.set(path, modemIface, "Powered", "b", true);
  t.equal(await set("Powered", "b", true), "InProgress", "while the first one runs");
  release();
  await first;

  modem.script.failNext(new ModemError("timeout", "enable took 20 s"));
  t.equal(await set("Online", "b", true), "Timedout");
  modem.script.failNext(new ModemError("refused", "radio switch"));
  t.equal(await set("Online", "b", true), "Failed");
  modem.script.failNext(new DomainRefusal("notImplemented", "always online"));
  t.equal(await set("Online", "b", true), "NotImplemented");
  t.equal(await set("Online", "b", true), "ok", "and then it works");
  modem.become({ emergency: true });
  t.equal(await set("Online", "b", false), "EmergencyActive");
  t.equal(await set("Powered", "b", false), "EmergencyActive");
});

t.test("lockdown powers the modem down first and belongs to one client", async (t) => {
  const { client, another } = await poweredRig(t);
  const other = await another();
  await client.set(path, modemIface, "Lockdown", "b", true);
  t.strictSame(await client.take(), [
    "/mbim_0 Modem Powered=false",
    "/mbim_0 Modem Interfaces=[]",
    "/mbim_0 Modem Features=[]",
    "reply Modem.SetProperty Lockdown",
    "/mbim_0 Modem Lockdown=true",
  ]);
  t.equal(await client.outcome(client.set(path, modemIface, "Powered", "b", true)), "AccessDenied");
  t.equal(await client.outcome(client.set(path, modemIface, "Powered", "b", false)), "ok", "it has that value");
  t.equal(await other.outcome(other.set(path, modemIface, "Lockdown", "b", true)), "AccessDenied", "a second holder");
  t.equal(await other.outcome(other.set(path, modemIface, "Lockdown", "b", false)), "AccessDenied", "not the holder");
  await client.take();
  await client.set(path, modemIface, "Lockdown", "b", true);
  await client.set(path, modemIface, "Lockdown", "b", false);
  t.strictSame(await client.take(), [
    "reply Modem.SetProperty Lockdown",
    "reply Modem.SetProperty Lockdown",
    "/mbim_0 Modem Lockdown=false",
  ]);
  t.equal(await other.outcome(other.set(path, modemIface, "Lockdown", "b", true)), "ok", "free for the next one");
});

t.test("a client that dies with the lockdown in its hand gives it back", async (t) => {
  const { client, another, modems } = await rig(t);
  modems.add();
  const other = await another();
  await other.set(path, modemIface, "Lockdown", "b", true);
  await client.until("/mbim_0 Modem Lockdown=true");
  other.close();
  await client.until("/mbim_0 Modem Lockdown=false");
  t.equal(await client.outcome(client.set(path, modemIface, "Powered", "b", true)), "ok");
});

t.test("a client that dies while its lockdown still takes effect does not leave the modem locked", async (t) => {
  const { client, another, modem } = await poweredRig(t);
  const other = await another();
  const lockdown = modem.setLockdown.bind(modem);
  const left = new Promise<void>((resolve) => {
    modem.setLockdown = async (on, wisher) => {
      other.close();
      await left;
      await lockdown(on, wisher);
    };
    const gone = modem.clientGone.bind(modem);
    modem.clientGone = (name) => {
      gone(name);
      resolve();
    };
  });
  const answer = other.set(path, modemIface, "Lockdown", "b", true);
  answer.catch(() => undefined);
  await client.until("/mbim_0 Modem Lockdown=false");
  t.equal(await client.outcome(client.set(path, modemIface, "Powered", "b", true)), "ok");
});

t.test("a wish for what is the case already reaches the domain, which keeps it beside its own", async (t) => {
  const { client, modem } = await poweredRig(t);
  const wishes: string[] = [];
  modem.setPowered = async (on, wisher) => {
    wishes.push(`${on} by ${wisher.is === "client" ? wisher.name : wisher.reason}`);
    throw new DomainRefusal("inProgress", "whatever");
  };
  t.equal(await client.outcome(client.set(path, modemIface, "Powered", "b", true)), "ok");
  t.strictSame(wishes, [`true by ${client.uniqueName}`]);
});
