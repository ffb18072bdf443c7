/** Attach and sessions: what host and network may do to them, in every state. */
import type { PdnRequest } from "./carrier.js";
import { freeLease, type Lease } from "./pool.js";
import type { VirtualProfile } from "./profile.js";
import { heldLeases, type Session, settle } from "./session.js";
import { type ModemState, type Outcome, type PdpContext, radioRefusal, refuse, unchanged } from "./state.js";
import { esm, type Refusal } from "./words.js";

export type PacketEvent =
  | { readonly type: "attach" }
  | { readonly type: "attachAnswered"; readonly ticket: number }
  | { readonly type: "detach" }
  | { readonly type: "networkDetach"; readonly cause: number | undefined }
  | { readonly type: "connect"; readonly id: number; readonly request: PdnRequest }
  | { readonly type: "pdnAnswered"; readonly ticket: number }
  | { readonly type: "disconnect"; readonly id: number }
  /** Without `id` all of them. */
  | { readonly type: "dropBearer"; readonly cause: number; readonly id?: number }
  /** 0: they are granted again. */
  | { readonly type: "refuseCalls"; readonly cause: number }
  | { readonly type: "changeIp" }
  | { readonly type: "fixedIp"; readonly on: boolean }
  | { readonly type: "operatorOption"; readonly content: string }
  | ({ readonly type: "defineContext" } & PdpContext)
  | { readonly type: "undefineContext"; readonly cid: number };

export function packetStep(profile: VirtualProfile, state: ModemState, event: PacketEvent): Outcome {
  switch (event.type) {
    case "attach":
      return attach(state);
    case "attachAnswered":
      return state.packet.is === "attaching" && state.packet.ticket === event.ticket
        ? unchanged({ ...state, packet: { is: "attached" } })
        : unchanged(state);
    case "detach":
      return detach({ ...state, attachWanted: false }, undefined, undefined);
    case "networkDetach":
      return detach({ ...state, attachWanted: false }, event.cause, esm.regularDeactivation);
    case "connect":
      return connect(profile, state, event.id, event.request);
    case "pdnAnswered":
      return pdnAnswered(profile, state, event.ticket);
    case "disconnect":
      return state.sessions.some(({ id }) => id === event.id)
        ? endSessions(state, undefined, ({ id }) => id === event.id)
        : refuse(state, { why: "notActive" });
    case "dropBearer":
      return dropBearer(state, event.cause, ({ id }) => event.id === undefined || event.id === id);
    case "refuseCalls":
      return unchanged({ ...state, carrier: { ...state.carrier, callCause: event.cause || undefined } });
    case "changeIp":
      return changeIp(profile, state);
    case "operatorOption":
      return unchanged({ ...state, carrier: { ...state.carrier, operatorOption: event.content } });
    case "fixedIp":
      return unchanged({ ...state, carrier: { ...state.carrier, fixedIp: event.on } });
    case "defineContext": {
      const { type: _, ...context } = event;
      return unchanged(withContexts(state, context.cid, [context]));
    }
    case "undefineContext":
      return unchanged(withContexts(state, event.cid, []));
  }
}

/** What was defined under this number gives way to `now`. */
function withContexts(state: ModemState, cid: number, now: readonly PdpContext[]): ModemState {
  const others = state.contexts.filter((context) => context.cid !== cid);
  return { ...state, contexts: [...others, ...now].sort((a, b) => a.cid - b.cid) };
}

/** Ends the sessions that `which` names, all by default. `cause` is the network's, undefined for the host's own wish. */
export function endSessions(
  state: ModemState,
  cause: number | undefined,
  which: (session: Session) => boolean = () => true,
): Outcome {
  const ended = state.sessions.filter(which).map(({ id }) => ({ id, cause }));
  if (ended.length === 0) return unchanged(state);
  return { state: { ...state, sessions: state.sessions.filter((session) => !which(session)) }, ended };
}

