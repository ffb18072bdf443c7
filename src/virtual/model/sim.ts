/** The card: its PIN and PUK with their tries, which survive power and removal as they do on real cards. */
import type { SimProfile, VirtualProfile } from "./profile.js";
import type { Refusal } from "./words.js";

/** `blocked`: the PUK's tries are used up; the card is waste. */
export type SimSlot = "empty" | "pinLocked" | "pukLocked" | "blocked" | "ready";

/** Whom the card is for. */
export type Subscriber = Pick<SimProfile, "imsi" | "iccid" | "msisdns">;

export interface SimState {
  readonly subscriber: Subscriber;
  /** PLMNs that refused the card, as EF_FPLMN keeps them: without power too. @see 3GPP TS 31.102 4.2.16 */
  readonly forbidden: readonly string[];
  readonly slot: SimSlot;
  readonly pin: string;
  readonly pinEnabled: boolean;
  readonly pinTriesLeft: number;
  readonly pukTriesLeft: number;
}

type PinEvent =
  | { readonly type: "enterPin"; readonly pin: string }
  | { readonly type: "enablePin"; readonly pin: string }
  | { readonly type: "disablePin"; readonly pin: string }
  | { readonly type: "changePin"; readonly pin: string; readonly newPin: string };

export type SimEvent =
  | PinEvent
  | { readonly type: "enterPuk"; readonly puk: string; readonly newPin: string }
  | { readonly type: "simRemove" }
  | { readonly type: "simInsert" }
  /** The operator gives the card another IMSI over the air. @see ETSI TS 102 223 6.4.7 REFRESH */
  | { readonly type: "simRefresh"; readonly imsi: string }
  | { readonly type: "writeForbidden"; readonly plmns: readonly string[] }
  /** The card asks for its PIN again, as after a power cycle with the lock on. */
  | { readonly type: "pinLock" };

/** Places in EF_FPLMN; the oldest entry gives way. */
export const forbiddenPlaces = 4;

export const withForbidden = (sim: SimState, plmn: string): SimState => ({
  ...sim,
  forbidden: [...sim.forbidden.filter((other) => other !== plmn), plmn].slice(-forbiddenPlaces),
});

export const withoutForbidden = (sim: SimState, plmn: string): SimState =>
  sim.forbidden.includes(plmn) ? { ...sim, forbidden: sim.forbidden.filter((other) => other !== plmn) } : sim;

export interface SimOutcome {
  readonly sim: SimState;
  readonly refusal?: Refusal;
}

export const freshSim = (profile: SimProfile): SimState => {
  const { imsi, iccid, msisdns } = profile;
  const memory = {
    subscriber: { imsi, iccid, msisdns },
    forbidden: [],
    pin: profile.pin,
    pinEnabled: profile.pinEnabled,
    pinTriesLeft: profile.pinTries,
    pukTriesLeft: profile.pukTries,
  };
  return { ...memory, slot: profile.present ? slotOnPower(memory) : "empty" };
};

/** The card that came with this slot. */
export const cardProfile = ({ sim, otherSims = [] }: VirtualProfile, slot: number): SimProfile =>
  otherSims[slot - 2] ?? sim;

/** What a card wants when power comes. */
export function slotOnPower(memory: Omit<SimState, "slot">): Exclude<SimSlot, "empty"> {
  if (memory.pukTriesLeft === 0) return "blocked";
  if (memory.pinTriesLeft === 0) return "pukLocked";
  return memory.pinEnabled ? "pinLocked" : "ready";
}

const wellFormed = (secret: string, min: number): boolean =>
  /^[0-9]+$/.test(secret) && secret.length >= min && secret.length <= 8;

const wrongPin = (sim: SimState): SimOutcome => {
  const pinTriesLeft = sim.pinTriesLeft - 1;
  return {
    sim: { ...sim, pinTriesLeft, slot: pinTriesLeft === 0 ? "pukLocked" : sim.slot },
    refusal: { why: "pinWrong" },
  };
};

