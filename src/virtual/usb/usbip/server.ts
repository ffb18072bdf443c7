/** Devices for hosts that import them over TCP, as `usbip attach -r HOST -b 1-1` does. */
import { createServer, type Server, type Socket } from "node:net";
import { errorText } from "../../../runtime/error.js";
import type { Log } from "../../../runtime/log.js";
import type { UsbAttachment, UsbBus, UsbPort } from "../bus.js";
import { configurationValue } from "../description/descriptors.js";
import type { UsbDevice } from "../device/device.js";
import { UsbipConnection } from "./connection.js";
import { type ExportedDevice, encodeDevlist, encodeImport, type OperationRequest, parseOperation } from "./messages.js";
import { MessageStream, UsbipError } from "./stream.js";

/** @see https://www.iana.org/assignments/service-names-port-numbers: usbip */
export const usbipTcpPort = 3240;
/** A client that connects and says nothing is let go. */
const requestTimeoutMs = 10_000;

export interface UsbipServerOptions {
  readonly host: string;
  /** 0: the kernel chooses. */
  readonly tcpPort: number;
  readonly log: Log;
}

export interface UsbipServer extends UsbBus {
  readonly tcpPort: number;
}

interface Export {
  readonly device: UsbDevice;
  readonly described: ExportedDevice;
  connection: UsbipConnection | undefined;
}

/** @throws when the address is in use or not this machine's */
export async function openUsbipServer(options: UsbipServerOptions): Promise<UsbipServer> {
  const exporter = new Exporter(options.log);
  const server = createServer({ noDelay: true }, (socket) => exporter.serve(socket));
  const tcpPort = await listening(server, options);
  const closed = new Promise<void>((resolve) => server.once("close", resolve));
  let ports = 0;
  return {
    tcpPort,
    openPort: () => exporter.port(++ports, `${options.host}:${tcpPort}`),
    close: () => {
      server.close();
      exporter.close();
      return closed;
    },
  };
}

function listening(server: Server, { host, tcpPort }: UsbipServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(tcpPort, host, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : tcpPort);
    });
  });
}

class Exporter {
  readonly #exports = new Map<string, Export>();
  readonly #sockets = new Set<Socket>();
  #deviceNumber = 1;

  constructor(private readonly log: Log) {}

  port(number: number, place: string): UsbPort {
    const busId = `1-${number}`;
    return { name: `${place}/${busId}`, plug: async (device) => this.#export(busId, device) };
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    // Whatever befalls the connection, `close` follows; once a device is imported its connection hears the reason.
    socket.on("error", () => undefined);
    socket.setTimeout(requestTimeoutMs, () => socket.destroy());
    const stream = new MessageStream();
    const hear = (bytes: Buffer) => {
      stream.push(bytes);
      try {
        const request = stream.next(parseOperation);
        if (request === undefined) return;
        socket.off("data", hear);
        socket.setTimeout(0);
        this.#answer(socket, request, stream);
      } catch (error) {
        if (!(error instanceof UsbipError)) throw error;
        this.log.warning("a client that does not speak USB/IP", { reason: error.message });
        socket.destroy();
      }
    };
    socket.on("data", hear);
  }

  #answer(socket: Socket, request: OperationRequest, stream: MessageStream): void {
    if (request.is === "import") {
      this.#import(socket, request.busId, stream);
      return;
    }
    const free = [...this.#exports.values()].filter(({ connection }) => connection === undefined);
    socket.end(encodeDevlist(free.map(({ described }) => described)));
  }

  #import(socket: Socket, busId: string, stream: MessageStream): void {
    const found = this.#exports.get(busId);
    if (found === undefined || found.connection !== undefined) {
      socket.end(encodeImport(found === undefined ? "unknown" : "busy"));
      return;
    }
    socket.write(encodeImport(found.described));
    const closed = (reason: Error | undefined) => {
      found.connection = undefined;
      found.device.abandon();
      this.log.info("the host let go of the device", { busId, reason: reason && errorText(reason) });
    };
    found.connection = new UsbipConnection(socket, found.device, { closed }, stream);
    this.log.info("a host imported the device", { busId });
  }

  #export(busId: string, device: UsbDevice): UsbAttachment {
    const found: Export = { device, described: this.#describe(busId, device), connection: undefined };
    this.#exports.set(busId, found);
    return {
      get hasHost() {
        return found.connection !== undefined;
      },
      close: async () => {
        if (this.#exports.get(busId) === found) this.#exports.delete(busId);
        found.connection?.close();
      },
    };
  }

  #describe(busId: string, { description }: UsbDevice): ExportedDevice {
    // A device that comes back has another number, as on any bus.
    this.#deviceNumber = this.#deviceNumber < 127 ? this.#deviceNumber + 1 : 2;
    const { speed, vendorId, productId, release, triple, interfaces } = description;
    return {
      path: `/sys/devices/virtual/wwand/usb1/${busId}`,
      busId,
      busNumber: 1,
      deviceNumber: this.#deviceNumber,
      speed,
      vendorId,
      productId,
      release,
      triple,
      configurationValue,
      interfaces: interfaces.flatMap(({ alternates }) => alternates.slice(0, 1).map((it) => it.triple)),
    };
  }
}