const dropBearer = (state: ModemState, cause: number, which: (session: Session) => boolean): Outcome =>
  state.sessions.some(which) ? endSessions(state, cause, which) : refuse(state, { why: "notActive" });

/** Packet service goes, and every session with it. */
export function detach(state: ModemState, attachCause: number | undefined, sessionCause: number | undefined): Outcome {
  const outcome = endSessions(state, sessionCause);
  if (state.packet.is === "detached") return outcome;
  return { ...outcome, state: { ...outcome.state, packet: { is: "detached", cause: attachCause } } };
}

/** Begins to attach; for the host's request as well as for the modem's own. */
export function attach(state: ModemState): Outcome {
  const refusal = radioRefusal(state) ?? registrationRefusal(state);
  if (refusal !== undefined) return refuse(state, refusal);
  if (state.packet.is !== "detached") return unchanged({ ...state, attachWanted: true });
  const packet = { is: "attaching", ticket: state.nextTicket } as const;
  return unchanged({ ...state, packet, attachWanted: true, nextTicket: state.nextTicket + 1 });
}

function registrationRefusal({ registration }: ModemState): Refusal | undefined {
  if (registration.is === "registered") return undefined;
  return registration.is === "denied" ? { why: "network", cause: registration.cause } : { why: "notRegistered" };
}

function connectRefusal(profile: VirtualProfile, state: ModemState, id: number): Refusal | undefined {
  const radio = radioRefusal(state);
  if (radio !== undefined) return radio;
  if (state.registration.is !== "registered") return { why: "notRegistered" };
  if (state.packet.is !== "attached") return { why: "detached" };
  const same = state.sessions.find((session) => session.id === id);
  if (same !== undefined) return { why: same.is === "active" ? "alreadyActive" : "busy" };
  return state.sessions.length >= profile.device.maxSessions ? { why: "tooManySessions" } : undefined;
}

function connect(profile: VirtualProfile, state: ModemState, id: number, request: PdnRequest): Outcome {
  const refusal = connectRefusal(profile, state, id);
  if (refusal !== undefined) return refuse(state, refusal);
  const session: Session = { is: "activating", id, ticket: state.nextTicket, request };
  return unchanged({ ...state, sessions: [...state.sessions, session], nextTicket: state.nextTicket + 1 });
}

function pdnAnswered(profile: VirtualProfile, state: ModemState, ticket: number): Outcome {
  const session = state.sessions.find((s) => s.is === "activating" && s.ticket === ticket);
  if (session?.is !== "activating") return unchanged(state);
  const others = state.sessions.filter((s) => s !== session);
  const { callCause } = state.carrier;
  if (callCause !== undefined)
    return { state: { ...state, sessions: others }, ended: [{ id: session.id, cause: callCause }] };
  const settled = settle(profile, session, others, state.carrier.fixedIp ? 0 : state.nextLease);
  if ("refusedWith" in settled) {
    return { state: { ...state, sessions: others }, ended: [{ id: session.id, cause: settled.refusedWith }] };
  }
  return unchanged({ ...state, sessions: [...others, settled.session], nextLease: settled.nextLease });
}

function changeIp(profile: VirtualProfile, state: ModemState): Outcome {
  const held = new Set(heldLeases(state.sessions));
  // The halves of one connection stay together.
  const moved = new Map<number, Lease>();
  if (held.size === 0) return refuse(state, { why: "notActive" });
  let { nextLease } = state;
  const sessions = state.sessions.map((session) => {
    if (session.is !== "active") return session;
    const lease = moved.get(session.lease.number) ?? freeLease(profile.pool, nextLease, held);
    if (lease === undefined) return session;
    moved.set(session.lease.number, lease);
    held.add(lease.number);
    nextLease = lease.number + 1;
    return { ...session, lease };
  });
  return unchanged({ ...state, sessions, nextLease });
}
