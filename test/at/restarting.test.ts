import t from "tap";
import { AtPort } from "../../src/at/port.js";
import { sendRestarting } from "../../src/at/restarting.js";
import { silentLog } from "../../src/runtime/log.js";
import { settle, VirtualClock } from "../fakes/clock.js";
import { AtCable } from "./cable.js";

const never = new AbortController().signal;
const commands = ['AT+QCFG="usbnet",2', "AT+CFUN=1,1"];

function rig() {
  const clock = new VirtualClock();
  const cable = new AtCable();
  return { clock, cable, port: new AtPort({ link: cable.link, log: silentLog, clock }) };
}

t.test("in order, each after the answer to the one before; gone before it has answered the last", async (t) => {
  const { cable, port } = rig();
  const sent = sendRestarting(port, commands, never);
  await settle();
  t.strictSame(cable.written, ['AT+QCFG="usbnet",2\r']);
  cable.say("\r\nOK\r\n");
  await settle();
  t.strictSame(cable.written.slice(1), ["AT+CFUN=1,1\r"]);
  cable.unplug();
  await sent;
});

t.test("a refusal ends it: what would restart the modem for nothing is not sent", async (t) => {
  const { cable, port } = rig();
  const sent = t.rejects(sendRestarting(port, commands, never), { code: "refused" });
  await settle();
  cable.say("\r\nERROR\r\n");
  await sent;
  t.equal(cable.written.length, 1);
  port.close();
});

t.test("silence after the last command is no refusal, silence after another is", async (t) => {
  const last = rig();
  const taken = sendRestarting(last.port, ["AT+GTUSBMODE=32"], never);
  await settle();
  await last.clock.advance(15_000);
  await taken;
  last.port.close();
  const first = rig();
  const silent = t.rejects(sendRestarting(first.port, commands, never), { code: "timeout" });
  await settle();
  await first.clock.advance(15_000);
  await silent;
  first.port.close();
});
