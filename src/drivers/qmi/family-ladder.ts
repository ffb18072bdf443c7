/**
 * Both IP families for one connection, by what this modem and network make possible: one call for each family; both by one
 * profile, where the network allows no second connection; one family, where it serves no other.
 */
import type { IpProtocol } from "../../modem/types.js";
import { errorText, ModemError } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import { isOtherFamilyOnly, wantsOneConnection } from "./call-end.js";
import { CallRefused, type Family, type FamilyCall } from "./family-call.js";

export interface LadderRoom {
  /** @throws as `FamilyCall.start` */
  start(family: Family, profile: number | undefined): Promise<FamilyCall>;
  /** Ends what was begun; nobody waits for it. */
  giveUp(calls: readonly FamilyCall[]): void;
  stop(call: FamilyCall): Promise<void>;
  /** A profile for both families. */
  profile(): Promise<number>;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface Started {
  readonly calls: readonly FamilyCall[];
  /** Both were asked for, and the network has said that it serves this one only. */
  readonly only?: "ip" | "ipv6";
}

const reasonOf = (error: unknown) => (error instanceof CallRefused ? error.reason : undefined);
/** The modem or the network said no, rather than nothing. */
const isRefusal = (error: unknown): boolean => error instanceof ModemError && error.failure !== undefined;

/** @throws what refused the last hope; nothing is left open then */
export async function startFamilies(protocol: IpProtocol, room: LadderRoom): Promise<Started> {
  if (protocol !== "dual") return { calls: [await room.start(protocol === "ip" ? "ipv4" : "ipv6", undefined)] };
  const ipv4 = await room.start("ipv4", undefined).catch((error: unknown) => {
    if (isOtherFamilyOnly(reasonOf(error), "ipv4")) return undefined;
    throw error;
  });
  if (ipv4 === undefined) return { calls: [await room.start("ipv6", undefined)], only: "ipv6" };
  return beside(ipv4, room, undefined);
}

/** The second family, by the same profile if the first has one. */
async function beside(ipv4: FamilyCall, room: LadderRoom, profile: number | undefined): Promise<Started> {
  try {
    return { calls: [ipv4, await room.start("ipv6", profile)] };
  } catch (error) {
    if (room.signal.aborted || !isRefusal(error)) {
      room.giveUp([ipv4]);
      throw error;
    }
    if (profile === undefined && wantsOneConnection(reasonOf(error))) return byProfile(ipv4, room);
    room.log.notice("the network serves one IP family only", { cause: errorText(error) });
    return { calls: [ipv4], ...(isOtherFamilyOnly(reasonOf(error), "ipv6") ? { only: "ip" as const } : {}) };
  }
}

async function byProfile(ipv4: FamilyCall, room: LadderRoom): Promise<Started> {
  let profile: number;
  try {
    profile = await room.profile();
  } catch (error) {
    if (room.signal.aborted) {
      room.giveUp([ipv4]);
      throw error;
    }
    room.log.notice("one IP family: the modem keeps no profile for both", { cause: errorText(error) });
    return { calls: [ipv4] };
  }
  await room.stop(ipv4);
  return beside(await room.start("ipv4", profile), room, profile);
}
