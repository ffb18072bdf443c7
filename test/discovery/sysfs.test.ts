import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t, { type Test } from "tap";
import { AliasIndex, parseAliases, parseBuiltinInfo } from "../../src/discovery/module-aliases.js";
import { ModuleFolder } from "../../src/discovery/module-folder.js";
import type { DeviceSnapshot } from "../../src/discovery/snapshot.js";
import { readSysfs } from "../../src/discovery/sysfs.js";
import { debian, gadgets, modems, pciModem, usb } from "./machines.js";
import { plugPci, plugUsb, unplugUsb } from "./sysfs-tree.js";

const aliases = new URL("../fixtures/modules/debian-12.alias", import.meta.url).pathname;

/** A machine on disk; `modules`: which folders /lib/modules has. */
async function machine(t: Test, modules: readonly string[] = [debian.release]) {
  const root = t.testdir({ sys: {}, modules: {} });
  const [sys, lib] = [join(root, "sys"), join(root, "modules")];
  for (const release of modules) {
    await mkdir(join(lib, release), { recursive: true });
    await copyFile(aliases, join(lib, release, "modules.alias"));
  }
  const load = async (name: string, state: string) => {
    await mkdir(join(sys, "module", name), { recursive: true });
    await writeFile(join(sys, "module", name, "initstate"), `${state}\n`);
  };
  const folder = new ModuleFolder({ sys, modules: lib, release: debian.release });
  return { sys, lib, load, look: () => readSysfs(sys, folder) };
}

t.test("what the kernel lays out is read back, for every kind of device", async (t) => {
  const { sys, look } = await machine(t);
  const placed = (device: DeviceSnapshot, address: string): DeviceSnapshot => ({
    ...device,
    address,
    path: `/devices/pci0000:00/usb1/${address}`,
    // Of the vendor-specific leftovers of these modems Debian's modules know nothing.
    interfaces: device.interfaces.map((found) => ({ ...found, modules: [] })),
  });
  const devices = [
    placed(modems.mbim(), "1-1"),
    placed(modems.ec25(), "1-2.1"),
    placed(modems.ms2372h(), "1-2.2"),
    placed(modems.huaweiNcm(), "1-3"),
    placed(modems.sim7600Qmi(), "1-4"),
    placed(gadgets.arduino, "1-5"),
    placed(gadgets.serialUps, "1-6"),
  ];
  for (const device of devices) await plugUsb(sys, device);
  await plugPci(sys, pciModem);
  const { kernel, devices: read } = await look();
  t.strictSame(kernel, debian);
  t.same(read, [...devices, pciModem]);
});

t.test("hubs are no devices, and a device that is being taken away is none any more", async (t) => {
  const { sys, look } = await machine(t);
  await plugUsb(sys, modems.mbim());
  await writeFile(join(sys, modems.mbim().path, "bDeviceClass"), "09\n");
  t.strictSame((await look()).devices, []);
  const stick = modems.ec25({ address: "1-2" });
  await plugUsb(sys, stick);
  await rm(join(sys, stick.path, "1-2:1.4"), { recursive: true });
  t.match((await look()).devices, [{ address: "1-2", interfaceCount: 5, interfaces: { length: 4 } }]);
  await unplugUsb(sys, stick);
  t.strictSame((await look()).devices, []);
});

t.test("which modules know an interface without driver, by Debian's own list", async (t) => {
  const { sys, load, look } = await machine(t);
  const bare = usb("2c7c:0125", ["ff/ff/ff eps 3 -", "ff/00/00 eps 3 -"], { address: "1-1" });
  await plugUsb(sys, bare);
  await load("option", "live");
  const modulesNow = async () =>
    (await look()).devices.flatMap(({ interfaces }) =>
      interfaces.map(({ modules }) => modules.map(({ name, state }) => `${name} ${state}`).sort()),
    );
  t.strictSame(await modulesNow(), [["option live", "qmi_wwan loadable"], ["option live"]]);
  await load("qmi_wwan", "coming");
  t.strictSame((await modulesNow())[0], ["option live", "qmi_wwan coming"]);
});

t.test("modules of another kernel than the running one, and none at all", async (t) => {
  const { lib, look } = await machine(t, ["6.1.0-40-amd64"]);
  t.strictSame((await look()).kernel, { ...debian, modules: "missing", otherReleases: ["6.1.0-40-amd64"] });
  await rm(lib, { recursive: true });
  t.strictSame((await look()).kernel, { ...debian, modules: "missing", otherReleases: [] });
});

t.test("OpenWrt: module files without a list of aliases are known by name", async (t) => {
  const { sys, lib, look } = await machine(t, []);
  await mkdir(join(lib, debian.release), { recursive: true });
  await writeFile(join(lib, debian.release, "option.ko"), "");
  await plugUsb(
    sys,
    usb("1e0e:9011", ["02/02/ff eps 1 -", "0a/00/00 eps 2 -", "ff/ff/ff eps 2 -"], { address: "1-1" }),
  );
  const { kernel, devices } = await look();
  t.equal(kernel.modules, "unlisted");
  t.strictSame(
    devices[0]?.interfaces.map(({ modules }) => modules),
    [[], [], [{ name: "option", state: "loadable" }]],
  );
});

t.test("a module that was installed meanwhile is found", async (t) => {
  const { sys, lib, look } = await machine(t);
  await writeFile(join(lib, debian.release, "modules.alias"), "# nothing\n");
  await plugUsb(sys, usb("1199:9091", ["02/0e/00 eps 1 -"], { address: "1-1" }));
  t.strictSame((await look()).devices[0]?.interfaces[0]?.modules, []);
  await rm(join(lib, debian.release, "modules.alias"));
  await copyFile(aliases, join(lib, debian.release, "modules.alias"));
  t.match(
    (await look()).devices[0]?.interfaces[0]?.modules,
    [{ name: "qcserial" }, { name: "cdc_mbim", state: "loadable" }],
    "both have it in their tables",
  );
});

t.test("built-in drivers have their aliases in another file, and are never loaded", async (t) => {
  const info = "option.license=GPL\0option.alias=usb:v12D1p*d*dc*dsc*dp*icFFisc03ip01in*\0option.file=drivers/usb\0";
  const index = new AliasIndex(parseBuiltinInfo(info));
  t.strictSame(index.modules("usb:v12D1p1596d0102dc00dsc00dp00icFFisc03ip01in00"), ["option"]);
  t.strictSame(index.modules("usb:v12D1p1596d0102dc00dsc00dp00icFFisc03ip02in00"), []);
});

t.test("patterns with character classes, as depmod writes ranges of versions", async (t) => {
  const index = new AliasIndex(
    parseAliases("alias usb:v19D2p2002d0[0-9]*dc*dsc*dp*ic*isc*ip*in* option\nalias of:x y\n"),
  );
  t.strictSame(index.modules("usb:v19D2p2002d0318dc00dsc00dp00icFFiscFFipFFin00"), ["option"]);
  t.strictSame(index.modules("usb:v19D2p2002d1318dc00dsc00dp00icFFiscFFipFFin00"), []);
});
