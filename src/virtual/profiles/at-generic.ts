import type { VirtualProfile } from "../model/profile.js";
import { compose } from "../usb/description/composition.js";
import { acm, bulk, interrupt } from "../usb/description/parts.js";
import { testNetwork } from "./test-network.js";

/** One AT port (CDC-ACM, V.25ter) and nothing else, with ids that pid.codes keeps for tests and private use. */
export const atGeneric: VirtualProfile = {
  ...testNetwork,
  name: "at-generic",
  summary: "modem with one AT port and nothing else",
  controlFace: "at",
  at: {
    dialect: "generic",
    // As u-blox's SARA-R4 has it, with the speeds of others.
    cmux: { channels: 3, ranges: "(0),(0),(1-6),(1-1509),(1-255),(0-5),(2-255),," },
  },
  device: {
    manufacturer: "wwand",
    model: "Virtual AT Modem",
    firmware: "VAM-1.0.0",
    hardware: "V1",
    imei: "004999010649001",
    technologies: ["gsm", "edge", "umts", "hspa", "lte"],
    maxSessions: 1,
    maxControlBytes: 4096,
  },
  usb: {
    initial: "at",
    remembers: true,
    switches: [],
    compositions: {
      at: compose(
        {
          speed: "high",
          vendorId: 0x1209,
          productId: 0x0002,
          usbVersion: 0x0200,
          release: 0x0100,
          triple: [0x02, 0x00, 0x00],
          maxPacketBytes0: 64,
          attributes: 0x80,
          maxPowerMa: 500,
          manufacturer: "wwand",
          product: "Virtual AT Modem",
          serial: "004999010649001",
        },
        [
          acm({
            control: 0,
            data: 1,
            notify: interrupt(0x82, 16),
            endpoints: [bulk(0x81), bulk(0x01)],
            protocol: 1,
            face: "at",
          }),
        ],
      ),
    },
  },
};
