/** Whether the TCP connections of one uplink talk into a void. Pure. */
import { durationText } from "../policy/durations.js";
import type { Listener } from "./silence-watch.js";
import type { TcpConnection } from "./types.js";

export interface Silence {
  /** Connections that wait for an acknowledgement that is overdue. */
  readonly waiting: number;
  /** Since any connection heard anything. */
  readonly quietMs: number;
}

/** Acknowledgements may be delayed by 200 ms. @see RFC 1122 section 4.2.3.2, TCP_DELACK_MAX in net/tcp.h */
const overdueMs = 300;
/** The first retransmission comes 200 ms after the segment at the earliest. @see TCP_RTO_MIN in net/tcp.h */
const leastQuietMs = 200;

/**
 * Undefined while anything new is heard: one dead server among living ones says nothing about the uplink. What was sent after
 * a long pause has to be overdue itself.
 * @param sinceProgressMs Since any of them had anything new acknowledged or received: a far end that hears nothing any more
 * goes on repeating itself.
 */
export function silenceOf(connections: readonly TcpConnection[], sinceProgressMs: number): Silence | undefined {
  const sinceHeardMs = Math.min(...connections.map((connection) => connection.sinceHeardMs));
  const quietMs = Math.max(sinceHeardMs, sinceProgressMs);
  const waiting = connections.filter(isOverdue).length;
  return waiting > 0 && quietMs >= leastQuietMs ? { waiting, quietMs } : undefined;
}

/** Whether any connection got on since the last look, or is new. */
export const hasProgress = (before: readonly TcpConnection[], now: readonly TcpConnection[]): boolean =>
  now.some(({ id, progressBytes }) => before.find((one) => one.id === id)?.progressBytes !== progressBytes);

const isOverdue = ({ unacked, retransmits, sinceSentMs }: TcpConnection): boolean =>
  unacked > 0 && (retransmits > 0 || sinceSentMs >= overdueMs);

const silenceText = ({ waiting, quietMs }: Silence): string =>
  `${waiting} TCP ${waiting === 1 ? "connection hears" : "connections hear"} nothing for ${durationText(quietMs)}`;

/** When to look again: no connection, none that speaks, one that does, one that waits. */
const paceMs = { idle: 1_000, quiet: 400, busy: 200, waiting: 100 } as const;
/** A connection that was not used for so long is quiet. */
const restMs = 1_000;

export function nextLookMs(connections: readonly TcpConnection[], sinceProgressMs: number): number {
  if (connections.length === 0) return paceMs.idle;
  const isWaiting = connections.some(({ unacked }) => unacked > 0);
  if (isWaiting && sinceProgressMs >= paceMs.waiting) return paceMs.waiting;
  return connections.some(({ sinceSentMs }) => sinceSentMs < restMs) ? paceMs.busy : paceMs.quiet;
}

export interface TcpState {
  readonly connections: readonly TcpConnection[];
  readonly progressAtMs: number;
}

export const listenToTcp: Listener<TcpConnection, TcpState> = (connections, { nowMs }, before) => {
  const isStuck = before !== undefined && !hasProgress(before.connections, connections);
  const progressAtMs = isStuck ? before.progressAtMs : nowMs;
  const sinceProgressMs = nowMs - progressAtMs;
  const silence = silenceOf(connections, sinceProgressMs);
  const nextMs = nextLookMs(connections, sinceProgressMs);
  return { connections, progressAtMs, silence: silence && silenceText(silence), nextMs };
};
