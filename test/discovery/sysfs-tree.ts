/** A sysfs on disk, laid out as the kernel does: real folders below `devices`, links in `bus` and `class`. */
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { DeviceSnapshot, InterfaceSnapshot, PortSnapshot } from "../../src/discovery/snapshot.js";

const hex = (value: number, digits = 2): string => value.toString(16).padStart(digits, "0");
const upper = (value: number): string => hex(value).toUpperCase();

/** As the kernel prints it. @see print_match in drivers/usb/core/driver.c */
export const modaliasOf = ({ vendor, product }: DeviceSnapshot, found: InterfaceSnapshot): string =>
  `usb:v${vendor.toUpperCase()}p${product.toUpperCase()}d0318dc00dsc00dp00` +
  `ic${upper(found.class)}isc${upper(found.subclass)}ip${upper(found.protocol)}in${upper(found.number)}`;

async function link(from: string, to: string): Promise<void> {
  await mkdir(dirname(from), { recursive: true });
  await symlink(relative(dirname(from), to), from);
}

async function attributes(folder: string, values: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, value] of Object.entries(values)) await writeFile(join(folder, name), `${value}\n`);
}

async function plugPort(folder: string, driver: string, { kind, name, speaks }: PortSnapshot): Promise<void> {
  const places = {
    wdm: `usbmisc/${name}`,
    net: `net/${name}`,
    wwan: `wwan/wwan0/${name}`,
    tty: `tty/${name}`,
  } as const;
  // usb-serial drivers put a device of their own in between; cdc_acm does not.
  const place = kind === "tty" && driver !== "cdc_acm" ? `${name}/tty/${name}` : places[kind];
  await attributes(join(folder, place), { dev: "180:0", ...(speaks === undefined ? {} : { type: speaks }) });
}

async function plugInterface(sys: string, device: DeviceSnapshot, found: InterfaceSnapshot): Promise<void> {
  const folder = join(sys, device.path, `${device.address}:1.${found.number}`);
  await attributes(folder, {
    bInterfaceNumber: hex(found.number),
    bInterfaceClass: hex(found.class),
    bInterfaceSubClass: hex(found.subclass),
    bInterfaceProtocol: hex(found.protocol),
    bNumEndpoints: hex(found.endpoints),
    modalias: modaliasOf(device, found),
    uevent: `DEVTYPE=usb_interface\n${found.driver === undefined ? "" : `DRIVER=${found.driver}\n`}MODALIAS=${modaliasOf(device, found)}`,
  });
  await link(join(sys, "bus/usb/devices", `${device.address}:1.${found.number}`), folder);
  if (found.driver === undefined) return;
  await mkdir(join(sys, "bus/usb/drivers", found.driver), { recursive: true });
  await link(join(folder, "driver"), join(sys, "bus/usb/drivers", found.driver));
  for (const port of found.ports) await plugPort(folder, found.driver, port);
}

export async function plugUsb(sys: string, device: DeviceSnapshot): Promise<void> {
  const folder = join(sys, device.path);
  const { manufacturer, model, serial } = device;
  await attributes(folder, {
    ...{ idVendor: device.vendor, idProduct: device.product, bDeviceClass: "ef", devnum: device.plugging },
    // The kernel right-aligns this one.
    bNumInterfaces: device.interfaceCount === 0 ? "" : ` ${device.interfaceCount}`,
    ...(manufacturer === "" ? {} : { manufacturer }),
    ...(model === "" ? {} : { product: model }),
    ...(serial === "" ? {} : { serial }),
  });
  await link(join(sys, "bus/usb/devices", device.address), folder);
  for (const found of device.interfaces) await plugInterface(sys, device, found);
}

export async function unplugUsb(sys: string, device: DeviceSnapshot): Promise<void> {
  const names = [device.address, ...device.interfaces.map(({ number }) => `${device.address}:1.${number}`)];
  for (const name of names) await rm(join(sys, "bus/usb/devices", name), { force: true });
  await rm(join(sys, device.path), { recursive: true, force: true });
}

/** A PCI modem: the kernel hangs ports and interface below one WWAN device. */
export async function plugPci(sys: string, device: DeviceSnapshot): Promise<void> {
  const folder = join(sys, device.path);
  const ids = `v0000${device.vendor.toUpperCase()}d0000${device.product.toUpperCase()}`;
  const modalias = `pci:${ids}sv000017CBsd00000308bcFFsc00i00`;
  const [{ driver: bound } = {}] = device.interfaces;
  const uevent = `${bound === undefined ? "" : `DRIVER=${bound}\n`}PCI_CLASS=FF0000\nMODALIAS=${modalias}`;
  await attributes(folder, { modalias, uevent });
  await link(join(sys, "bus/pci/devices", device.address), folder);
  for (const { driver, ports } of device.interfaces) {
    if (driver !== undefined) {
      await mkdir(join(sys, "bus/pci/drivers", driver), { recursive: true });
      await link(join(folder, "driver"), join(sys, "bus/pci/drivers", driver));
    }
    const wwan = join(folder, "mhi0/wwan/wwan0");
    for (const { kind, name, speaks } of ports) {
      const place = kind === "net" ? join(wwan, "net", name) : join(wwan, name);
      await attributes(place, speaks === undefined ? {} : { type: speaks });
      await link(
        join(sys, "class", kind === "net" ? "net" : "wwan", name === "wwan0" && kind !== "net" ? name : name),
        place,
      );
    }
    if (ports.length > 0) await link(join(sys, "class/wwan/wwan0"), wwan);
  }
}
