/** What modules with Qualcomm's chips have in common on USB. */
import type { Part } from "../usb/description/composition.js";
import { diag, port } from "../usb/description/parts.js";
import type { DeviceDescription } from "../usb/description/types.js";

/** bcdDevice 3.18 is what firmware for the MDM9x07 says; a host may wake them, they draw 500 mA. */
export const qualcommDevice = {
  speed: "high",
  usbVersion: 0x0200,
  release: 0x0318,
  maxPacketBytes0: 64,
  attributes: 0xa0,
  maxPowerMa: 500,
} as const satisfies Partial<DeviceDescription>;

/** DIAG, NMEA, AT, modem: interfaces 0 to 3 with the endpoints as the firmware counts them. */
export const fourPorts: readonly Part[] = [
  diag(0, { in: 0x81, out: 0x01 }),
  port(1, "nmea", 0x83, { in: 0x82, out: 0x02 }),
  port(2, "at", 0x85, { in: 0x84, out: 0x03 }),
  port(3, "at", 0x87, { in: 0x86, out: 0x04 }),
];
