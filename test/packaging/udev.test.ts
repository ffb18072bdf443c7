/**
 * The udev rule as Debian's udev reads it among its own rules. The devices are a tree of files in the place of /sys: what
 * counts is what udev would do with such a modem.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import t from "tap";
import { inOwnLab } from "../lab/own-lab.js";
import { root } from "../lab/world.js";

const run = promisify(execFile);
const debs = join(root, ".cache/debs/root");
const udevadm = join(debs, "bin/udevadm");
const sys = "/run/sys";

interface Nic {
  readonly name: string;
  readonly vendor: string;
  readonly driver: string;
  /** The kernel's word, where it knows. */
  readonly devtype?: string;
}

/** A network interface of a USB device, as sysfs shows it. Links are absolute, as seen once the tree is /sys. */
async function plugIn({ name, vendor, driver, devtype }: Nic, port: number): Promise<void> {
  const device = `devices/pci0000:00/0000:00:14.0/usb1/1-${port}`;
  const usbInterface = `${device}/1-${port}:1.0`;
  const net = `${usbInterface}/net/${name}`;
  const folders = [net, "class/net", `bus/usb/drivers/${driver}`];
  for (const folder of folders) await mkdir(join(sys, folder), { recursive: true });
  const kind = devtype === undefined ? "" : `DEVTYPE=${devtype}\n`;
  const files = {
    [`${device}/idVendor`]: vendor,
    [`${device}/uevent`]: `DEVTYPE=usb_device\nPRODUCT=${vendor}/125/318\n`,
    [`${usbInterface}/uevent`]: `DEVTYPE=usb_interface\nDRIVER=${driver}\n`,
    [`${net}/uevent`]: `${kind}INTERFACE=${name}\nIFINDEX=${900 + port}\n`,
    [`${net}/ifindex`]: String(900 + port),
    [`${net}/iflink`]: String(900 + port),
    [`${net}/type`]: "1",
    [`${net}/address`]: "02:00:00:00:00:01",
    [`${net}/name_assign_type`]: "1",
  };
  for (const [path, text] of Object.entries(files)) await writeFile(join(sys, path), text);
  const links = {
    [`${device}/subsystem`]: "bus/usb",
    [`${usbInterface}/subsystem`]: "bus/usb",
    [`${usbInterface}/driver`]: `bus/usb/drivers/${driver}`,
    [`${net}/subsystem`]: "class/net",
    [`class/net/${name}`]: net,
  };
  for (const [path, target] of Object.entries(links)) await symlink(join("/sys", target), join(sys, path));
}

/** The name that udev gives it; undefined where it keeps the kernel's. */
async function nameGiven(name: string): Promise<string | undefined> {
  const libraries = join(debs, "usr/lib/x86_64-linux-gnu");
  const environment = {
    SYSTEMD_DEVICE_VERIFY_SYSFS: "0",
    LD_LIBRARY_PATH: `${libraries}:${join(libraries, "systemd")}`,
  };
  const { stdout, stderr } = await run(udevadm, ["test", "--action=add", `/sys/class/net/${name}`], {
    env: environment,
    maxBuffer: 64 << 20,
  });
  const told = stdout + stderr;
  t.notMatch(told, /70-wwand\.rules:\d+ (?!NAME)/, "the rule is read without a complaint");
  t.match(told, "Reading rules file: /etc/udev/rules.d/70-wwand.rules");
  return new RegExp(`^${name}: .*\\bNAME '(.*)'$`, "m").exec(told)?.[1];
}

const nics: readonly (Nic & { readonly given: string | undefined; readonly why: string })[] = [
  { name: "usb0", vendor: "2c7c", driver: "rndis_host", given: "wwan-usb0", why: "a Quectel module in RNDIS mode" },
  {
    name: "eth5",
    vendor: "1bc7",
    driver: "cdc_ether",
    given: "wwan-eth5",
    why: "a Telit module with an official address",
  },
  { name: "usb7", vendor: "0bda", driver: "cdc_ether", given: undefined, why: "an Ethernet adapter for USB" },
  { name: "usb8", vendor: "12d1", driver: "cdc_ether", given: undefined, why: "a stick that is a router itself" },
  {
    name: "wwan0",
    vendor: "1199",
    driver: "cdc_mbim",
    devtype: "wwan",
    given: undefined,
    why: "MBIM: the kernel says wwan",
  },
  { name: "eth6", vendor: "2c7c", driver: "r8152", given: undefined, why: "no driver that a modem has" },
];

if (!existsSync(udevadm)) t.pass("skipped", { skip: "udev is not unpacked in .cache/debs: run packaging/setup" });
else if (await inOwnLab(t, import.meta.url)) {
  await Promise.all(nics.map((nic, port) => plugIn(nic, port)));
  await mkdir("/etc/udev/rules.d", { recursive: true });
  // Debian's own beside it: they must not undo it.
  await cp(join(debs, "lib/udev/rules.d"), "/run/udev/rules.d", { recursive: true });
  await cp(join(root, "packaging/udev/70-wwand.rules"), "/etc/udev/rules.d/70-wwand.rules");
  await run("mount", ["--bind", sys, "/sys"]);
  for (const { name, given, why } of nics)
    t.equal(await nameGiven(name), given, `${name} is ${given ?? "left as it is"}: ${why}`);
}
