import type { VirtualProfile } from "../model/profile.js";
import { type Composition, compose, type Part } from "../usb/description/composition.js";
import { diag, ecm, interrupt, mbim, port, rmnet, rndis } from "../usb/description/parts.js";
import type { Triple } from "../usb/description/types.js";
import { fourPorts, qualcommDevice } from "./qualcomm.js";
import { testNetwork } from "./test-network.js";

const composition = (productId: number, triple: Triple, parts: readonly Part[]): Composition =>
  compose(
    {
      ...qualcommDevice,
      vendorId: 0x1e0e,
      productId,
      triple,
      serial: "0123456789ABCDEF",
      manufacturer: "SimTech, Incorporated",
      product: "SimTech, Incorporated",
    },
    parts,
  );

/** Behind a network function: DIAG and four ports from interface 2 on. */
const behindNetwork: readonly Part[] = [
  diag(2, { in: 0x83, out: 0x02 }),
  port(3, "nmea", 0x85, { in: 0x84, out: 0x03 }),
  port(4, "at", 0x87, { in: 0x86, out: 0x04 }),
  port(5, "at", 0x89, { in: 0x88, out: 0x05 }),
  port(6, "silent", 0x8b, { in: 0x8a, out: 0x06 }),
];

const fivePorts: readonly Part[] = [...fourPorts, port(4, "silent", 0x89, { in: 0x88, out: 0x05 })];
const mac = "02aabb643003";

/**
 * SIMCom SIM7600. 9011 is, number by number, the listing of a SIM7600G-H in forum.openwrt.org/t/no-cdc-device-for-qmi-modem
 * /218691: RNDIS whose association says ECM. 9001 follows Linux' rules for it (option, and qmi_wwan on interface 5); 9003
 * (MBIM) and 9018 (ECM) are compositions of AT+CUSBPIDSWITCH in SIMCom's AT manual, their endpoints counted like those.
 */
export const simcomSim7600: VirtualProfile = {
  ...testNetwork,
  name: "simcom-sim7600",
  summary: "SIMCom SIM7600G-H, 1e0e:9001: QMI and AT; 9003 MBIM, 9011 RNDIS, 9018 ECM as other compositions",
  controlFace: "qmi",
  at: { dialect: "sim7600" },
  device: {
    manufacturer: "SIMCOM INCORPORATED",
    model: "SIMCOM_SIM7600G-H",
    firmware: "LE20B04SIM7600G22",
    hardware: "V1.02",
    imei: "004999010643004",
    technologies: ["gsm", "edge", "umts", "hspa", "lte"],
    maxSessions: 4,
    maxControlBytes: 4096,
    qmiOverMbim: true,
  },
  usb: {
    initial: "9001",
    remembers: true,
    switches: [],
    compositions: {
      "9001": composition(0x9001, [0, 0, 0], [...fivePorts, rmnet(5, 0x8b, { in: 0x8a, out: 0x06 })]),
      "9003": composition(
        0x9003,
        [0xef, 0x02, 0x01],
        [
          ...fivePorts,
          mbim({
            control: 5,
            data: 6,
            notify: interrupt(0x8b, 64),
            in: 0x8a,
            out: 0x06,
            maxControlBytes: 4096,
          }),
        ],
      ),
      "9011": composition(
        0x9011,
        [0, 0, 0],
        [
          rndis({
            control: 0,
            data: 1,
            notify: interrupt(0x82, 8),
            in: 0x81,
            out: 0x01,
            mac,
            dialsItself: true,
            association: [0x02, 0x06, 0x00],
            triple: [0x02, 0x02, 0xff],
          }),
          ...behindNetwork,
        ],
      ),
      "9018": composition(
        0x9018,
        [0, 0, 0],
        [
          ecm({ control: 0, data: 1, notify: interrupt(0x82, 16), in: 0x81, out: 0x01, mac, dialsItself: true }),
          ...behindNetwork,
        ],
      ),
    },
  },
};

/** The same modem as it came into the forum: in 9011. */
export const simcomSim7600Rndis: VirtualProfile = {
  ...simcomSim7600,
  name: "simcom-sim7600-rndis",
  summary: "SIMCom SIM7600G-H in composition 1e0e:9011: RNDIS that says it is ECM, and AT",
  controlFace: "at",
  ...(simcomSim7600.usb ? { usb: { ...simcomSim7600.usb, initial: "9011" } } : {}),
};
