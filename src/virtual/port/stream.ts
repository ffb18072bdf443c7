/** A stream socket as the control port. A second host is turned away: a real port has one opener, too. */
import { createServer, type ListenOptions, type Server, type Socket } from "node:net";
import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import type { Port, PortListener } from "./port.js";

/** What a host that does not read may leave lying here, in bytes; a device's own queue is not longer. */
const maxUnreadBytes = 1 << 20;

/** A host may close and open in one breath; its connection comes before the end of the earlier one was read here. */
const leaveMs = 200;

/** `name`: for logs. @throws when the place is taken */
export async function openStreamPort(name: string, place: ListenOptions, listener: PortListener): Promise<Port> {
  let host: Socket | undefined;
  const take = (socket: Socket) => {
    host = socket;
    socket.on("data", (bytes) => listener.data(bytes));
    socket.once("close", () => {
      host = undefined;
      listener.hostLeft();
    });
  };
  // Without a delay: an answer in two pieces would wait 40 ms for its second one.
  const server = createServer({ noDelay: true }, async (socket) => {
    // ECONNRESET, EPIPE: the host died; `close` follows and says all there is to say.
    socket.on("error", () => undefined);
    if (host !== undefined) await left(host);
    if (host === undefined && server.listening && !socket.destroyed) take(socket);
    else socket.destroy();
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

/** Resolves when the host has gone, or stays. */
async function left(host: Socket): Promise<void> {
  const gone = new Promise<void>((resolve) => host.once("close", () => resolve()));
  // After the time one turn more: of a process that slept the timers are the first to run, before its sockets are read.
  await Promise.race([gone, pause(leaveMs).then(() => nextTurn())]);
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
