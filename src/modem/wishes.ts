/**
 * Who wants the modem on. Clients of the bus share one wish, as with oFono, and it outlives them; wwand's own standing
 * reasons are counted by name, each with how far it goes (standing.ts).
 *
 * While a standing reason holds, a client's Powered=false or Online=false is answered and shown as the client set it,
 * parts, contexts and all, but modem, radio and the standing bearer go on: what a client withdraws is its own wish. Its
 * Powered=true then costs a moment instead of a SIM start. When the last standing reason goes, what clients see stays
 * true: a modem shown as Powered and Online becomes the clients' own, a hidden one is really turned off. A reason that only
 * goes less far (a standby that is not needed any more) gives back what no client has asked for, seen or not.
 * Lockdown is no wish about Powered but a claim to the modem itself: it overrules the standing reasons, too.
 *
 * A modem that a client has powered off is kept for a moment in the same way, for a client that is only restarted: ConnMan
 * powers every modem off when it ends and on when it starts.
 */
import type { LevelState } from "./level.js";
import { deepest, isHeld, type Standing } from "./standing.js";
import type { ViewStep } from "./view.js";

export interface Wishes {
  /** What clients last said; undefined: nothing yet, so what is so by itself is shown. */
  readonly powered: boolean | undefined;
  readonly online: boolean | undefined;
  readonly standing: Standing;
  /** The unique name of the client that holds the modem down. */
  readonly lockdown: string | undefined;
  /** As what the modem is kept for a moment after a client's Powered=false. */
  readonly kept: "powered" | "online" | undefined;
}

export const noWishes: Wishes = {
  powered: undefined,
  online: undefined,
  standing: new Map(),
  lockdown: undefined,
  kept: undefined,
};

export function wanted({ powered, online, standing, lockdown, kept }: Wishes): LevelState["want"] {
  if (lockdown !== undefined) return "off";
  const clients = kept ?? (powered === true ? (online === true ? "online" : "powered") : "off");
  switch (deepest(standing)) {
    case "off":
      return clients;
    case "powered":
      return clients === "off" ? "powered" : clients;
    case "attached":
    case "connected":
      return "online";
  }
}

/** The highest step that clients may see; without a standing reason they see what is, unless it is only kept. */
export function viewLimit({ powered, online, standing, kept }: Wishes): ViewStep {
  if (!isHeld(standing) && kept === undefined) return "online";
  if (powered === false) return "off";
  return (online ?? isHeld(standing)) ? "online" : "offline";
}

/** Everybody who holds the radio off, each with a reason. */
export function radioOffBecause(wishes: Wishes, heldBy: readonly string[]): readonly string[] {
  const { powered, online, standing, lockdown } = wishes;
  const reasons: string[] = [];
  if (lockdown !== undefined) reasons.push(`lockdown by ${lockdown}`);
  reasons.push(...heldBy);
  if (wanted({ ...wishes, kept: undefined }) === "online" || lockdown !== undefined) return reasons;
  if (powered !== true && isHeld(standing)) return [...reasons, "wwand only asks device and card who they are"];
  for (const [reason, depth] of standing) if (depth === "off") reasons.push(`${reason}: nobody needs it now`);
  if (powered === undefined) reasons.push("nobody has powered the modem yet");
  else if (!powered) reasons.push("a client has set Powered to false");
  else if (online === undefined) reasons.push("nobody has gone online yet");
  else if (!online) reasons.push("a client has set Online to false");
  return reasons;
}
