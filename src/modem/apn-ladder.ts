/**
 * Which access point name is tried next: a function of the candidates, of what the network refused, and of its causes.
 * It goes down the list while the network objects to the name or its credentials, and begins anew when what has worked
 * stops working or when the list is at its end.
 */
import type { FailureCause } from "../runtime/error.js";
import { type ApnCandidate, sameApn } from "./apn-candidate.js";
import { type CauseRow, holdsFor } from "./cause-row.js";

export interface ApnRefusal {
  readonly candidate: ApnCandidate;
  readonly failure: FailureCause;
}

export interface ApnLadder {
  /** Best first, never empty. */
  readonly candidates: readonly ApnCandidate[];
  /** What the next call asks for. */
  readonly current: ApnCandidate;
  /** Of this round; once `current` has worked, those that were passed over on the way to it. */
  readonly refused: readonly ApnRefusal[];
  /** `current` has worked since it was chosen. */
  readonly proven: boolean;
}

/** Causes that another name, or other credentials, may cure. @see 3GPP TS 24.301 annex B, TS 24.008 annex I */
const apnCauses: readonly CauseRow[] = [
  { domains: ["sm", "esm"], codes: [8], because: "barred by the operator, often for one APN only" },
  { domains: ["sm", "esm"], codes: [27], because: "missing or unknown APN" },
  { domains: ["sm", "esm"], codes: [29], because: "user authentication failed" },
  { domains: ["sm", "esm"], codes: [30], because: "gateways answer so to a name or user that is not theirs" },
  { domains: ["sm", "esm"], codes: [32], because: "some networks answer so where the subscription lacks the APN" },
  { domains: ["sm", "esm"], codes: [33], because: "the APN is not part of the subscription" },
  { domains: ["sm", "esm"], codes: [66], because: "the APN is not served by this network" },
  { domains: ["mbim"], codes: [18], because: "invalid access string" },
  { domains: ["mbim"], codes: [19], because: "invalid user name or password" },
  {
    domains: ["pppd"],
    names: ["CredentialsMissing", "OtherAuthAsked", "CredentialsRefused"],
    because: "user authentication failed",
  },
  {
    domains: ["pppd"],
    names: ["PeerEndedDuringIpcp"],
    because: "gateways end so for a name or user that is not theirs",
  },
];

/** Whether the network, or the modem, objects to the name or its credentials. */
export const isApnRefusal = (failure: FailureCause | undefined): failure is FailureCause =>
  failure !== undefined && apnCauses.some((row) => holdsFor(row, failure));

/** By which the network chooses. It stands behind everything that has a name: clients take no context without one. */
const networkChoice: ApnCandidate = {
  source: "network",
  from: "the network's default",
  apn: "",
  username: "",
  password: "",
  auth: "none",
};

function eachOnce(candidates: readonly ApnCandidate[]): readonly ApnCandidate[] {
  return candidates.filter((one, at) => candidates.findIndex((other) => sameApn(one, other)) === at);
}

/** @param candidates Best first. The network's choice is added as the last. */
export function ladderOf(candidates: readonly ApnCandidate[]): ApnLadder {
  const [first = networkChoice, ...rest] = eachOnce([...candidates, networkChoice]);
  return { candidates: [first, ...rest], current: first, refused: [], proven: false };
}

/** The ladder with candidates that became known later; what was tried stays tried. */
export function extended(ladder: ApnLadder, more: readonly ApnCandidate[]): ApnLadder {
  const named = ladder.candidates.filter(({ source }) => source !== "network");
  const { candidates } = ladderOf([...named, ...more]);
  return { ...ladder, candidates };
}

const isTried = ({ refused }: Pick<ApnLadder, "refused">, candidate: ApnCandidate): boolean =>
  refused.some((refusal) => sameApn(refusal.candidate, candidate));

/** Every candidate was refused since the round began. */
export const isExhausted = (ladder: ApnLadder): boolean =>
  ladder.candidates.every((candidate) => isTried(ladder, candidate));

/** The ladder as it was when `asked` was asked for: meanwhile another candidate may have become the one to try. */
export const standingAt = (ladder: ApnLadder, asked: ApnCandidate): ApnLadder =>
  sameApn(ladder.current, asked) ? ladder : { ...ladder, current: asked, proven: false };

/** The network refused `current`. At the end of the list the first one is `current` again and the ladder exhausted. */
export function refusedWith(ladder: ApnLadder, failure: FailureCause): ApnLadder {
  const { candidates, current } = ladder;
  const anew = ladder.proven || isExhausted(ladder);
  const refused = [...(anew ? [] : ladder.refused), { candidate: current, failure }];
  const [first = current] = candidates;
  const next = candidates.find((candidate) => !isTried({ refused }, candidate));
  return { candidates, refused, current: next ?? first, proven: false };
}

/** `current` works: what was refused before stays known for people, and counts for nothing any more. */
export const provenBy = (ladder: ApnLadder): ApnLadder => (ladder.proven ? ladder : { ...ladder, proven: true });

/** The ladder with `candidate` on top, as the one to try next. */
export const led = (ladder: ApnLadder, candidate: ApnCandidate): ApnLadder =>
  ladderOf([candidate, ...ladder.candidates.filter(({ source }) => source !== "network")]);
