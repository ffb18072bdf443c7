/** Radio switches and registration: off, searching, registered (home or roaming), denied. */
import { answerRegistration, type CarrierState, plmnOf, type Selection, visibleOperators } from "./carrier.js";
import { attach, detach } from "./packet.js";
import type { VirtualProfile } from "./profile.js";
import { type ModemState, type Outcome, type Registration, radioRefusal, refuse, unchanged } from "./state.js";
import { esm } from "./words.js";

export type RadioEvent =
  | { readonly type: "setRadio"; readonly on: boolean }
  | { readonly type: "radioSwitch"; readonly on: boolean }
  /** The host asks for registration. */
  | { readonly type: "register"; readonly selection: Selection }
  | { readonly type: "searchAnswered"; readonly ticket: number }
  | { readonly type: "signal"; readonly rssiDbm: number }
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
      return settleRadio(profile, { ...state, softwareOn: event.on });
    case "radioSwitch":
      return settleRadio(profile, { ...state, hardwareOn: event.on });
    case "register":
      return register(profile, state, event.selection);
    case "searchAnswered":
      return searchAnswered(profile, state, event.ticket);
    case "signal":
      return unchanged(withCarrier(state, { rssiDbm: event.rssiDbm }));
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
  const { is } = state.registration;
  return is === "registered" || is === "searching" || is === "denied"
    ? loseNetwork(next, { is: "denied", cause })
    : unchanged(next);
}

function register(profile: VirtualProfile, state: ModemState, selection: Selection): Outcome {
  const refusal = radioRefusal(state);
  if (refusal !== undefined) return refuse(state, refusal);
  const known = visibleOperators(profile, state.carrier).some(
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
  const answer = answerRegistration(profile, state.carrier, state.selection);
  switch (answer.is) {
    case "silence":
      return unchanged(state);
    case "denied":
      return unchanged({ ...state, registration: { is: "denied", cause: answer.cause } });
    case "accepted": {
      const registered: ModemState = { ...state, registration: { is: "registered", operator: answer.operator } };
      return state.attachWanted ? attach(registered) : unchanged(registered);
    }
  }
}
