/** What the domain asks of a driver about cards beside `SimPort`; the rules of `ports.ts` hold. */
import type { Plmn, SimSlot } from "./types.js";

export interface SimSlotsPort {
  read(signal: AbortSignal): Promise<readonly SimSlot[]>;
  /** Resolves when the modem has taken it; the other card comes by `simChanged`. Rejects with `invalid` without such a slot. */
  activate(number: number, signal: AbortSignal): Promise<void>;
}

/** Whose card it is, where the modem knows and `SimPort` does not tell. */
export interface HomeNetworkPort {
  read(signal: AbortSignal): Promise<Plmn & { readonly name?: string }>;
}

/** Networks that are tried first, best first. @see 3GPP TS 31.102 4.2.5 (EF_PLMNwAcT) */
export interface PreferredNetworksPort {
  read(signal: AbortSignal): Promise<readonly Plmn[]>;
}

/**
 * Networks that once refused the card and are not tried any more, and those that another host has forbidden the modem.
 * @see 3GPP TS 31.102 4.2.16 (EF_FPLMN)
 */
export interface ForbiddenNetworksPort {
  read(signal: AbortSignal): Promise<readonly Plmn[]>;
  clear(signal: AbortSignal): Promise<void>;
}

/** Logical channels to the card, e.g. for an eSIM tool. @see ETSI TS 102 221 11.1.17 */
export interface CardChannelsPort {
  /** Selects the application `aid`. `channel` is the driver's name for it; `selected`: the card's answer, status words included. */
  open(aid: Buffer, signal: AbortSignal): Promise<{ readonly channel: number; readonly selected: Buffer }>;
  /** Resolves with data and status words. The driver sets the channel bits of the class byte where the modem does not. */
  transmit(channel: number, apdu: Buffer, signal: AbortSignal): Promise<Buffer>;
  /** Idempotent. */
  close(channel: number, signal: AbortSignal): Promise<void>;
}
