import type { VirtualProfile } from "../model/profile.js";
import { compose, type Part } from "../usb/description/composition.js";
import { bulk, interrupt } from "../usb/description/parts.js";
import { huaweiDevice, huaweiPort } from "./huawei.js";
import { testNetwork } from "./test-network.js";

const mac = "02aabb646007";
const notify = interrupt(0x85, 16, 5);

/** Huawei's NCM: one interface is control and data at once, its union names itself. */
const ncm: Part = {
  interfaces: [
    {
      number: 3,
      alternates: [
        {
          triple: [0xff, 0x02, 0x16],
          functional: [
            { kind: "header", cdc: 0x0110 },
            { kind: "ethernet", mac, maxSegmentBytes: 1514 },
            { kind: "ncm", version: 0x0100, capabilities: 0x1f },
            { kind: "union", control: 3, subordinates: [3] },
          ],
          endpoints: [notify],
        },
        { triple: [0xff, 0x02, 0x16], functional: [], endpoints: [notify, bulk(0x86), bulk(0x04)] },
      ],
    },
  ],
  function: { kind: "huaweiNcm", interface: 3, mac, face: "at" },
};

/**
 * A Huawei stick in NCM mode, 12d1:15c1: the classes that Linux' option and huawei_cdc_ncm bind to (ff/02/01, 03, 02 and
 * ff/02/16). Descriptors are built after those rules, not copied from a listing.
 */
export const huaweiNcm: VirtualProfile = {
  ...testNetwork,
  name: "huawei-ncm",
  summary: "Huawei stick in NCM mode, 12d1:15c1: AT through cdc-wdm, three serial ports",
  controlFace: "at",
  at: { dialect: "huaweiBalong", ports: { MDM: 0, DIAG: 1, PCUI: 2, NCM: 3 }, portCodes: "1,3,2,16" },
  device: {
    manufacturer: "huawei",
    model: "E3372",
    firmware: "21.180.01.00.00",
    hardware: "CL2E3372HM",
    imei: "004999010646007",
    technologies: ["gsm", "edge", "umts", "hspa", "lte"],
    maxSessions: 1,
    maxControlBytes: 4096,
  },
  usb: {
    initial: "ncm",
    remembers: true,
    switches: [],
    compositions: {
      ncm: compose({ ...huaweiDevice, productId: 0x15c1, triple: [0, 0, 0] }, [
        huaweiPort({ number: 0, triple: [0xff, 0x02, 0x01], face: "at", notify: 0x81, in: 0x82, out: 0x01 }),
        huaweiPort({ number: 1, triple: [0xff, 0x02, 0x03], face: "diag", in: 0x83, out: 0x02 }),
        huaweiPort({ number: 2, triple: [0xff, 0x02, 0x02], face: "at", in: 0x84, out: 0x03 }),
        ncm,
      ]),
    },
  },
};
