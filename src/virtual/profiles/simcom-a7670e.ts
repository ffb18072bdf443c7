import type { VirtualProfile } from "../model/profile.js";
import type { FaceName } from "../model/words.js";
import { type Composition, compose, type Part } from "../usb/description/composition.js";
import { ecm, interrupt, rndis, serial } from "../usb/description/parts.js";
import { testNetwork } from "./test-network.js";

const composition = (productId: number, parts: readonly Part[]): Composition =>
  compose(
    {
      speed: "high",
      usbVersion: 0x0200,
      release: 0x0000,
      maxPacketBytes0: 64,
      attributes: 0xc0,
      maxPowerMa: 500,
      vendorId: 0x1e0e,
      productId,
      triple: [0xef, 0x02, 0x01],
      serial: "20080411413F3C1D",
      manufacturer: "SIMCOM",
      product: "A76XX Series LTE Module",
    },
    parts,
  );

/** No interrupt endpoint and no functional descriptors: the chip is ASR's, not Qualcomm's. */
const plain = (number: number, face: FaceName): Part =>
  serial({ number, triple: [0xff, 0x00, 0x00], face, in: 0x81 + number, out: number });

const ports = [plain(2, "diag"), plain(3, "at"), plain(4, "at"), plain(5, "silent")];
const network = {
  control: 0,
  data: 1,
  notify: interrupt(0x87, 16),
  in: 0x82,
  out: 0x01,
  mac: "02aabb644002",
  dialsItself: true,
} as const;

/**
 * SIMCom A7670E. Reports tell of 1e0e:9011 as "A76XX Series LTE Module" with RNDIS of class e0/01/03 and vendor ports, and
 * of 1e0e:9025 in a udev rule. What stands behind 9025 is not in a listing: here it is ECM with the same ports. Linux 6.1
 * has no serial driver for 9025.
 */
export const simcomA7670e: VirtualProfile = {
  ...testNetwork,
  name: "simcom-a7670e",
  summary: "SIMCom A7670E, 1e0e:9011: RNDIS and AT; 9025 ECM as another composition",
  controlFace: "at",
  // A76XX Series AT Command Manual: four virtual ports.
  at: { dialect: "a76xx", cmux: { channels: 4, ranges: "(0),(0),(1-8),(1-1500),(0),(0),(2-1000)" } },
  device: {
    manufacturer: "INCORPORATED",
    model: "A7670E-FASE",
    firmware: "A7670M7_V1.11.1",
    hardware: "V1.01",
    imei: "004999010644002",
    technologies: ["gsm", "edge", "lte"],
    maxSessions: 2,
    maxControlBytes: 4096,
  },
  usb: {
    initial: "9011",
    remembers: true,
    switches: [],
    compositions: {
      "9011": composition(0x9011, [
        rndis({ ...network, association: [0xe0, 0x01, 0x03], triple: [0xe0, 0x01, 0x03] }),
        ...ports,
      ]),
      "9025": composition(0x9025, [ecm(network), ...ports]),
    },
  },
};
