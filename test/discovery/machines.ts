/** Devices as sysfs shows them, written as short as `/sys/kernel/debug/usb/devices` does. */
import type {
  DeviceSnapshot,
  InterfaceSnapshot,
  KernelSnapshot,
  ModuleSnapshot,
  PortKind,
  PortSnapshot,
  Snapshot,
} from "../../src/discovery/snapshot.js";

/** Debian 12's, with its modules. */
export const debian: KernelSnapshot = { release: "6.1.0-56-amd64", modules: "listed", otherReleases: [] };

const portKinds: readonly (readonly [RegExp, PortKind])[] = [
  [/^tty/, "tty"],
  [/^cdc-wdm/, "wdm"],
  [/^wwan\d+(mbim|qmi|at|qcdm)\d+$/, "wwan"],
  [/./, "net"],
];

function port(name: string): PortSnapshot {
  const kind = portKinds.find(([pattern]) => pattern.test(name))?.[1] ?? "net";
  const speaks = /^wwan\d+([a-z]+)\d+$/.exec(name)?.[1]?.toUpperCase();
  return { kind, name, ...(kind === "wwan" && speaks !== undefined ? { speaks } : {}) };
}

/**
 * `ff/03/31 eps 3 option ttyUSB0`: triple, endpoints, driver (`-`: none), ports. After `<` modules that know the
 * interface while it has no driver: `ff/ff/ff eps 3 - < qmi_wwan:loadable`.
 */
export function usbInterface(line: string, number: number): InterfaceSnapshot {
  const [own = "", modules = ""] = line.split("<").map((part) => part.trim());
  const [triple = "", , endpoints = "0", driver = "-", ...names] = own.split(/\s+/);
  const [usbClass = 0, subclass = 0, protocol = 0] = triple.split("/").map((part) => Number.parseInt(part, 16));
  return {
    ...{ number, class: usbClass, subclass, protocol, endpoints: Number(endpoints) },
    ...(driver === "-" ? {} : { driver }),
    ports: names.map(port),
    modules: modules.split(/\s+/).flatMap((text) => moduleOf(text) ?? []),
  };
}

function moduleOf(text: string): ModuleSnapshot | undefined {
  const [name = "", state] = text.split(":");
  if (state !== "live" && state !== "coming" && state !== "loadable") return undefined;
  return { name, state };
}

export interface UsbOptions {
  readonly address?: string;
  readonly plugging?: string;
  readonly name?: string;
  readonly serial?: string;
  /** Fewer are there than the device has. */
  readonly interfaceCount?: number;
}

export function usb(ids: string, interfaces: readonly string[], options: UsbOptions = {}): DeviceSnapshot {
  const [vendor = "", product = ""] = ids.split(":");
  const { address = "1-1", plugging = "5", name = "", serial = "" } = options;
  return {
    ...{ bus: "usb" as const, path: `/devices/pci0000:00/usb1/${address}`, address, plugging, vendor, product },
    ...{ manufacturer: "", model: name, serial, interfaceCount: options.interfaceCount ?? interfaces.length },
    interfaces: interfaces.map(usbInterface),
  };
}

export const snapshotOf = (...devices: readonly DeviceSnapshot[]): Snapshot => ({ kernel: debian, devices });

