import type { VirtualProfile } from "../model/profile.js";
import { compose } from "../usb/description/composition.js";
import { interrupt, mbim } from "../usb/description/parts.js";
import { testNetwork } from "./test-network.js";

/**
 * A plain LTE modem with MBIM and no vendor's quirks. On USB it has ids that pid.codes keeps for tests and private use:
 * cdc_mbim binds by class, and no driver knows them.
 */
export const mbimGeneric: VirtualProfile = {
  ...testNetwork,
  name: "mbim-generic",
  summary: "LTE modem with an MBIM face, test network 001/01, one card",
  controlFace: "mbim",
  device: {
    manufacturer: "wwand",
    model: "Virtual MBIM Modem",
    firmware: "VMM-1.0.0",
    hardware: "V1",
    imei: "004999010640000",
    technologies: ["gsm", "edge", "umts", "hspa", "lte"],
    maxSessions: 8,
    maxControlBytes: 4096,
  },
  usb: {
    initial: "mbim",
    remembers: true,
    switches: [],
    compositions: {
      mbim: compose(
        {
          speed: "high",
          vendorId: 0x1209,
          productId: 0x0001,
          usbVersion: 0x0200,
          release: 0x0100,
          triple: [0xef, 0x02, 0x01],
          maxPacketBytes0: 64,
          attributes: 0xa0,
          maxPowerMa: 500,
          manufacturer: "wwand",
          product: "Virtual MBIM Modem",
          serial: "004999010640000",
        },
        [
          mbim({
            control: 0,
            data: 1,
            notify: interrupt(0x81, 64, 5),
            in: 0x82,
            out: 0x01,
            maxControlBytes: 4096,
          }),
        ],
      ),
    },
  },
};
