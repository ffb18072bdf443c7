import { DatagramChannel, openUdp, type SocketAddress } from "../../../native/index.js";

const largestMessage = 65_535;
/** In one turn of the loop: the kernel keeps the rest. */
const messagesAtOnce = 64;

/** `answer` may be called later, or never. `from` tells clients apart. */
export type Heard = (message: Buffer, from: string, answer: (message: Buffer) => void) => void;

/** @throws NativeError: EADDRINUSE (another resolver has the port, on all addresses perhaps), EACCES */
export function listenUdp(address: string, port: number, heard: Heard): DatagramChannel {
  const family = address.includes(":") ? "inet6" : "inet";
  const fd = openUdp({ family, sourceAddress: address, sourcePort: port });
  const channel: DatagramChannel = new DatagramChannel(
    fd,
    { maxMessageBytes: largestMessage, maxMessages: messagesAtOnce },
    {
      onDatagrams: (datagrams) => {
        for (const { data, source } of datagrams)
          if (source && isLoopback(source))
            heard(data, `udp ${source.address} ${source.port}`, (message) => {
              // The client may be gone.
              channel.send(message, source).catch(() => undefined);
            });
      },
      onTrouble: () => undefined,
      onEnd: () => undefined,
    },
  );
  return channel;
}

/** With the sysctl route_localnet packets from outside reach loopback addresses. */
function isLoopback(source: SocketAddress): source is SocketAddress & { family: "inet" | "inet6" } {
  if (source.family === "inet") return source.address.startsWith("127.");
  return source.family === "inet6" && source.address === "::1";
}
