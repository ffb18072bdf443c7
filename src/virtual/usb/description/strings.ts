/** The strings of a device and their indices. Pure. */
import type { DeviceDescription } from "./types.js";

/** Index 0 says that there is no such string. */
export interface Strings {
  readonly manufacturer: number;
  readonly product: number;
  readonly serial: number;
  indexOfMac(mac: string): number;
  /** The string descriptor, or undefined. Index 0 lists the languages. @see USB 2.0 9.6.7 */
  descriptor(index: number): Buffer | undefined;
}

const englishUs = 0x0409;
const stringType = 3;
/** bLength is one byte. */
const maxChars = 126;

const framed = (body: Buffer): Buffer => Buffer.concat([Buffer.from([body.length + 2, stringType]), body]);

/** In order: manufacturer, product, serial number, then the addresses that functional descriptors refer to. */
export function stringsOf(device: DeviceDescription): Strings {
  const texts: string[] = [];
  const indexOf = (text: string | undefined): number => (text === undefined ? 0 : texts.push(text));
  const [manufacturer, product, serial] = [
    indexOf(device.manufacturer),
    indexOf(device.product),
    indexOf(device.serial),
  ];
  const functional = device.interfaces.flatMap(({ alternates }) => alternates.flatMap((it) => it.functional));
  const macs = new Map(functional.flatMap((it) => (it.kind === "ethernet" ? [[it.mac, indexOf(it.mac)]] : [])));
  return {
    manufacturer,
    product,
    serial,
    indexOfMac: (mac) => macs.get(mac) ?? 0,
    descriptor: (index) => {
      if (index === 0) return framed(Buffer.from([englishUs & 0xff, englishUs >> 8]));
      const text = texts[index - 1];
      return text === undefined ? undefined : framed(Buffer.from(text.slice(0, maxChars), "utf16le"));
    },
  };
}
