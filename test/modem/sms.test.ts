/** Messages of a card over a fake driver: when the modem is asked, who is told what, and what a broken disk costs. */
import t from "tap";
import type { CardIdentity } from "../../src/modem/setup.js";
import { smsRetryMs } from "../../src/modem/sms/retry.js";
import { createSmsStore, emptySmsRecord, type SmsRecord, type SmsStore } from "../../src/modem/sms/store.js";
import type { StateFiles } from "../../src/modem/store.js";
import { ModemError } from "../../src/runtime/error.js";
import { smsCause } from "../../src/sms/cause.js";
import { decodeSubmit, encodeStatusReport } from "../../src/sms/pdu.js";
import { messageParts } from "../../src/virtual/model/message-network.js";
import { client, endOf, Rig, type RigOptions, standing } from "./rig.js";

/** A state folder in memory. */
class MemorySmsStore implements SmsStore {
  record: SmsRecord | undefined;
  failure: Error | undefined;

  async load(_card: CardIdentity): Promise<SmsRecord | undefined> {
    if (this.failure) throw this.failure;
    return this.record;
  }

  async save(_card: CardIdentity, record: SmsRecord): Promise<void> {
    if (this.failure) throw this.failure;
    this.record = structuredClone(record);
  }
}

const long = "The quick brown fox jumps over the lazy dog. ".repeat(6).trim();
const from = (text: string, messageClass?: 0, atMs = 0): readonly Buffer[] =>
  messageParts({ sender: "+4930123", text, ...(messageClass === undefined ? {} : { messageClass }) }, 7, "", atMs);

const messagesOf = ({ modem }: Rig) => {
  if (modem.messages === undefined) throw new Error("there are no messages");
  return modem.messages;
};

/** A modem on the table, and what clients hear of messages. */
function build(options: RigOptions = {}) {
  const rig = new Rig({ sms: true, smsStore: new MemorySmsStore(), ...options });
  const heard: string[] = [];
  rig.modem.parts.on("added", (part) => {
    if (part !== "messages") return;
    const { messageEvents } = messagesOf(rig);
    messageEvents.on("incoming", ({ text }) => heard.push(text));
    messageEvents.on("immediate", ({ text }) => heard.push(`! ${text}`));
    messageEvents.on("removed", ({ state }) => heard.push(state.state));
    rig.modem.parts.once("removed", () => void messageEvents.removeAllListeners());
  });
  const keeps = (...pdus: readonly Buffer[]) => pdus.forEach((pdu, at) => void rig.driver.messages.set(`${at}`, pdu));
  return { rig, heard, keeps };
}

async function online(options: RigOptions = {}) {
  const it = build(options);
  await it.rig.goOnline();
  await it.rig.clock.advance(1_000);
  return it;
}

t.test("it comes with the card; the modem is asked when it is registered and not before", async (t) => {
  const { rig, heard, keeps } = build();
  keeps(...from("stored"));
  await rig.powerOn();
  await rig.clock.advance(60_000);
  t.ok(rig.modem.messages, "clients can queue messages");
  t.notOk(
    rig.driver.asked.some((call) => call.startsWith("sms.")),
    "offline",
  );
  await rig.modem.setOnline(true, client);
  await rig.clock.advance(1_000);
  t.strictSame(heard, ["stored"]);
  t.equal(rig.driver.messages.size, 0);
  t.equal(messagesOf(rig).state.serviceCentre, "+15550100000");
  await rig.modem.setOnline(false, client);
  t.ok(rig.modem.messages);
  await rig.modem.setPowered(false, client);
  t.equal(rig.modem.messages, undefined);
  t.strictSame(rig.modem.pending(), []);
});

t.test("without a network stored messages are told all the same, later", async (t) => {
  const { rig, heard, keeps } = build({ registration: { status: "searching", mode: "auto" } });
  keeps(...from("stored"));
  await rig.goOnline();
  await rig.clock.advance(20_000);
  t.strictSame(heard, []);
  rig.driver.setRegistration({ status: "searching", mode: "auto", areaCode: 1 });
  await rig.clock.advance(20_000);
  t.strictSame(heard, ["stored"]);
});

