/** Radio switches and registration: off, searching, registered (home or roaming), denied. */
import { answerRegistration, type CarrierState, plmnOf, type Selection, visibleOperators } from "./carrier.js";
import { type RadioChoice, supportedChoice, usableCells } from "./cells.js";
import { attach, detach } from "./packet.js";
import type { OperatorProfile, VirtualProfile } from "./profile.js";
import { withForbidden, withoutForbidden } from "./sim.js";
import {
  type Forbidden,
  type ModemState,
  type Outcome,
  type Registration,
  radioRefusal,
  refuse,
  unchanged,
} from "./state.js";
import { emm, esm } from "./words.js";

export type RadioEvent =
  | { readonly type: "setRadio"; readonly on: boolean }
  | { readonly type: "radioSwitch"; readonly on: boolean }
  /** The host asks for registration. */
  | { readonly type: "register"; readonly selection: Selection }
  | { readonly type: "searchAnswered"; readonly ticket: number }
  | { readonly type: "signal"; readonly rssiDbm: number }
  /** Another cell takes over. */
  | { readonly type: "handover" }
  /** What is not named stays. */
  | { readonly type: "choose"; readonly choice: Partial<RadioChoice> }
  | { readonly type: "blacklist"; readonly entries: readonly Forbidden[] }
  | { readonly type: "fccUnlock" }
  | { readonly type: "reject"; readonly cause: number }
  | { readonly type: "accept" }
  | { readonly type: "roam" }
  | { readonly type: "home" }
  /** The network lets go and answers no more until `networkRegister`. */
  | { readonly type: "networkDeregister" }
  | { readonly type: "networkRegister" };

export function radioStep(profile: VirtualProfile, state: ModemState, event: RadioEvent): Outcome {
  switch (event.type) {
    case "setRadio":
      if (event.on && state.fccLocked) return refuse(state, { why: "fccLocked" });
      return settleRadio(profile, { ...state, softwareOn: event.on });
    case "blacklist":
      return researchIf(true, { ...state, blacklist: event.entries });
    case "fccUnlock":
      return unchanged({ ...state, fccLocked: false });
    case "radioSwitch":
      return settleRadio(profile, { ...state, hardwareOn: event.on });
    case "register":
      return register(profile, state, event.selection);
    case "searchAnswered":
      return searchAnswered(profile, state, event.ticket);
    case "signal":
      return unchanged(withCarrier(state, { rssiDbm: event.rssiDbm }));
    case "handover":
      return unchanged(withCarrier(state, { handovers: state.carrier.handovers + 1 }));
    case "choose":
      return choose(profile, state, event.choice);
    case "reject":
      return reject(state, event.cause);
    case "accept":
      return researchIf(state.registration.is === "denied", withCarrier(state, { rejectCause: undefined }));
    case "roam":
    case "home": {
      const abroad = event.type === "roam";
      return researchIf(state.carrier.abroad !== abroad, withCarrier(state, { abroad }));
    }
    case "networkDeregister": {
      const next = withCarrier(state, { coverage: false });
      return state.registration.is === "off" ? unchanged(next) : loseNetwork(next, { is: "deregistered" });
    }
    case "networkRegister":
      return researchIf(state.registration.is !== "registered", withCarrier(state, { coverage: true }));
  }
}

/** Brings the registration in line with switches and card: off when either forbids, searching when both allow. */
export function settleRadio(profile: VirtualProfile, state: ModemState): Outcome {
  if (state.sim.slot === "empty" && state.channels.length > 0) return settleRadio(profile, { ...state, channels: [] });
  if (radioRefusal(state) !== undefined) {
    return loseNetwork({ ...state, attachWanted: profile.attachesByItself }, { is: "off" });
  }
  return state.registration.is === "off" ? search(state) : unchanged(state);
}

const withCarrier = (state: ModemState, weather: Partial<CarrierState>): ModemState => ({
  ...state,
  carrier: { ...state.carrier, ...weather },
});

