import type { VirtualProfile } from "../model/profile.js";
import { compose } from "../usb/description/composition.js";
import { rmnet } from "../usb/description/parts.js";
import { fourPorts, qualcommDevice } from "./qualcomm.js";
import { testNetwork } from "./test-network.js";

/**
 * A plain LTE modem with QMI and no vendor's quirks. qmi_wwan binds by ids alone, so that it has an id of Qualcomm's own
 * that unbranded modules carry, 05c6:9215, with QMI on interface 4 of five as Linux expects of those.
 */
export const qmiGeneric: VirtualProfile = {
  ...testNetwork,
  name: "qmi-generic",
  summary: "LTE modem with a QMI face, 05c6:9215, and four serial ports",
  controlFace: "qmi",
  device: {
    manufacturer: "wwand",
    model: "Virtual QMI Modem",
    firmware: "VQM-1.0.0",
    hardware: "V1",
    imei: "004999010648003",
    technologies: ["gsm", "edge", "umts", "hspa", "lte"],
    maxSessions: 8,
    maxControlBytes: 4096,
  },
  usb: {
    initial: "qmi",
    remembers: true,
    switches: [],
    compositions: {
      qmi: compose(
        {
          ...qualcommDevice,
          triple: [0, 0, 0],
          vendorId: 0x05c6,
          productId: 0x9215,
          manufacturer: "wwand",
          product: "Virtual QMI Modem",
        },
        [...fourPorts, rmnet(4, 0x89, { in: 0x88, out: 0x05 })],
      ),
    },
  },
};
