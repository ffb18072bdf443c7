import type { VirtualProfile } from "../model/profile.js";
import { compose } from "../usb/description/composition.js";
import { ecm, interrupt, mbim, rmnet } from "../usb/description/parts.js";
import type { Triple } from "../usb/description/types.js";
import { fourPorts, qualcommDevice } from "./qualcomm.js";
import { testNetwork } from "./test-network.js";

const device = (triple: Triple) => ({
  ...qualcommDevice,
  triple,
  vendorId: 0x2c7c,
  productId: 0x0125,
  manufacturer: "Quectel",
  product: "EC25-AF",
});

/**
 * Quectel EC25. Interfaces and endpoints of the ECM composition are those of the listing in Linux commit 2bb70f0a4b23
 * ("USB: serial: option: support dynamic Quectel USB compositions"), those of QMI of a listing of the same firmware
 * family with the rmnet function in their place. Compositions are named by AT+QCFG="usbnet",N of Quectel's AT manual.
 */
export const quectelEc25: VirtualProfile = {
  ...testNetwork,
  name: "quectel-ec25",
  summary: "Quectel EC25, 2c7c:0125: QMI, four serial ports; ECM and MBIM as other compositions",
  controlFace: "qmi",
  at: { dialect: "quectel" },
  device: {
    manufacturer: "Quectel",
    model: "EC25",
    firmware: "EC25AFAR05A03M4G",
    hardware: "R1.0",
    imei: "004999010641008",
    technologies: ["gsm", "edge", "umts", "hspa", "lte"],
    maxSessions: 4,
    maxControlBytes: 4096,
  },
  usb: {
    initial: "usbnet0",
    remembers: true,
    switches: [],
    compositions: {
      usbnet0: compose(device([0xef, 0x02, 0x01]), [...fourPorts, rmnet(4, 0x89, { in: 0x88, out: 0x05 })]),
      usbnet1: compose(device([0xef, 0x02, 0x01]), [
        ...fourPorts,
        ecm({
          control: 4,
          data: 5,
          notify: interrupt(0x89, 16),
          in: 0x88,
          out: 0x05,
          mac: "02aabb641008",
          dialsItself: true,
        }),
      ]),
      usbnet2: compose(device([0xef, 0x02, 0x01]), [
        ...fourPorts,
        mbim({
          control: 4,
          data: 5,
          notify: interrupt(0x89, 64),
          in: 0x88,
          out: 0x05,
          maxControlBytes: 4096,
        }),
      ]),
    },
  },
};
