/** One question to one server over sockets that leave by its uplink: bound to the interface before the first packet. */
import { randomInt } from "node:crypto";
import { Socket } from "node:net";
import { connectTcp, DatagramChannel, openUdp } from "../../../native/index.js";
import { FramedMessages, framed } from "./framing.js";
import { isAnswerTo, type Query, withId } from "./message.js";
import type { Ask, NameServer } from "./question.js";

const dnsPort = 53;
const largestMessage = 65_535;

/** A socket, and so a port of the kernel's choice, and an id for each question: forging an answer takes guessing both. */
export const askUdp: Ask = (server, query, signal) =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const id = randomInt(0x1_0000);
    const { address } = server;
    const fd = openUdp({
      ...bindingOf(server),
      peer: { address, port: dnsPort, ...(address.startsWith("fe80:") && { scopeId: server.via?.ifindex ?? 0 }) },
    });
    const settle = (how: () => void) => {
      signal.removeEventListener("abort", abort);
      channel.close();
      how();
    };
    const fail = (error: unknown) => settle(() => reject(error));
    const abort = () => fail(signal.reason);
    const channel = new DatagramChannel(
      fd,
      { maxMessageBytes: largestMessage, maxMessages: 1 },
      {
        onDatagrams: (datagrams) => {
          const answer = datagrams.find(({ data }) => isAnswerTo(query, id, data))?.data;
          if (answer) settle(() => resolve(withId(answer, query.id)));
        },
        onTrouble: fail,
        onEnd: (error) => fail(error ?? new Error("socket ended")),
      },
    );
    signal.addEventListener("abort", abort, { once: true });
    channel.send(withId(query.bytes, id)).catch(fail);
  });

/** A connection for each question: what comes over TCP is rare (truncated answers), and nothing is left behind. */
export const askTcp: Ask = async (server, query, signal) => {
  const id = randomInt(0x1_0000);
  const fd = await connectTcp({ ...bindingOf(server), address: server.address, port: dnsPort }, signal);
  const socket = new Socket({ fd, readable: true, writable: true });
  try {
    return await answerOver(socket, query, id, signal);
  } finally {
    socket.destroy();
  }
};

function answerOver(socket: Socket, query: Query, id: number, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const messages = new FramedMessages();
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    socket.once("close", () => {
      signal.removeEventListener("abort", abort);
      reject(new Error("the server closed the connection"));
    });
    socket.on("error", reject);
    socket.on("data", (bytes) => {
      const answer = messages.push(bytes).find((message) => isAnswerTo(query, id, message));
      if (answer) resolve(withId(answer, query.id));
    });
    socket.write(framed(withId(query.bytes, id)));
  });
}

const bindingOf = ({ address, via }: NameServer) => ({
  family: address.includes(":") ? ("inet6" as const) : ("inet" as const),
  ...(via && { device: via.interfaceName }),
});
