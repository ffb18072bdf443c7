/** A virtual modem on a USB port of the test's own: transfers are calls, there is no connection between. */
import type { Test } from "tap";
import { startVirtualModem } from "../../../src/virtual/modem.js";
import { profileNamed } from "../../../src/virtual/profiles/all.js";
import type { VirtualModem } from "../../../src/virtual/types.js";
import type { UsbPort } from "../../../src/virtual/usb/bus.js";
import type { UsbModel } from "../../../src/virtual/usb/description/composition.js";
import type { UsbDevice } from "../../../src/virtual/usb/device/device.js";
import type { Outcome } from "../../../src/virtual/usb/device/transfer.js";

export interface Plugged {
  readonly modem: VirtualModem;
  /** The device as it is on the bus now. */
  device(): UsbDevice;
  /** Resolves with data, `took N` or `stall`. */
  transfer(endpoint: number, data: Buffer | number, setup?: string): Promise<Buffer | string>;
}

/** The modem in this composition, by default its first, with a network that answers at once. */
export async function plugged(t: Test, name: string, composition?: string): Promise<Plugged> {
  const profile = profileNamed(name);
  let now: UsbDevice | undefined;
  const port: UsbPort = {
    name: "test",
    plug: async (device) => {
      now = device;
      return { hasHost: true, close: async () => device.abandon() };
    },
  };
  const usb: UsbModel | undefined =
    profile.usb && composition !== undefined ? { ...profile.usb, initial: composition } : profile.usb;
  const modem = await startVirtualModem({
    profile: { ...profile, ...(usb ? { usb } : {}) },
    port: { kind: "usb", port },
    settings: { searchMs: "0", attachMs: "0", connectMs: "0", attachesByItself: "true" },
  });
  t.teardown(() => modem.close());
  const device = (): UsbDevice => {
    if (now === undefined) throw new Error("nothing is plugged in");
    return now;
  };
  let seqnum = 0;
  return {
    modem,
    device,
    transfer: (endpoint, data, setup = "0000000000000000") =>
      new Promise((resolve) => {
        const done = (outcome: Outcome) =>
          resolve(outcome.is === "in" ? outcome.data : outcome.is === "out" ? `took ${outcome.bytes}` : "stall");
        device().submit({
          seqnum: ++seqnum,
          endpoint: endpoint & 0xf,
          direction: (endpoint & 0x80) === 0 ? "out" : "in",
          length: typeof data === "number" ? data : data.length,
          setup: Buffer.from(setup, "hex"),
          data: typeof data === "number" ? Buffer.alloc(0) : data,
          done,
        });
      }),
  };
}
