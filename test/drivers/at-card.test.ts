/** Cards behind modems without +CCHO, or with large and missing files: a scripted modem says what such cards say. */
import t, { type Test } from "tap";
import { AtPort } from "../../src/at/port.js";
import { AtCardChannels } from "../../src/drivers/at/card-channels.js";
import { forbiddenNetworksPort, preferredNetworksPort } from "../../src/drivers/at/card-files.js";
import { Chat } from "../../src/drivers/at/chat.js";
import { FirmwareFacts } from "../../src/drivers/at/firmware-facts.js";
import { silentLog } from "../../src/runtime/log.js";
import { AtCable } from "../at/cable.js";
import { VirtualClock } from "../fakes/clock.js";
import { never } from "./rig.js";

/** What is not listed is refused. */
async function modem(t: Test, answers: Readonly<Record<string, string>>) {
  const cable = new AtCable();
  cable.modem = (text) => {
    const answer = answers[text.trim()];
    if (answer?.startsWith("+CME ERROR")) return `\r\n${answer}\r\n`;
    return answer === undefined ? "\r\nERROR\r\n" : `\r\n${answer}\r\n\r\nOK\r\n`;
  };
  const port = new AtPort({ link: cable.link, log: silentLog, clock: new VirtualClock() });
  t.teardown(() => port.close());
  const facts = await FirmwareFacts.open({ technologies: [] }, undefined, silentLog);
  return { cable, chat: new Chat(port, facts) };
}

const aid = Buffer.from("a0000005591010ffffffff8900000100", "hex");
const select = 'AT+CSIM=42,"01A4040010A0000005591010FFFFFFFF8900000100"';

t.test("firmware without +CCHO: the card itself is told to open a channel, select, and close it", async (t) => {
  const { cable, chat } = await modem(t, {
    ...{ 'AT+CSIM=10,"0070000001"': '+CSIM: 6,"019000"', [select]: '+CSIM: 4,"6121"' },
    ...{ 'AT+CSIM=10,"01C0000021"': '+CSIM: 8,"6F009000"', 'AT+CSIM=22,"81E2910006BF3E035C015A"': '+CSIM: 4,"6D00"' },
    'AT+CSIM=8,"00708001"': '+CSIM: 4,"9000"',
  });
  const channels = new AtCardChannels(chat);
  const { channel, selected } = await channels.open(aid, never);
  t.equal(channel, 1);
  t.equal(selected.toString("hex"), "6f009000", "the answer that the card kept ready");
  const answer = await channels.transmit(channel, Buffer.from("80e2910006bf3e035c015a", "hex"), never);
  t.equal(answer.toString("hex"), "6d00", "sent on the channel");
  for (const _ of [1, 2]) await channels.close(channel, never);
  t.equal(cable.written.filter((line) => line.includes("00708001")).length, 1, "closed once");
  await t.rejects(channels.transmit(channel, aid, never), { code: "invalid" });
});

t.test("no such application: the channel is closed again; no channel left; an APDU in no error", async (t) => {
  const { cable, chat } = await modem(t, {
    ...{ 'AT+CSIM=10,"0070000001"': '+CSIM: 6,"019000"', [select]: '+CSIM: 4,"6A82"' },
    'AT+CSIM=8,"00708001"': '+CSIM: 4,"9000"',
  });
  await t.rejects(new AtCardChannels(chat).open(aid, never), { code: "refused", message: /no such application: 6A82/ });
  t.equal(cable.written.at(-1), 'AT+CSIM=8,"00708001"\r');
  const full = await modem(t, { 'AT+CSIM=10,"0070000001"': '+CSIM: 4,"6A81"' });
  await t.rejects(new AtCardChannels(full.chat).open(aid, never), { message: /no channel left: 6A81/ });
  const deaf = await modem(t, {});
  await t.rejects(new AtCardChannels(deaf.chat).open(aid, never), { message: "AT+CSIM=...: ERROR" });
});

t.test("a session whose name is no channel's: the class byte is the modem's to write", async (t) => {
  const { cable, chat } = await modem(t, {
    ...{ "AT+CCHO=?": "", 'AT+CCHO="A0000005591010FFFFFFFF8900000100"': "+CCHO: 305419896" },
    'AT+CGLA=305419896,22,"80E2910006BF3E035C015A"': '+CGLA: 4,"9000"',
    "AT+CCHC=305419896": "",
  });
  const channels = new AtCardChannels(chat);
  const { channel } = await channels.open(aid, never);
  await channels.transmit(channel, Buffer.from("80e2910006bf3e035c015a", "hex"), never);
  await channels.close(channel, never);
  t.equal(cable.written.at(-1), "AT+CCHC=305419896\r");
});

t.test("preferred networks: read in pieces, the user's before the operator's, either may be missing", async (t) => {
  const places = (count: number) => "62F2104000".repeat(count);
  const { chat } = await modem(t, {
    ...{ "AT+CRSM=192,28512,0,0,15": '+CRSM: 144,0,"620680020113"', "AT+CRSM=192,28513,0,0,15": "+CRSM: 106,130" },
    "AT+CRSM=176,28512,0,0,255": `+CRSM: 144,0,"${places(51)}"`,
    "AT+CRSM=176,28512,0,255,20": `+CRSM: 144,0,"00F110C000${"FFFFFF0000".repeat(3)}"`,
  });
  const found = await preferredNetworksPort(chat).read(never);
  t.equal(found.length, 52);
  t.match(found.at(-1), { mcc: "001", mnc: "01" });
  const none = await modem(t, { "AT+CRSM=192,28539,0,0,15": "+CRSM: 106,130" });
  t.strictSame(await forbiddenNetworksPort(none.chat).read(never), []);
  await forbiddenNetworksPort(none.chat).clear(never);
  t.equal(none.cable.written.length, 2, "there is nothing to clear");
});

t.test("what card and modem refuse", async (t) => {
  const locked = await modem(t, {
    ...{ "AT+CRSM=192,28539,0,0,15": '+CRSM: 144,0,"62068002000CFFFF"' },
    "AT+CRSM=176,28539,0,0,12": "+CRSM: 105,130",
  });
  await t.rejects(forbiddenNetworksPort(locked.chat).read(never), { code: "notReady", message: /6982/ });
  const absent = await modem(t, { "AT+CRSM=192,28539,0,0,15": "+CME ERROR: 10" });
  await t.rejects(forbiddenNetworksPort(absent.chat).read(never), { code: "notReady" });
});
