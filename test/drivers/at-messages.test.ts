/** Short messages of modems that are not as the standard's example: what is handed over, firmware with one memory, refusals. */
import { EventEmitter } from "eventemitter3";
import t, { type Test } from "tap";
import { AtPort } from "../../src/at/port.js";
import { Chat } from "../../src/drivers/at/chat.js";
import { FirmwareFacts } from "../../src/drivers/at/firmware-facts.js";
import { AtSms } from "../../src/drivers/at/sms.js";
import type { DriverEvents } from "../../src/modem/ports.js";
import type { ReceivedSms } from "../../src/modem/sms-ports.js";
import { silentLog } from "../../src/runtime/log.js";
import { AtCable } from "../at/cable.js";
import { settle, VirtualClock } from "../fakes/clock.js";
import { never } from "./rig.js";

const pdu = "0791448720003023240DD0E474D81C0EBB010000111011315214000BE474D81C0EBB5DE3771B";

/** A modem with these answers; what is not listed is refused. */
async function modem(t: Test, answers: Readonly<Record<string, string>>) {
  const cable = new AtCable();
  cable.modem = (text) => {
    const answer = answers[text.trim()];
    if (text.includes("\x1a")) return "\r\n+CMGS: 9\r\n\r\nOK\r\n";
    if (answer?.startsWith("+CMS ERROR")) return `\r\n${answer}\r\n`;
    if (answer === ">") return "\r\n> ";
    return answer === undefined ? "\r\nERROR\r\n" : `\r\n${answer}\r\n\r\nOK\r\n`;
  };
  const port = new AtPort({ link: cable.link, log: silentLog, clock: new VirtualClock() });
  t.teardown(() => port.close());
  const facts = await FirmwareFacts.open({ technologies: [] }, undefined, silentLog);
  const events = new EventEmitter<DriverEvents>();
  const sms = new AtSms({ chat: new Chat(port, facts), log: silentLog, ended: never, events });
  port.events.on("unsolicited", (line) => sms.hears(line));
  const came: ReceivedSms[] = [];
  events.on("smsReceived", (message) => came.push(message));
  return { cable, sms, came };
}

t.test("a modem that keeps nothing hands over, and the network waits for a word about each", async (t) => {
  const { cable, sms, came } = await modem(t, {
    ...{ "AT+CMGF=0": "", "AT+CNMI=?": "+CNMI: (0,1),(0,2),(0),(0,1),(0)", "AT+CSMS=1": "+CSMS: 1,1,1" },
    ...{ "AT+CNMI=1,2,0,1,0": "", "AT+CNMA": "" },
  });
  await sms.listen(never);
  cable.say(`\r\n+CMT: ,32\r\n${pdu}\r\n`);
  await settle();
  t.match(came, [{ pdu: Buffer.from(pdu, "hex"), place: undefined, transaction: 1 }]);
  for (const message of came) await sms.settle(message, never);
  t.equal(cable.written.at(-1), "AT+CNMA\r");
});

t.test("a modem that keeps messages acknowledges what it hands over by itself", async (t) => {
  const { cable, sms, came } = await modem(t, {
    ...{ "AT+CMGF=0": "", "AT+CPMS=?": '+CPMS: ("SM"),("SM"),("SM")', "AT+CSMS=0": "+CSMS: 1,1,1" },
    ...{ "AT+CNMI=?": "+CNMI: (0,1,2),(0,1),(0,2),(0),(1)", "AT+CNMI=2,1,0,0,1": "" },
  });
  await sms.listen(never);
  cable.say(`\r\n+CMT: ,32\r\n${pdu}\r\n`);
  await settle();
  t.match(came, [{ transaction: undefined }]);
});

t.test("one memory without a name; it says nothing of what it offers", async (t) => {
  const { cable, sms, came } = await modem(t, {
    ...{ "AT+CMGF=0": "", "AT+CSMS=0": "+CSMS: 1,1,1", "AT+CNMI=2,1,0,1,0": "" },
    ...{ "AT+CMGR=3": `+CMGR: 0,,32\r\n${pdu}`, "AT+CMGD=3": "", "AT+CMGR=4": "+CMS ERROR: 321" },
    "AT+CMGL=4": `+CMGL: 3,1,,32\r\n${pdu}\r\n+CMGL: 7,2,,32\r\n${pdu}`,
  });
  await sms.listen(never);
  cable.say('\r\n+CMTI: "SM",3\r\n\r\n+CMTI: "SM",4\r\n');
  for (let turn = 0; turn < 20; turn++) await settle();
  t.match(came, [{ place: " 3" }]);
  t.match(await sms.stored(never), [{ place: " 3" }], "drafts are nobody's news");
  for (const message of came) await sms.settle(message, never);
  t.equal(cable.written.at(-1), "AT+CMGD=3\r");
});

t.test("a card that is not ready refuses: its memories are asked for again when it is", async (t) => {
  const answers: Record<string, string> = {
    ...{ "AT+CMGF=0": "", "AT+CPMS=?": "+CMS ERROR: 314", "AT+CMGL=4": "+CMS ERROR: 314" },
  };
  const { cable, sms } = await modem(t, answers);
  await t.rejects(sms.stored(never), { code: "busy" });
  Object.assign(answers, { "AT+CPMS=?": '+CPMS: ("SM"),("SM"),("SM")', 'AT+CPMS="SM";+CMGL=4': "+CPMS: 0,9,0,9,0,9" });
  t.strictSame(await sms.stored(never), []);
  t.equal(cable.written.at(-1), 'AT+CPMS="SM";+CMGL=4\r');
});

t.test("a modem that would tell nobody is not listened to", async (t) => {
  const { sms } = await modem(t, { "AT+CMGF=0": "", "AT+CNMI=?": "+CNMI: (0),(0),(0),(0),(0)" });
  await t.rejects(sms.listen(never), { code: "unsupported" });
});

t.test("the network's causes are its own, the modem's are the modem's; no number stands in an error", async (t) => {
  const submit = Buffer.from("0011000B916407281553F80000AA0AE8329BFD4697D9EC37", "hex");
  for (const [said, expected] of [
    [38, { code: "refused", failure: { domain: "cms", code: 38, name: "NetworkOutOfOrder" } }],
    [28, { code: "refused", failure: { code: 28, name: "UnidentifiedSubscriber" } }],
    [500, { code: "refused", failure: { code: 500, name: "unknown error" } }],
    [331, { code: "notRegistered" }],
    [322, { code: "refused", failure: { code: 322, name: "memory full" } }],
  ] as const) {
    const { sms } = await modem(t, { "AT+CMGF=0": "", "AT+CMGS=23": `+CMS ERROR: ${said}` });
    await t.rejects(sms.send(submit, never), expected, String(said));
  }
  const { cable, sms } = await modem(t, { "AT+CMGF=0": "", "AT+CMGS=23": ">" });
  t.equal(await sms.send(submit, never), 9);
  t.equal(cable.written.at(-1), `${submit.toString("hex").toUpperCase()}\x1a`);
  await t.rejects(sms.setServiceCentre("+4917100", never), { message: "AT+CSCA=...: ERROR" });
});
