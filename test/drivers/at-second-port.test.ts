/** A modem with a second AT port: what goes on while the first is held up, and what a second port that is none costs. */
import t, { type Test } from "tap";
import { AtPort } from "../../src/at/port.js";
import { operatorScan } from "../../src/at/replies/cops.js";
import { strength } from "../../src/at/replies/csq.js";
import { Chat } from "../../src/drivers/at/chat.js";
import { FirmwareFacts } from "../../src/drivers/at/firmware-facts.js";
import { SecondPort } from "../../src/drivers/at/second-port.js";
import { openAtDriver } from "../../src/drivers/at.js";
import type { Driver } from "../../src/modem/ports.js";
import { ModemError } from "../../src/runtime/error.js";
import { silentLog } from "../../src/runtime/log.js";
import { mbimGeneric } from "../../src/virtual/profiles/mbim-generic.js";
import { AtCable } from "../at/cable.js";
import { settle, VirtualClock } from "../fakes/clock.js";
import { type Kind, kinds, never, Rig } from "./rig.js";

const signal = { ...strength, anyPort: true };
const path = "/dev/ttyUSB3";

/** The first port searches for networks as long as the test likes; the second answers what `second` does. */
async function rig(t: Test, second: AtCable["modem"], open?: () => Promise<never>) {
  const [clock, first, beside] = [new VirtualClock(), new AtCable(), new AtCable()];
  const told: string[] = [];
  const log = { ...silentLog, info: (message: string) => void told.push(message) };
  const ended = new AbortController();
  let opened = 0;
  const openSecond = async () => {
    opened += 1;
    return beside.link;
  };
  beside.modem = second;
  const port = new AtPort({ link: first.link, log: silentLog, clock });
  const spare = new SecondPort({
    ...{ log, clock, ended: ended.signal },
    beside: { path, open: open ?? openSecond },
  });
  const facts = await FirmwareFacts.open({ technologies: [] }, undefined, silentLog);
  const chat = new Chat(port, facts, spare);
  t.teardown(() => {
    ended.abort(new ModemError("aborted", "over"));
    port.close();
  });
  const scan = chat.ask(operatorScan, never);
  scan.catch(() => undefined);
  await settle();
  const turn = async (ms = 0) => {
    for (let count = 0; count < 20; count++) await settle();
    await clock.advance(ms);
    for (let count = 0; count < 20; count++) await settle();
  };
  return { clock, first, beside, chat, spare, told, ended, scan, turn, opened: () => opened };
}

const obliging = (text: string) => (text === "AT+CSQ\r" ? "\r\n+CSQ: 20,99\r\n\r\nOK\r\n" : "\r\nOK\r\n");

t.test("a search holds up the first port: short questions are answered by the second, the others wait", async (t) => {
  const { first, beside, chat, scan, turn, opened } = await rig(t, obliging);
  t.equal(await chat.ask(signal, never), -73);
  t.strictSame(beside.written, ["ATQ0V1E0\r", "AT+CMEE=1\r", "AT+CSQ\r"]);
  const change = chat.tell({ text: "AT+CGMM" }, never);
  await turn();
  t.equal(beside.written.length, 3, "what is not marked goes by the first port alone");
  first.modem = (text) => (text === "AT+CGMM\r" ? "\r\nOK\r\n" : undefined);
  first.say('\r\n+COPS: (2,"A","A","26201",7)\r\n\r\nOK\r\n');
  t.match(await scan, [{ plmn: "26201" }]);
  await change;
  first.modem = obliging;
  t.equal(await chat.ask(signal, never), -73);
  t.equal(first.written.at(-1), "AT+CSQ\r", "the first port is free: it is asked");
  t.equal(opened(), 1);
});

t.test("a second port that never answers: given up once, then every question waits for the first", async (t) => {
  const { first, beside, chat, turn, told, opened } = await rig(t, () => undefined);
  const asked = chat.ask(signal, never);
  await turn(3_000);
  t.equal(told.length, 1, "told once, after as long as an answer may take");
  t.ok(beside.isClosed);
  const again = chat.ask(signal, never);
  first.modem = obliging;
  first.say("\r\nOK\r\n");
  await turn();
  t.strictSame(await Promise.all([asked, again]), [-73, -73]);
  t.equal(opened(), 1);
});

t.test("a second port that cannot be opened, or vanishes: the first one answers when it can", async (t) => {
  const shut = await rig(t, obliging, () => Promise.reject(new ModemError("unplugged", "held by another program")));
  const late = shut.chat.ask(signal, never);
  await shut.turn();
  shut.first.modem = obliging;
  shut.first.say("\r\nOK\r\n");
  await shut.turn();
  t.equal(await late, -73);
  t.equal(shut.told.length, 1);

  const pulled = await rig(t, obliging);
  t.equal(await pulled.chat.ask(signal, never), -73);
  pulled.beside.unplug();
  const next = pulled.chat.ask(signal, never);
  await pulled.turn();
  pulled.first.modem = obliging;
  pulled.first.say("\r\nOK\r\n");
  await pulled.turn();
  t.equal(await next, -73);
});

t.test("what the second port refuses is refused; who leaves does not wait; PPP takes the port over", async (t) => {
  const { chat, spare, beside, turn } = await rig(t, (text) =>
    text === "AT+CSQ\r" ? "\r\n+CME ERROR: 3\r\n" : "\r\nOK\r\n",
  );
  await t.rejects(chat.ask(signal, never), { message: "AT+CSQ: operation not allowed" });
  const leaving = new AbortController();
  beside.modem = () => undefined;
  const left = chat.ask(signal, leaving.signal);
  leaving.abort();
  await t.rejects(left, { code: "aborted" });
  const data = { path, baudRate: 115_200, open: async () => new AtCable().link };
  const other = { log: silentLog, clock: new VirtualClock(), dataPort: { ...data, path: "/dev/ttyUSB4" } };
  t.equal(spare.yieldedTo(other), other, "PPP over another port disturbs nobody");
  const { dataPort } = spare.yieldedTo({ ...other, dataPort: data });
  await dataPort?.open(never);
  await turn();
  t.ok(beside.isClosed);
  t.equal(await spare.ask(signal, never), undefined);
});

t.test("a whole driver: the signal is told in the middle of a long search", async (t) => {
  const generic = kinds.find(({ name }) => name === "at");
  if (generic === undefined) throw new Error("no AT");
  const beside = new AtCable();
  beside.modem = (text) =>
    text.includes("+CSQ") ? "\r\n+CESQ: 99,99,255,255,255,255\r\n+CSQ: 5,99\r\n\r\nOK\r\n" : "\r\nOK\r\n";
  const open: Kind["open"] = (link, clock) =>
    openAtDriver(link, { log: silentLog, clock, signal: never, secondPort: { path, open: async () => beside.link } });
  const rig = new Rig({ ...generic, open }, { ...mbimGeneric, timing: { ...mbimGeneric.timing, scanMs: 120_000 } });
  t.teardown(() => rig.cable.unplug());
  const driver: Driver = await rig.open();
  await rig.pass(300);
  await driver.signal?.report?.({ rssiDb: 6, rsrpDb: 6, rsrqDb: 3, snrDb: 3 }, never);
  t.strictSame(beside.written, [], "nothing is opened before it is needed");
  const scan = driver.registration?.scan(never);
  await rig.pass(31_000);
  t.match(rig.last("signalChanged"), [{ rssiDbm: -103 }]);
  await rig.soon(scan ?? Promise.reject(), 120_000);
  await rig.soon(driver.close());
  t.ok(beside.isClosed);
  t.equal(rig.clock.armed, 0);
});