function loseNetwork(state: ModemState, registration: Registration): Outcome {
  const outcome = detach(state, undefined, esm.regularDeactivation);
  if (outcome.state.registration.is === "off" && registration.is === "off") return outcome;
  return { ...outcome, state: { ...outcome.state, registration } };
}

const search = (state: ModemState): Outcome =>
  loseNetwork({ ...state, nextTicket: state.nextTicket + 1 }, { is: "searching", ticket: state.nextTicket });

const researchIf = (moved: boolean, state: ModemState): Outcome =>
  moved && radioRefusal(state) === undefined ? search(state) : unchanged(state);

function reject(state: ModemState, cause: number): Outcome {
  const next = withCarrier(state, { rejectCause: cause });
  const { registration } = state;
  const { is } = registration;
  if (is !== "registered" && is !== "searching" && is !== "denied") return unchanged(next);
  const outcome = loseNetwork(next, { is: "denied", cause });
  const operator = registration.is === "registered" ? registration.operator : undefined;
  return { ...outcome, state: denied(outcome.state, operator, cause) };
}

/** "PLMN not allowed" puts the network on the card's list of those not to be tried. @see 3GPP TS 24.301 5.5.1.2.5 */
function denied(state: ModemState, operator: OperatorProfile | undefined, cause: number): ModemState {
  const next = { ...state, registration: { is: "denied", cause } } as const;
  if (cause !== emm.plmnNotAllowed || operator === undefined || operator.standing === "home") return next;
  return { ...next, sim: withForbidden(state.sim, plmnOf(operator)) };
}

/** Where the cell that serves is none that may be used any more, another search begins. */
function choose(profile: VirtualProfile, state: ModemState, wish: Partial<RadioChoice>): Outcome {
  const supported = supportedChoice(profile);
  const choice = { ...state.choice, ...wish };
  const isFine =
    choice.modes.length > 0 &&
    choice.modes.every((mode) => supported.modes.includes(mode)) &&
    supported.modes.every((mode) => choice.bands[mode]?.every((band) => supported.bands[mode]?.includes(band)) ?? true);
  if (!isFine) return refuse(state, { why: "noSuchBand" });
  const next = { ...state, choice };
  const { registration } = state;
  const serves = registration.is === "registered" && usableCells(registration.operator, choice).length > 0;
  return researchIf(!serves, next);
}

function register(profile: VirtualProfile, state: ModemState, selection: Selection): Outcome {
  const refusal = radioRefusal(state);
  if (refusal !== undefined) return refuse(state, refusal);
  const known = visibleOperators(profile, state).some(
    (operator) => selection.mode === "auto" || plmnOf(operator) === selection.plmn,
  );
  if (selection.mode === "manual" && !known) return refuse(state, { why: "noSuchOperator" });
  const next = { ...state, selection };
  return staysWhereItIs(state, selection) ? unchanged(next) : search(next);
}

const staysWhereItIs = ({ registration }: ModemState, selection: Selection): boolean =>
  registration.is === "registered" &&
  (selection.mode === "manual"
    ? plmnOf(registration.operator) === selection.plmn
    : registration.operator.standing === "home");

function searchAnswered(profile: VirtualProfile, state: ModemState, ticket: number): Outcome {
  if (state.registration.is !== "searching" || state.registration.ticket !== ticket) return unchanged(state);
  const answer = answerRegistration(profile, state, state.selection);
  switch (answer.is) {
    case "silence":
      return unchanged(state);
    case "denied":
      return unchanged(denied(state, answer.operator, answer.cause));
    case "accepted": {
      const { operator } = answer;
      const sim = withoutForbidden(state.sim, plmnOf(operator));
      const registered: ModemState = { ...state, sim, registration: { is: "registered", operator } };
      return state.attachWanted ? attach(registered) : unchanged(registered);
    }
  }
}
