/** Where a device can be plugged in. */
import type { UsbDevice } from "./device/device.js";

export interface UsbPort {
  /** For people: `127.0.0.1:3240/1-1`, `vhci`. */
  readonly name: string;
  /** Resolves when hosts can see the device. @throws when this port cannot be used now */
  plug(device: UsbDevice): Promise<UsbAttachment>;
}

export interface UsbAttachment {
  /** Whether a host has it: none may have imported it yet, or it let go of it. */
  readonly hasHost: boolean;
  /** As if the cable was pulled. Idempotent. */
  close(): Promise<void>;
}

export interface UsbBus {
  /** A port for one more device. */
  openPort(): UsbPort;
  /** Idempotent. */
  close(): Promise<void>;
}
