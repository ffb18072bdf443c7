/** What wwand says of each device that the virtual modem can be, all of them plugged in at once. */
import { startWwand, writeFiles, wwanctl } from "../../lab/daemon.js";
import { plugInAll } from "../guest/modems.js";
import { scenario } from "../guest/scenario.js";

const drivers = [
  "cdc_mbim",
  "qmi_wwan",
  "option",
  "qcserial",
  "cdc_acm",
  "rndis_host",
  "huawei_cdc_ncm",
  "usb-storage",
];

/** The line of the log that the device gets, by its USB ids. */
const told: Readonly<Record<string, RegExp>> = {
  "sierra-em7565": /device: .*\(1199:9091\).*: MBIM modem on \/dev\/cdc-wdm\d with \w+/,
  "mbim-generic": /device: .*\(1209:0001\).*: MBIM modem on \/dev\/cdc-wdm\d with \w+/,
  "quectel-ec25": /device: .*\(2c7c:0125\).*: QMI modem on \/dev\/cdc-wdm\d with \w+/,
  "simcom-sim7600": /device: .*\(1e0e:9001\).*: QMI modem on \/dev\/cdc-wdm\d with \w+/,
  "huawei-ms2372h": /device: .*\(12d1:1596\).*: it speaks AT on \/dev\/ttyUSB\d+: protocol at: driver not built yet/,
  "huawei-ncm": /device: .*\(12d1:15c1\).*: it speaks AT on \S+: protocol at: driver not built yet/,
  "simcom-sim7600-rndis":
    /device: .*\(1e0e:9011\).*: it speaks AT on \/dev\/ttyUSB\d+: protocol at: driver not built yet/,
  "huawei-e3131": /device: .*\(12d1:1f01\).*: it shows itself as a disc with drivers/,
  "arduino-uno": /device: .*\(2341:0043\).*: nothing proves that its serial port is a modem's/,
};
const names = Object.keys(told);

scenario("nine devices at once, four of them driven: each is told for what it is", async (t, g) => {
  await g.modprobe("vhci-hcd", ...drivers);
  const world = await g.world();
  await writeFiles(world, { config: "" });
  const daemon = await startWwand(world);
  const modems = await plugInAll(g, names);
  for (const [name, line] of Object.entries(told)) t.ok(await daemon.line(line), name);
  for (const index of [0, 1, 2, 3])
    t.ok(await daemon.line(new RegExp(`modem found modem=/(mbim|qmi)_${index} `)), `modem ${index} is found`);
  const { code, out } = await wwanctl(world, "--json", "modem");
  t.equal(code, 0);
  t.equal(JSON.parse(out).length, 4, "four modems on the bus");
  t.equal(await modems.step(names.indexOf("arduino-uno"), "received"), "interface 0: nothing");
  for (const name of names) await modems.step(names.indexOf(name), "unplug");
  for (const port of names.keys())
    t.ok(await daemon.line(new RegExp(`device: gone device=".* at usb 1-${port + 1}"`)), `port ${port + 1} is empty`);
  t.strictSame(JSON.parse((await wwanctl(world, "--json", "modem")).out), [], "no modem on the bus");
  t.equal((await daemon.end()).code, 0);
});
