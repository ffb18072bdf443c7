import type { VirtualProfile } from "../model/profile.js";
import { type Composition, compose, type Part } from "../usb/description/composition.js";
import { ecm, interrupt, storage } from "../usb/description/parts.js";
import { huaweiDevice, huaweiPort } from "./huawei.js";
import { testNetwork } from "./test-network.js";

const composition = (productId: number, parts: readonly Part[]): Composition =>
  compose({ ...huaweiDevice, productId, triple: [0, 0, 0], serial: "0123456789ABCDEF" }, parts);

const vendor = [0xff, 0xff, 0xff] as const;

/**
 * Huawei E3131/E353: a driver disc (12d1:1f01) until somebody switches it. usb_modeswitch's data file for 12d1:1f01 names
 * the message and its target 14dc (a network card, "HiLink"); 12d1:1001 (serial ports) by the other message is told in
 * lists.01.org's ofono list, January 2018. Ejecting the disc switches, too, as on most sticks.
 */
export const huaweiE3131: VirtualProfile = {
  ...testNetwork,
  name: "huawei-e3131",
  summary: "Huawei E3131, a driver disc 12d1:1f01 that switches to 12d1:14dc (ECM) or 12d1:1001 (serial ports)",
  controlFace: "at",
  at: { dialect: "huaweiQualcomm", ports: { MDM: 0, DIAG: 1, PCUI: 2 } },
  /** It has no LTE: it camps on the same operators' UMTS. */
  operators: testNetwork.operators.map((operator) => ({ ...operator, technology: "hspa" })),
  device: {
    manufacturer: "HUAWEI",
    model: "E3131",
    firmware: "22.521.23.00.00",
    hardware: "CH1E3131SM",
    imei: "004999010647005",
    technologies: ["gsm", "edge", "umts", "hspa"],
    maxSessions: 1,
    maxControlBytes: 4096,
  },
  usb: {
    initial: "1f01",
    remembers: false,
    switches: [
      { by: "huawei", from: "1f01", to: "14dc" },
      { by: "huaweiFallback", from: "1f01", to: "1001" },
      { by: "eject", from: "1f01", to: "14dc" },
    ],
    compositions: {
      "1f01": composition(0x1f01, [storage(0, "Mass Storage", { in: 0x81, out: 0x01 })]),
      "14dc": composition(0x14dc, [
        ecm({
          control: 0,
          data: 1,
          notify: interrupt(0x81, 16),
          in: 0x82,
          out: 0x01,
          mac: "582c80139263",
          dialsItself: true,
        }),
      ]),
      "1001": composition(0x1001, [
        huaweiPort({ number: 0, triple: vendor, face: "at", notify: 0x81, in: 0x82, out: 0x01 }),
        huaweiPort({ number: 1, triple: vendor, face: "diag", in: 0x83, out: 0x02 }),
        huaweiPort({ number: 2, triple: vendor, face: "at", in: 0x84, out: 0x03 }),
      ]),
    },
  },
};
