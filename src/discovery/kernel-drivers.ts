/** The kernel drivers that modems meet: what each makes of an interface, and by which option a kernel has it. */
import type { InterfaceSnapshot, PortKind } from "./snapshot.js";

/** What a control port speaks. */
export type Protocol = "mbim" | "qmi" | "at";

interface KernelDriver {
  readonly config: `CONFIG_${string}`;
  /** The ports that each control interface gets; the data half of a function gets none. */
  readonly ports: readonly PortKind[];
  /** What its cdc-wdm speaks. */
  readonly speaks?: Protocol;
  /** Its table lists modems only, so that being in it (or bound to it) proves a modem. The reason why, or why not. */
  readonly provesModem: boolean;
  readonly because: string;
}

/** By module name, which has `_` where the driver may have `-`. */
const drivers: Readonly<Record<string, KernelDriver>> = {
  cdc_mbim: {
    config: "CONFIG_USB_NET_CDC_MBIM",
    ports: ["wdm", "net"],
    speaks: "mbim",
    provesModem: true,
    because: "USB class 02/0e is mobile broadband",
  },
  qmi_wwan: {
    config: "CONFIG_USB_NET_QMI_WWAN",
    ports: ["wdm", "net"],
    speaks: "qmi",
    provesModem: true,
    because: "Qualcomm's modem interface",
  },
  huawei_cdc_ncm: {
    config: "CONFIG_USB_NET_HUAWEI_CDC_NCM",
    ports: ["wdm", "net"],
    speaks: "at",
    provesModem: true,
    because: "Huawei's NCM function with AT commands embedded",
  },
  cdc_wdm: {
    config: "CONFIG_USB_WDM",
    ports: ["wdm"],
    speaks: "at",
    provesModem: true,
    because: "USB class 02/09 is the device management of a mobile device",
  },
  option: {
    config: "CONFIG_USB_SERIAL_OPTION",
    ports: ["tty"],
    provesModem: true,
    because: "its table holds serial ports of modems",
  },
  qcserial: {
    config: "CONFIG_USB_SERIAL_QUALCOMM",
    ports: ["tty"],
    provesModem: true,
    because: "its table holds serial ports of Qualcomm modems",
  },
  sierra: {
    config: "CONFIG_USB_SERIAL_SIERRAWIRELESS",
    ports: ["tty"],
    provesModem: true,
    because: "its table holds serial ports of Sierra modems",
  },
  sierra_net: {
    config: "CONFIG_USB_SIERRA_NET",
    ports: ["net"],
    provesModem: true,
    because: "Sierra's direct IP function",
  },
  hso: { config: "CONFIG_USB_HSO", ports: ["tty", "net"], provesModem: true, because: "Option's HSPA modems" },
  cdc_acm: {
    config: "CONFIG_USB_ACM",
    ports: ["tty"],
    provesModem: false,
    because: "Arduinos, GPS receivers and security keys use this class, too",
  },
  cdc_ncm: { config: "CONFIG_USB_NET_CDC_NCM", ports: ["net"], provesModem: false, because: "any network function" },
  cdc_ether: { config: "CONFIG_USB_NET_CDCETHER", ports: ["net"], provesModem: false, because: "any network function" },
  rndis_host: {
    config: "CONFIG_USB_NET_RNDIS_HOST",
    ports: ["net"],
    provesModem: false,
    because: "phones and gadgets use it, too",
  },
  ftdi_sio: {
    config: "CONFIG_USB_SERIAL_FTDI_SIO",
    ports: ["tty"],
    provesModem: false,
    because: "a cable: anything may be at its end",
  },
  cp210x: {
    config: "CONFIG_USB_SERIAL_CP210X",
    ports: ["tty"],
    provesModem: false,
    because: "a cable: anything may be at its end",
  },
  pl2303: {
    config: "CONFIG_USB_SERIAL_PL2303",
    ports: ["tty"],
    provesModem: false,
    because: "a cable: anything may be at its end",
  },
  ch341: {
    config: "CONFIG_USB_SERIAL_CH341",
    ports: ["tty"],
    provesModem: false,
    because: "a cable: anything may be at its end",
  },
  usb_storage: { config: "CONFIG_USB_STORAGE", ports: [], provesModem: false, because: "any disk" },
  uas: { config: "CONFIG_USB_UAS", ports: [], provesModem: false, because: "any disk" },
  mhi_pci_generic: {
    config: "CONFIG_MHI_BUS_PCI_GENERIC",
    ports: ["wwan"],
    provesModem: true,
    because: "Qualcomm's modems on PCI Express",
  },
  iosm: { config: "CONFIG_IOSM", ports: ["wwan"], provesModem: true, because: "Intel's modems on PCI Express" },
  mtk_t7xx: { config: "CONFIG_MTK_T7XX", ports: ["wwan"], provesModem: true, because: "MediaTek's T700 modem" },
};

const moduleName = (driver: string): string => driver.replaceAll("-", "_");

/** The row of a driver or module, by either's name. */
export function kernelDriver(name: string): KernelDriver | undefined {
  const module = moduleName(name);
  return Object.hasOwn(drivers, module) ? drivers[module] : undefined;
}

/** CDC's data class: the half of a function that carries the packets and has no ports of its own. */
const dataClass = 0x0a;
const communicationsClass = 0x02;
const mbimSubclass = 0x0e;

/** Ports that the bound driver makes of this interface sooner or later. */
export function expectedPorts({ driver, class: usbClass, subclass }: InterfaceSnapshot): readonly PortKind[] {
  if (driver === undefined || usbClass === dataClass) return [];
  // cdc_mbim also serves plain NCM functions, which have a network interface and no control device.
  if (driver === "cdc_mbim" && usbClass === communicationsClass && subclass !== mbimSubclass) return ["net"];
  return kernelDriver(driver)?.ports ?? [];
}
