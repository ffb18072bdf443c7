import t from "tap";
import { DomainRefusal, type RefusalKind } from "../../../src/modem/api.js";
import { ModemError } from "../../../src/runtime/error.js";
import { modemIface, onlineRig, path } from "./rig.js";

const iface = "org.ofono.SupplementaryServices";

t.test("a code and a menu, as a phone shell asks", async (t) => {
  const { client } = await onlineRig(t, { hasUssd: true });
  t.strictSame(await client.properties(path, iface), { State: "idle" });
  t.strictSame(await client.call(path, iface, "Initiate", "s", "*100#"), ["USSD", "Balance: 5 \u20ac"]);
  const [name, value] = await client.callRaw(path, iface, "Initiate", "s", "*111#");
  t.match([name, value], ["USSD", { signature: "s", value: "1 Balance\n2 PIN" }]);
  t.strictSame(await client.properties(path, iface), { State: "user-response" });
  t.strictSame(await client.call(path, iface, "Respond", "s", "1"), ["you said 1"]);
  await client.until(`${path} SupplementaryServices State="idle"`);
  t.equal(await client.outcome(client.call(path, iface, "Cancel")), "NotActive");
});

t.test("the feature word, and an interface that goes with the radio", async (t) => {
  const { client } = await onlineRig(t, { hasUssd: true });
  t.match(await client.properties(path, modemIface), {
    Interfaces: [iface, "org.ofono.NetworkRegistration"],
    Features: ["ussd", "net"],
  });
  await client.set(path, modemIface, "Online", "b", false);
  const outcome = await client.outcome(client.call(path, iface, "GetProperties"));
  t.equal(outcome, "org.freedesktop.DBus.Error.UnknownMethod");
});

t.test("the network begins: the text is signalled before the state", async (t) => {
  const { client, modem } = await onlineRig(t, { hasUssd: true });
  modem.ussd?.begin("notification", "your bill");
  modem.ussd?.begin("request", "satisfied?");
  await client.until(`${path} SupplementaryServices State="user-response"`);
  t.strictSame(await client.take(), [
    `${path} SupplementaryServices NotificationReceived your bill`,
    `${path} SupplementaryServices RequestReceived satisfied?`,
    `${path} SupplementaryServices State="user-response"`,
  ]);
  await client.call(path, iface, "Cancel");
  t.strictSame(await client.properties(path, iface), { State: "idle" });
});

t.test("every no has the name that the contract gives it", async (t) => {
  const { client, modem } = await onlineRig(t, { hasUssd: true });
  const rules: Readonly<Partial<Record<RefusalKind, string>>> = {
    ...{ inProgress: "InProgress", invalidFormat: "InvalidFormat", notImplemented: "NotImplemented" },
    ...{ notSupported: "NotSupported", notRecognized: "NotRecognized", canceled: "Canceled", terminated: "Terminated" },
    ...{ timedOut: "Timedout", notAvailable: "Failed" },
  };
  for (const [kind, name] of Object.entries(rules)) {
    modem.ussd?.script.failNext(new DomainRefusal(kind as RefusalKind, "no"));
    t.equal(await client.outcome(client.call(path, iface, "Initiate", "s", "*100#")), name, kind);
  }
  modem.ussd?.script.failNext(new ModemError("timeout", "ussd: no answer"));
  t.equal(await client.outcome(client.call(path, iface, "Initiate", "s", "*100#")), "Timedout");
  modem.ussd?.script.failNext(new ModemError("notReady", "the radio is off"));
  t.equal(await client.outcome(client.call(path, iface, "Initiate", "s", "*100#")), "Failed");
});
