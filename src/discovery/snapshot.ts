/** What sysfs shows of a machine's devices, as plain values: the input of every decision in this room. */

/** `tty`: a serial port; `wdm`: a cdc-wdm control device; `net`: a network interface; `wwan`: a port of the WWAN subsystem. */
export type PortKind = "tty" | "wdm" | "net" | "wwan";

export interface PortSnapshot {
  readonly kind: PortKind;
  /** The kernel's name, also below /dev: `ttyUSB2`, `cdc-wdm0`, `wwan0`, `wwan0mbim0`. */
  readonly name: string;
  /** Only `wwan`: what the kernel's driver says that the port speaks: `MBIM`, `QMI`, `AT`, `QCDM`. */
  readonly speaks?: string;
  /** Whether this process may open its node below /dev. Absent: not asked (network interfaces have none). */
  readonly access?: "ok" | "denied" | "no node";
  /** The other process that has it open: `ModemManager (pid 812)`. */
  readonly holder?: string;
}

/**
 * `live`: initialised, its driver has had its chance. `coming`: being initialised now. `loadable`: a file of the running
 * kernel that nobody has loaded yet.
 */
export type ModuleState = "live" | "coming" | "loadable";

export interface ModuleSnapshot {
  /** As `lsmod` shows it. */
  readonly name: string;
  readonly state: ModuleState;
}

/** One USB interface in its present alternate setting; a PCI device is shown as one with number 0. */
export interface InterfaceSnapshot {
  readonly number: number;
  readonly class: number;
  readonly subclass: number;
  readonly protocol: number;
  readonly endpoints: number;
  readonly driver?: string;
  readonly ports: readonly PortSnapshot[];
  /** Modules of the running kernel that know this interface. Empty while a driver is bound: then nobody asks. */
  readonly modules: readonly ModuleSnapshot[];
}

export interface DeviceSnapshot {
  readonly bus: "usb" | "pci";
  /** Below /sys: `/devices/pci0000:00/0000:00:14.0/usb1/1-1`. */
  readonly path: string;
  /** The place that it is plugged into: `1-1.4`, `0000:01:00.0`. */
  readonly address: string;
  /** The kernel's device number: it grows with every plugging-in, so the same address with another one was replugged. */
  readonly plugging: string;
  /** Four hexadecimal digits, lower case. */
  readonly vendor: string;
  readonly product: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly serial: string;
  /** How many interfaces the active configuration has; 0 while the kernel has chosen none. */
  readonly interfaceCount: number;
  /** By number, those that are there so far. */
  readonly interfaces: readonly InterfaceSnapshot[];
}

/** Where a kernel module for a device would come from. */
export interface KernelSnapshot {
  /** As `uname -r` says it. */
  readonly release: string;
  /**
   * `listed`: /lib/modules has a folder for this release, and modules.alias in it says what knows which device.
   * `unlisted`: there are module files only (OpenWrt), so that modules are known by name. `missing`: no folder.
   */
  readonly modules: "listed" | "unlisted" | "missing";
  /** Releases that /lib/modules has besides. */
  readonly otherReleases: readonly string[];
}

export interface Snapshot {
  readonly kernel: KernelSnapshot;
  readonly devices: readonly DeviceSnapshot[];
}

/** `2c7c:0125` */
export const idsOf = ({ vendor, product }: Pick<DeviceSnapshot, "vendor" | "product">): string =>
  `${vendor}:${product}`;

/** Every port with the interface that it belongs to. */
export const portsOf = (
  device: DeviceSnapshot,
): readonly { readonly port: PortSnapshot; readonly at: InterfaceSnapshot }[] =>
  device.interfaces.flatMap((at) => at.ports.map((port) => ({ port, at })));

/** `/dev/cdc-wdm0`; a network interface has no node and keeps its name. */
export const portPath = ({ kind, name }: PortSnapshot): string => (kind === "net" ? name : `/dev/${name}`);

const hex = (value: number): string => value.toString(16).padStart(2, "0");

/** `ff/03/31`, as the kernel's own listings print class, subclass and protocol. */
export const tripleOf = ({ class: usbClass, subclass, protocol }: InterfaceSnapshot): string =>
  [usbClass, subclass, protocol].map(hex).join("/");
