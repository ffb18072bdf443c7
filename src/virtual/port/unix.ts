/** A stream socket as the control port. A second host is turned away: a real port has one opener, too. */
import { createServer, type Server, type Socket } from "node:net";
import type { Port, PortListener } from "./port.js";
import { clearStaleSocket } from "./stale.js";

/** What a host that does not read may leave lying here, in bytes; a device's own queue is not longer. */
const maxUnreadBytes = 1 << 20;

export async function openUnixPort(path: string, listener: PortListener): Promise<Port> {
  await clearStaleSocket(path);
  let host: Socket | undefined;
  const server = createServer((socket) => {
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
  await listening(server, path);
  return {
    name: `unix:${path}`,
    send: (bytes) => {
      if (host !== undefined && host.writableLength < maxUnreadBytes) host.write(bytes);
    },
    flush: () => undefined,
    close: () => closed(server, () => host?.destroy()),
  };
}

/** Listens, or rejects with the reason why it cannot. */
export function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Stops listening, which removes the socket's name, and ends the connections. */
export function closed(server: Server, endConnections: () => void): Promise<void> {
  return new Promise((resolve) => {
    // ERR_SERVER_NOT_RUNNING: it was closed before.
    server.close(() => resolve());
    endConnections();
  });
}
