/** Calls over a Quectel modem's ECM or RNDIS: firmware that connects by itself, and firmware that is told to join. */
import t, { type Test } from "tap";
import { joinQuectel, quectelJoined } from "../../src/at/replies/qnetdevctl.js";
import { openAtDriver } from "../../src/drivers/at.js";
import { silentLog } from "../../src/runtime/log.js";
import { atGeneric } from "../../src/virtual/profiles/at-generic.js";
import { AtCable } from "../at/cable.js";
import { internet, kinds, never, Rig } from "./rig.js";

t.test("+QNETDEVCTL? by ModemManager's collection, of an EC200A and of Unisoc's firmware", async (t) => {
  const joined = quectelJoined(1);
  t.equal(joined.read(["+QNETDEVCTL: 3,1,0,1"]), true);
  t.equal(joined.read(["+QNETDEVCTL: 0,0,0,0"]), false, "registered, with an address, and yet joined to nothing");
  t.equal(joined.read(["+QNETDEVCTL: 1,2,1", "+QNETDEVCTL: 2,2,0"]), true);
  t.equal(quectelJoined(2).read(["+QNETDEVCTL: 1,2,1", "+QNETDEVCTL: 2,2,0"]), false);
  t.equal(joined.read([]), false);
  const whole = "+QNETDEVCTL: 3,1,0,1";
  for (let length = 0; length < whole.length; length++)
    try {
      t.equal(joined.read([whole.slice(0, length)]), false, `cut at ${length}`);
    } catch (error) {
      t.type(error, RangeError, `cut at ${length}`);
    }
  t.equal(joinQuectel(1).text, "AT+QNETDEVCTL=1,1,1");
});

/** A Quectel modem that a test is: attached, with an address; what is not said here is answered with OK. */
async function scripted(t: Test, model: string, answers: Readonly<Record<string, string | (() => string)>>) {
  const [kind] = kinds.filter(({ name }) => name === "at quectel");
  if (kind === undefined) throw new Error("there is no kind for Quectel");
  const rig = new Rig(kind, atGeneric);
  const cable = new AtCable();
  const all: typeof answers = {
    ATI: `\r\nQuectel\r\n${model}\r\nRevision: ${model}ALAR01\r\n\r\nOK\r\n`,
    "AT+CGSN": "\r\n004999010641008\r\n\r\nOK\r\n",
    "AT+CGDCONT?": '\r\n+CGDCONT: 1,"IP","internet","0.0.0.0",0,0\r\n\r\nOK\r\n',
    "AT+CGPADDR=1": '\r\n+CGPADDR: 1,"10.93.147.203"\r\n\r\nOK\r\n',
    ...answers,
  };
  cable.modem = (text) => {
    const answer = Object.entries(all).find(([command]) => text.startsWith(command))?.[1] ?? "\r\nOK\r\n";
    return typeof answer === "string" ? answer : answer();
  };
  t.teardown(() => cable.unplug());
  const options = { log: silentLog, clock: rig.clock, signal: never, interfaceName: "usb0" };
  const { dataCalls } = await rig.soon(openAtDriver(cable.link, options));
  if (dataCalls === undefined) throw new Error("it makes no calls");
  const said = (what: RegExp) => cable.written.filter((text) => what.test(text));
  const start = (request = internet) => rig.soon(dataCalls.start(request, never), 5_000);
  return { start, dataCalls, said, rig };
}

const dhcp = { interfaceName: "usb0", settings: { ipv4: { method: "dhcp" } } };

t.test("an EC200 is told to join its interface, once for as long as it stays so", async (t) => {
  let state = "0,0,0,0";
  const { start, dataCalls, said, rig } = await scripted(t, "EC200A", {
    "AT+QNETDEVCTL?": () => `\r\n+QNETDEVCTL: ${state}\r\n\r\nOK\r\n`,
  });
  const call = await start();
  t.match(call, dhcp);
  t.strictSame(said(/QNETDEVCTL=/), ["AT+QNETDEVCTL=1,1,1\r"]);
  state = "1,1,1,1";
  await rig.soon(dataCalls.stop(call.handle, never));
  t.match(await start(), dhcp);
  t.equal(said(/QNETDEVCTL=/).length, 1);
});

t.test("an EC25 joins by itself: its firmware does not know the command, and is asked once", async (t) => {
  const { start, dataCalls, said, rig } = await scripted(t, "EC25", { "AT+QNETDEVCTL?": "\r\nERROR\r\n" });
  for (const _ of [1, 2]) {
    const call = await start();
    t.match(call, dhcp);
    await rig.soon(dataCalls.stop(call.handle, never));
  }
  t.strictSame(said(/QNETDEVCTL/), ["AT+QNETDEVCTL?\r"]);
});

t.test("credentials go into the first context in Quectel's words; a text that would end early does not", async (t) => {
  const { start, said } = await scripted(t, "EC25", { "AT+QNETDEVCTL?": "\r\nERROR\r\n" });
  await t.rejects(start({ ...internet, username: 'w"wand', password: "x", auth: "pap" }), { code: "invalid" });
  await start({ ...internet, username: "wwand", password: "carrier", auth: "chap" });
  t.strictSame(said(/QICSGP/), ['AT+QICSGP=1,1,"internet","wwand","carrier",2\r']);
});

t.test("a modem that refuses to join says why", async (t) => {
  const { start } = await scripted(t, "EC200A", {
    "AT+QNETDEVCTL?": "\r\n+QNETDEVCTL: 0,0,0,0\r\n\r\nOK\r\n",
    "AT+QNETDEVCTL=1": "\r\n+CME ERROR: 30\r\n",
  });
  await t.rejects(start(), { code: "notRegistered", failure: { domain: "cme", code: 30 } });
});

t.test(
  "no address comes: the modem's last words say why, unless they are about the end of an earlier call",
  async (t) => {
    const silent = { "AT+QNETDEVCTL?": "\r\nERROR\r\n", "AT+CGPADDR=1": '\r\n+CGPADDR: 1,"0.0.0.0"\r\n\r\nOK\r\n' };
    const saying = (words: string) =>
      scripted(t, "EC25", { ...silent, "AT+CEER": `\r\n+CEER: ${words}\r\n\r\nOK\r\n` });
    // Second by second: in the steps of `soon` it takes ten times as long.
    const failing = async (words: string): Promise<unknown> => {
      const { dataCalls, rig } = await saying(words);
      const failure = dataCalls.start(internet, never).catch((error: unknown) => error);
      for (let second = 0; second < 50; second++) await rig.pass(1_000);
      return failure;
    };
    t.match(await failing("5,33 Requested service option not subscribed"), {
      code: "refused",
      failure: { domain: "esm", code: 33, name: "RequestedServiceOptionNotSubscribed" },
    });
    t.match(await failing("5,36"), { code: "timeout", failure: undefined });
  },
);
