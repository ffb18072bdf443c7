/** What is known of a card, and how it changes with each thing that the modem says. Pure. */
import type { SimPartState } from "./api.js";
import type { PinState, PinType, SimState } from "./types.js";

export const noCard: SimPartState = {
  present: false,
  subscriberNumbers: [],
  lockedPins: [],
  pinRequired: "none",
  retries: {},
  cardSlotCount: 1,
  activeCardSlot: 1,
};

/** The card as a locked or a ready one tells of itself. */
export function withCard(
  facts: SimPartState,
  pinRequired: PinType | "none",
  { iccid, pin }: SimState & { is: "locked" | "ready" },
): SimPartState {
  const card = { ...facts, present: true, pinRequired, ...(iccid === undefined ? {} : { iccid }) };
  return pin === undefined ? card : withPin(card, pin);
}

export function withPin(facts: SimPartState, { required, retries, locked }: PinState): SimPartState {
  // Without a required PIN the modem's count is that of the first PIN.
  const counted = required === "none" ? "pin" : required;
  const wanted: readonly PinType[] = required === "pin" && !facts.lockedPins.includes("pin") ? ["pin"] : [];
  return {
    ...facts,
    pinRequired: required,
    retries: retries === undefined ? facts.retries : { ...facts.retries, [counted]: retries },
    lockedPins: locked ?? [...facts.lockedPins, ...wanted],
  };
}

/** The card with the lock of `type` enabled, or not. */
export function withLock(facts: SimPartState, type: PinType, isEnabled: boolean): SimPartState {
  const others = facts.lockedPins.filter((other) => other !== type);
  return { ...facts, lockedPins: isEnabled ? [...others, type] : others };
}

/** The card without who the subscriber is. */
export function withoutSubscriber({ imsi: _imsi, mcc: _mcc, mnc: _mnc, ...rest }: SimPartState): SimPartState {
  return { ...rest, subscriberNumbers: [] };
}
