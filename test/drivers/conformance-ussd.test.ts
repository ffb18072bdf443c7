/** What every driver promises of dialogues by USSD. */
import t from "tap";
import type { UssdPort } from "../../src/modem/ports.js";
import { mbimGeneric } from "../../src/virtual/profiles/mbim-generic.js";
import { hold, type Promises } from "./hold.js";
import { kinds, never, Rig } from "./rig.js";

async function listening(rig: Rig): Promise<UssdPort> {
  const { ussd } = await rig.open();
  if (ussd === undefined) throw new Error("the driver has no such port");
  await rig.pass(300);
  await rig.soon(ussd.listen(never));
  return ussd;
}

const words = (rig: Rig): readonly unknown[] =>
  rig.heard.filter(([event]) => event === "ussdSaid").map(([, word]) => word);
const text = (said: string, asks = false) => ({ is: "text", text: said, asks });

const promises: Promises = {
  "sends a code and tells the network's word, whatever its letters": async (t, rig) => {
    const ussd = await listening(rig);
    for (const code of ["*100#", "*101#"]) {
      await rig.soon(ussd.initiate(code, never));
      await rig.pass(100);
    }
    t.strictSame(words(rig), [text("Balance: 12.34 EUR"), text("Баланс: 5 ₽")]);
  },
  "leads a dialogue from menu to menu": async (t, rig) => {
    const ussd = await listening(rig);
    await rig.soon(ussd.initiate("*111#", never));
    await rig.pass(100);
    await rig.soon(ussd.respond("2", never));
    await rig.pass(100);
    await rig.soon(ussd.respond("4711", never));
    await rig.pass(100);
    t.strictSame(words(rig), [
      text("1 Balance\n2 Service PIN", true),
      text("New PIN?", true),
      text("Your PIN is 4711"),
    ]);
  },
  "tells how the network ends a dialogue": async (t, rig) => {
    const ussd = await listening(rig);
    for (const code of ["*999#", "*199#"]) {
      await rig.soon(ussd.initiate(code, never));
      await rig.pass(100);
    }
    await rig.soon(ussd.initiate("*111#", never));
    await rig.pass(100);
    await rig.soon(ussd.respond("9", never));
    await rig.pass(100);
    t.match(words(rig), [
      { is: "end", because: "notSupported" },
      { is: "end", because: "timedOut" },
      text("1 Balance\n2 Service PIN", true),
      { is: "end", because: "terminated" },
    ]);
  },
  "takes a code back that the network does not answer": async (t, rig) => {
    const ussd = await listening(rig);
    const sent = ussd.initiate("*198#", never).catch(() => undefined);
    await rig.pass(1_000);
    await rig.soon(ussd.cancel(never));
    await rig.soon(sent);
    t.strictSame(rig.machine.state.ussd.dialogue, { is: "idle" });
    rig.heard.splice(0);
    await rig.soon(ussd.initiate("*100#", never));
    await rig.pass(100);
    t.strictSame(words(rig), [text("Balance: 12.34 EUR")], "and the next one goes through");
  },
  "tells what the network begins with, and takes the answer to it": async (t, rig) => {
    const ussd = await listening(rig);
    rig.machine.send({ type: "ussdTell", text: "Your bill is ready", asks: false });
    rig.machine.send({ type: "ussdTell", text: "Satisfied? 1 yes", asks: true });
    await rig.pass(20);
    await rig.soon(ussd.respond("1", never));
    await rig.pass(100);
    t.strictSame(words(rig), [text("Your bill is ready"), text("Satisfied? 1 yes", true), text("Thank you")]);
    rig.machine.send({ type: "ussdTell", text: "Once more?", asks: true });
    rig.machine.send({ type: "ussdEnd" });
    await rig.pass(20);
    t.match(rig.last("ussdSaid"), [{ is: "end", because: "terminated" }]);
  },
  "refuses what cannot be sent": async (t, rig) => {
    const ussd = await listening(rig);
    await t.rejects(rig.soon(ussd.initiate("1".repeat(200), never)), { code: "invalid" });
    await t.rejects(rig.soon(ussd.respond("1", never)), "no dialogue goes on");
    rig.machine.send({ type: "radioSwitch", on: false });
    await t.rejects(rig.soon(ussd.initiate("*100#", never)), { code: /notReady|notRegistered/ });
  },
};

hold(promises, mbimGeneric);

t.test("older QMI firmware answers a code when the dialogue is over", async (t) => {
  const qmi = kinds.find(({ name }) => name === "qmi");
  if (qmi === undefined) throw new Error("no QMI");
  const rig = new Rig(qmi, { ...mbimGeneric, lacks: ["ORIGINATE_USSD_NO_WAIT"] });
  t.teardown(() => rig.cable.unplug());
  const ussd = await listening(rig);
  await rig.soon(ussd.initiate("*100#", never));
  const dialogue = ussd.initiate("*111#", never);
  await rig.pass(100);
  await rig.soon(ussd.respond("1", never));
  await rig.soon(dialogue);
  t.strictSame(words(rig), [text("Balance: 12.34 EUR"), text("1 Balance\n2 Service PIN", true), text("12.34 EUR")]);
  await rig.soon(ussd.initiate("*999#", never));
  t.match(rig.last("ussdSaid"), [{ is: "end", because: "notSupported", failure: { domain: "qmi" } }]);
});
