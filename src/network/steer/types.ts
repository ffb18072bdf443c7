/** What steering decides from and with. */
import type { ConnmanService } from "./service.js";

/** An uplink of the policy's tiers, as far as steering needs it; in order of preference. */
export interface SteeredUplink {
  readonly name: string;
  readonly interfaceName?: string;
  readonly kind: "ethernet" | "wwan";
  /** From 0. */
  readonly tier: number;
  readonly standby: "hot" | "warm" | "cold";
  /** How long to wait before an uplink that cannot be checked is tried again. */
  readonly steadyMs: number;
  /** IMSIs of the cards in its modems. */
  readonly cards: readonly string[];
  /** Packets can leave by it. */
  readonly present: boolean;
  /** Present, and its check says no: down, or never answered. */
  readonly failing: boolean;
  /** Present and verified. */
  readonly verified: boolean;
}

export interface SteerView {
  /** In ConnMan's order; undefined: not read, or ConnMan is not on the bus. */
  readonly services: readonly ConnmanService[] | undefined;
  readonly uplinks: readonly SteeredUplink[];
  /** What the plan wants; undefined: nothing can carry. */
  readonly wanted: string | undefined;
  /** By which uplink the kernel's default leaves now; undefined: by none of them. */
  readonly carries: string | undefined;
  readonly nowMs: number;
}

export type SteerCall =
  | { readonly do: "move"; readonly uplink: string; readonly path: string; readonly before: string }
  | { readonly do: "connect"; readonly uplink: string; readonly path: string };

/** One call as it ended. */
export interface SteerAnswer {
  readonly call: SteerCall;
  readonly askedMs: number;
  readonly answeredMs: number;
  /** ConnMan's refusal, or why there was no answer. */
  readonly error?: string;
}

/** Moves of one wish that came to nothing, one after the other. */
export interface Failing {
  readonly sinceMs: number;
  readonly count: number;
  /** ConnMan's refusal; empty: it said yes. */
  readonly because: string;
  /** What was asked last. */
  readonly asked: SteerCall;
}

export interface Asked {
  readonly to: string;
  readonly sinceMs: number;
  readonly call: SteerCall;
  readonly failing: Failing | undefined;
}

/** Where the order of services stands, for the uplink that the plan wants. */
export type MoveState =
  | { readonly is: "none" }
  | ({ readonly is: "asking" } & Asked)
  /** ConnMan said yes, which proves nothing: the kernel is looked at until the answer has stood its time. */
  | ({ readonly is: "answered" } & Asked)
  /** `asked`: what brought it about; absent: it was so by itself. */
  | { readonly is: "held"; readonly to: string; readonly sinceMs: number; readonly asked?: Asked }
  | { readonly is: "failed"; readonly to: string; readonly sinceMs: number; readonly failing: Failing }
  /** ConnMan has it first already, and the default route is elsewhere all the same. */
  | { readonly is: "stuck"; readonly to: string; readonly sinceMs: number }
  /** Put back and undone too often. */
  | { readonly is: "throttled"; readonly to: string; readonly sinceMs: number };

export interface MoveMemory {
  readonly state: MoveState;
  /** Moves of the last minute. */
  readonly askedMs: readonly number[];
}

/** The last Connect of one uplink. */
export interface ConnectAttempt {
  readonly is: "asking" | "answered" | "refused";
  readonly askedMs: number;
  /** Attempts since it last worked, this one included. */
  readonly attempts: number;
  /** Uplinks that were connected when it was asked. */
  readonly others: readonly string[];
  readonly because?: string;
}

export interface ConnectMemory {
  readonly attempts: Readonly<Record<string, ConnectAttempt>>;
  /** ConnMan disconnected another uplink when one was connected. */
  readonly exclusive: boolean;
  /** Since when two uplinks have been connected at the same time. */
  readonly togetherSinceMs?: number;
  /** Since when a preferred uplink has been disconnected where only one may be connected. */
  readonly awaySinceMs?: number;
}

export interface SteerMemory {
  readonly move: MoveMemory;
  readonly connect: ConnectMemory;
}

export const noSteering: SteerMemory = {
  move: { state: { is: "none" }, askedMs: [] },
  connect: { attempts: {}, exclusive: false },
};

export interface SteerStep {
  readonly memory: SteerMemory;
  readonly calls: readonly SteerCall[];
  /** Time alone may ask for another step after this long. */
  readonly againInMs?: number;
}
