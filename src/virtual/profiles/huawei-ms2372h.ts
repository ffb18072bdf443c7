import type { VirtualProfile } from "../model/profile.js";
import { compose } from "../usb/description/composition.js";
import { bulk } from "../usb/description/parts.js";
import { huaweiDevice, huaweiPort } from "./huawei.js";
import { testNetwork } from "./test-network.js";

/**
 * Huawei MS2372h as a user of community.toradex.com ("Huawei USB Modem and Connman") saw it: 12d1:1596, strings without a
 * serial number, interfaces 0 to 2 vendor class and bound by option, interface 0 ff/03/31 with endpoints 01 and 81, and
 * interface 3 vendor class without a driver. It answers the switching message and stays as it is. The protocols of 1 and 2
 * continue Huawei's series; those of 3, which the report does not tell, are such that no driver of Linux knows them.
 */
export const huaweiMs2372h: VirtualProfile = {
  ...testNetwork,
  name: "huawei-ms2372h",
  summary: "Huawei MS2372h, 12d1:1596: three serial ports, no network interface; connects by PPP",
  controlFace: "at",
  at: {
    dialect: "huaweiBalong",
    ports: { MDM: 0, PCUI: 1, DIAG: 2 },
    portCodes: "1,2,3",
    // In the report it asked for CHAP, went on without, and ended during IPCP.
    ppp: { asks: "chap", refuses: "ipcp" },
  },
  device: {
    manufacturer: "huawei",
    model: "MS2372h-153",
    firmware: "22.203.25.00.00",
    hardware: "CL1E3372HM Ver.A",
    imei: "004999010645009",
    technologies: ["gsm", "edge", "umts", "hspa", "lte"],
    maxSessions: 1,
    maxControlBytes: 4096,
  },
  usb: {
    initial: "modem",
    remembers: true,
    switches: [],
    compositions: {
      modem: compose({ ...huaweiDevice, productId: 0x1596, triple: [0, 0, 0] }, [
        huaweiPort({ number: 0, triple: [0xff, 0x03, 0x31], face: "at", notify: 0x82, in: 0x81, out: 0x01 }),
        huaweiPort({ number: 1, triple: [0xff, 0x03, 0x32], face: "at", in: 0x83, out: 0x02 }),
        huaweiPort({ number: 2, triple: [0xff, 0x03, 0x33], face: "diag", in: 0x84, out: 0x03 }),
        {
          interfaces: [
            {
              number: 3,
              alternates: [{ triple: [0xff, 0x03, 0xa1], functional: [], endpoints: [bulk(0x85), bulk(0x04)] }],
            },
          ],
        },
      ]),
    },
  },
};
