/** What a card's record remembers of activations: which APN worked on which network, and with which IP family. */
import type { FailureCause } from "../runtime/error.js";
import { type ApnCandidate, type ApnCredentials, sameApn } from "./apn-candidate.js";
import type { DataCallRequest, IpProtocol } from "./types.js";

/** An APN that has worked for this card on the network `plmn` (MCC and MNC in one). */
export interface ApnOutcome extends ApnCredentials {
  readonly plmn: string;
  /** Where it came from then, in words. */
  readonly from: string;
}

/** The network `plmn` refused both families at once for `apn` and took one. */
export interface FamilyOutcome {
  readonly plmn: string;
  readonly apn: string;
  readonly protocol: "ip" | "ipv6";
}

/** Networks per card; a card that has seen more forgets the one that it saw longest ago. */
const mostNetworks = 16;

export function rememberApn(known: readonly ApnOutcome[], plmn: string, worked: ApnCandidate): readonly ApnOutcome[] {
  const { apn, username, password, auth, source, from } = worked;
  const before = known.find((outcome) => outcome.plmn === plmn && sameApn(outcome, worked));
  const told = source === "remembered" ? known.find((outcome) => sameApn(outcome, worked))?.from : `${source}: ${from}`;
  const outcome = before ?? { plmn, apn, username, password, auth, from: told ?? from };
  return [outcome, ...known.filter((other) => other.plmn !== plmn)].slice(0, mostNetworks);
}

/** What has worked, for this network first, then elsewhere, the latest first. */
export function rememberedApns(known: readonly ApnOutcome[], plmn: string | undefined): readonly ApnCandidate[] {
  const here = known.filter((outcome) => outcome.plmn === plmn);
  const elsewhere = known.filter((outcome) => outcome.plmn !== plmn);
  return [...here, ...elsewhere].map(({ plmn: where, from, apn, username, password, auth }) => ({
    source: "remembered",
    from: `worked on ${where}, ${from}`,
    apn,
    username,
    password,
    auth,
  }));
}

interface FamilyRow {
  readonly code: number;
  readonly only: "ip" | "ipv6";
  readonly because: string;
}

/** @see 3GPP TS 24.301 annex B, TS 24.008 annex I */
const familyCauses: readonly FamilyRow[] = [
  { code: 28, only: "ip", because: "unknown PDN type: networks that do not know IPv4v6 know IPv4" },
  { code: 50, only: "ip", because: "PDN type IPv4 only allowed" },
  { code: 51, only: "ipv6", because: "PDN type IPv6 only allowed" },
];

/**
 * The family to ask for after a refusal of `asked`, where `wished` leaves a choice. Undefined: the cause does not speak
 * of families, or says what was asked.
 */
export function otherFamily(
  wished: IpProtocol,
  asked: IpProtocol,
  failure: FailureCause | undefined,
): "ip" | "ipv6" | undefined {
  if (wished !== "dual" || (failure?.domain !== "esm" && failure?.domain !== "sm")) return undefined;
  const row = familyCauses.find(({ code }) => code === failure.code);
  return row === undefined || row.only === asked ? undefined : row.only;
}

/** `request` with the family that the network took last time. */
export function withFamily(
  request: DataCallRequest,
  known: readonly FamilyOutcome[],
  plmn: string | undefined,
): DataCallRequest {
  if (request.protocol !== "dual") return request;
  const outcome = known.find((one) => one.plmn === plmn && one.apn.toLowerCase() === request.apn.toLowerCase());
  return outcome === undefined ? request : { ...request, protocol: outcome.protocol };
}

/** After `asked` has worked for a wish of both families. */
export function rememberFamily(
  known: readonly FamilyOutcome[],
  plmn: string,
  asked: DataCallRequest,
): readonly FamilyOutcome[] {
  const { apn, protocol } = asked;
  const others = known.filter((one) => one.plmn !== plmn || one.apn.toLowerCase() !== apn.toLowerCase());
  return protocol === "dual" ? others : [{ plmn, apn, protocol }, ...others].slice(0, mostNetworks);
}
