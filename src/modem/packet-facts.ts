/** What the modem's stage says of packet data: how far the way to the internet is. */
import type { PacketDataPart } from "./packet-data.js";
import type { StageFacts } from "./stage.js";

export function packetFacts(packetData: PacketDataPart | undefined): StageFacts["packet"] {
  if (packetData === undefined) return undefined;
  const { attached, keeper } = packetData;
  // What stands beside says nothing about the way to the internet.
  const contexts = packetData.contexts.filter(({ beside }) => beside === undefined);
  const bearers = contexts.map(({ bearer }) => bearer);
  const busiest =
    bearers.find(({ state }) => state.is === "active") ?? bearers.find(({ occupiesCall }) => occupiesCall);
  const shown = busiest ?? bearers.find(({ lastError }) => lastError !== undefined);
  return {
    attached,
    roamingRefused: keeper.facts.status === "roaming" && !keeper.facts.roamingAllowed,
    hasInternetContext: packetData.contexts.some((context) => context.state.type === "internet"),
    error: keeper.lastError,
    bearer: shown && { state: shown.state, error: shown.lastError },
  };
}