/** Modems as they are on a Debian 12 with everything bound. */
export const modems = {
  mbim: (options: UsbOptions = {}) =>
    usb("1199:9091", ["02/0e/00 eps 1 cdc_mbim cdc-wdm0 wwan0", "0a/00/02 eps 2 cdc_mbim"], {
      name: "Sierra Wireless EM7565",
      ...options,
    }),
  ec25: (options: UsbOptions = {}) =>
    usb(
      "2c7c:0125",
      [
        "ff/ff/ff eps 2 option ttyUSB0",
        "ff/00/00 eps 3 option ttyUSB1",
        "ff/00/00 eps 3 option ttyUSB2",
        "ff/00/00 eps 3 option ttyUSB3",
        "ff/ff/ff eps 3 qmi_wwan cdc-wdm0 wwan0",
      ],
      { name: "EC25", ...options },
    ),
  ms2372h: (options: UsbOptions = {}) =>
    usb(
      "12d1:1596",
      [
        "ff/03/31 eps 3 option ttyUSB0",
        "ff/03/32 eps 2 option ttyUSB1",
        "ff/03/33 eps 2 option ttyUSB2",
        "ff/03/46 eps 1 -",
      ],
      { name: "HUAWEI Mobile", ...options },
    ),
  huaweiNcm: (options: UsbOptions = {}) =>
    usb(
      "12d1:15c1",
      [
        "ff/02/01 eps 3 option ttyUSB0",
        "ff/02/03 eps 2 option ttyUSB1",
        "ff/02/02 eps 2 option ttyUSB2",
        "ff/02/16 eps 3 huawei_cdc_ncm cdc-wdm0 wwx02005e000003",
      ],
      { name: "HUAWEI Mobile", ...options },
    ),
  sim7600Qmi: (options: UsbOptions = {}) =>
    usb(
      "1e0e:9001",
      [
        "ff/ff/ff eps 2 option ttyUSB0",
        ...[1, 2, 3, 4].map((number) => `ff/00/00 eps 3 option ttyUSB${number}`),
        "ff/ff/ff eps 3 qmi_wwan cdc-wdm0 wwan0",
      ],
      { name: "SimTech, Incorporated", ...options },
    ),
  sim7600Rndis: (options: UsbOptions = {}) =>
    usb(
      "1e0e:9011",
      [
        "02/02/ff eps 1 rndis_host usb0",
        "0a/00/00 eps 2 rndis_host",
        "ff/ff/ff eps 2 option ttyUSB0",
        ...[1, 2, 3, 4].map((number) => `ff/00/00 eps 3 option ttyUSB${number}`),
        "ff/42/01 eps 2 - < option:live",
      ],
      { name: "SimTech, Incorporated", ...options },
    ),
  a7670e: (options: UsbOptions = {}) =>
    usb(
      "1e0e:9011",
      [
        "e0/01/03 eps 1 rndis_host usb0",
        "0a/00/00 eps 2 rndis_host",
        ...[0, 1, 2, 3].map((number) => `ff/00/00 eps 2 option ttyUSB${number}`),
      ],
      { name: "A76XX Series LTE Module", ...options },
    ),
} as const;

/** What lies beside a modem on a desk, and must never hear from us. */
export const gadgets = {
  arduino: usb("2341:0043", ["02/02/01 eps 1 cdc_acm ttyACM0", "0a/00/00 eps 2 cdc_acm"], { name: "Arduino Uno" }),
  ubloxGps: usb("1546:01a8", ["02/02/01 eps 1 cdc_acm ttyACM0", "0a/00/00 eps 2 cdc_acm"], {
    name: "u-blox GNSS receiver",
  }),
  ups: usb("051d:0002", ["03/00/00 eps 1 usbhid"], { name: "Back-UPS" }),
  serialUps: usb("0463:ffff", ["ff/00/00 eps 2 ftdi_sio ttyUSB0"], { name: "UPS cable" }),
  securityKey: usb("1050:0407", ["03/01/01 eps 1 usbhid", "03/00/00 eps 2 usbhid", "0b/00/00 eps 3 -"], {
    name: "YubiKey OTP+FIDO+CCID",
  }),
  disk: usb("0781:5581", ["08/06/50 eps 2 usb-storage"], { name: "Ultra" }),
} as const;

/** A modem on PCI Express: its ports are the WWAN subsystem's. */
export const pciModem: DeviceSnapshot = {
  ...{ bus: "pci", path: "/devices/pci0000:00/0000:00:1c.0/0000:01:00.0", address: "0000:01:00.0", plugging: "" },
  ...{ vendor: "17cb", product: "0308", manufacturer: "", model: "", serial: "", interfaceCount: 1 },
  interfaces: [
    {
      ...{ number: 0, class: 0, subclass: 0, protocol: 0, endpoints: 0, driver: "mhi-pci-generic", modules: [] },
      ports: ["wwan0at0", "wwan0mbim0", "wwan0qcdm0", "wwan0"].map(port),
    },
  ],
};
