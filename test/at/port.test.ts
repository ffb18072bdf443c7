import t, { type Test } from "tap";
import { bareOr, lines } from "../../src/at/command.js";
import { AtPort } from "../../src/at/port.js";
import { imei } from "../../src/at/replies/cgsn.js";
import { silentLog } from "../../src/runtime/log.js";
import { settle, VirtualClock } from "../fakes/clock.js";
import { AtCable } from "./cable.js";

const never = new AbortController().signal;

function rig(t: Test, hasDtr = false) {
  const clock = new VirtualClock();
  const cable = new AtCable(hasDtr);
  const port = new AtPort({ link: cable.link, log: silentLog, clock });
  const told: string[] = [];
  port.events.on("unsolicited", (line) => told.push(line));
  port.events.on("gone", (reason) => told.push(`gone: ${reason.code}`));
  t.teardown(() => port.close());
  return { clock, cable, port, told };
}

const csq = { text: "AT+CSQ", answer: lines("+CSQ:") };

t.test(
  "one command at a time, in order, the urgent one first; what answers none is told after the answer",
  async (t) => {
    const { cable, port, told } = rig(t);
    const order: string[] = [];
    const ask = (text: string, urgent = false) =>
      port.send({ text, urgent, answer: bareOr() }, never).then((said) => order.push(`${text}=${said}`));
    const done = Promise.all([ask("AT+CGMI"), ask("AT+CGMM"), ask("AT+CFUN?", true)]);
    await settle();
    t.strictSame(cable.written, ["AT+CGMI\r"], "the others wait");
    cable.say("AT+CGMI\r\r\n+CREG: 1\r\nhuawei\r\n\r\nOK\r\n^RSSI:20\r\n");
    t.strictSame(told, ["+CREG: 1"], "the line behind the result has not overtaken it");
    await settle();
    t.strictSame([order, told], [["AT+CGMI=huawei"], ["+CREG: 1", "^RSSI:20"]]);
    t.strictSame(cable.written, ["AT+CGMI\r", "AT+CFUN?\r"]);
    cable.say("\r\nOK\r\n");
    await settle();
    cable.say("\r\nE3372\r\n\r\nOK\r\n");
    await done;
    t.strictSame(order, ["AT+CGMI=huawei", "AT+CFUN?=", "AT+CGMM=E3372"]);
  },
);

t.test("an abandoned command keeps the wire: its late OK answers nobody else", async (t) => {
  const { cable, port } = rig(t);
  const leaving = new AbortController();
  const scan = port.send({ text: "AT+COPS=?", answer: lines("+COPS:"), timeoutMs: 180_000 }, leaving.signal);
  const signal = port.send(csq, never);
  const waiting = new AbortController();
  const neverSent = port.send({ text: "AT+CNUM" }, waiting.signal);
  await settle();
  leaving.abort();
  waiting.abort();
  await t.rejects(scan, { code: "aborted", message: "AT+COPS=? abandoned" });
  await t.rejects(neverSent, { code: "aborted" });
  t.strictSame(cable.written, ["AT+COPS=?\r"]);
  cable.say("+COPS: (1)\r\nOK\r\n");
  await settle();
  cable.say("+CSQ: 20,99\r\n\r\nOK\r\n");
  t.strictSame(await signal, ["+CSQ: 20,99"]);
  t.strictSame(cable.written, ["AT+COPS=?\r", "AT+CSQ\r"], "the third was never sent");
});

t.test(
  "no answer in time: the port is brought back before the next command, and a late result is swallowed",
  async (t) => {
    const { clock, cable, port } = rig(t);
    const slow = port.send({ text: "AT+CGATT=1", timeoutMs: 5_000 }, never);
    const next = port.send(csq, never);
    const failed = t.rejects(slow, { code: "timeout", message: "no answer to AT+CGATT=1 within 5000 ms" });
    await clock.advance(5_000);
    await failed;
    t.strictSame(cable.written, ["AT+CGATT=1\r", "\x1b", "AT\r"], "ESC, then a greeting");
    cable.say("\r\nOK\r\n");
    await clock.advance(400);
    cable.say("\r\nOK\r\n");
    await clock.advance(400);
    t.equal(cable.written.length, 3, "two results: it is not quiet yet");
    await clock.advance(200);
    t.equal(cable.written.at(-1), "AT+CSQ\r");
    cable.say("\r\n+CSQ: 3,99\r\n\r\nOK\r\n");
    t.strictSame(await next, ["+CSQ: 3,99"]);
    t.equal(clock.armed, 0, "nothing waits any more");
  },
);

t.test("stuck in data: +++ between silences; deaf to that: DTR; deaf to all: the port is given up", async (t) => {
  const stuck = rig(t);
  const escaped = stuck.port.escape();
  await stuck.clock.advance(2_000);
  t.strictSame(stuck.cable.written, ["\x1b", "AT\r"]);
  await stuck.clock.advance(1_000);
  t.equal(stuck.cable.written.length, 2, "silent before +++");
  await stuck.clock.advance(100);
  t.equal(stuck.cable.written.at(-1), "+++");
  await stuck.clock.advance(1_100);
  t.equal(stuck.cable.written.at(-1), "AT\r");
  stuck.cable.say("\r\nOK\r\n");
  await stuck.clock.advance(500);
  await escaped;

  const deaf = rig(t, true);
  const failed = t.rejects(deaf.port.escape(), { code: "timeout" });
  const waits = t.rejects(deaf.port.send(csq, never), { code: "timeout", message: /does not answer any more/ });
  await deaf.clock.advance(10_000);
  await Promise.all([failed, waits]);
  t.strictSame(deaf.cable.written, ["\x1b", "AT\r", "+++", "AT\r", "<DTR>", "AT\r"]);
  t.strictSame(deaf.told, ["gone: timeout"]);
  t.ok(deaf.cable.isClosed);
  t.equal(deaf.clock.armed, 0);
});

