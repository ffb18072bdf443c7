/** Where one packet goes, and why: the policy's word, the kernel's, and when that was last another one. */
import { packetAnswer } from "../network/packet/answer.js";
import { askKernel, type PacketKernel } from "../network/packet/ask.js";
import { packetFrom } from "../network/packet/packet.js";
import type { PacketAnswer } from "../network/packet/types.js";
import type { Uplinks } from "../network/uplinks.js";
import { moveLines } from "./why.js";

/** @param words Keys of network/packet/packet.ts. @throws ModemError `invalid`; NetlinkError when the kernel does not answer */
export async function whyPacket(
  engine: Pick<Uplinks, "decisions" | "state">,
  kernel: PacketKernel,
  words: Readonly<Record<string, string>>,
): Promise<PacketAnswer> {
  const packet = packetFrom(words);
  const asked = await askKernel(kernel, packet);
  const answer = packetAnswer(engine.decisions, packet, asked);
  const state = engine.state();
  const moved = moveLines(state.groups.find(({ name }) => name === answer.group) ?? state, packet.family);
  return { ...answer, because: [...answer.because, ...moved] };
}
