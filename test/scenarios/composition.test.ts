/** A modem that is switched to other functions because its user asks for it, over the port that its driver has. */
import t from "tap";
import { usb } from "../discovery/machines.js";
import { leftToClients, writeFiles, wwanctl } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import { openModemPort, openTerminal, UsbMachine } from "../lab/usb-machine.js";
import { World } from "../lab/world.js";
import { AtPorts } from "../virtual/at-ports.js";

t.setTimeout(90_000);

const serial = [0, 1, 2, 3].map((number) => `ff/00/00 eps 3 option ttyUSB${number}`);
const ec25 = (plugging: string, network: readonly string[]) =>
  usb("2c7c:0125", [...serial, ...network], { name: "EC25", address: "1-4", plugging });
const rndis = ec25("5", ["e0/01/03 eps 1 rndis_host usb0", "0a/00/00 eps 2 rndis_host"]);
const ecm = ec25("6", ["02/06/00 eps 1 cdc_ether usb0", "0a/00/00 eps 2 cdc_ether"]);

t.test("an EC25 in RNDIS: offered, switched to ECM on request, the same modem afterwards", async (t) => {
  const world = await World.build(t);
  const modem = new AtPorts("quectel-ec25");
  const ports = [
    openTerminal("ttyUSB0"),
    openTerminal("ttyUSB1"),
    ...[2, 3].map((number) => openModemPort(`ttyUSB${number}`, modem.open())),
  ];
  for (const port of ports) t.teardown(() => port.close());
  const machine = await UsbMachine.create(world, ports);
  await writeFiles(world, { config: leftToClients });
  await machine.plug(rndis, "quietly");
  const daemon = await machine.startWwand();
  await eventually(
    "the modem",
    () => wwanctl(world, "modem"),
    ({ out }) => /^at_0 /m.test(out),
  );
  const offered = await wwanctl(world, "modem", "compositions");
  t.match(offered.out, /^at_0 \(2c7c:0125\): RNDIS; it can be:$/m);
  t.match(offered.out, /^ {2}ECM \(2c7c:0125\): AT\+QCFG="usbnet",1, then AT\+CFUN=1,1$/m);
  t.strictSame(modem.done, [], "offered, not done");

  const switching = wwanctl(world, "modem", "switch", "at_0", "ECM");
  await eventually(
    "a modem that restarts",
    () => modem.done,
    (done) => done.includes("restart"),
  );
  const refused = await wwanctl(world, "modem", "at_0", "switch", "MBIM");
  t.match(refused, { code: 1, out: /InProgress: .*switched already/ });
  await machine.unplug(rndis);
  await machine.plug(ecm);
  const { code, out } = await switching;
  t.match(out, /^it is ECM \(2c7c:0125\) now: at_0\nback: wwanctl modem switch at_0 RNDIS$/m);
  t.equal(code, 0);
  t.match(
    await wwanctl(world, "modem", "switch", "at_0", "NCM"),
    { code: 1, out: /InvalidFormat: .*it is ECM now, and could become: QMI, MBIM, RNDIS/ },
    "what it has not",
  );
  t.equal((await daemon.end()).code, 0);
});
