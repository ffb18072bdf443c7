/** When a modem shall be attached to the packet domain, and when a client may call it attached. Pure. */
import type { PacketService, RegistrationStatus } from "./types.js";

export interface AttachFacts {
  readonly status: RegistrationStatus;
  readonly roamingAllowed: boolean;
  /** A client (ConnectionManager.Powered) or a standing wish wants packet data. */
  readonly wanted: boolean;
  readonly service: PacketService["state"];
}

/** Served by a network that may be used: at home, or abroad with the owner's consent (roaming costs money). */
const mayUse = ({ status, roamingAllowed }: Pick<AttachFacts, "status" | "roamingAllowed">): boolean =>
  status === "registered" || (status === "roaming" && roamingAllowed);

/** True when packets may flow: oFono's Attached. */
export const isAttached = (facts: AttachFacts): boolean =>
  facts.wanted && facts.service === "attached" && mayUse(facts);

/**
 * The move to make now. Without registration nothing is done: attaching would fail, and detaching would cost the session
 * that may survive a short gap in coverage.
 */
export function attachMove(facts: AttachFacts): "attach" | "detach" | "none" {
  const registered = facts.status === "registered" || facts.status === "roaming";
  if (!registered) return "none";
  const shall = facts.wanted && mayUse(facts);
  if (shall) return facts.service === "detached" || facts.service === "unknown" ? "attach" : "none";
  return facts.service === "attached" ? "detach" : "none";
}