/** Checks the PIN as the card does: a wrong one costs a try, a right one restores them all. */
function withPin(profile: SimProfile, sim: SimState, pin: string, then: Partial<SimState>): SimOutcome {
  if (!wellFormed(pin, 4)) return { sim, refusal: { why: "badPinFormat" } };
  if (pin !== sim.pin) return wrongPin(sim);
  return { sim: { ...sim, pinTriesLeft: profile.pinTries, ...then } };
}

function withPuk(profile: SimProfile, sim: SimState, puk: string, newPin: string): SimOutcome {
  if (!wellFormed(puk, 8) || !wellFormed(newPin, 4)) return { sim, refusal: { why: "badPinFormat" } };
  if (puk !== profile.puk) {
    const pukTriesLeft = sim.pukTriesLeft - 1;
    return {
      sim: { ...sim, pukTriesLeft, slot: pukTriesLeft === 0 ? "blocked" : "pukLocked" },
      refusal: { why: "pinWrong" },
    };
  }
  const restored = { pinTriesLeft: profile.pinTries, pukTriesLeft: profile.pukTries };
  return { sim: { ...sim, ...restored, pin: newPin, pinEnabled: true, slot: "ready" } };
}

const locked = (sim: SimState): SimOutcome => ({
  sim,
  refusal: { why: sim.slot === "blocked" ? "cardBlocked" : "pinRequired" },
});

function pinStep(profile: SimProfile, sim: SimState, event: PinEvent): SimOutcome {
  if (sim.slot === "pukLocked" || sim.slot === "blocked") return locked(sim);
  switch (event.type) {
    case "enterPin":
      return sim.pinEnabled
        ? withPin(profile, sim, event.pin, { slot: "ready" })
        : { sim, refusal: { why: "pinDisabled" } };
    case "enablePin":
      return withPin(profile, sim, event.pin, { pinEnabled: true });
    case "disablePin":
      return sim.pinEnabled
        ? withPin(profile, sim, event.pin, { pinEnabled: false, slot: "ready" })
        : { sim, refusal: { why: "pinDisabled" } };
    case "changePin":
      if (!sim.pinEnabled) return { sim, refusal: { why: "pinDisabled" } };
      if (!wellFormed(event.newPin, 4)) return { sim, refusal: { why: "badPinFormat" } };
      return sim.slot === "ready" ? withPin(profile, sim, event.pin, { pin: event.newPin }) : locked(sim);
  }
}

/** Total: an event that means nothing to the slot changes nothing, and says why where the host asked. */
export function simStep(profile: SimProfile, sim: SimState, event: SimEvent): SimOutcome {
  switch (event.type) {
    case "simRemove":
      return { sim: sim.slot === "empty" ? sim : { ...sim, slot: "empty" } };
    case "simInsert":
      return { sim: sim.slot === "empty" ? { ...sim, slot: slotOnPower(sim) } : sim };
    case "simRefresh":
      if (sim.slot === "empty") return { sim, refusal: { why: "simAbsent" } };
      return { sim: { ...sim, subscriber: { ...sim.subscriber, imsi: event.imsi } } };
    case "writeForbidden":
      return sim.slot === "ready" ? { sim: { ...sim, forbidden: event.plmns } } : locked(sim);
    case "pinLock":
      if (sim.slot === "empty") return { sim, refusal: { why: "simAbsent" } };
      return { sim: { ...sim, pinEnabled: true, slot: slotOnPower({ ...sim, pinEnabled: true }) } };
    case "enterPuk":
      if (sim.slot === "empty") return { sim, refusal: { why: "simAbsent" } };
      if (sim.slot === "blocked") return locked(sim);
      // Unblocking is also the answer to a forgotten PIN, but this card, like most, takes it only when asked.
      return sim.slot === "pukLocked"
        ? withPuk(profile, sim, event.puk, event.newPin)
        : { sim, refusal: { why: "pinDisabled" } };
    default:
      return sim.slot === "empty" ? { sim, refusal: { why: "simAbsent" } } : pinStep(profile, sim, event);
  }
}
