/** Devices for this machine's own kernel: a socket pair whose other end vhci_hcd takes. No TCP, no usbip tool. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { Socket } from "node:net";
import { closeFd, socketPair } from "../../../native/index.js";
import { errnoOf, errorText } from "../../../runtime/error.js";
import type { Log } from "../../../runtime/log.js";
import type { UsbAttachment, UsbBus } from "../bus.js";
import type { UsbDevice } from "../device/device.js";
import { UsbipConnection } from "./connection.js";
import { deviceIdOf, speedCodes } from "./messages.js";
import { freePorts } from "./vhci-status.js";

const controller = "/sys/devices/platform/vhci_hcd.0";

/** @throws when the kernel has no vhci_hcd */
export async function openVhci(log: Log): Promise<UsbBus> {
  await statusTables();
  const vhci = new Vhci(log);
  const attached = new Set<UsbAttachment>();
  return {
    openPort: () => ({
      name: "vhci",
      plug: async (device) => {
        const attachment = await vhci.attach(device);
        attached.add(attachment);
        return {
          get hasHost() {
            return attachment.hasHost;
          },
          close: () => {
            attached.delete(attachment);
            return attachment.close();
          },
        };
      },
    }),
    close: async () => {
      for (const attachment of attached) await attachment.close();
    },
  };
}

/** One table for each of the kernel's virtual controllers. */
async function statusTables(): Promise<string> {
  try {
    const names = (await readdir(controller)).filter((name) => /^status(\.\d+)?$/.test(name));
    const tables = await Promise.all(names.map((name) => readFile(`${controller}/${name}`, "utf8")));
    return tables.join("\n");
  } catch (cause) {
    throw new Error(`${controller} cannot be read: load the module with "modprobe vhci-hcd"`, { cause });
  }
}

class Vhci {
  #deviceNumber = 1;
  /** One attach at a time: two would choose the same port. */
  #attaching: Promise<unknown> = Promise.resolve();

  constructor(private readonly log: Log) {}

  attach(device: UsbDevice): Promise<UsbAttachment> {
    const attached = this.#attaching.then(() => this.#attach(device));
    this.#attaching = attached.catch(() => undefined);
    return attached;
  }

  async #attach(device: UsbDevice): Promise<UsbAttachment> {
    for (const port of freePorts(await statusTables())) {
      const attachment = await this.#tryPort(device, port);
      if (attachment !== undefined) return attachment;
    }
    throw new Error("every port of vhci_hcd is in use");
  }

  /** Undefined: another process was faster. */
  async #tryPort(device: UsbDevice, port: number): Promise<UsbAttachment | undefined> {
    this.#deviceNumber = this.#deviceNumber < 127 ? this.#deviceNumber + 1 : 2;
    const deviceId = deviceIdOf(1, this.#deviceNumber);
    const [ours, kernels] = socketPair("stream");
    const socket = new Socket({ fd: ours });
    try {
      const line = `${port} ${kernels} ${deviceId} ${speedCodes[device.description.speed]}`;
      await writeFile(`${controller}/attach`, line);
    } catch (error) {
      socket.destroy();
      if (errnoOf(error) === "EINVAL" || errnoOf(error) === "EBUSY") return undefined;
      throw new Error(`${controller}/attach refused the device`, { cause: error });
    } finally {
      // The kernel holds a reference of its own.
      closeFd(kernels);
    }
    return this.#connected(socket, device, port);
  }

  #connected(socket: Socket, device: UsbDevice, port: number): UsbAttachment {
    let hasHost = true;
    let ended = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const closed = (reason: Error | undefined) => {
      hasHost = false;
      device.abandon();
      this.log.info("the kernel let go of the device", { port, reason: reason && errorText(reason) });
      ended();
    };
    const connection = new UsbipConnection(socket, device, { closed });
    this.log.info("the kernel has the device", { port });
    return {
      get hasHost() {
        return hasHost;
      },
      close: () => {
        connection.close();
        return over;
      },
    };
  }
}
