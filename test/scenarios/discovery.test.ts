/** Devices on a machine's USB: found at a cold start and at hotplug, explained, left alone, recognised again. */
import { writeFileSync } from "node:fs";
import t from "tap";
import { gadgets, modems, usb } from "../discovery/machines.js";
import { configFile, leftToClients, writeFiles, wwanctl, wwanctlJson } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import { openModemPort, openTerminal, type Terminal, UsbMachine } from "../lab/usb-machine.js";
import { World } from "../lab/world.js";
import { AtPorts } from "../virtual/at-ports.js";

t.setTimeout(110_000);

const at = (address: string) => ({ address, path: `/devices/pci0000:00/usb1/${address}` });
const arduino = { ...gadgets.arduino, ...at("1-2") };
const disc = usb("12d1:1f01", ["08/06/50 eps 2 usb-storage"], { name: "HUAWEI_MOBILE", address: "1-3" });
const huawei = modems.ms2372h({ address: "1-4" });
const em7565 = modems.mbim({ address: "1-1.1" });

t.test("a machine with a modem, a stick in storage mode, an Arduino and a modem of serial ports", async (t) => {
  const world = await World.build(t);
  const board = openTerminal("ttyACM0");
  t.teardown(() => board.close());
  const machine = await UsbMachine.create(world, [board]);
  await writeFiles(world, { config: leftToClients });
  for (const device of [em7565, arduino, disc, huawei]) await machine.plug(device, "quietly");
  const daemon = await machine.startWwand();

  const ports = async () => {
    const { json } = await wwanctlJson(world, "modem");
    const all = (Array.isArray(json) ? json : []).map(({ OfonoPath, Port }) => `${OfonoPath} ${Port}`);
    return all.filter((modem) => modem.startsWith("/mbim"));
  };
  /** The serial modem's number may be the lower one: it is known first. */
  let mbim = "";

  await t.test("cold start: everything is named, with the reason and what to do", async (t) => {
    const [found = ""] = await eventually("the modem", ports, (list) => list.length === 1);
    mbim = found.split(" ")[0] ?? "";
    t.match(found, /^\/mbim_[01] \/dev\/cdc-wdm0$/);
    await daemon.line(
      /^<5>device: HUAWEI Mobile \(12d1:1596\).*: the kernel has ttyUSB1, but there is no \/dev\/ttyUSB1/,
    );
    await daemon.line(
      /^<5>device: HUAWEI_MOBILE \(12d1:1f01\) at usb 1-3: .* remedy="usb_modeswitch -v 12d1 -p 1f01 -J"/,
    );
    const { out } = await wwanctl(world, "modem");
    t.match(out, /^not driven \(wwanctl doctor says more\):$/m);
    t.match(out, /^Arduino Uno \(2341:0043\) at usb 1-2: nothing proves that its serial port is a modem's/m);
    const { code, json } = await wwanctlJson(world, "doctor");
    t.equal(code, 1);
    t.match(json, {
      devices: [{ Verdict: "modem", Modem: mbim }, { Verdict: "serial" }, { Verdict: "storage" }, { Protocol: "at" }],
    });
    t.match(json, { troubles: [{ text: /there is no \/dev\/cdc-wdm0$/ }, { about: "usb 1-3" }, { about: "usb 1-4" }] });
  });

  await t.test("unplugged, and replugged with other numbers: the same name, the new port", async (t) => {
    await machine.unplug(em7565);
    await eventually("nobody", ports, (list) => list.length === 0);
    const renumbered = usb("1199:9091", ["02/0e/00 eps 1 cdc_mbim cdc-wdm3 wwan5", "0a/00/02 eps 2 cdc_mbim"], {
      address: "1-1.1",
      plugging: "9",
    });
    await machine.plug(renumbered);
    t.strictSame(await eventually("the modem", ports, (list) => list.length === 1), [`${mbim} /dev/cdc-wdm3`]);
  });

  await t.test(
    "SIGHUP: a row of the user's leaves it to another program, and its removal brings it back",
    async (t) => {
      const row = '[[device]]\nids = "1199:9091"\nbecause = "the telematics program has it"\nmodem = false\n';
      writeFileSync(configFile(world), row);
      daemon.signal("SIGHUP");
      await eventually("nobody", ports, (list) => list.length === 0);
      await daemon.line(/leaves it alone: the telematics program has it/);
      writeFileSync(configFile(world), "");
      daemon.signal("SIGHUP");
      t.strictSame(await eventually("the modem", ports, (list) => list.length === 1), [`${mbim} /dev/cdc-wdm3`]);
    },
  );

  await t.test("named by URL, it is not found a second time", async (t) => {
    writeFileSync(configFile(world), '[[modem]]\nmatch = { url = "mbim+dev:/dev/cdc-wdm3?net=wwan5" }\n');
    daemon.signal("SIGHUP");
    // This machine has no such node, so that the URL's own modem is not there.
    await eventually("nobody", ports, (list) => list.length === 0);
    const { json } = await wwanctlJson(world, "doctor");
    t.notMatch(JSON.stringify(json), /1199:9091/);
    writeFileSync(configFile(world), "");
    daemon.signal("SIGHUP");
    await eventually("the modem", ports, (list) => list.length === 1);
  });

  await t.test("discovery = false: nothing is looked at", async () => {
    writeFileSync(configFile(world), "discovery = false\n");
    daemon.signal("SIGHUP");
    await eventually("nobody", ports, (list) => list.length === 0);
    writeFileSync(configFile(world), "");
    daemon.signal("SIGHUP");
    await eventually("the modem", ports, (list) => list.length === 1);
  });

  t.equal(board.heard().length, 0, "the Arduino never heard a byte");
  t.equal((await daemon.end()).code, 0);
});

/** A serial stick as the kernel's driver shows it, its first port called `ttyUSB<first>`. */
const stick = (address: string, plugging: string, first: number) =>
  usb(
    "12d1:1596",
    [
      `ff/03/31 eps 3 option ttyUSB${first}`,
      `ff/03/32 eps 2 option ttyUSB${first + 1}`,
      `ff/03/33 eps 2 option ttyUSB${first + 2}`,
    ],
    { name: "HUAWEI Mobile", address, plugging },
  );

const imeis = ["490154203237518", "490154203237526"] as const;

function sticksOf(imei: string, first: number): readonly Terminal[] {
  const modem = new AtPorts("huawei-ms2372h", { imei });
  const answering = [first, first + 1].map((number) => openModemPort(`ttyUSB${number}`, modem.open()));
  return [...answering, openTerminal(`ttyUSB${first + 2}`)];
}

t.test("two serial sticks of one model beside gadgets: who they are, what their ports are for, swapped", async (t) => {
  const world = await World.build(t);
  const [first, second] = [sticksOf(imeis[0], 0), sticksOf(imeis[1], 3)];
  const names = ["ttyACM0", "ttyACM1", "ttyUSB6"] as const;
  const gadgetPorts = names.map(openTerminal);
  for (const port of [...first, ...second, ...gadgetPorts]) t.teardown(() => port.close());
  const machine = await UsbMachine.create(world, [...first, ...second, ...gadgetPorts]);
  await writeFiles(world, { config: leftToClients });
  const receiver = usb("1546:01a8", ["02/02/01 eps 1 cdc_acm ttyACM1", "0a/00/00 eps 2 cdc_acm"], { name: "u-blox" });
  const cable = usb("0403:6001", ["ff/ff/ff eps 2 ftdi_sio ttyUSB6"], { name: "FT232R USB UART" });
  const gadgetsHere = [arduino, { ...receiver, ...at("1-3") }, { ...cable, ...at("1-6") }];
  for (const device of [...gadgetsHere, stick("1-4", "5", 0)]) await machine.plug(device, "quietly");
  const daemon = await machine.startWwand();
  const who = async () => {
    const { json } = await wwanctlJson(world, "doctor");
    const { devices = [] } = Object(json);
    return devices.flatMap(({ Name, Address, Imei }: Record<string, string>) =>
      Name ? [`${Name} at ${Address}: ${Imei}`] : [],
    );
  };
  const both = (list: readonly string[]) => list.filter((line) => /\d{5}\*+\d\d$/.test(line)).length === 2;

  await t.test("one line, who it is, and no byte to what is no modem", async (t) => {
    await daemon.line(/^<6>device: HUAWEI Mobile \(12d1:1596\).*: AT modem on \/dev\/ttyUSB1$/);
    const { out } = await wwanctl(world, "doctor");
    t.match(out, /^ {2}it is at_0: huawei MS2372h-153, IMEI 49015\*{8}18$/m);
    t.match(out, /^ {2}\/dev\/ttyUSB0 +data +\^GETPORTMODE says MDM$/m);
    t.match(out, /^ {2}\/dev\/ttyUSB1 +primary +\^GETPORTMODE says PCUI$/m);
    t.match(out, /^ {2}\/dev\/ttyUSB2 +diagnostics +\^GETPORTMODE says DIAG$/m);
    t.match((await wwanctl(world, "modem")).out, /^at_0 /m);
    t.equal(first[2]?.heard().length, 0, "nor to the diagnostics port");
  });

  await t.test("its twin has another number, and both keep theirs when they are swapped", async (t) => {
    await machine.plug(stick("1-5", "6", 3));
    t.strictSame(await eventually("both", who, both), ["at_0 at 1-4: 49015********18", "at_1 at 1-5: 49015********26"]);
    for (const device of [stick("1-4", "5", 0), stick("1-5", "6", 3)]) await machine.unplug(device);
    await eventually("nobody", who, (list) => list.length === 0);
    for (const device of [stick("1-4", "7", 3), stick("1-5", "8", 0)]) await machine.plug(device);
    t.strictSame(await eventually("both", who, both), ["at_1 at 1-4: 49015********26", "at_0 at 1-5: 49015********18"]);
  });

  for (const port of gadgetPorts) t.equal(port.heard().length, 0, `${port.name} never heard a byte`);
  t.equal((await daemon.end()).code, 0);
});
