import t from "tap";
import { DomainRefusal } from "../../../src/modem/api.js";
import { ModemError } from "../../../src/runtime/error.js";
import { defaultCard } from "../../fakes/modems.js";
import { dataIface, modemIface, path, poweredRig, rig, simIface } from "./rig.js";

const locked = { card: { ...defaultCard, locked: true } };

t.test("while no card is in, Present is the only key", async (t) => {
  const { client } = await poweredRig(t, { card: undefined });
  t.strictSame(await client.properties(path, simIface), { Present: false });
});

t.test("an open card", async (t) => {
  const { client } = await poweredRig(t);
  t.strictSame(await client.properties(path, simIface), {
    Present: true,
    CardIdentifier: "8949020000012345678",
    PinRequired: "none",
    LockedPins: [],
    Retries: { pin: 3, puk: 10 },
    SubscriberIdentity: "262011234567890",
    MobileCountryCode: "262",
    MobileNetworkCode: "01",
    ServiceProviderName: "Testnetz",
    SubscriberNumbers: ["+491701234567"],
    FixedDialing: false,
    BarredDialing: false,
    CardSlotCount: 1,
    ActiveCardSlot: 1,
  });
  const [properties] = await client.callRaw(path, simIface, "GetProperties", "");
  t.match(properties, { Retries: { signature: "a{sy}" }, CardSlotCount: { signature: "u" } });
});

t.test("numbers of tries that fit no byte, and a number that is no text, do not hide the card", async (t) => {
  const { client, modem } = await poweredRig(t);
  modem.sim?.become({ retries: { pin: -1, puk: 4711 }, subscriberNumbers: ["+49\0"] });
  await client.until('/mbim_0 SimManager SubscriberNumbers=["+49?"]');
  t.match(await client.properties(path, simIface), { Retries: { pin: 0, puk: 255 }, SubscriberNumbers: ["+49?"] });
});

t.test("a card whose country is known but not its network shows neither", async (t) => {
  const { client, modem } = await poweredRig(t, locked);
  modem.sim?.become({ mcc: "262" });
  t.notMatch(await client.properties(path, simIface), { MobileCountryCode: "262" });
  modem.sim?.become({ mnc: "01" });
  t.match(await client.properties(path, simIface), { MobileCountryCode: "262", MobileNetworkCode: "01" });
});

t.test("a locked card, opened by its PIN: the lock is told before the subscriber, data comes after", async (t) => {
  const { client, modem } = await poweredRig(t, locked);
  t.strictSame(modem.sim?.state.lockedPins, ["pin"]);
  await client.call(path, simIface, "EnterPin", "ss", "pin", "1234");
  t.strictSame(await client.take(), [
    "reply SimManager.EnterPin",
    '/mbim_0 SimManager PinRequired="none"',
    '/mbim_0 SimManager SubscriberIdentity="262011234567890"',
    '/mbim_0 SimManager MobileCountryCode="262"',
    '/mbim_0 SimManager MobileNetworkCode="01"',
    '/mbim_0 SimManager ServiceProviderName="Testnetz"',
    '/mbim_0 SimManager SubscriberNumbers=["+491701234567"]',
    '/mbim_0 Modem Interfaces=["org.ofono.ConnectionManager","org.ofono.SimManager"]',
    '/mbim_0 Modem Features=["gprs","sim"]',
  ]);
});

t.test("three wrong PINs, then the PUK", async (t) => {
  const { client } = await poweredRig(t, locked);
  for (const _ of [1, 2, 3])
    t.equal(await client.outcome(client.call(path, simIface, "EnterPin", "ss", "pin", "9999")), "IncorrectPassword");
  t.strictSame(await client.take(), [
    "error SimManager.EnterPin: IncorrectPassword",
    '/mbim_0 SimManager Retries={"pin":2,"puk":10}',
    "error SimManager.EnterPin: IncorrectPassword",
    '/mbim_0 SimManager Retries={"pin":1,"puk":10}',
    "error SimManager.EnterPin: IncorrectPassword",
    '/mbim_0 SimManager Retries={"pin":0,"puk":10}',
    '/mbim_0 SimManager PinRequired="puk"',
  ]);
  await client.call(path, simIface, "ResetPin", "sss", "puk", "12345678", "4321");
  await client.until('/mbim_0 Modem Features=["gprs","sim"]');
  t.match(await client.properties(path, simIface), { PinRequired: "none", Retries: { pin: 3, puk: 10 } });
});

