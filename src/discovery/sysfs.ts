/** Reads a machine's devices from sysfs. A device that vanishes while it is read is left out. */
import { readdirSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { readFiles } from "../native/index.js";
import { errnoOf } from "../runtime/error.js";
import { interfaceKind } from "./interface-kind.js";
import { kernelDriver } from "./kernel-drivers.js";
import type { ModuleFolder } from "./module-folder.js";
import type {
  DeviceSnapshot,
  InterfaceSnapshot,
  KernelSnapshot,
  ModuleSnapshot,
  PortKind,
  PortSnapshot,
  Snapshot,
} from "./snapshot.js";

/** sysfs answers any errno for a device on its way out: ENOENT, ENODEV, EIO, EINVAL. */
function unlessGone<T>(reading: () => T, gone: T): T {
  try {
    return reading();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return gone;
  }
}

/** Trimmed; empty for what is not there. */
const attributes = async (folder: string, names: readonly string[]): Promise<readonly string[]> =>
  (await readFiles(names.map((name) => `${folder}/${name}`))).map((text = "") => text.trim());

/**
 * Folders and links of sysfs are read at once: they are the kernel's memory and wait for no device, and a thread for each
 * costs three times as much. Attributes may wait for a device that is busy.
 */
const entries = (folder: string): readonly string[] => unlessGone(() => readdirSync(folder), []);

const realFolder = (path: string): string => unlessGone(() => realpathSync.native(path), "");

/** The driver that has a device, by the lines of its `uevent`. */
const driverIn = (uevent: string): string | undefined => /^DRIVER=(.+)$/m.exec(uevent)?.[1];

const hexadecimal = (text: string): number => (text === "" ? 0 : Number.parseInt(text, 16));

/** A snapshot of everything below `sys` (`/sys`, or a tree of a test). */
export async function readSysfs(sys: string, modules: ModuleFolder): Promise<Snapshot> {
  const kernel = await modules.kernel();
  const reader = new SysfsReader(sys, kernel, modules);
  const [usb, pci] = await Promise.all([reader.usbDevices(), reader.pciDevices()]);
  return { kernel, devices: [...usb, ...pci] };
}

const hubClass = "09";

const usbDeviceAttributes = [
  ...["idVendor", "idProduct", "bDeviceClass", "manufacturer", "product", "serial", "bNumInterfaces", "devnum"],
] as const;
const usbInterfaceAttributes = [
  ...["bInterfaceNumber", "bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol", "bNumEndpoints"],
  ...["modalias", "uevent"],
] as const;

interface PciDevice {
  /** Its real folder. */
  readonly path: string;
  readonly address: string;
  readonly uevent: string;
}

class SysfsReader {
  constructor(
    private readonly sys: string,
    private readonly kernel: KernelSnapshot,
    private readonly modules: ModuleFolder,
  ) {}

  async usbDevices(): Promise<readonly DeviceSnapshot[]> {
    const folder = join(this.sys, "bus/usb/devices");
    // Interfaces have a colon in their name, root hubs begin with `usb`.
    const names = entries(folder)
      .filter((name) => /^\d+-[\d.]+$/.test(name))
      .sort();
    const devices = await Promise.all(names.map((name) => this.#usbDevice(join(folder, name), name)));
    return devices.flatMap((device) => device ?? []);
  }

  async #usbDevice(link: string, address: string): Promise<DeviceSnapshot | undefined> {
    const folder = realFolder(link);
    const [vendor = "", product = "", usbClass, manufacturer = "", model = "", serial = "", count = "", devnum = ""] =
      await attributes(folder, usbDeviceAttributes);
    if (vendor === "" || product === "" || usbClass === hubClass) return undefined;
    const device: DeviceSnapshot = {
      ...{ bus: "usb", path: this.#path(folder), address, plugging: devnum, vendor, product },
      ...{ manufacturer, model, serial, interfaceCount: Number(count) || 0, interfaces: [] },
    };
    const own = entries(folder).filter((name) => name.startsWith(`${address}:`));
    const read = await attributes(
      folder,
      own.flatMap((name) => usbInterfaceAttributes.map((attribute) => `${name}/${attribute}`)),
    );
    const size = usbInterfaceAttributes.length;
    const found = await Promise.all(
      own.map((name, at) => this.#usbInterface(device, join(folder, name), read.slice(at * size, (at + 1) * size))),
    );
    const interfaces = found.flatMap((one) => one ?? []).sort((a, b) => a.number - b.number);
    return { ...device, interfaces };
  }

  /** `read`: what `usbInterfaceAttributes` say. */
  async #usbInterface(
    device: DeviceSnapshot,
    folder: string,
    read: readonly string[],
  ): Promise<InterfaceSnapshot | undefined> {
    const [number = "", usbClass = "", subclass = "", protocol = "", endpoints = "", modalias = "", uevent = ""] = read;
    if (number === "") return undefined;
    const bare: InterfaceSnapshot = {
      number: hexadecimal(number),
      class: hexadecimal(usbClass),
      subclass: hexadecimal(subclass),
      protocol: hexadecimal(protocol),
      endpoints: hexadecimal(endpoints),
      ports: [],
      modules: [],
    };
    const early = await bound(uevent, folder);
    if (early !== undefined) return { ...bare, ...early };
    const modules = await this.#candidates(device, bare, modalias);
    // A module that has ended its initialisation since the first look has taken what it wants: only a look after its state
    // was read tells what it refused.
    const [now = ""] = await attributes(folder, ["uevent"]);
    const late = await bound(now, folder);
    return late === undefined ? { ...bare, modules } : { ...bare, ...late };
  }

  async #candidates(
    device: DeviceSnapshot,
    found: InterfaceSnapshot,
    modalias: string,
  ): Promise<readonly ModuleSnapshot[]> {
    if (this.kernel.modules === "listed") return this.modules.byAlias(modalias);
    const usual = interfaceKind(device, found).module;
    return usual === undefined ? [] : this.modules.byName(usual);
  }

  /** PCI modems: those with ports of the WWAN subsystem, and those that a driver of such ports has or would have. */
  async pciDevices(): Promise<readonly DeviceSnapshot[]> {
    const folder = join(this.sys, "bus/pci/devices");
    const names = entries(folder);
    const uevents = await attributes(
      folder,
      names.map((name) => join(name, "uevent")),
    );
    const nodes = this.#classNodes("wwan");
    const nets = names.length === 0 ? [] : this.#classNodes("net");
    const found = await Promise.all(
      names.map(async (address, at) => {
        const path = realFolder(join(folder, address));
        // What hangs below a USB controller is the USB device's.
        const mine = (node: string) => node.startsWith(`${path}/`) && !/\/usb\d+\//.test(node);
        const ports = nodes.filter(mine);
        const device = { path, address, uevent: uevents[at] ?? "" };
        return this.#pciDevice(device, ports, ports.length === 0 ? [] : nets.filter(mine));
      }),
    );
    return found.flatMap((device) => device ?? []);
  }

  async #pciDevice(
    { path, address, uevent }: PciDevice,
    nodes: readonly string[],
    nets: readonly string[],
  ): Promise<DeviceSnapshot | undefined> {
    const modalias = /^MODALIAS=(.+)$/m.exec(uevent)?.[1] ?? "";
    const [, vendor = "", product = ""] = /^pci:v0000(\w{4})d0000(\w{4})/.exec(modalias.toLowerCase()) ?? [];
    const ports = (await Promise.all(nodes.map(wwanPort))).flatMap((port) => port ?? []);
    const driver = driverIn(uevent);
    const isListed = driver === undefined && this.kernel.modules === "listed";
    const modules = isListed ? await this.modules.byAlias(modalias) : [];
    const drivers = driver === undefined ? modules.map(({ name }) => name) : [driver];
    const isModem = ports.length > 0 || drivers.some((name) => kernelDriver(name)?.ports.includes("wwan"));
    if (vendor === "" || !isModem) return undefined;
    const found: InterfaceSnapshot = {
      ...{ number: 0, class: 0, subclass: 0, protocol: 0, endpoints: 0, modules },
      ...(driver === undefined ? {} : { driver }),
      ports: [...ports, ...nets.map((net) => ({ kind: "net" as const, name: basename(net) }))],
    };
    return {
      ...{ bus: "pci", path: this.#path(path), address, plugging: "", vendor, product },
      ...{ manufacturer: "", model: "", serial: "", interfaceCount: 1, interfaces: [found] },
    };
  }

  /** The real folders of a class's devices. */
  #classNodes(name: string): readonly string[] {
    const folder = join(this.sys, "class", name);
    return entries(folder).map((entry) => realFolder(join(folder, entry)));
  }

  #path(folder: string): string {
    return `/${relative(this.sys, folder)}`;
  }
}

