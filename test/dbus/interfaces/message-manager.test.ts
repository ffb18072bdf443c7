import t from "tap";
import { incomingInfo } from "../../../src/dbus/interfaces/message-manager.js";
import { ModemError } from "../../../src/runtime/error.js";
import { modemIface, onlineRig, path } from "./rig.js";

const iface = "org.ofono.MessageManager";
const messageIface = "org.ofono.Message";
const first = `${path}/message_${"1".padStart(40, "0")}`;
const second = `${path}/message_${"2".padStart(40, "0")}`;

t.test("a text is sent: the reply, MessageAdded, its state, MessageRemoved", async (t) => {
  const { client, modem } = await onlineRig(t, { hasMessages: true });
  t.match(await client.properties(path, modemIface), { Features: ["net", "sms", "gprs", "sim"] });
  t.strictSame(await client.call(path, iface, "SendMessage", "ss", "+4930123", "hello"), [first]);
  t.strictSame(await client.call(path, iface, "GetMessages"), [[[first, { State: "pending" }]]]);
  t.strictSame(await client.properties(first, messageIface), { State: "pending" });
  const [message] = modem.messages?.outgoing ?? [];
  if (message) modem.messages?.end(message, "sent");
  await client.until(`${path} MessageManager MessageRemoved ${first}`);
  t.strictSame(await client.take(), [
    "reply MessageManager.SendMessage",
    `${path} MessageManager MessageAdded ${first}`,
    `${first} Message State="sent"`,
    `${path} MessageManager MessageRemoved ${first}`,
  ]);
  t.strictSame(await client.call(path, iface, "GetMessages"), [[]]);
  t.equal(
    await client.outcome(client.call(first, messageIface, "GetProperties")),
    "org.freedesktop.DBus.Error.UnknownObject",
  );
});

t.test("one that waits is cancelled, one that is on its way is not", async (t) => {
  const { client, modem } = await onlineRig(t, { hasMessages: true });
  await client.call(path, iface, "SendMessage", "ss", "1", "a");
  await client.call(path, iface, "SendMessage", "ss", "2", "b");
  await client.call(first, messageIface, "Cancel");
  await client.until(`${path} MessageManager MessageRemoved ${first}`);
  const [message] = modem.messages?.outgoing ?? [];
  message?.become({ state: "sent" });
  t.equal(await client.outcome(client.call(second, messageIface, "Cancel")), "NotAvailable");
  t.equal(await client.outcome(client.call(path, iface, "SendMessage", "ss", "nobody", "c")), "InvalidFormat");
});

t.test("what came is told with both times", async (t) => {
  const { client, modem } = await onlineRig(t, { hasMessages: true });
  const sentAt = { atMs: Date.UTC(2011, 2, 2, 18, 29, 54), offsetMinutes: 60 };
  const text = { text: "hello", sender: "+4930123", sentAt };
  modem.messages?.arrive("incoming", text);
  modem.messages?.arrive("immediate", { ...text, text: "now" });
  await client.until(`${path} MessageManager ImmediateMessage now`);
  t.strictSame(await client.take(), [
    `${path} MessageManager IncomingMessage hello`,
    `${path} MessageManager ImmediateMessage now`,
  ]);
  t.match(incomingInfo(text, -210), {
    Sender: { value: "+4930123" },
    LocalSentTime: { value: "2011-03-02T14:59:54-0330" },
    SentTime: { value: "2011-03-02T19:29:54+0100" },
  });
});

t.test("properties", async (t) => {
  const { client, modem } = await onlineRig(t, { hasMessages: true });
  t.strictSame(await client.properties(path, iface), {
    ServiceCenterAddress: "+15550100000",
    UseDeliveryReports: false,
    Bearer: "cs-preferred",
    Alphabet: "default",
  });
  await client.set(path, iface, "ServiceCenterAddress", "s", "+491");
  await client.set(path, iface, "UseDeliveryReports", "b", true);
  await client.set(path, iface, "Alphabet", "s", "turkish");
  t.match(await client.properties(path, iface), {
    ServiceCenterAddress: "+491",
    UseDeliveryReports: true,
    Alphabet: "turkish",
  });
  await client.set(path, iface, "Bearer", "s", "cs-preferred");
  t.equal(await client.outcome(client.set(path, iface, "Bearer", "s", "ps-only")), "NotImplemented");
  t.equal(await client.outcome(client.set(path, iface, "Bearer", "s", "pigeon")), "InvalidFormat");
  t.equal(await client.outcome(client.set(path, iface, "Alphabet", "s", "klingon")), "InvalidFormat");
  modem.messages?.script.failNext(new ModemError("refused", "no"));
  t.equal(await client.outcome(client.set(path, iface, "ServiceCenterAddress", "s", "+492")), "Failed");
});
