/** Rules about PINs: which lengths a card can take, and when wwand enters one by itself. */
import type { PinState, PinType } from "./types.js";

export type PukType = "puk" | "firstphonepuk" | "puk2" | "networkpuk" | "netsubpuk" | "servicepuk" | "corppuk";

/** The PIN that each PUK unblocks. */
export const pinOfPuk: Readonly<Record<PukType, PinType>> = {
  puk: "pin",
  firstphonepuk: "firstphone",
  puk2: "pin2",
  networkpuk: "network",
  netsubpuk: "netsub",
  servicepuk: "service",
  corppuk: "corp",
};

/** The unblocking key that unblocks a PIN; for callers that name the PIN. */
const puks: Readonly<Partial<Record<PinType, PinType>>> = {
  pin: "puk",
  pin2: "puk2",
  firstphone: "firstphonepuk",
  network: "networkpuk",
  netsub: "netsubpuk",
  service: "servicepuk",
  corp: "corppuk",
};
export const pukOf = (type: PinType): PinType => puks[type] ?? type;

export const isPuk = (type: PinType): type is PukType => type in pinOfPuk;

/**
 * True when the card could accept this text at all; anything else must not reach it.
 * @see 3GPP TS 31.101 9.5.1 (CHV: 4 to 8 digits), TS 22.022 (personalisation control keys: up to 16)
 */
export function pinFits(type: PinType, secret: string): boolean {
  if (isPuk(type)) return /^[0-9]{8}$/.test(secret);
  return (type === "pin" || type === "pin2" ? /^[0-9]{4,8}$/ : /^[0-9]{4,16}$/).test(secret);
}

/** PINs that cards have accepted, by ICCID, in memory only. */
export class PinMemory {
  readonly #byIccid = new Map<string, string>();
  get(iccid: string | undefined): string | undefined {
    return iccid === undefined ? undefined : this.#byIccid.get(iccid);
  }
  remember(iccid: string | undefined, pin: string): void {
    if (iccid !== undefined) this.#byIccid.set(iccid, pin);
  }
  forget(iccid: string | undefined): void {
    if (iccid !== undefined) this.#byIccid.delete(iccid);
  }
}

export interface PinSituation {
  readonly state: PinState;
  /** Accepted by this card earlier in this process. */
  readonly remembered: string | undefined;
  readonly configured: string | undefined;
  /** The card has refused the configured PIN once: kept in the store, for ever. */
  readonly configuredRefused: boolean;
  /** wwand has already entered a PIN since the card was inserted or the modem was reset. */
  readonly tried: boolean;
}

/** Three tries are what an untouched card has; fewer means that somebody is already wrong. */
const untouchedRetries = 3;

/** The PIN that wwand enters by itself now, or why it enters none. A wrong guess can cost the user his card. */
export function ownPin(
  situation: PinSituation,
): { readonly enter: string; readonly from: "memory" | "config" } | { readonly because: string } {
  const { state, remembered, configured, configuredRefused, tried } = situation;
  if (state.required !== "pin") return { because: `${state.required} is wanted, only a person can enter it` };
  if (remembered === undefined && configured === undefined) return { because: "no PIN is configured for this card" };
  if (tried) return { because: "a PIN was already tried" };
  if (state.retries === undefined) return { because: "the modem does not tell how many tries are left" };
  if (state.retries < untouchedRetries) return { because: `only ${state.retries} tries are left` };
  if (remembered !== undefined && pinFits("pin", remembered)) return { enter: remembered, from: "memory" };
  if (configuredRefused) return { because: "the card has refused the configured PIN before" };
  if (configured === undefined || !pinFits("pin", configured))
    return { because: "the configured PIN has no valid form" };
  return { enter: configured, from: "config" };
}
