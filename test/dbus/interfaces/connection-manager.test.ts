import t from "tap";
import { DomainRefusal } from "../../../src/modem/api.js";
import { ModemError } from "../../../src/runtime/error.js";
import { contextIface, dataIface, onlineRig, path, poweredRig, registrationIface } from "./rig.js";

const internet = {
  Name: "Internet",
  Settings: {},
  "IPv6.Settings": {},
  Active: false,
  Type: "internet",
  Protocol: "ip",
  AccessPointName: "internet",
  Username: "",
  Password: "",
  AuthenticationMethod: "none",
};

t.test("attached and not: Suspended has a key only while attached", async (t) => {
  const { client, modem } = await onlineRig(t);
  const attached = { Attached: true, Bearer: "lte", RoamingAllowed: false, Powered: true, Suspended: false };
  t.strictSame(await client.properties(path, dataIface), attached);
  modem.packetData?.detach();
  await client.until(`${path} ConnectionManager Attached=false`);
  const { Suspended: _gone, ...detached } = { ...attached, Attached: false, Bearer: "none" };
  t.strictSame(await client.properties(path, dataIface), detached);
});

t.test("setting a property: here the signal comes before the reply; the same value is silent", async (t) => {
  const { client } = await onlineRig(t);
  await client.set(path, dataIface, "RoamingAllowed", "b", true);
  await client.set(path, dataIface, "RoamingAllowed", "b", true);
  await client.set(path, dataIface, "Powered", "b", false);
  t.strictSame(await client.take(), [
    `${path} ConnectionManager RoamingAllowed=true`,
    "reply ConnectionManager.SetProperty RoamingAllowed",
    "reply ConnectionManager.SetProperty RoamingAllowed",
    `${path} ConnectionManager Attached=false`,
    `${path} ConnectionManager Bearer="none"`,
    `${path} ConnectionManager Powered=false`,
    "reply ConnectionManager.SetProperty Powered",
  ]);
});

t.test(
  "packet data is switched off under a live bearer: the context is told inactive before Attached=false",
  async (t) => {
    const { client } = await onlineRig(t);
    await client.set(`${path}/context1`, contextIface, "Active", "b", true);
    await client.take();
    await client.set(path, dataIface, "Powered", "b", false);
    t.strictSame(await client.take(), [
      `${path}/context1 ConnectionContext Settings={}`,
      `${path}/context1 ConnectionContext Active=false`,
      `${path} ConnectionManager Attached=false`,
      `${path} ConnectionManager Bearer="none"`,
      `${path} ConnectionManager Powered=false`,
      "reply ConnectionManager.SetProperty Powered",
    ]);
  },
);

t.test("contexts: internet first however they were made, the numbers stay", async (t) => {
  const { client } = await poweredRig(t);
  const added = [];
  for (const type of ["mms", "internet", "ims"])
    added.push(...(await client.call(path, dataIface, "AddContext", "s", type)));
  t.strictSame(added, [`${path}/context2`, `${path}/context3`, `${path}/context4`]);
  t.strictSame(await client.take(), [
    "reply ConnectionManager.AddContext",
    `${path} ConnectionManager ContextAdded ${path}/context2`,
    "reply ConnectionManager.AddContext",
    `${path} ConnectionManager ContextAdded ${path}/context3`,
    "reply ConnectionManager.AddContext",
    `${path} ConnectionManager ContextAdded ${path}/context4`,
  ]);
  const made = { ...internet, AccessPointName: "", AuthenticationMethod: "chap" };
  t.strictSame(await client.call(path, dataIface, "GetContexts"), [
    [
      [`${path}/context1`, internet],
      [`${path}/context3`, made],
      [`${path}/context2`, { ...made, Name: "MMS", Type: "mms", MessageProxy: "", MessageCenter: "" }],
      [`${path}/context4`, { ...made, Name: "IMS", Type: "ims" }],
    ],
  ]);
});