t.test("a payload goes out at the prompt; CONNECT makes the port busy until it is taken back", async (t) => {
  const { clock, cable, port } = rig(t);
  const sent = port.send({ text: "AT+CMGS=2", answer: lines("+CMGS:"), payload: Buffer.from("0011\x1a") }, never);
  await settle();
  cable.say("AT+CMGS=2\r\r\n>");
  cable.say(" ");
  await settle();
  t.strictSame(cable.written, ["AT+CMGS=2\r", "0011\x1a"]);
  cable.say("\r\n+CMGS: 7\r\n\r\nOK\r\n");
  t.strictSame(await sent, ["+CMGS: 7"]);

  const dialled = port.send({ text: "ATD*99#", call: true }, never);
  const behind = t.rejects(port.send(csq, never), { code: "busy" });
  await settle();
  cable.say("\r\nCONNECT 150000000\r\n~\xff}#OK\r\n");
  await dialled;
  await behind;
  await t.rejects(port.send(csq, never), { code: "busy", message: "AT+CSQ: /dev/ttyUSB2 carries data" });
  cable.modem = (text) => (text === "AT\r" && cable.written.includes("+++") ? "\r\nOK\r\n" : undefined);
  const back = port.escape();
  await clock.advance(6_000);
  await back;
  const again = port.send(csq, never);
  await settle();
  cable.say("\r\n+CSQ: 9,99\r\n\r\nOK\r\n");
  t.strictSame(await again, ["+CSQ: 9,99"]);
});

t.test(
  "no prompt comes: the port is not kept for the network's time; nobody waits any more: nothing is sent",
  async (t) => {
    const { clock, cable, port } = rig(t);
    const message = { text: "AT+CMGS=2", answer: lines("+CMGS:"), payload: Buffer.from("0011\x1a"), timeoutMs: 60_000 };
    const late = t.rejects(port.send(message, never), { code: "timeout" });
    await clock.advance(10_000);
    await late;
    t.strictSame(cable.written, ["AT+CMGS=2\r", "\x1b", "AT\r"]);
    cable.say("\r\nOK\r\n");
    await clock.advance(500);
    const leaving = new AbortController();
    const sent = port.send(message, leaving.signal);
    leaving.abort();
    await t.rejects(sent, { code: "aborted" });
    cable.say("\r\n> ");
    await settle();
    t.strictSame(cable.written.slice(3), ["AT+CMGS=2\r", "\x1b"], "it is taken back");
    cable.say("\r\nOK\r\n");
    const slow = port.send(message, never);
    await settle();
    cable.say("\r\n> ");
    await clock.advance(59_000);
    cable.say("\r\n+CMGS: 7\r\n\r\nOK\r\n");
    t.strictSame(await slow, ["+CMGS: 7"], "the network's time begins with the message");
  },
);

t.test("a message or a text in the middle of an answer is told whole, and is none of it", async (t) => {
  const { cable, port, told } = rig(t);
  const listed = port.send({ text: "AT+CMGL=4", answer: bareOr("+CMGL:") }, never);
  await settle();
  cable.say("+CMGL: 0,1,,24\r\n+CMT: ,19\r\n079144\r\n0791AA\r\n");
  cable.say('+CUSD: 1,"1 Balance\r\n2 Service PIN\r\n",15\r\n\r\nOK\r\n');
  t.strictSame(await listed, ["+CMGL: 0,1,,24", "0791AA"]);
  await settle();
  const text = '+CUSD: 1,"1 Balance\n2 Service PIN\n",15';
  t.strictSame(told, ["+CMT: ,19\n079144", text]);
  cable.say('+CUSD: 2\r\n+CUSD: 0,"Bye",15\r\n+CMT: ,19\r\n+CREG: 1\r\n+CUSD: 0,"cut\r\n');
  t.strictSame(told.slice(2), ["+CUSD: 2", '+CUSD: 0,"Bye",15', "+CMT: ,19", "+CREG: 1"]);
  const signal = port.send(csq, never);
  await settle();
  cable.say("+CSQ: 20,99\r\n\r\nOK\r\n");
  t.strictSame(await signal, ["+CSQ: 20,99"], "a text without end swallows nothing");
});

t.test("unplugged: every wait ends; refusals and nonsense have their own errors; no PIN in any of them", async (t) => {
  const { cable, port, told } = rig(t);
  const pin = t.rejects(port.send({ text: 'AT+CPIN="1234"', secret: true }, never), {
    code: "badPin",
    message: "AT+CPIN=...: incorrect password",
    failure: { domain: "cme", code: 16 },
  });
  await settle();
  cable.say('AT+CP\r\nRING\r\nIN="1234"\r');
  cable.say("\r\n+CME ERROR: 16\r\n");
  await pin;
  const unreadable = t.rejects(port.ask(imei, never), { code: "protocol", message: "AT+CGSN: unreadable answer" });
  await settle();
  cable.say("\r\nsomething\r\n\r\nOK\r\n");
  await unreadable;
  t.notMatch(told.join(), /CP/, "half an echo of a secret is no news");
  const lost = t.rejects(port.send(csq, never), { code: "unplugged" });
  const waiting = t.rejects(port.send(csq, never), { code: "unplugged" });
  cable.unplug();
  await Promise.all([lost, waiting]);
  t.equal(told.at(-1), "gone: unplugged");
  await t.rejects(port.send(csq, never), { code: "unplugged" }, "and so does what comes later");
});
