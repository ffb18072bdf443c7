/** Uplinks that wait without a connection until they are needed. */

/** How far the modem of an uplink is kept up: as it waits, or as it carries. */
export type StandbyWish = "off" | "attached" | "connected";

/** Of one uplink that is not kept connected. */
export type StandbyState =
  | { readonly is: "waiting" }
  | { readonly is: "needed"; readonly because: string }
  /** Not needed any more; given back when it has been so for so much longer. */
  | { readonly is: "settling"; readonly leftMs: number };

/** By uplink; one that stands by hot has none. */
export type StandbyMemory = ReadonlyMap<string, StandbyState>;

export interface StandbyStep {
  readonly states: StandbyMemory;
  readonly wishes: ReadonlyMap<string, StandbyWish>;
  /** Time alone changes it after so long; absent: it does not. */
  readonly againInMs?: number;
}