t.test(
  "RemoveContext: the object is gone when the reply comes, the signal follows; an active one goes down first",
  async (t) => {
    const { client } = await onlineRig(t);
    await client.set(`${path}/context1`, contextIface, "Active", "b", true);
    await client.take();
    await client.call(path, dataIface, "RemoveContext", "o", `${path}/context1`);
    const asked = await client.outcome(client.properties(`${path}/context1`, contextIface));
    t.equal(asked, "org.freedesktop.DBus.Error.UnknownObject");
    t.strictSame(await client.take(), [
      "reply ConnectionManager.RemoveContext",
      `${path}/context1 ConnectionContext Settings={}`,
      `${path}/context1 ConnectionContext Active=false`,
      `${path} ConnectionManager ContextRemoved ${path}/context1`,
    ]);
    t.strictSame(await client.call(path, dataIface, "GetContexts"), [[]]);
    t.strictSame(
      await client.call(path, dataIface, "AddContext", "s", "internet"),
      [`${path}/context2`],
      "no number twice",
    );
  },
);

t.test("names of errors", async (t) => {
  const { client, modem } = await onlineRig(t);
  const outcome = (member: string, signature = "", ...body: unknown[]) =>
    client.outcome(client.call(path, dataIface, member, signature, ...body));
  t.equal(await outcome("AddContext", "s", "telepathy"), "InvalidFormat");
  t.equal(await outcome("AddContext", "s", "ia"), "InvalidFormat", "internal to oFono");
  t.equal(await outcome("RemoveContext", "o", "/nowhere"), "NotFound");
  t.equal(await outcome("RemoveContext", "o", path), "NotFound", "a modem is no context");
  t.equal(await outcome("ResetContexts"), "NotAllowed", "powered");
  modem.packetData?.script.failNext(new ModemError("refused", "esm 26"));
  t.equal(await outcome("DeactivateAll"), "Failed");
  modem.packetData?.script.failNext(new ModemError("denied", "cme 32"));
  t.equal(await outcome("DeactivateAll"), "Failed", "the modem's own name is not passed on here");
  const release = modem.packetData?.script.holdNext();
  const first = client.call(path, dataIface, "AddContext", "s", "internet");
  t.equal(await outcome("AddContext", "s", "mms"), "InProgress");
  release?.();
  await first;
  const set = (property: string, signature: string, value: unknown) =>
    client.outcome(client.set(path, dataIface, property, signature, value));
  t.equal(await set("Powered", "u", 1), "InvalidArguments");
  t.equal(await set("Attached", "b", false), "InvalidArguments", "read-only");
  t.equal(await set("Speed", "u", 1), "InvalidArguments", "unknown");
  modem.packetData?.script.failNext(new DomainRefusal("notImplemented", "this driver cannot detach"));
  t.equal(await set("Powered", "b", false), "NotImplemented");
  t.match(await client.properties(path, dataIface), { Powered: true }, "and nothing has changed");
});

t.test("DeactivateAll and ResetContexts", async (t) => {
  const { client } = await onlineRig(t);
  await client.set(`${path}/context1`, contextIface, "Active", "b", true);
  await client.take();
  await client.call(path, dataIface, "DeactivateAll");
  t.strictSame(await client.take(), [
    "reply ConnectionManager.DeactivateAll",
    `${path}/context1 ConnectionContext Settings={}`,
    `${path}/context1 ConnectionContext Active=false`,
  ]);
  await client.call(path, dataIface, "AddContext", "s", "mms");
  await client.set(path, dataIface, "Powered", "b", false);
  await client.take();
  await client.call(path, dataIface, "ResetContexts");
  t.strictSame(await client.take(), [
    "reply ConnectionManager.ResetContexts",
    `${path} ConnectionManager ContextRemoved ${path}/context1`,
    `${path} ConnectionManager ContextRemoved ${path}/context2`,
    `${path} ConnectionManager ContextAdded ${path}/context1`,
  ]);
});

t.test("attach follows registration", async (t) => {
  const { client, modem } = await onlineRig(t);
  modem.packetData?.detach();
  modem.registration?.lose();
  await client.until(`${path} NetworkRegistration Name=""`);
  const log = await client.take();
  t.ok(
    log.indexOf(`${path} ConnectionManager Attached=false`) <
      log.indexOf(`${path} NetworkRegistration Status="searching"`),
    "signals of two interfaces leave in the order in which the domain told",
  );
  t.match(await client.properties(path, registrationIface), { Status: "searching" });
});
