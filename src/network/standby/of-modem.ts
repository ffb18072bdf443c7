/** How far a modem is kept up: by the uplink that it is, and by what its configuration says. Pure. */
import type { UplinkPolicy } from "../policy/types.js";
import { type ModemFacts, uplinkOfModem } from "../uplinks/modem.js";
import type { StandbyWish } from "./types.js";

export interface ModemStanding {
  readonly reason: string;
  /** `powered`: only to learn which modem it is, or to find its radio on and leave it off. */
  readonly depth: StandbyWish | "powered";
}

export interface ModemAsked extends ModemFacts {
  /** As configured; undefined: nothing is said. */
  readonly connect: boolean | undefined;
  /** Since it was plugged in. */
  readonly wasOpen: boolean;
}

const connectReason = "connect = true in wwand.toml";

/**
 * Undefined: wwand wants nothing of it. What an uplink's standby says comes before `connect = true`, which would keep every
 * one of them hot.
 * @param wishes Of uplinks whose connections wwand makes.
 */
export function standingOf(
  policy: { readonly uplinks: readonly Pick<UplinkPolicy, "name" | "match">[] },
  wishes: ReadonlyMap<string, StandbyWish>,
  { connect, wasOpen, ...facts }: ModemAsked,
): ModemStanding | undefined {
  if (connect === false) return undefined;
  const always: ModemStanding | undefined = connect ? { reason: connectReason, depth: "connected" } : undefined;
  const wished = { uplinks: policy.uplinks.filter(({ name }) => wishes.has(name)) };
  const open = wished.uplinks.filter(({ match }) => mayBe(match, facts));
  if (open.length > 0 && !(connect && open.every(({ name }) => wishes.get(name) === "connected")))
    return { reason: `which modem it is decides uplink ${open.map(({ name }) => name).join(", ")}`, depth: "powered" };
  const uplink = uplinkOfModem(policy, facts);
  const depth = uplink === undefined ? undefined : wishes.get(uplink);
  if (depth === undefined) return always;
  // Many modems begin with their radio on.
  return { reason: `standby of uplink ${uplink}`, depth: depth === "off" && !wasOpen ? "powered" : depth };
}

/** It is not known yet whether it is that one. */
const mayBe = (match: UplinkPolicy["match"], { imei, iccid }: ModemFacts): boolean =>
  (match.by === "imei" && imei === undefined) || (match.by === "iccid" && iccid === undefined);
