/** What one end of a multiplexed line knows, what happens to it and what comes of that. Values only. */
import type { DlcOutcome, DlcState } from "./dlc.js";
import type { Frame } from "./frame.js";
import type { MessageName } from "./message.js";
import type { Signals } from "./values.js";

export interface MuxSettings {
  /** Who has sent AT+CMUX is the initiator. */
  readonly role: "initiator" | "responder";
  /** N1: information of one frame, in bytes. */
  readonly maxInfoBytes: number;
  /** T1: until a frame that must be answered is sent again. */
  readonly frameMs: number;
  /** T2: the same of a message on the control channel. */
  readonly messageMs: number;
  /** N2: how often either is sent at most. */
  readonly mostTries: number;
  /** Whether the far end may open this DLC. */
  mayBeOpened(dlci: number): boolean;
}

export interface Dlc {
  readonly link: DlcState;
  readonly ours: Signals;
  readonly theirs: Signals;
}

/** A command of ours on the control channel that waits for its response. */
export interface Asked {
  readonly name: MessageName;
  readonly value: Buffer;
  readonly tries: number;
}

export interface MuxState {
  /** `over` is final. */
  readonly is: "up" | "leaving" | "over";
  readonly dlcs: ReadonlyMap<number, Dlc>;
  /** By what is asked of which DLC: a newer question takes the place of an older one. */
  readonly asked: ReadonlyMap<string, Asked>;
  /** FCoff: the far end takes frames of the control channel only. */
  readonly isHeldBack: boolean;
  /** PSC: the far end must be woken up before it hears anything. */
  readonly isAsleep: boolean;
}

/** Of a line that has just been switched: everything must still be opened. */
export const freshMux: MuxState = {
  is: "up",
  dlcs: new Map(),
  asked: new Map(),
  isHeldBack: false,
  isAsleep: false,
};

export type MuxEvent =
  | { readonly type: "frame"; readonly frame: Frame }
  /** The far end sends flags only. */
  | { readonly type: "flags" }
  | { readonly type: "open" | "close"; readonly dlci: number }
  /** Our lines on this DLC are these from now on. */
  | { readonly type: "signals"; readonly dlci: number; readonly signals: Signals }
  /** Asks whether the far end still is one: no answer ends everything. */
  | { readonly type: "check" }
  | { readonly type: "leave" }
  /** The time of `wait` has passed. */
  | { readonly type: "due"; readonly timer: string };

export type MuxEnd = "left" | "closed by the far end" | "unanswered";

export type MuxEffect =
  | { readonly do: "send"; readonly frame: Frame }
  /** The timer of that name runs anew. */
  | { readonly do: "wait"; readonly timer: string; readonly ms: number }
  | { readonly do: "told"; readonly dlci: number; readonly outcome: DlcOutcome }
  | { readonly do: "data"; readonly dlci: number; readonly bytes: Buffer }
  | { readonly do: "signalled"; readonly dlci: number; readonly signals: Signals }
  /** Nobody answers this command: most firmware knows only some of them. */
  | { readonly do: "unanswered"; readonly name: MessageName }
  | { readonly do: "end"; readonly why: MuxEnd };

const idle: Signals = { holdsBack: false, ready: false, willReceive: false, ring: false, carrier: false };
/** Ready in both directions. */
export const readySignals: Signals = { ...idle, ready: true, willReceive: true };

const unknownDlc: Dlc = { link: { is: "closed" }, ours: readySignals, theirs: idle };

export const dlcOf = ({ dlcs }: MuxState, dlci: number): Dlc => dlcs.get(dlci) ?? unknownDlc;

export const isOpen = (state: MuxState, dlci: number): boolean => dlcOf(state, dlci).link.is === "open";

/** Whether the far end takes data of this DLC now. */
export const maySend = (state: MuxState, dlci: number): boolean =>
  state.is === "up" && isOpen(state, dlci) && !state.isHeldBack && !dlcOf(state, dlci).theirs.holdsBack;
