/** Devices on a machine's USB: found at a cold start and at hotplug, explained, left alone, recognised again. */
import { writeFileSync } from "node:fs";
import t from "tap";
import { gadgets, modems, usb } from "../discovery/machines.js";
import { configFile, writeFiles, wwanctl, wwanctlJson } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import { openTerminal, UsbMachine } from "../lab/usb-machine.js";
import { World } from "../lab/world.js";

t.setTimeout(110_000);

const at = (address: string) => ({ address, path: `/devices/pci0000:00/usb1/${address}` });
const arduino = { ...gadgets.arduino, ...at("1-2") };
const disc = usb("12d1:1f01", ["08/06/50 eps 2 usb-storage"], { name: "HUAWEI_MOBILE", address: "1-3" });
const huawei = modems.ms2372h({ address: "1-4" });
const em7565 = modems.mbim({ address: "1-1.1" });

t.test("a machine with a modem, a stick in storage mode, an Arduino and a modem of another protocol", async (t) => {
  const world = await World.build(t);
  const board = openTerminal("ttyACM0");
  t.teardown(() => board.close());
  const machine = await UsbMachine.create(world, [board]);
  await writeFiles(world, { config: "" });
  for (const device of [em7565, arduino, disc, huawei]) await machine.plug(device, "quietly");
  const daemon = await machine.startWwand();

  const ports = async () => {
    const { json } = await wwanctlJson(world, "modem");
    return (Array.isArray(json) ? json : []).map(({ OfonoPath, Port }) => `${OfonoPath} ${Port}`);
  };

  await t.test("cold start: everything is named, with the reason and what to do", async (t) => {
    await eventually("the modem", ports, (list) => list.length === 1);
    t.strictSame(await ports(), ["/mbim_0 /dev/cdc-wdm0"]);
    await daemon.line(/^<5>device: HUAWEI Mobile \(12d1:1596\).*protocol at: driver not built yet/);
    await daemon.line(
      /^<5>device: HUAWEI_MOBILE \(12d1:1f01\) at usb 1-3: .* remedy="usb_modeswitch -v 12d1 -p 1f01 -J"/,
    );
    const { out } = await wwanctl(world, "modem");
    t.match(out, /^not driven \(wwanctl doctor says more\):$/m);
    t.match(out, /^Arduino Uno \(2341:0043\) at usb 1-2: nothing proves that its serial port is a modem's/m);
    const { code, json } = await wwanctlJson(world, "doctor");
    t.equal(code, 1);
    t.match(json, {
      devices: [
        { Verdict: "modem", Modem: "/mbim_0" },
        { Verdict: "serial" },
        { Verdict: "storage" },
        { Protocol: "at" },
      ],
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
    t.strictSame(await eventually("the modem", ports, (list) => list.length === 1), ["/mbim_0 /dev/cdc-wdm3"]);
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
      t.strictSame(await eventually("the modem", ports, (list) => list.length === 1), ["/mbim_0 /dev/cdc-wdm3"]);
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
