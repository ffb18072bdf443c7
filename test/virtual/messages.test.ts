/** Short messages in the model, and by Debian's qmicli, which knows the routes. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { decodeReceived, encodeSubmit } from "../../src/sms/pdu.js";
import { splitText } from "../../src/sms/split.js";
import { messageParts } from "../../src/virtual/model/message-network.js";
import { messageNews } from "../../src/virtual/model/messages.js";
import { freshModem, type ModemEvent, modemStep } from "../../src/virtual/model/modem.js";
import { type ModemState, waitsOf } from "../../src/virtual/model/state.js";
import { startVirtualModem } from "../../src/virtual/modem.js";
import { mbimGeneric as profile } from "../../src/virtual/profiles/mbim-generic.js";
import { endAll, labFor } from "../lab/netns.js";

const play = (state: ModemState, ...events: readonly ModemEvent[]): ModemState =>
  events.reduce((now, event) => modemStep(profile, now, event).state, state);

const ripened = (state: ModemState): ModemState =>
  waitsOf(profile, state).reduce((now, { due }) => modemStep(profile, now, due).state, state);
const searching = freshModem(profile);
const registered = ripened(searching);

const from = (text: string, messageClass?: 0 | 2) =>
  messageParts({ sender: "+4930123", text, ...(messageClass === undefined ? {} : { messageClass }) }, 1, "+1555", 0);
const arrive = (text: string, messageClass?: 0 | 2): ModemEvent => ({
  type: "messagesArrive",
  pdus: from(text, messageClass),
});
const kept = ({ messages }: ModemState): string =>
  messages.stored.map(({ storage, index, status }) => `${storage} ${index} ${status}`).join(", ");

t.test("what the network has comes when there is a network, and is kept by class", async (t) => {
  const early = play(searching, arrive("hello"));
  t.equal(kept(early), "");
  t.equal(early.messages.waiting.length, 1);
  t.equal(kept(ripened(early)), "device 1 new");
  const state = play(registered, arrive("hello"), arrive("for the card", 2), arrive("look!", 0));
  t.equal(kept(state), "device 1 new, card 2 new");
  t.equal(state.messages.handedOver.length, 1, "class 0 is kept nowhere");
  t.match(messageNews(registered, state), { stored: { length: 2 }, handedOver: { length: 1 }, becameFull: false });
});

t.test("without room it waits at the service centre until there is some", async (t) => {
  const full = play(registered, { type: "messageCapacity", count: 1 }, arrive("one"), arrive("two"));
  t.equal(kept(full), "device 1 new");
  t.equal(full.messages.waiting.length, 1);
  t.ok(messageNews(registered, full).becameFull);
  const room = play(full, { type: "deleteMessages", indexes: [1] });
  t.equal(kept(room), "device 1 new");
  t.match(messageNews(full, room), { stored: { length: 1 } });
  t.match(modemStep(profile, room, { type: "deleteMessages", indexes: [7] }).refusal, { why: "noSuchMessage" });
  const draft = { type: "storeMessage", pdu: Buffer.alloc(1), storage: "card", status: "draft" } as const;
  t.match(modemStep(profile, room, draft).refusal, { why: "messageStoreFull" });
});

t.test("one that is sent has a reference, a report, and comes back where it goes to the modem itself", async (t) => {
  const [part] = splitText("to myself", 0);
  if (part === undefined) throw new Error("no part");
  const pdu = encodeSubmit({ recipient: "+15550100123", ...part, wantsReport: true });
  const sent = play(registered, { type: "sendMessage", pdu, atMs: 0 });
  t.match(sent.messages.sent, [{ reference: 1 }]);
  t.match(
    sent.messages.stored.map((one) => decodeReceived(one.pdu)),
    [{ sender: "+15550100123", text: "to myself" }],
  );
  t.match(
    sent.messages.handedOver.map((one) => decodeReceived(one.pdu)),
    [{ is: "statusReport", reference: 1, status: 0 }],
  );
  const send = (state: ModemState, bytes = pdu) =>
    modemStep(profile, state, { type: "sendMessage", pdu: bytes, atMs: 0 }).refusal;
  t.match(send(searching), { why: "notRegistered" });
  t.match(send(play(registered, { type: "setRadio", on: false })), { why: "radioOff" });
  t.match(send(registered, Buffer.from("00", "hex")), { why: "badMessage" });
  t.match(send(play(registered, { type: "refuseMessages", cause: 38 })), { why: "message", cause: 38 });
});

t.test("qmicli reads the routes and sets them; steps and state in words", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "wwand-virtual-"));
  const link = join(folder, "modem");
  const modem = await startVirtualModem({
    profile: { ...profile, controlFace: "qmi" },
    port: { kind: "pty", link },
    settings: { searchMs: "1" },
  });
  const namespace = await labFor(t).namespace("qmicli");
  t.teardown(async () => {
    await endAll(namespace);
    await modem.close();
    await rm(folder, { recursive: true });
  });
  const qmicli = (...args: readonly string[]) =>
    namespace.run("timeout", "20", "qmicli", "-d", link, "--device-open-qmi", ...args);
  t.match(
    await qmicli("--wms-get-routes"),
    /Class: 2\s+Storage Type: uim\s+Receipt Action: store-and-notify[\s\S]*Class: none\s+Storage Type: nv/,
  );
  await qmicli("--wms-set-routes=type=point,class=2,storage=nv,receipt-action=store-and-notify");
  t.match(modem.state().model.messages.routes.class2, { storage: "device" });
  await qmicli("--wms-reset");
  await modem.step("sms", "Bank", "your", "code", "is", "1234");
  await modem.step("sms", "class0", "+4930123", "now");
  t.match(modem.state().model.messages, {
    stored: [{ sender: "Bank", text: "your code is 1234" }],
    handedOver: [{ sender: "+4930123", text: "now" }],
  });
  await t.rejects(modem.step("sms", "Bank"), /expected a sender and a text/);
  await t.rejects(modem.step("sms-pdu", "0000"), /run past the end/);
  await t.rejects(modem.step("sms-pdu", "xyz"), /hexadecimal/);
});
