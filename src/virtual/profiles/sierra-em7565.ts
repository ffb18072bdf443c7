import type { VirtualProfile } from "../model/profile.js";
import { compose } from "../usb/description/composition.js";
import { diag, interrupt, mbim, port, rmnet } from "../usb/description/parts.js";
import type { DeviceDescription } from "../usb/description/types.js";
import { testNetwork } from "./test-network.js";

const device: Omit<DeviceDescription, "triple" | "interfaces" | "associations"> = {
  speed: "high",
  usbVersion: 0x0200,
  release: 0x0006,
  maxPacketBytes0: 64,
  attributes: 0xa0,
  maxPowerMa: 500,
  vendorId: 0x1199,
  productId: 0x9091,
  manufacturer: "Sierra Wireless, Incorporated",
  product: "Sierra Wireless EM7565 Qualcomm Snapdragon X16 LTE-A",
  serial: "8W834680150410A1",
};

/** Interface numbers name the function, whatever else is there; the endpoints are counted through. */
const ports = [
  diag(0, { in: 0x81, out: 0x01 }),
  port(2, "nmea", 0x83, { in: 0x82, out: 0x02 }),
  port(3, "at", 0x85, { in: 0x84, out: 0x03 }),
];

/**
 * Sierra Wireless EM7565. Ids and interface numbers are those that Linux' qcserial (0 DM, 2 NMEA, 3 AT) and qmi_wwan (8)
 * bind to; MBIM on 12 and 13, and the names of the compositions, are those of AT!USBCOMP in Sierra's AT manual for the
 * EM75 series. Endpoint addresses are not from a listing.
 */
export const sierraEm7565: VirtualProfile = {
  ...testNetwork,
  name: "sierra-em7565",
  summary: "Sierra Wireless EM7565, 1199:9091: MBIM, three serial ports; QMI as another composition",
  controlFace: "mbim",
  device: {
    manufacturer: "Sierra Wireless, Incorporated",
    model: "EM7565",
    firmware: "SWI9X50C_01.14.02.00",
    hardware: "10002",
    imei: "004999010642006",
    technologies: ["umts", "hspa", "lte"],
    maxSessions: 8,
    maxControlBytes: 4096,
    qmiOverMbim: true,
  },
  usb: {
    initial: "100D",
    remembers: true,
    switches: [],
    compositions: {
      "100D": compose({ ...device, triple: [0xef, 0x02, 0x01] }, [
        ...ports,
        mbim({
          control: 12,
          data: 13,
          notify: interrupt(0x87, 64),
          in: 0x86,
          out: 0x04,
          maxControlBytes: 4096,
        }),
      ]),
      "050D": compose({ ...device, triple: [0x00, 0x00, 0x00] }, [...ports, rmnet(8, 0x87, { in: 0x86, out: 0x04 })]),
    },
  },
};
