import t from "tap";
import { DomainRefusal } from "../../../src/modem/api.js";
import { ModemError } from "../../../src/runtime/error.js";
import { modemIface, onlineRig, operatorIface, path, poweredRig, registrationIface } from "./rig.js";

const home = `${path}/operator/26201`;
const other = `${path}/operator/26202`;
const homeProperties = {
  Name: "Testnetz",
  Status: "current",
  MobileCountryCode: "262",
  MobileNetworkCode: "01",
  Technologies: ["lte"],
};

t.test("registered: Strength is one byte, what is unknown has no key", async (t) => {
  const { client } = await onlineRig(t);
  t.strictSame(await client.properties(path, registrationIface), {
    Status: "registered",
    Mode: "auto",
    Technology: "lte",
    MobileCountryCode: "262",
    MobileNetworkCode: "01",
    Name: "Testnetz",
    Strength: 61,
  });
  const [properties] = await client.callRaw(path, registrationIface, "GetProperties", "");
  t.match(properties, { Strength: { signature: "y" } });
});

t.test("a signal that a driver computed wildly still fits its byte", async (t) => {
  const { client, modem } = await onlineRig(t);
  for (const [measured, shown] of [
    [73.6, 74],
    [-4, 0],
    [400, 100],
  ] as const) {
    modem.registration?.become({ strengthPercent: measured });
    await client.until(`${path} NetworkRegistration Strength=${shown}`);
  }
  t.match(await client.properties(path, registrationIface), { Strength: 100 });
});

t.test("a network whose name no D-Bus string can hold is shown all the same", async (t) => {
  const { client, modem } = await onlineRig(t);
  modem.registration?.become({ name: "Test\0netz\ud800" });
  await client.until(`${path} NetworkRegistration Name="Test?netz?"`);
  t.match(await client.properties(path, registrationIface), { Name: "Test?netz?", Status: "registered" });
});

t.test("the network is lost and found again", async (t) => {
  const { client, modem } = await onlineRig(t);
  modem.registration?.lose();
  await client.until(`${path} NetworkRegistration Name=""`);
  t.strictSame(await client.take(), [
    `${path} NetworkRegistration Status="searching"`,
    `${path} NetworkRegistration Name=""`,
  ]);
  t.strictSame(await client.properties(path, registrationIface), { Status: "searching", Mode: "auto", Name: "" });
  t.strictSame(await client.call(path, registrationIface, "GetOperators"), [[]]);
  modem.registration?.admit("roaming");
  await client.until(`${path} NetworkRegistration Strength=61`);
  t.equal((await client.take())[0], `${path} NetworkRegistration Status="roaming"`, "the status comes first");
});

t.test("a scan: every operator is an object when the reply comes; a second caller joins", async (t) => {
  const { client, modem, another } = await onlineRig(t);
  const second = await another();
  t.strictSame(await client.call(path, registrationIface, "GetOperators"), [[[home, homeProperties]]]);
  const release = modem.registration?.script.holdNext();
  const scans = [client.call(path, registrationIface, "Scan"), second.call(path, registrationIface, "Scan")];
  await client.take();
  release?.();
  const [[found] = [], [joined] = []] = await Promise.all(scans);
  t.strictSame(found, [
    [home, homeProperties],
    [other, { ...homeProperties, Name: "Andersnetz", Status: "available", MobileNetworkCode: "02" }],
    [`${path}/operator/26203`, { ...homeProperties, Name: "Fremdnetz", Status: "forbidden", MobileNetworkCode: "03" }],
  ]);
  t.strictSame(joined, found);
  t.strictSame((await client.call(path, registrationIface, "GetOperators"))[0], found);
  t.match(await client.properties(other, operatorIface), { Name: "Andersnetz" });
});

t.test("choosing an operator by hand and going back to automatic", async (t) => {
  const { client } = await onlineRig(t);
  await client.call(path, registrationIface, "Scan");
  await client.take();
  await client.call(other, operatorIface, "Register");
  t.strictSame(await client.take(), [
    "reply NetworkOperator.Register",
    `${home} NetworkOperator Status="available"`,
    `${other} NetworkOperator Status="current"`,
    `${path} NetworkRegistration Mode="manual"`,
    `${path} NetworkRegistration MobileNetworkCode="02"`,
    `${path} NetworkRegistration Name="Andersnetz"`,
  ]);
  await client.call(path, registrationIface, "Register");
  t.strictSame(await client.take(), ["reply NetworkRegistration.Register", `${path} NetworkRegistration Mode="auto"`]);
});

t.test("names of errors", async (t) => {
  const { client, modem } = await onlineRig(t);
  const register = () => client.outcome(client.call(path, registrationIface, "Register"));
  const failures = [
    [new ModemError("denied", "cme 32"), "AccessDenied"],
    [new ModemError("notRegistered", "cme 30"), "NotRegistered"],
    [new ModemError("timeout", "cme 31"), "Timedout"],
    [new ModemError("refused", "cme 100"), "Failed"],
    [new ModemError("unplugged", "gone"), "Failed"],
    [new DomainRefusal("accessDenied", "auto-only"), "AccessDenied"],
    [new DomainRefusal("inProgress", "attaching"), "InProgress"],
  ] as const;
  for (const [failure, name] of failures) {
    modem.registration?.script.failNext(failure);
    t.equal(await register(), name, failure.message);
  }
  modem.registration?.script.failNext(new ModemError("denied", "cme 32"));
  t.equal(await client.outcome(client.call(path, registrationIface, "Scan")), "Failed", "a scan says no more");
  t.equal(
    await client.outcome(client.set(path, registrationIface, "Mode", "s", "auto")),
    "org.freedesktop.DBus.Error.UnknownMethod",
    "there is no SetProperty here",
  );
});

t.test("operators are gone with the registration", async (t) => {
  const { client } = await onlineRig(t);
  await client.call(path, registrationIface, "Scan");
  await client.set(path, modemIface, "Online", "b", false);
  t.equal(await client.outcome(client.properties(other, operatorIface)), "org.freedesktop.DBus.Error.UnknownObject");
});

t.test("before it is online the modem has no such interface", async (t) => {
  const { client } = await poweredRig(t);
  t.equal(await client.outcome(client.properties(path, registrationIface)), "org.freedesktop.DBus.Error.UnknownMethod");
});
