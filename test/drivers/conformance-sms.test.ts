/** What every driver promises of short messages. */
import type { Test } from "tap";
import type { ReceivedSms, SmsPort } from "../../src/modem/sms-ports.js";
import { decodeReceived, encodeSubmit } from "../../src/sms/pdu.js";
import { splitText } from "../../src/sms/split.js";
import { messageParts } from "../../src/virtual/model/message-network.js";
import { mbimGeneric } from "../../src/virtual/profiles/mbim-generic.js";
import { hold, type Promises } from "./hold.js";
import { never, type Rig } from "./rig.js";

const from = (text: string, messageClass?: 0 | 2): readonly Buffer[] =>
  messageParts({ sender: "+4930123", text, ...(messageClass === undefined ? {} : { messageClass }) }, 1, "+1555", 0);

const submit = (recipient: string, text: string, wantsReport = false): Buffer => {
  const [part] = splitText(text, 0);
  if (part === undefined) throw new Error("no part");
  return encodeSubmit({ recipient, ...part, wantsReport });
};

const textOf = ({ pdu }: ReceivedSms): string => {
  const message = decodeReceived(pdu);
  return message.is === "deliver" ? message.text : `report of ${message.reference}: ${message.status}`;
};

/** A registered modem whose messages somebody listens to. */
async function listening(t: Test, rig: Rig): Promise<{ readonly sms: SmsPort; readonly came: ReceivedSms[] }> {
  const { sms, events } = await rig.open();
  if (sms === undefined) throw new Error("the driver has no such port");
  const came: ReceivedSms[] = [];
  events.on("smsReceived", (message) => void came.push(message));
  await rig.pass(300);
  await rig.soon(sms.listen(never));
  t.strictSame(await rig.soon(sms.stored(never)), []);
  return { sms, came };
}

const kept = (rig: Rig) => rig.machine.state.messages.stored.map(({ index, storage }) => `${storage} ${index}`);

const promises: Promises = {
  "tells a message that comes; it stays in the modem until it is settled": async (t, rig) => {
    const { sms, came } = await listening(t, rig);
    rig.machine.send({ type: "messagesArrive", pdus: [...from("hello"), ...from("for the card", 2)] });
    await rig.pass(50);
    t.strictSame(came.map(textOf).sort(), ["for the card", "hello"]);
    t.strictSame(kept(rig), ["device 1", "card 2"]);
    t.strictSame(
      (await rig.soon(sms.stored(never))).map(textOf).sort(),
      ["for the card", "hello"],
      "read, and still there",
    );
    for (const message of came) await rig.soon(sms.settle(message, never));
    t.strictSame(kept(rig), []);
    for (const message of came) await rig.soon(sms.settle(message, never));
    t.pass("settled twice is settled");
  },
  "hands over what must not be kept": async (t, rig) => {
    const { sms, came } = await listening(t, rig);
    rig.machine.send({ type: "messagesArrive", pdus: from("look!", 0) });
    await rig.pass(50);
    t.strictSame(came.map(textOf), ["look!"]);
    t.notOk(came[0]?.place);
    t.strictSame(kept(rig), []);
    for (const message of came) await rig.soon(sms.settle(message, never));
  },
  "finds at the start what came while nobody was there": async (t, rig) => {
    await rig.pass(300);
    rig.machine.send({ type: "messagesArrive", pdus: from("early") });
    const { sms } = await rig.open();
    const messages = await rig.soon(sms?.stored(never) ?? Promise.reject(new Error("no port")));
    t.strictSame(messages.map(textOf), ["early"]);
    t.ok(messages[0]?.place);
  },
  "sends, with the reference by which the report comes": async (t, rig) => {
    const { sms, came } = await listening(t, rig);
    t.equal(await rig.soon(sms.send(submit("+4930999", "hi", true), never)), 1);
    t.equal(rig.machine.state.messages.sent.length, 1);
    await rig.pass(50);
    t.strictSame(came.map(textOf), ["report of 1: 0"]);
  },
  "refuses what the network refuses, and what is no message": async (t, rig) => {
    const { sms } = await listening(t, rig);
    rig.machine.send({ type: "refuseMessages", cause: 38 });
    await t.rejects(rig.soon(sms.send(submit("+4930999", "hi"), never)), { name: "ModemError", code: "refused" });
    rig.machine.send({ type: "refuseMessages", cause: undefined });
    await t.rejects(rig.soon(sms.send(Buffer.from("00", "hex"), never)), { name: "ModemError" });
    rig.machine.send({ type: "networkDeregister" });
    await rig.pass(50);
    await t.rejects(rig.soon(sms.send(submit("+4930999", "hi"), never)), { name: "ModemError" });
    t.equal(rig.machine.state.messages.sent.length, 0);
  },
  "knows the service centre, and takes another": async (t, rig) => {
    const { sms } = await listening(t, rig);
    t.equal(await rig.soon(sms.serviceCentre(never)), "+15550100000");
    await rig.soon(sms.setServiceCentre("+4917100", never));
    t.equal(await rig.soon(sms.serviceCentre(never)), "+4917100");
  },
  "tells that there is no room, and what came when there is some": async (t, rig) => {
    const { sms, came } = await listening(t, rig);
    let full = 0;
    rig.driver?.events.on("smsStoreFull", () => void full++);
    rig.machine.send({ type: "messageCapacity", count: 1 });
    rig.machine.send({ type: "messagesArrive", pdus: [...from("one"), ...from("two")] });
    await rig.pass(50);
    t.equal(full, 1);
    t.strictSame(came.map(textOf), ["one"]);
    for (const message of came.slice()) await rig.soon(sms.settle(message, never));
    await rig.pass(50);
    t.strictSame(came.map(textOf), ["one", "two"]);
  },
  "says after the modem began anew that messages may have come": async (t, rig) => {
    const { sms, came } = await listening(t, rig);
    let missed = 0;
    rig.driver?.events.on("smsMissed", () => void missed++);
    rig.machine.send({ type: "forgetHost" });
    rig.machine.send({ type: "messagesArrive", pdus: from("meanwhile") });
    // By MBIM only a command that goes unanswered shows it.
    await rig.soon(
      sms.serviceCentre(never).catch(() => undefined),
      60_000,
    );
    await rig.pass(20_000);
    t.equal(missed, 1);
    t.strictSame((await rig.soon(sms.stored(never))).map(textOf), ["meanwhile"]);
    rig.machine.send({ type: "messagesArrive", pdus: from("later") });
    await rig.pass(50);
    t.strictSame(came.map(textOf), ["later"], "it listens again");
  },
};

hold(promises, mbimGeneric);

hold(
  {
    "names why the network refused": async (t, rig) => {
      const { sms } = await listening(t, rig);
      rig.machine.send({ type: "refuseMessages", cause: 38 });
      const error: unknown = await rig.soon(sms.send(submit("+4930999", "hi"), never).catch((error: unknown) => error));
      t.match(error, { failure: { domain: "cms", code: 38, name: "NetworkOutOfOrder" } });
    },
  },
  mbimGeneric,
);
