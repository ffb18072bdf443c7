/** The network: what it thinks of a subscriber's wish. Says yes or no and why; keeps no sessions. */
import { type RadioChoice, usableCells } from "./cells.js";
import type { ApnProfile, OperatorProfile, VirtualProfile } from "./profile.js";
import type { SimState } from "./sim.js";
import type { Forbidden } from "./state.js";
import { type AuthMethod, emm, esm, type Pdn } from "./words.js";

/** The weather outside: changed by steps, unchanged by what the modem does, unplugging included. */
export interface CarrierState {
  /** EMM cause that every registration gets, or undefined. */
  readonly rejectCause: number | undefined;
  /** ESM cause that every session gets which begins, or undefined. */
  readonly callCause: number | undefined;
  /** No cell answers while false. */
  readonly coverage: boolean;
  /** The home network is out of reach. */
  readonly abroad: boolean;
  /** Overrides the operator's own field strength. */
  readonly rssiDbm: number | undefined;
  /** The subscriber's contract is for the same addresses in every session. */
  readonly fixedIp: boolean;
  /** What the operator tells in its own option (0xff00) instead of the profile's, in hexadecimal digits. */
  readonly operatorOption: string | undefined;
  /** How often another cell took over. */
  readonly handovers: number;
}

export const fairWeather: CarrierState = {
  rejectCause: undefined,
  callCause: undefined,
  coverage: true,
  abroad: false,
  rssiDbm: undefined,
  fixedIp: false,
  operatorOption: undefined,
  handovers: 0,
};

export type Selection = { readonly mode: "auto" } | { readonly mode: "manual"; readonly plmn: string };

/** The carrier's end of every PDN link, also the source of its router advertisements. */
export const routerLinkLocal = "fe80::1";

export const plmnOf = (operator: OperatorProfile): string => operator.mcc + operator.mnc;

/** Where and how the modem looks. */
export interface Outlook {
  readonly carrier: CarrierState;
  readonly choice: RadioChoice;
  readonly sim: SimState;
  readonly blacklist: readonly Forbidden[];
}

export function visibleOperators(
  profile: VirtualProfile,
  { carrier, choice }: Pick<Outlook, "carrier" | "choice">,
): readonly OperatorProfile[] {
  if (!carrier.coverage) return [];
  const inReach = profile.operators.filter(({ standing }) => !carrier.abroad || standing !== "home");
  return inReach.filter((operator) => usableCells(operator, choice).length > 0);
}

export type RegistrationAnswer =
  | { readonly is: "accepted"; readonly operator: OperatorProfile }
  | { readonly is: "denied"; readonly operator: OperatorProfile; readonly cause: number }
  | { readonly is: "silence" };

/** A host has forbidden the modem this network, or the card's operator wherever it is. */
const isBlacklisted = ({ blacklist, sim }: Outlook, operator: OperatorProfile): boolean =>
  blacklist.some(({ plmn, list }) =>
    list === "sim" ? sim.subscriber.imsi.startsWith(plmn) : plmn === plmnOf(operator),
  );

/** What a search ends with. */
export function answerRegistration(
  profile: VirtualProfile,
  outlook: Outlook,
  selection: Selection,
): RegistrationAnswer {
  const { carrier } = outlook;
  const inReach = visibleOperators(profile, outlook);
  const visible = inReach.filter((operator) => !isBlacklisted(outlook, operator));
  const [first] = inReach;
  if (first !== undefined && visible.length === 0) return { is: "denied", operator: first, cause: emm.noSuitableCells };
  const standingOrder = ["home", "roaming", "forbidden"];
  const best = visible
    .filter((operator) => operator.standing === "home" || !outlook.sim.forbidden.includes(plmnOf(operator)))
    .sort((a, b) => standingOrder.indexOf(a.standing) - standingOrder.indexOf(b.standing));
  const operator = selection.mode === "auto" ? best[0] : visible.find((o) => plmnOf(o) === selection.plmn);
  if (operator === undefined) return { is: "silence" };
  const cause = carrier.rejectCause ?? (operator.standing === "forbidden" ? emm.plmnNotAllowed : undefined);
  return cause === undefined ? { is: "accepted", operator } : { is: "denied", operator, cause };
}

export interface PdnRequest {
  readonly apn: string;
  readonly username: string;
  readonly password: string;
  readonly auth: AuthMethod;
  /** `default`: the modem leaves the choice to the APN. */
  readonly pdn: Pdn | "default";
  /** Where it is half of a connection for both families: the modem's profile of that. */
  readonly profile?: number;
}

export type PdnAnswer =
  /** `cause` 50 or 51: less was given than was asked for, which is no failure. @see 3GPP TS 24.301 6.5.1.3 */
  | {
      readonly is: "granted";
      readonly pdn: Pdn;
      readonly cause?: number;
      readonly apn: string;
      readonly isOneConnection: boolean;
    }
  | { readonly is: "refused"; readonly cause: number };

const credentialsFit = (apn: ApnProfile, request: PdnRequest): boolean =>
  apn.credentials === undefined ||
  (apn.credentials.auth.includes(request.auth) &&
    apn.credentials.username === request.username &&
    apn.credentials.password === request.password);

/** APN names are compared as DNS names: without regard to case. @see 3GPP TS 23.003 9.1 */
export function answerPdn(profile: VirtualProfile, request: PdnRequest): PdnAnswer {
  const name = (request.apn === "" ? profile.defaultApn : request.apn).toLowerCase();
  const apn = profile.apns.find((known) => known.apn.toLowerCase() === name);
  if (apn === undefined) return { is: "refused", cause: esm.unknownApn };
  if (apn.refusedWith !== undefined) return { is: "refused", cause: apn.refusedWith };
  if (!credentialsFit(apn, request)) return { is: "refused", cause: esm.userAuthenticationFailed };
  const wanted = request.pdn === "default" ? apn.pdn : request.pdn;
  const common = { apn: apn.apn, isOneConnection: apn.oneConnection === true };
  if (apn.pdn === "ipv4v6" || apn.pdn === wanted) return { is: "granted", pdn: wanted, ...common };
  const cause = apn.pdn === "ipv4" ? esm.ipv4Only : esm.ipv6Only;
  return wanted === "ipv4v6" ? { is: "granted", pdn: apn.pdn, cause, ...common } : { is: "refused", cause };
}
