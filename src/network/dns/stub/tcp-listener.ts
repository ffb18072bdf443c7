import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { FramedMessages, framed } from "./framing.js";
import type { Heard } from "./udp-listener.js";

const mostConnections = 64;
const idleMs = 10_000;

/**
 * The returned function ends listening and every connection.
 * Rejects with EADDRINUSE where another resolver has the port, on all addresses perhaps.
 */
export async function listenTcp(address: string, port: number, heard: Heard): Promise<() => void> {
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
    serve(socket, heard);
  });
  server.maxConnections = mostConnections;
  server.listen({ host: address, port });
  await once(server, "listening");
  // A connection that could not be accepted (EMFILE): its client comes again.
  server.on("error", () => undefined);
  return () => {
    server.close();
    for (const socket of connections) socket.destroy();
  };
}

function serve(socket: Socket, heard: Heard): void {
  const messages = new FramedMessages();
  const from = `tcp ${socket.remoteAddress} ${socket.remotePort}`;
  socket.setTimeout(idleMs, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes) => {
    for (const message of messages.push(bytes))
      heard(message, from, (answer) => {
        if (socket.writable) socket.write(framed(answer));
      });
  });
}
