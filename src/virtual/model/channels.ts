/** Logical channels to the card: opened by the host, gone with the card. */
import { applicationNamed, mostChannels } from "./card-applications.js";
import type { VirtualProfile } from "./profile.js";
import { type ModemState, type Outcome, refuse, unchanged } from "./state.js";

export type ChannelEvent =
  | { readonly type: "openChannel"; readonly aid: Buffer }
  | { readonly type: "closeChannel"; readonly channel: number };

/** The channel that was opened last stands last. */
export function channelStep(profile: VirtualProfile, state: ModemState, event: ChannelEvent): Outcome {
  if (event.type === "closeChannel") {
    const channels = state.channels.filter(({ number }) => number !== event.channel);
    return channels.length < state.channels.length
      ? unchanged({ ...state, channels })
      : refuse(state, { why: "noSuchChannel" });
  }
  if (state.sim.slot === "empty") return refuse(state, { why: "simAbsent" });
  const aid = applicationNamed(profile, state, event.aid);
  if (aid === undefined) return refuse(state, { why: "noSuchApplication" });
  const number = [...Array(mostChannels).keys()]
    .map((index) => index + 1)
    .find((free) => !state.channels.some((open) => open.number === free));
  if (number === undefined) return refuse(state, { why: "noFreeChannel" });
  return unchanged({ ...state, channels: [...state.channels, { number, aid }] });
}
