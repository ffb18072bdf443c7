import type { VirtualProfile } from "../model/profile.js";
import { compose } from "../usb/description/composition.js";
import { acm, bulk, interrupt } from "../usb/description/parts.js";
import { testNetwork } from "./test-network.js";

/**
 * No modem: an Arduino Uno R3, 2341:0043, a serial port (CDC-ACM, V.25ter as most say) at full speed. It records what it is
 * told, so that a test can prove that nobody told it anything. Ids and descriptors as in Arduino's published firmware of its
 * USB chip (ATmega16U2, "usbserial"). There is no card and no network behind it.
 */
export const arduinoUno: VirtualProfile = {
  ...testNetwork,
  name: "arduino-uno",
  summary: "no modem: an Arduino Uno, 2341:0043, that records every byte it receives",
  controlFace: "silent",
  device: {
    manufacturer: "Arduino (www.arduino.cc)",
    model: "Uno",
    firmware: "R3",
    hardware: "R3",
    imei: "000000000000000",
    technologies: [],
    maxSessions: 0,
    maxControlBytes: 64,
  },
  sim: { ...testNetwork.sim, present: false },
  radioOn: false,
  operators: [],
  apns: [],
  usb: {
    initial: "serial",
    remembers: true,
    switches: [],
    compositions: {
      serial: compose(
        {
          speed: "full",
          vendorId: 0x2341,
          productId: 0x0043,
          usbVersion: 0x0110,
          release: 0x0001,
          triple: [0x02, 0x00, 0x00],
          maxPacketBytes0: 8,
          attributes: 0xc0,
          maxPowerMa: 100,
          manufacturer: "Arduino (www.arduino.cc)",
          serial: "75330303035351E01192",
        },
        [
          acm({
            control: 0,
            data: 1,
            notify: interrupt(0x82, 8, 255),
            endpoints: [bulk(0x04, 64), bulk(0x83, 64)],
            protocol: 1,
            face: "recorder",
          }),
        ],
      ),
    },
  },
};