t.test("nothing is taken from the modem while no client can see it", async (t) => {
  const { rig, heard, keeps } = build({ modem: { standingReasons: ["connect"] } });
  await rig.clock.advance(1_000);
  t.ok(rig.modem.messages, "a standing wish shows the modem");
  await rig.modem.setPowered(false, client);
  t.equal(rig.modem.messages, undefined);
  keeps(...from("for later"));
  const [pdu = Buffer.alloc(0)] = from("for later");
  rig.driver.events.emit("smsReceived", { pdu, place: "0" });
  const [flash = Buffer.alloc(0)] = from("kept nowhere", 0);
  rig.driver.events.emit("smsReceived", { pdu: flash });
  await rig.clock.advance(1_000);
  t.equal(rig.driver.messages.size, 1, "it stays where it is");
  await rig.modem.setPowered(true, client);
  await rig.clock.advance(1_000);
  t.strictSame(heard, ["! kept nowhere", "for later"]);
  await rig.modem.setPowered(true, standing);
});

t.test("a report, a message of type 0 and one for a program are nothing to tell; they do not stay", async (t) => {
  const { rig, heard } = await online();
  const sentAt = { atMs: 0, offsetMinutes: 0 };
  const report = { reference: 1, recipient: "+49", sentAt, settledAt: sentAt, status: 0 };
  const [plain = Buffer.alloc(0)] = from("silent");
  const silent = Buffer.from(plain);
  // TP-PID stands behind the sender's four octets of digits, their length and their type.
  silent.writeUInt8(0x40, 1 + 1 + 2 + 4);
  for (const [at, pdu] of [encodeStatusReport(report, ""), silent].entries()) {
    rig.driver.messages.set(`${at}`, pdu);
    rig.driver.events.emit("smsReceived", { pdu, place: `${at}` });
  }
  await rig.clock.advance(10);
  t.strictSame(heard, []);
  t.equal(rig.driver.messages.size, 0);
});

t.test("what cannot be read stays, until there is no room", async (t) => {
  const { rig } = await online();
  rig.driver.messages.set("0", Buffer.from("ffff", "hex"));
  rig.driver.events.emit("smsReceived", { pdu: Buffer.from("ffff", "hex"), place: "0" });
  await rig.clock.advance(10);
  t.equal(rig.driver.messages.size, 1);
  rig.driver.events.emit("smsStoreFull");
  await rig.clock.advance(10);
  t.equal(rig.driver.messages.size, 0);
});

t.test("a full disk: a whole message is told once, a part stays in the modem until it can be remembered", async (t) => {
  const store = new MemorySmsStore();
  const { rig, heard } = await online({ smsStore: store });
  store.failure = new Error("no space left");
  const [whole = Buffer.alloc(0)] = from("told");
  const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = from(long);
  const come = async (place: string, pdu: Buffer) => {
    rig.driver.messages.set(place, pdu);
    rig.driver.events.emit("smsReceived", { pdu, place });
    await rig.clock.advance(10);
  };
  await come("whole", whole);
  await come("first", first);
  t.strictSame(heard, ["told"]);
  t.strictSame([...rig.driver.messages.keys()], ["first"]);
  store.failure = undefined;
  await come("second", second);
  t.strictSame(heard, ["told"], "the first part is not forgotten: it is read again");
  rig.driver.events.emit("smsMissed");
  await rig.clock.advance(10);
  t.strictSame(heard, ["told", long]);
  t.equal(rig.driver.messages.size, 0);
  t.equal(await endOf(messagesOf(rig).send("+49", "hi")), "resolved");
});

t.test("a card that is still being read refuses at first", async (t) => {
  const { rig, heard, keeps } = build();
  keeps(...from("stored"));
  const held = rig.driver.hold("sms.listen");
  await rig.goOnline();
  await rig.clock.advance(1_000);
  held.refuse(new ModemError("notReady", "the card is busy"));
  await rig.clock.advance(1_000);
  t.strictSame(heard, []);
  await rig.clock.advance(2_000);
  t.strictSame(heard, ["stored"]);
});

