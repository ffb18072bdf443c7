/** What a person or a tool may ask of an open modem beside what oFono knows. Rules of `api.ts` hold. */
import type { Cell, Plmn, RadioChoice, RadioSelection, SimSlot, Temperature } from "./types.js";

/** A logical channel to the card. It belongs to whoever opened it, and goes when the owner, the card or the modem goes. */
export interface OpenedChannel {
  readonly channel: number;
  /** The card's answer to the selection of the application, status words included. */
  readonly selected: Buffer;
}

/** Every command rejects with `notAvailable` while the modem is off and with `notImplemented` where it cannot do that. */
export interface ModemControl {
  /** Serving cells first. */
  cells(): Promise<readonly Cell[]>;
  radioSelection(): Promise<RadioSelection>;
  preferRadio(wanted: Partial<RadioChoice>): Promise<void>;
  simSlots(): Promise<readonly SimSlot[]>;
  activateSimSlot(number: number): Promise<void>;
  /** Networks that the card prefers, best first. */
  preferredNetworks(): Promise<readonly Plmn[]>;
  forbiddenNetworks(): Promise<readonly Plmn[]>;
  clearForbiddenNetworks(): Promise<void>;
  /** Its receiver for satellites. */
  gnss(): Promise<"on" | "off" | "unknown">;
  setGnss(on: boolean): Promise<void>;
  temperatures(): Promise<readonly Temperature[]>;
  /** The device restarts: it leaves and comes back. */
  reset(): Promise<void>;
  /** Sends AT commands of the vendor, after which the device leaves and comes back with other functions. */
  changeComposition(commands: readonly string[]): Promise<void>;
  openCardChannel(owner: string, aid: Buffer): Promise<OpenedChannel>;
  /** `accessDenied` for a channel of somebody else's. */
  transmitToCard(owner: string, channel: number, apdu: Buffer): Promise<Buffer>;
  closeCardChannel(owner: string, channel: number): Promise<void>;
  /** The owner has left: its channels are closed. */
  closeCardChannelsOf(owner: string): void;
}
