import { DatagramChannel, type Fd, openUdp, type SocketAddress, setSocketOption } from "../../../native/index.js";

const largestMessage = 65_535;
/** In one turn of the loop: the kernel keeps the rest. */
const messagesAtOnce = 64;
/** Of questions that the kernel holds while the loop is busy: 1300 of them, with what it counts for each. */
const waitingBytes = 1 << 20;

/** `answer` may be called later, or never. `from` tells clients apart. */
export type Heard = (message: Buffer, from: string, answer: (message: Buffer) => void) => void;

/** @throws NativeError: EADDRINUSE (another resolver has the port, on all addresses perhaps), EACCES */
export function listenUdp(address: string, port: number, heard: Heard): DatagramChannel {
  const family = address.includes(":") ? "inet6" : "inet";
  const fd = openUdp({ family, sourceAddress: address, sourcePort: port });
  widen(fd);
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

/** The kernel's default holds 280 questions. Without CAP_NET_ADMIN it stays at that: clients ask again. */
function widen(fd: Fd): void {
  try {
    setSocketOption(fd, "receiveBufferForceBytes", waitingBytes);
  } catch {
    // As it was.
  }
}

/** With the sysctl route_localnet packets from outside reach loopback addresses. */
function isLoopback(source: SocketAddress): source is SocketAddress & { family: "inet" | "inet6" } {
  if (source.family === "inet") return source.address.startsWith("127.");
  return source.family === "inet6" && source.address === "::1";
}