t.test("one after the other, and again where the cause passes", async (t) => {
  const { rig, heard } = await online();
  const messages = messagesOf(rig);
  const busy = rig.driver.hold("sms.send");
  const first = await messages.send("+4930", "first");
  const second = await messages.send("+4930", "second");
  await rig.clock.advance(0);
  t.equal(await endOf(first.cancel()), "accessDenied", "it is on its way");
  busy.refuse(new ModemError("refused", "no", { failure: smsCause(42) }));
  await rig.clock.advance(4_000);
  t.equal(rig.driver.sent.length, 0);
  t.equal(await endOf(second.cancel()), "resolved");
  await rig.clock.advance(2_000);
  t.strictSame(heard, ["cancelled", "sent"]);
  t.strictSame(
    rig.driver.sent.map((pdu) => decodeSubmit(pdu).text),
    ["first"],
  );
  t.equal(await endOf(first.cancel()), "notAvailable");
});

t.test("refused for good, or four times: it has failed", async (t) => {
  const { rig, heard } = await online();
  const barred = rig.driver.hold("sms.send");
  await messagesOf(rig).send("+4930", "never");
  await rig.clock.advance(0);
  barred.refuse(new ModemError("refused", "no", { failure: smsCause(8) }));
  await rig.clock.advance(0);
  t.strictSame(heard, ["failed"]);
  const passing = new ModemError("refused", "no", { failure: smsCause(38) });
  t.strictSame(
    [1, 2, 3, 4].map((tries) => smsRetryMs(passing, tries, 0.5)),
    [5_000, 20_000, 60_000, undefined],
  );
  t.equal(smsRetryMs(new ModemError("timeout", "no answer"), 1, 0.5), undefined, "the network may have it");
  t.equal(smsRetryMs(new ModemError("busy", "later"), 1, 0), 4_000);
});

t.test("the queue waits for a network and outlives the modem", async (t) => {
  const smsStore = new MemorySmsStore();
  const { rig, heard } = await online({ smsStore });
  await messagesOf(rig).setUseDeliveryReports(true);
  rig.driver.setRegistration({ status: "searching", mode: "auto" });
  const queued = await messagesOf(rig).send("+4930", "in time");
  await rig.clock.advance(120_000);
  t.strictSame([heard, rig.driver.sent], [[], []]);
  rig.driver.unplug();
  await rig.clock.advance(10);
  const next = build({ smsStore });
  await next.rig.powerOn();
  t.strictSame(
    messagesOf(next.rig).outgoing.map(({ id }) => id),
    [queued.id],
    "the same object",
  );
  await next.rig.modem.setOnline(true, client);
  await next.rig.clock.advance(10);
  t.strictSame(next.heard, ["sent"]);
  t.match(next.rig.driver.sent.map(decodeSubmit), [{ text: "in time", wantsReport: true }]);
  t.strictSame(smsStore.record?.queue, []);
});

t.test("no number, a text without end, an unknown alphabet", async (t) => {
  const { rig } = await online();
  const messages = messagesOf(rig);
  for (const number of ["", "+", "nobody", "+123456789012345678901"])
    t.equal(await endOf(messages.send(number, "hi")), "invalidFormat", number);
  t.equal(await endOf(messages.send("+49", "x".repeat(153 * 255 + 1))), "invalidFormat");
  t.equal(await endOf(messages.setServiceCentre("nobody")), "invalidFormat");
  t.equal(await endOf(messages.setAlphabet("klingon")), "invalidFormat");
  await messages.setAlphabet("turkish");
  await messages.send("+49", "ışık");
  await rig.clock.advance(10);
  t.match(decodeSubmit(rig.driver.sent[0] ?? Buffer.alloc(0)), { text: "ışık", coding: { alphabet: "gsm7" } });
});

t.test("a file that is not as it was written is set aside, and its content is not told", async (t) => {
  const files = new Map<string, unknown>([["iccid-89.json", { ...emptySmsRecord, queue: [{ text: "secret" }] }]]);
  const aside: string[] = [];
  const folder: StateFiles = {
    read: async (name) => files.get(name),
    write: async (name, value) => void files.set(name, value),
    setAside: async (name, reason) => void aside.push(`${name}: ${reason}`),
    names: async () => [...files.keys()],
  };
  const store = createSmsStore(folder);
  t.equal(await store.load({ iccid: "89" }), undefined);
  t.match(aside, [/^iccid-89\.json: not as it was written/]);
  t.notMatch(aside.join(), /secret/);
  await store.save({ iccid: "89" }, emptySmsRecord);
  t.strictSame(await store.load({ iccid: "89" }), emptySmsRecord);
  await store.save({ iccid: "../etc" }, emptySmsRecord);
  t.strictSame([...files.keys()], ["iccid-89.json"]);
});
