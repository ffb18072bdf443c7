/** USB devices as sysfs shows them: which driver has which interface, and what it made of it. */
import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { basename, join } from "node:path";
import { errnoOf } from "../../../src/runtime/error.js";

export const devices = "/sys/bus/usb/devices";

export interface UsbInterface {
  readonly number: number;
  /** Empty: no driver wants it. */
  readonly driver: string;
  /** Network interfaces, e.g. `wwan0`. */
  readonly nets: readonly string[];
  /** In /dev: `cdc-wdm0`. */
  readonly controls: readonly string[];
  /** In /dev: `ttyUSB0`, `ttyACM0`. */
  readonly ttys: readonly string[];
}

/** What is plugged into the virtual host controller, e.g. `1-1`. */
export function virtualDevices(): readonly string[] {
  const names = entries(devices).filter((name) => /^\d+-[\d.]+$/.test(name));
  return names.filter((name) => pathOf(name).includes("/vhci_hcd"));
}

export const idsOf = (device: string): string => `${attribute(device, "idVendor")}:${attribute(device, "idProduct")}`;

/** Of the configuration in use, by number; empty while there is none. */
export function interfacesOf(device: string): readonly UsbInterface[] {
  const names = entries(join(devices, device)).filter((name) => name.startsWith(`${device}:`));
  const read = names.map((name): UsbInterface => {
    const folder = join(devices, name);
    const inside = entries(folder);
    return {
      number: Number.parseInt(attribute(name, "bInterfaceNumber"), 16),
      driver: basename(looked(() => readlinkSync(join(folder, "driver"))) ?? ""),
      nets: entries(join(folder, "net")),
      controls: entries(join(folder, "usbmisc")),
      ttys: [...inside.filter((entry) => /^ttyUSB\d+$/.test(entry)), ...entries(join(folder, "tty"))],
    };
  });
  return read.sort((a, b) => a.number - b.number);
}

/** As a table for people and for comparisons: `12 cdc_mbim net control`, without the numbers that depend on what else is there. */
export const layoutOf = (device: string): readonly string[] =>
  interfacesOf(device).map(({ number, driver, nets, controls, ttys }) =>
    [
      number,
      driver || "-",
      ...nets.map(() => "net"),
      ...controls.map(() => "control"),
      ...ttys.map((name) => name.replace(/\d+$/, "")),
    ].join(" "),
  );

// Everything may go away between two looks.
function entries(folder: string): readonly string[] {
  return looked(() => readdirSync(folder).sort()) ?? [];
}

export const attribute = (device: string, name: string): string =>
  looked(() => readFileSync(join(devices, device, name), "utf8").trim()) ?? "";

const pathOf = (device: string): string => looked(() => realpathSync(join(devices, device))) ?? "";

function looked<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (["ENOENT", "ENODEV", "ENOTDIR"].includes(errnoOf(error) ?? "")) return undefined;
    throw error;
  }
}
