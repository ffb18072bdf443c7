/** The whole virtual modem as one value. */
import type { CarrierState, Selection } from "./carrier.js";
import { heardCells, type RadioChoice } from "./cells.js";
import type { MessageState } from "./messages.js";
import type { OperatorProfile, VirtualProfile } from "./profile.js";
import type { EndedSession, Session } from "./session.js";
import type { SimState } from "./sim.js";
import type { UssdState } from "./ussd.js";
import type { AuthMethod, Pdn, Refusal } from "./words.js";

export type Registration =
  /** Radio off, or no card that may be used. */
  | { readonly is: "off" }
  | { readonly is: "deregistered" }
  | { readonly is: "searching"; readonly ticket: number }
  | { readonly is: "registered"; readonly operator: OperatorProfile }
  | { readonly is: "denied"; readonly cause: number };

export type PacketService =
  | { readonly is: "detached"; readonly cause: number | undefined }
  | { readonly is: "attaching"; readonly ticket: number }
  | { readonly is: "attached" };

/** A PDN connection as it is to be asked for; the modem keeps it without power. @see 3GPP TS 27.007 10.1.1 */
export interface PdpContext {
  readonly cid: number;
  readonly pdn: Pdn;
  readonly apn: string;
  readonly name?: string;
  readonly username?: string;
  readonly password?: string;
  readonly auth?: AuthMethod;
}

/** Cards of an operator (`sim`), or its network to any card. */
export interface Forbidden {
  readonly plmn: string;
  readonly list: "sim" | "network";
}

export interface ModemState {
  /** Unplugged otherwise; the card and the network remember, the modem does not. */
  readonly powered: boolean;
  /** The card in the active slot. */
  readonly sim: SimState;
  /** From 1. */
  readonly activeSlot: number;
  /** The cards in the other slots, by number. */
  readonly otherCards: Readonly<Record<number, SimState>>;
  readonly softwareOn: boolean;
  readonly hardwareOn: boolean;
  readonly carrier: CarrierState;
  readonly selection: Selection;
  /** What it may use of what it has; kept without power. */
  readonly choice: RadioChoice;
  readonly fccLocked: boolean;
  /** It looks for satellites. */
  readonly receiverOn: boolean;
  /** What a host has forbidden the modem; kept without power. */
  readonly blacklist: readonly Forbidden[];
  /** Logical channels to the card that hosts have opened. */
  readonly channels: readonly { readonly number: number; readonly aid: Buffer }[];
  readonly registration: Registration;
  readonly packet: PacketService;
  /** Packet service comes back by itself after a lost registration. */
  readonly attachWanted: boolean;
  readonly sessions: readonly Session[];
  /** Kept without power. */
  readonly messages: MessageState;
  /** By number. */
  readonly contexts: readonly PdpContext[];
  readonly ussd: UssdState;
  readonly nextLease: number;
  /** Names the waits, so that the late timer of an abandoned one means nothing. */
  readonly nextTicket: number;
}

export interface Outcome {
  readonly state: ModemState;
  /** Set when the event was a request and the answer is no. */
  readonly refusal?: Refusal;
  readonly ended: readonly EndedSession[];
}

export const unchanged = (state: ModemState): Outcome => ({ state, ended: [] });
export const refuse = (state: ModemState, refusal: Refusal): Outcome => ({ state, refusal, ended: [] });

/** Why the card cannot be used; undefined when it can. */
export function simRefusal({ sim }: ModemState): Refusal | undefined {
  if (sim.slot === "ready") return undefined;
  if (sim.slot === "empty") return { why: "simAbsent" };
  return { why: sim.slot === "blocked" ? "cardBlocked" : "pinRequired" };
}

/** Why nothing can be asked of the network now; undefined when it can. */
export function radioRefusal(state: ModemState): Refusal | undefined {
  const radioOn = state.powered && state.softwareOn && state.hardwareOn;
  return simRefusal(state) ?? (radioOn ? undefined : { why: "radioOff" });
}

