import t from "tap";
import type { UssdWord } from "../../src/modem/types.js";
import { isServiceControl, isUssdCode } from "../../src/modem/ussd-code.js";
import { ModemError } from "../../src/runtime/error.js";
import { client, endOf, Rig } from "./rig.js";

const ussdOf = ({ modem }: Rig) => {
  if (modem.ussd === undefined) throw new Error("there is no USSD");
  return modem.ussd;
};

async function onlineRig(): Promise<Rig> {
  const rig = new Rig({ ussd: true });
  await rig.goOnline();
  return rig;
}

const says = (rig: Rig, text: string, asks = false) => rig.driver.events.emit("ussdSaid", { is: "text", text, asks });
const ends = (rig: Rig, because: Extract<UssdWord, { is: "end" }>["because"]) =>
  rig.driver.events.emit("ussdSaid", { is: "end", because });

t.test(
  "it comes when the modem is online and goes with it; nothing is asked before registration is told",
  async (t) => {
    const rig = new Rig({ ussd: true });
    await rig.powerOn();
    t.equal(rig.modem.ussd, undefined);
    rig.lines();
    await rig.modem.setOnline(true, client);
    await rig.clock.advance(10);
    const { asked } = rig.driver;
    t.ok(asked.indexOf("ussd.listen") > asked.indexOf("registration.state"), asked.join(" "));
    const came = rig.lines();
    const isBefore = came.includes("+ussd") && came.indexOf("+ussd") < came.indexOf("+registration");
    t.ok(isBefore, `the status, known at once, follows the signal that names both: ${came.join(" ")}`);
    await rig.modem.setOnline(false, client);
    const lines = rig.lines();
    t.ok(lines.includes("-ussd"), lines.join(" "));
    t.equal(rig.modem.ussd, undefined);
    t.strictSame(rig.modem.pending(), []);
  },
);

t.test("a menu, an answer, the end of it", async (t) => {
  const rig = await onlineRig();
  const ussd = ussdOf(rig);
  const menu = ussd.initiate("*111#");
  t.equal(ussd.state.dialogue, "active");
  t.equal(await endOf(ussd.initiate("*100#")), "inProgress");
  t.equal(await endOf(ussd.respond("1")), "inProgress");
  await rig.clock.advance(10);
  says(rig, "1 Balance", true);
  t.equal(await menu, "1 Balance");
  t.equal(ussd.state.dialogue, "user-response");
  t.equal(await endOf(ussd.initiate("*100#")), "inProgress", "a dialogue goes on");
  t.equal(await endOf(ussd.respond("")), "invalidFormat");
  const balance = ussd.respond("1");
  says(rig, "12.34 EUR");
  t.equal(await balance, "12.34 EUR");
  t.equal(ussd.state.dialogue, "idle");
  t.equal(await endOf(ussd.respond("1")), "notActive");
});

t.test("how the network and the modem say no", async (t) => {
  const rig = await onlineRig();
  const ussd = ussdOf(rig);
  const rows = {
    terminated: "terminated",
    notSupported: "notSupported",
    timedOut: "timedOut",
    otherClient: "inProgress",
  };
  for (const [because, refusal] of Object.entries(rows) as [keyof typeof rows, string][]) {
    const asked = ussd.initiate("*100#");
    ends(rig, because);
    t.equal(await endOf(asked), refusal);
    t.equal(ussd.state.dialogue, "idle");
  }
  const held = rig.driver.hold("ussd.initiate");
  const refused = ussd.initiate("*100#");
  await rig.clock.advance(10);
  held.refuse(new ModemError("notReady", "no radio"));
  t.equal(await endOf(refused), "notReady");
  t.equal(ussd.state.dialogue, "idle");
});

t.test("a network that says nothing: the deadline ends the wait, and the dialogue", async (t) => {
  const rig = await onlineRig();
  const ussd = ussdOf(rig);
  const asked = endOf(ussd.initiate("*198#"));
  await rig.clock.advance(89_000);
  t.equal(ussd.state.dialogue, "active");
  await rig.clock.advance(1_000);
  t.equal(await asked, "timeout");
  t.equal(ussd.state.dialogue, "idle");
  await rig.clock.advance(10);
  t.equal(rig.driver.asked.at(-1), "ussd.cancel");
  t.strictSame(rig.modem.pending(), []);
});

t.test("cancel: whoever waits is told, also where the modem first refuses what it had taken", async (t) => {
  const rig = await onlineRig();
  const ussd = ussdOf(rig);
  t.equal(await endOf(ussd.cancel()), "notActive");
  const sent = rig.driver.hold("ussd.initiate");
  const asked = endOf(ussd.initiate("*198#"));
  await rig.clock.advance(10);
  const held = rig.driver.hold("ussd.cancel");
  const cancelled = ussd.cancel();
  t.equal(await endOf(ussd.cancel()), "inProgress");
  await rig.clock.advance(10);
  sent.refuse(new ModemError("refused", "USSD set refused"));
  ends(rig, "terminated");
  held.answer();
  await cancelled;
  t.equal(await asked, "canceled");
  t.equal(ussd.state.dialogue, "idle");
});

t.test("the network begins: it tells, it asks, it ends", async (t) => {
  const rig = await onlineRig();
  const ussd = ussdOf(rig);
  const heard: string[] = [];
  ussd.notices.on("notification", (text) => heard.push(`told ${text}`));
  ussd.notices.on("request", (text) => heard.push(`asked ${text}`));
  ussd.events.on("changed", ({ dialogue }) => heard.push(dialogue));
  says(rig, "your bill");
  says(rig, "satisfied?", true);
  ends(rig, "terminated");
  t.strictSame(heard, ["told your bill", "asked satisfied?", "user-response", "idle"]);
});

t.test("offline, and unplugged, while somebody waits", async (t) => {
  const rig = await onlineRig();
  const offline = endOf(ussdOf(rig).initiate("*198#"));
  await rig.modem.setOnline(false, client);
  t.equal(await offline, "canceled");
  await rig.modem.setOnline(true, client);
  await rig.clock.advance(10);
  const unplugged = endOf(ussdOf(rig).initiate("*198#"));
  await rig.clock.advance(10);
  rig.driver.unplug();
  t.equal(await unplugged, "unplugged");
  t.strictSame(rig.modem.pending(), []);
});

t.test("what is no USSD never reaches the network", async (t) => {
  const rig = await onlineRig();
  const ussd = ussdOf(rig);
  const rows = {
    "": "invalidFormat",
    "112": "notRecognized",
    "12": "notRecognized",
    "+49170": "notRecognized",
    "**21*+491701234567#": "notImplemented",
    "*#21#": "notImplemented",
    "##002#": "notImplemented",
    "*33*0000#": "notImplemented",
    "*43#": "notImplemented",
    "*#31#": "notImplemented",
    "**04*1234*4321*4321#": "notImplemented",
    "*#06#": "notImplemented",
  };
  for (const [code, refusal] of Object.entries(rows)) t.equal(await endOf(ussd.initiate(code)), refusal, code);
  t.notOk(rig.driver.asked.includes("ussd.initiate"));
  for (const code of ["*100#", "*210#", "*21", "*135*1#", "3"]) t.equal(isServiceControl(code), false, code);
  for (const code of ["*100#", "3", "22"]) t.ok(isUssdCode(code), code);
});
