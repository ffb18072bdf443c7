/** TCP connections over the uplink. */
import { Socket } from "node:net";
import { closeFd, connectTcp, type Fd } from "../../native/index.js";
import { connectionBytes, refusedBytes } from "../policy/probe-bytes.js";
import type { Via } from "./ask.js";
import { bindingOf, familyOfAddress } from "./binding.js";

/** A connection that is accepted is the answer; nothing is sent over it. */
export async function knock(address: string, port: number, via: Via, signal: AbortSignal): Promise<object> {
  closeFd(await connected(address, port, via, signal));
  via.spent(connectionBytes(familyOfAddress(address), 0));
  return {};
}

/**
 * Runs `talk` over a connection that is gone afterwards, in whatever way it ended; counts what it carried. Ends with the
 * signal's reason when that comes first.
 */
export async function overTcp<T>(
  address: string,
  port: number,
  via: Via,
  signal: AbortSignal,
  talk: (socket: Socket) => Promise<T>,
): Promise<T> {
  const socket = new Socket({ fd: await connected(address, port, via, signal), readable: true, writable: true });
  const abort = () => void socket.destroy(signal.reason);
  // Whoever talks hears of an error by its own means; one without a listener would end the process.
  socket.on("error", () => undefined);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await talk(socket);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
    socket.destroy();
    via.spent(connectionBytes(familyOfAddress(address), socket.bytesRead + socket.bytesWritten));
  }
}

async function connected(address: string, port: number, via: Via, signal: AbortSignal): Promise<Fd> {
  const family = familyOfAddress(address);
  try {
    return await connectTcp({ address, port, ...bindingOf(via, family) }, signal);
  } catch (error) {
    via.spent(refusedBytes(family));
    throw error;
  }
}
