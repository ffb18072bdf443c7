/**
 * Models and vendors by USB ids: hints that no descriptor gives. A row has its reason; what is found out by looking at the
 * interfaces needs no row here.
 */
import { familyOf } from "./compositions.js";
import { type DeviceSnapshot, idsOf } from "./snapshot.js";

/** Vendors that make modems. No proof: they make other things, too. */
const modemVendors: Readonly<Record<string, string>> = {
  "0af0": "Option",
  "1199": "Sierra Wireless",
  "12d1": "Huawei",
  "1410": "Novatel",
  "19d2": "ZTE",
  "1bbb": "Alcatel",
  "1bc7": "Telit",
  "1c9e": "Longcheer",
  "1e0e": "SIMCom",
  "1e2d": "Cinterion",
  "2001": "D-Link",
  "2020": "BroadMobi",
  "2c7c": "Quectel",
  "2cb7": "Fibocom",
  "3566": "Mobile",
};

/** Modems whose serial ports are plain CDC ACM, which proves nothing by itself. */
const acmModems: Readonly<Record<string, string>> = {
  "1546:1010": "u-blox modem",
  "1546:1102": "u-blox modem",
  "1546:110a": "u-blox modem",
  "1546:1146": "u-blox modem",
  "1bc7:0021": "Telit HE910",
  "1bc7:0036": "Telit LE910 V2",
  "1e2d:0053": "Cinterion PH8",
  "1e2d:0058": "Cinterion EHS6",
  "1e2d:005b": "Cinterion EHS5",
  "1e2d:0061": "Cinterion PLS8",
};

interface StorageRow {
  readonly ids: string;
  readonly because: string;
  /** What makes the modem of it, as a command of this machine. */
  readonly command: string;
}

/** Sticks that begin as a disc with Windows drivers. */
const storageModes: readonly StorageRow[] = [
  ...["1f01", "14fe", "1446", "1505", "1520", "14d1", "1c0b", "1442", "155b"].map((product) => ({
    ids: `12d1:${product}`,
    because: "Huawei stick before its switch",
    command: `usb_modeswitch -v 12d1 -p ${product} -J`,
  })),
  { ids: "1199:0fff", because: "Sierra stick before its switch", command: "usb_modeswitch -v 1199 -p 0fff -S" },
];

/** Whoever has these ids is a modem: the row's words. */
export const knownModem = (device: DeviceSnapshot): string | undefined => {
  return acmModems[idsOf(device)] ?? familyOf(device, "")?.model;
};

export const modemVendor = ({ vendor }: DeviceSnapshot): string | undefined => modemVendors[vendor];

const onlyEject = "eject the disc: eject /dev/sr0";

/** How a stick in storage mode becomes a modem; a vendor's stick that has no row is tried by ejecting its disc. */
export const storageSwitch = (device: DeviceSnapshot): { readonly because: string; readonly command: string } =>
  storageModes.find(({ ids }) => ids === idsOf(device)) ?? {
    because: `${modemVendor(device) ?? "this vendor"}'s sticks begin as a disc with drivers`,
    command: onlyEject,
  };

export const isStorageModeId = (device: DeviceSnapshot): boolean =>
  storageModes.some(({ ids }) => ids === idsOf(device));
