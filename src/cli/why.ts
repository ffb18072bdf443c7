import { isIP } from "node:net";
import type { Answer } from "./answer.js";
import type { Call } from "./snapshot.js";
import { isDict, type Plain, plain, texts } from "./snapshot.js";

/** Where one packet goes, and why. @param packet Keys of a class of the policy, and `from`. */
export async function whyPacketAnswer(call: Call, packet: Readonly<Record<string, string>>): Promise<Answer> {
  const [reply] = await call("net.wwand", "/net/wwand", "net.wwand.Daemon1", "WhyPacket", "a{ss}", [packet]);
  const told = plain(reply);
  const answer = isDict(told) ? told : {};
  return { text: texts(answer, "Because").join("\n"), json: { Packet: packet, ...answer }, bad: answer.Bad !== false };
}

/** Why traffic to `destination` leaves where it does: the daemon's own reasons, first the answer, then the chain. */
export async function whyAnswer(call: Call, destination: string): Promise<Answer> {
  if (destination !== "" && isIP(destination) === 0)
    throw new Error(`"${destination}" is not an IP address; of an uplink: wwanctl uplink ${destination}`);
  const [lines] = await call("net.wwand", "/net/wwand", "net.wwand.Daemon1", "Why", "s", [destination]);
  const because: Plain = plain(lines);
  const reasons = Array.isArray(because) ? because.map(String) : [];
  return {
    text: reasons.join("\n"),
    json: { destination: destination || "default", because: reasons },
    bad: reasons.length === 0 || /\bno uplink\b|\bunreachable\b/.test(reasons[0] ?? ""),
  };
}