t.test("names of errors of the PIN operations", async (t) => {
  const { client, modem } = await poweredRig(t);
  const outcome = (member: string, ...args: string[]) =>
    client.outcome(client.call(path, simIface, member, "s".repeat(args.length), ...args));
  t.equal(await outcome("EnterPin", "pin", "1234"), "InvalidFormat", "none is wanted");
  t.equal(await outcome("EnterPin", "nonsense", "1234"), "InvalidFormat", "no such PIN");
  t.equal(await outcome("LockPin", "none", "1234"), "InvalidFormat");
  t.equal(await outcome("LockPin", "puk", "12345678"), "InvalidFormat", "a PUK locks nothing");
  t.equal(await outcome("LockPin", "pin2", "1234"), "InvalidFormat", "pin2 has no lock");
  t.equal(await outcome("UnlockPin", "pin2", "1234"), "InvalidFormat");
  t.equal(await outcome("LockPin", "pin", "123"), "InvalidFormat", "too short");
  t.equal(await outcome("ChangePin", "pin", "1234", "123456789"), "InvalidFormat", "too long");
  t.equal(await outcome("ResetPin", "pin", "12345678", "1234"), "InvalidFormat", "a PIN is no PUK");
  t.equal(await outcome("ResetPin", "puk", "1234567", "1234"), "InvalidFormat", "a PUK has eight digits");
  t.equal(await outcome("EnterPin", "pin"), "org.freedesktop.DBus.Error.UnknownMethod", "wrong arguments");

  modem.sim?.script.failNext(new ModemError("denied", "cme 32"));
  t.equal(await outcome("LockPin", "pin", "1234"), "AccessDenied");
  modem.sim?.script.failNext(new ModemError("timeout", "no answer"));
  t.equal(await outcome("LockPin", "pin", "1234"), "Timedout");
  modem.sim?.script.failNext(new ModemError("refused", "cme 100"));
  t.equal(await outcome("LockPin", "pin", "1234"), "Failed");
  modem.sim?.script.failNext(new DomainRefusal("notImplemented", "no lock command"));
  t.equal(await outcome("LockPin", "pin", "1234"), "NotImplemented");
  const release = modem.sim?.script.holdNext();
  const first = client.call(path, simIface, "LockPin", "ss", "pin", "1234");
  t.equal(await outcome("UnlockPin", "pin", "1234"), "InProgress");
  release?.();
  await first;
  t.match(await client.properties(path, simIface), { LockedPins: ["pin"] });
});

t.test("changing and locking the PIN: reply, then the change; the same again is silent", async (t) => {
  const { client } = await poweredRig(t);
  await client.call(path, simIface, "LockPin", "ss", "pin", "1234");
  await client.call(path, simIface, "LockPin", "ss", "pin", "1234");
  await client.call(path, simIface, "ChangePin", "sss", "pin", "1234", "5678");
  await client.call(path, simIface, "UnlockPin", "ss", "pin", "5678");
  t.strictSame(await client.take(), [
    "reply SimManager.LockPin",
    '/mbim_0 SimManager LockedPins=["pin"]',
    "reply SimManager.LockPin",
    "reply SimManager.ChangePin",
    "reply SimManager.UnlockPin",
    "/mbim_0 SimManager LockedPins=[]",
  ]);
});

t.test("what this modem cannot do is refused by name", async (t) => {
  const { client } = await poweredRig(t);
  const set = (property: string, signature: string, value: unknown) =>
    client.outcome(client.set(path, simIface, property, signature, value));
  t.equal(await set("SubscriberNumbers", "as", ["+4912345"]), "NotImplemented");
  t.equal(await set("SubscriberNumbers", "s", "+4912345"), "InvalidArguments");
  t.equal(await set("ActiveCardSlot", "u", 1), "ok", "it is active");
  t.equal(await set("ActiveCardSlot", "u", 2), "InvalidArguments", "there is one slot");
  t.equal(await set("Present", "b", true), "InvalidArguments", "read-only");
  t.equal(await client.outcome(client.call(path, simIface, "GetIcon", "y", 1)), "NotImplemented");
  t.equal(await client.outcome(client.call(path, simIface, "GetIcon", "y", 0)), "InvalidArguments");
  t.equal(await client.outcome(client.call(path, simIface, "ClearForbiddenNetworkOperators")), "NotImplemented");
});

t.test("the IMSI is signalled also when the card was known before anybody asked for power", async (t) => {
  const { client, modems } = await rig(t);
  const modem = modems.add();
  modem.parts.on("added", (part) => {
    if (part === "sim") t.match(modem.sim?.state, { imsi: "262011234567890" });
  });
  const { emit } = modem.parts;
  modem.parts.emit = (event, part) => {
    if (event === "added" && part === "sim") modem.sim?.become({ imsi: "262011234567890", mcc: "262", mnc: "01" });
    return emit.call(modem.parts, event, part);
  };
  await client.set(path, modemIface, "Powered", "b", true);
  await client.until('/mbim_0 SimManager SubscriberIdentity="262011234567890"');
  const log = await client.take();
  t.ok(
    log.indexOf('/mbim_0 Modem Features=["sim"]') <
      log.indexOf('/mbim_0 SimManager SubscriberIdentity="262011234567890"'),
    "after the interface was announced",
  );
  t.notOk((await client.take()).includes(`/mbim_0 Modem Interfaces=["${dataIface}"]`));
});

t.test("the card is pulled: Present turns false, the other keys vanish without a word", async (t) => {
  const { client, modem } = await poweredRig(t);
  modem.sim?.become({ present: false });
  await client.until("/mbim_0 SimManager Present=false");
  t.strictSame(await client.take(), ["/mbim_0 SimManager Present=false"]);
  t.strictSame(await client.properties(path, simIface), { Present: false });
});
