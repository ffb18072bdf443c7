/** A stream socket as the control port. A second host is turned away: a real port has one opener, too. */
import { createServer, type ListenOptions, type Server, type Socket } from "node:net";
import type { Port, PortListener } from "./port.js";

/** What a host that does not read may leave lying here, in bytes; a device's own queue is not longer. */
const maxUnreadBytes = 1 << 20;

/** `name`: for logs. @throws when the place is taken */
export async function openStreamPort(name: string, place: ListenOptions, listener: PortListener): Promise<Port> {
  let host: Socket | undefined;
  // Without a delay: an answer in two pieces would wait 40 ms for its second one.
  const server = createServer({ noDelay: true }, (socket) => {
    if (host !== undefined) {
      socket.destroy();
      return;
    }
    host = socket;
    socket.on("data", (bytes) => listener.data(bytes));
    // ECONNRESET, EPIPE: the host died; `close` follows and says all there is to say.
    socket.on("error", () => undefined);
    socket.once("close", () => {
      host = undefined;
      listener.hostLeft();
    });
  });
  await listening(server, place);
  return {
    name,
    send: (bytes) => {
      if (host !== undefined && host.writableLength < maxUnreadBytes) host.write(bytes);
    },
    flush: () => undefined,
    close: () => closed(server, () => host?.destroy()),
  };
}

/** Listens, or rejects with the reason why it cannot. */
export function listening(server: Server, place: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(place, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Stops listening, which removes a unix socket's name, and ends the connections. */
export function closed(server: Server, endConnections: () => void): Promise<void> {
  return new Promise((resolve) => {
    // ERR_SERVER_NOT_RUNNING: it was closed before.
    server.close(() => resolve());
    endConnections();
  });
}