/** `usb`: where kernels before 3.6 put cdc-wdm. */
const portFolders: Readonly<Record<string, PortKind>> = { tty: "tty", usbmisc: "wdm", usb: "wdm", net: "net" };
/** Besides `ttyUSB0` and the like. */
const portPlaces: ReadonlySet<string> = new Set([...Object.keys(portFolders), "wwan"]);

async function bound(uevent: string, folder: string): Promise<Pick<InterfaceSnapshot, "driver" | "ports"> | undefined> {
  const driver = driverIn(uevent);
  return driver === undefined ? undefined : { driver, ports: await usbPorts(folder) };
}

async function usbPorts(folder: string): Promise<readonly PortSnapshot[]> {
  // Of some twenty entries (endpoints, attributes) one or two are ports.
  const places = entries(folder).filter((name) => name.startsWith("tty") || portPlaces.has(name));
  const ports = await Promise.all(places.map((name) => portsIn(folder, name)));
  return ports.flat().sort((a, b) => a.name.localeCompare(b.name));
}

async function portsIn(folder: string, name: string): Promise<readonly PortSnapshot[]> {
  const here = join(folder, name);
  const kind = Object.hasOwn(portFolders, name) ? portFolders[name] : undefined;
  if (kind !== undefined) return entries(here).map((port) => ({ kind, name: port }));
  // A usb-serial port is a device of its own, and its terminal is below it.
  if (name.startsWith("tty")) return entries(join(here, "tty")).map((port) => ({ kind: "tty", name: port }));
  const nodes = entries(here).flatMap((device) => entries(join(here, device)).map((port) => join(here, device, port)));
  return (await Promise.all(nodes.map(wwanPort))).flatMap((port) => port ?? []);
}

/** A port of the WWAN subsystem says what it speaks; other entries of a WWAN device have no such file. */
async function wwanPort(node: string): Promise<PortSnapshot | undefined> {
  const name = basename(node);
  // The device's own folder, `wwan0`, has none.
  const speaks = name.startsWith(basename(dirname(node))) ? (await attributes(node, ["type"]))[0] : "";
  return speaks === undefined || speaks === "" ? undefined : { kind: "wwan", name, speaks };
}