/** Something that takes time: when `delayMs` is over, the event goes to the model, which knows by the ticket if it is stale. */
export interface Wait {
  readonly ticket: number;
  readonly delayMs: number;
  readonly due:
    | { readonly type: "searchAnswered"; readonly ticket: number }
    | { readonly type: "attachAnswered"; readonly ticket: number }
    | { readonly type: "pdnAnswered"; readonly ticket: number }
    | { readonly type: "ussdAnswered"; readonly ticket: number };
}

/** All that is being waited for in this state. */
export function waitsOf(profile: VirtualProfile, state: ModemState): readonly Wait[] {
  const { searchMs, attachMs, connectMs } = profile.timing;
  const waits: Wait[] = [];
  const { registration, packet, ussd } = state;
  if (registration.is === "searching") {
    const { ticket } = registration;
    waits.push({ ticket, delayMs: searchMs, due: { type: "searchAnswered", ticket } });
  }
  if (packet.is === "attaching") {
    const { ticket } = packet;
    waits.push({ ticket, delayMs: attachMs, due: { type: "attachAnswered", ticket } });
  }
  if (ussd.dialogue.is === "asked" && !("silent" in ussd.dialogue.step)) {
    const { ticket } = ussd.dialogue;
    waits.push({ ticket, delayMs: connectMs, due: { type: "ussdAnswered", ticket } });
  }
  for (const session of state.sessions) {
    if (session.is !== "activating") continue;
    const { ticket } = session;
    waits.push({ ticket, delayMs: connectMs, due: { type: "pdnAnswered", ticket } });
  }
  return waits;
}

/** What a host with an eye on the modem would notice between two states. */
export type Change =
  | "sim"
  | "radio"
  | "registration"
  | "packetService"
  | "signal"
  | "addresses"
  | "cell"
  | "slots"
  | "ussd"
  | "protocolOptions"
  | "blacklist";

export function changesBetween(before: ModemState, after: ModemState): readonly Change[] {
  const changes: Change[] = [];
  if (before.sim.slot !== after.sim.slot || before.sim.subscriber !== after.sim.subscriber) changes.push("sim");
  if (before.activeSlot !== after.activeSlot || hasCard(before) !== hasCard(after)) changes.push("slots");
  if (before.softwareOn !== after.softwareOn || before.hardwareOn !== after.hardwareOn) changes.push("radio");
  if (!sameRegistration(before.registration, after.registration)) changes.push("registration");
  if (before.packet.is !== after.packet.is) changes.push("packetService");
  if (signalOf(before) !== signalOf(after)) changes.push("signal");
  if (isServed(before) && isServed(after) && heardCells(before)[0] !== heardCells(after)[0]) changes.push("cell");
  if (before.carrier.operatorOption !== after.carrier.operatorOption) changes.push("protocolOptions");
  if (before.blacklist !== after.blacklist) changes.push("blacklist");
  if (before.ussd.word?.sequence !== after.ussd.word?.sequence) changes.push("ussd");
  if (after.sessions.some((session) => gotOtherLease(before.sessions, session))) changes.push("addresses");
  return changes;
}

const isServed = ({ registration }: ModemState): boolean => registration.is === "registered";

const hasCard = ({ sim }: ModemState): boolean => sim.slot !== "empty";

const sameRegistration = (a: Registration, b: Registration): boolean =>
  a === b ||
  (a.is === b.is &&
    (a.is !== "denied" || b.is !== "denied" || a.cause === b.cause) &&
    (a.is !== "registered" || b.is !== "registered" || a.operator === b.operator));

function gotOtherLease(before: readonly Session[], session: Session): boolean {
  const old = before.find(({ id }) => id === session.id);
  return old?.is === "active" && session.is === "active" && old.lease.number !== session.lease.number;
}

/** What the modem hears, in dBm; undefined without a serving cell. */
export const signalOf = (state: ModemState): number | undefined =>
  state.registration.is === "registered" ? (state.carrier.rssiDbm ?? state.registration.operator.rssiDbm) : undefined;
