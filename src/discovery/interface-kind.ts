/**
 * What a USB interface is, by standard classes and by what vendors are known to put where. A hint, not a proof of what a
 * port answers: roles are settled by asking (probe.ts). First row that fits wins.
 */
import { type KindRow, layouts } from "./interface-layouts.js";
import { kernelDriver } from "./kernel-drivers.js";
import { type DeviceSnapshot, type InterfaceSnapshot, idsOf } from "./snapshot.js";

/**
 * `modem`: AT commands and the data of a dialled connection; `at`: AT commands only; `serial`: a serial port of unknown
 * use; `data`: the data half of the function before it; `vendor`: vendor-specific and unknown.
 */
export type InterfaceKind =
  | "mbim"
  | "qmi"
  | "modem"
  | "at"
  | "diagnostics"
  | "nmea"
  | "audio"
  | "adb"
  | "ncm"
  | "ecm"
  | "rndis"
  | "data"
  | "serial"
  | "storage"
  | "hid"
  | "smart card"
  | "wwan"
  | "vendor"
  | "other";

/** USB-IF's class codes, and what became a convention. @see https://www.usb.org/defined-class-codes */
const classes: readonly KindRow[] = [
  { class: 0x02, subclass: 0x0e, kind: "mbim", because: "class MBIM", provesModem: true, module: "cdc_mbim" },
  {
    class: 0x02,
    subclass: 0x02,
    protocol: 0xff,
    kind: "rndis",
    because: "ACM with Microsoft's protocol",
    module: "rndis_host",
  },
  { class: 0xe0, subclass: 0x01, protocol: 0x03, kind: "rndis", because: "class RNDIS", module: "rndis_host" },
  { class: 0xef, subclass: 0x04, protocol: 0x01, kind: "rndis", because: "class RNDIS", module: "rndis_host" },
  { class: 0x02, subclass: 0x02, kind: "serial", because: "class CDC ACM", module: "cdc_acm" },
  { class: 0x02, subclass: 0x06, kind: "ecm", because: "class CDC Ethernet", module: "cdc_ether" },
  { class: 0x02, subclass: 0x0d, kind: "ncm", because: "class CDC NCM", module: "cdc_ncm" },
  {
    class: 0x02,
    subclass: 0x09,
    kind: "at",
    because: "class CDC Device Management",
    provesModem: true,
    module: "cdc_wdm",
  },
  { class: 0x0a, kind: "data", because: "class CDC Data" },
  { class: 0x08, kind: "storage", because: "class Mass Storage", module: "usb_storage" },
  { class: 0x03, kind: "hid", because: "class HID" },
  { class: 0x0b, kind: "smart card", because: "class Smart Card" },
  { class: 0x01, kind: "audio", because: "class Audio" },
  { class: 0xff, subclass: 0x42, protocol: 0x01, kind: "adb", because: "Android Debug Bridge" },
];

const rows: readonly KindRow[] = [...layouts, ...classes];

/** Huawei repeats its codes 01 to 1c at 31 and at 61, for the same function in another composition. */
const huaweiCode = (protocol: number): number =>
  protocol >= 0x61 ? protocol - 0x60 : protocol >= 0x31 ? protocol - 0x30 : protocol;

function fits(row: KindRow, device: DeviceSnapshot, found: InterfaceSnapshot): boolean {
  // What most rows differ in: each look asks all of them of every interface, several times.
  if (row.class !== undefined && row.class !== found.class) return false;
  if (row.vendor !== undefined && row.vendor !== device.vendor) return false;
  const protocol = row.vendor === "12d1" ? huaweiCode(found.protocol) : found.protocol;
  if (row.vendor === "12d1" && (found.subclass < 1 || found.subclass > 3)) return false;
  const isVendorFirst = device.interfaces.find(({ number }) => number === 0)?.class === 0xff;
  const wanted: readonly (readonly [number | undefined, number])[] = [
    [row.subclass, found.subclass],
    [row.protocol, protocol],
    [row.number, found.number],
    [row.endpoints, found.endpoints],
  ];
  return (
    (row.ids === undefined || row.ids === idsOf(device)) &&
    (row.product === undefined || row.product.test(device.model)) &&
    (row.vendorFirst === undefined || row.vendorFirst === isVendorFirst) &&
    wanted.every(([want, have]) => want === undefined || want === have)
  );
}

export interface FoundKind {
  readonly kind: InterfaceKind;
  /** The row that said so, in words. */
  readonly because: string;
  readonly provesModem: boolean;
  /** The module that usually serves it; undefined where nobody knows. */
  readonly module: string | undefined;
}

const bySpoken = { mbim: "mbim", qmi: "qmi", at: "ncm" } as const;

/** The bound driver knows best: it has looked at the descriptors. */
function byDriver({ driver, ports }: InterfaceSnapshot): FoundKind | undefined {
  const row = driver === undefined ? undefined : kernelDriver(driver);
  if (driver === undefined || row === undefined) return undefined;
  const [speaks, hasWdm] = [row.speaks, ports.some(({ kind }) => kind === "wdm")];
  if (speaks === undefined || !hasWdm) return undefined;
  const kind = driver === "cdc_wdm" ? "at" : bySpoken[speaks];
  return { kind, because: `bound to ${driver}`, provesModem: row.provesModem, module: driver };
}

/** Verdict, findings and reports ask the same of one snapshot a dozen times. */
const known = new WeakMap<DeviceSnapshot, Map<InterfaceSnapshot, FoundKind>>();

export function interfaceKind(device: DeviceSnapshot, found: InterfaceSnapshot): FoundKind {
  const kinds = known.get(device) ?? new Map<InterfaceSnapshot, FoundKind>();
  const kind = kinds.get(found) ?? kindOf(device, found);
  known.set(device, kinds.set(found, kind));
  return kind;
}

function kindOf(device: DeviceSnapshot, found: InterfaceSnapshot): FoundKind {
  if (device.bus === "pci") return { kind: "wwan", because: "WWAN subsystem", provesModem: true, module: found.driver };
  const bound = byDriver(found);
  if (bound) return bound;
  const row = rows.find((one) => fits(one, device, found));
  if (row) return { kind: row.kind, because: row.because, provesModem: row.provesModem ?? false, module: row.module };
  const hasTty = found.ports.some(({ kind }) => kind === "tty");
  const kind = hasTty ? "serial" : found.class === 0xff ? "vendor" : "other";
  return { kind, because: "no row knows it", provesModem: false, module: undefined };
}

const words: Readonly<Record<InterfaceKind, string>> = {
  mbim: "MBIM control",
  qmi: "QMI control",
  modem: "modem port (AT and dial-up)",
  at: "AT port",
  diagnostics: "diagnostics port",
  nmea: "GPS (NMEA) port",
  audio: "audio",
  adb: "Android debugging",
  ncm: "network function (NCM)",
  ecm: "network function (ECM)",
  rndis: "network function (RNDIS)",
  data: "data of the function before it",
  serial: "serial port",
  storage: "storage",
  hid: "keyboard, button or sensor (HID)",
  "smart card": "smart card reader",
  wwan: "WWAN device",
  vendor: "vendor-specific, unknown",
  other: "unknown",
};

/** For people. */
export const kindText = (kind: InterfaceKind): string => words[kind];
