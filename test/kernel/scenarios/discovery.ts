/** Modems found on the kernel's own USB, by its own uevents: at a cold start, at hotplug, in other ports, and what is none. */
import { leftToClients, startWwand, writeFiles, wwanctl } from "../../lab/daemon.js";
import { eventually } from "../../lab/eventually.js";
import type { Program } from "../../lab/program.js";
import type { World } from "../../lab/world.js";
import { startUdev } from "../guest/daemons.js";
import { namesOf, plugInAll } from "../guest/modems.js";
import { scenario } from "../guest/scenario.js";

/** Whatever modem there is, keep it connected: the most common gateway. */
const gateway = '[[modem]]\nmatch = { any = true }\nconnect = true\n\n[[sim]]\nany = true\napn = "internet"\n';

/** What the log says from now on. Asking wwanctl again and again would be the guest's whole work. */
class Log {
  #from = 0;
  constructor(private readonly daemon: Program) {}

  async says(pattern: RegExp): Promise<string> {
    const line = await this.daemon.line(pattern, this.#from);
    this.#from = this.daemon.lines.indexOf(line, this.#from) + 1;
    return line;
  }

  /** From everything that was said so far on. */
  forget(): void {
    this.#from = this.daemon.lines.length;
  }
}

const found = (path: string, port: string): RegExp => new RegExp(`modem found modem=/${path} port="\\w+ /dev/${port}"`);

const connected = (world: World, net: string): Promise<string> =>
  eventually(
    `an address on ${net}`,
    () => world.host.ip(`address show dev ${net}`).catch(() => ""),
    (text) => text.includes("inet 10.64"),
    60_000,
  );

scenario("a modem that nobody named, there before wwand; unplugged, plugged in again", async (t, g) => {
  await g.modprobe("vhci-hcd", "cdc_mbim", "qcserial", "tun");
  const world = await g.world();
  const modems = await plugInAll(g, ["sierra-em7565"], world.carrier);
  await writeFiles(world, { config: gateway });
  const daemon = await startWwand(world);
  const log = new Log(daemon);
  await log.says(/<6>device: Sierra Wireless EM7565.*: MBIM modem on \/dev\/cdc-wdm0 with wwan0/);
  await log.says(found("mbim_0", "cdc-wdm0"));
  await connected(world, namesOf("1199:9091").net);
  t.equal((await g.run("ping", ["-c1", "-W10", "-I", "wwan0", "10.64.0.1"])).code, 0, "packets pass");
  await modems.step(0, "unplug");
  await log.says(/device: gone/);
  await modems.step(0, "replug");
  await log.says(found("mbim_0", "cdc-wdm0"));
  await log.says(/mbim_0: connected interface=wwan0/);
  await modems.step(0, "unplug");
  await log.says(/device: gone/);
  t.equal((await daemon.end()).code, 0);
});

scenario("with udevd nothing is loaded before: it loads the drivers, wwand waits for what they make", async (t, g) => {
  await g.must("modprobe", ["-r", "qmi_wwan", "option"]);
  await g.modprobe("vhci-hcd");
  await startUdev(g);
  const world = await g.world();
  await writeFiles(world, { config: leftToClients });
  const daemon = await startWwand(world);
  await plugInAll(g, ["quectel-ec25"]);
  await daemon.line(found("qmi_0", "cdc-wdm0"));
  await daemon.line(/device: .*\(2c7c:0125\).*: QMI modem on \/dev\/cdc-wdm0 with w\w+$/);
  const told = daemon.lines.filter((line) => /device: .*\(2c7c:0125\)/.test(line));
  t.match(told, [/QMI modem on \/dev\/cdc-wdm0 with w\w+$/], "one line, when the kernel had finished");
  t.equal(told.length, 1);
  t.equal((await daemon.end()).code, 0);
});

scenario("plugged in one after the other: twins, a modem without driver, a disc, an Arduino", async (t, g) => {
  // What an earlier scenario has loaded.
  await g.must("modprobe", ["-r", "option", "usb-storage"]);
  await g.modprobe("vhci-hcd", "cdc_mbim", "qcserial", "cdc_acm");
  const world = await g.world();
  await writeFiles(world, { config: `mode-switch = false\n${leftToClients}` });
  const daemon = await startWwand(world);
  const log = new Log(daemon);
  const profiles = ["sierra-em7565", "sierra-em7565", "huawei-ms2372h", "huawei-e3131", "arduino-uno"];
  const modems = await plugInAll(g, profiles);

  await Promise.all([
    daemon.line(/<5>device: .*\(12d1:1f01\).*: it shows itself as a disc with drivers/),
    daemon.line(/<5>device: .*\(2341:0043\).*: nothing proves that its serial port is a modem's/),
    // After the time in which somebody might have loaded it.
    daemon.line(
      /<5>device: .*\(12d1:1596\).*: interfaces 0 .*, 1 .*, 2 .*option \(CONFIG_USB_SERIAL_OPTION\) would bind them/,
    ),
    daemon.line(found("mbim_0", "cdc-wdm\\d")),
    daemon.line(found("mbim_1", "cdc-wdm\\d")),
  ]);
  const { code, out } = await wwanctl(world, "doctor");
  t.equal(code, 1);
  t.match(out, /\(12d1:1596\).*\n(.*\n)*? {4}do: modprobe option\n/);
  t.match(
    out,
    /^ +3 +ff\/03\/\w\w +vendor-specific, unknown +none +-$/m,
    "the kernel has nothing for its fourth interface",
  );

  await g.modprobe("option");
  await log.says(/device: .*\(12d1:1596\).*: AT modem on \/dev\/ttyUSB\d/);
  const serial = (await wwanctl(world, "doctor")).out;
  t.match(serial, /^ {2}it is at_2: huawei MS2372h-153, IMEI 00499\*+\d\d$/m, "by its own answers");
  for (const role of ["data", "primary", "diagnostics"])
    t.match(serial, new RegExp(`^ {2}/dev/ttyUSB\\d +${role} `, "m"), `a port is ${role}`);

  for (const modem of [0, 1]) {
    log.forget();
    await modems.step(modem, "unplug");
    await log.says(/device: gone .*1199:9091/);
  }
  log.forget();
  await modems.step(1, "replug");
  const second = /port="mbim (.*)"/.exec(await log.says(found("mbim_1", "cdc-wdm0")));
  await modems.step(0, "replug");
  const first = /port="mbim (.*)"/.exec(await log.says(found("mbim_0", "cdc-wdm1")));
  t.strictSame([second?.[1], first?.[1]], ["/dev/cdc-wdm0", "/dev/cdc-wdm1"], "swapped, and each keeps its path");
  t.equal(await modems.step(4, "received"), "interface 0: nothing", "the Arduino never heard a byte");
  t.equal((await daemon.end()).code, 0);
});
