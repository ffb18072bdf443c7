/** What questions weigh on the wire, headers of IP and above included, both directions: what a mobile network counts. */
import type { IpFamily } from "../types.js";
import type { CheckPolicy, ProbeTarget } from "./types.js";

const ipHeaderBytes = { 4: 20, 6: 40 } as const;
/** Header and cookie. */
const icmpBytes = 8 + 16;
const udpHeaderBytes = 8;
/** With the timestamps option, as Linux sends it. */
const tcpHeaderBytes = 32;
const tcpSynBytes = 40;
const segmentBytes = 1_300;

/** One echo request or reply, as small as it can be. */
export const echoBytes = (family: IpFamily): number => ipHeaderBytes[family] + icmpBytes;

/** Of a packet of so many bytes: what is neither header nor cookie. */
export const echoPaddingBytes = (family: IpFamily, packetBytes: number): number => packetBytes - echoBytes(family);

/** The smallest that both families can have. */
export const leastEchoBytes = echoBytes(6);

export const datagramBytes = (family: IpFamily, payloadBytes: number): number =>
  ipHeaderBytes[family] + udpHeaderBytes + payloadBytes;

/**
 * A TCP connection that carried so much, both directions together: SYN, SYN-ACK and ACK with their options, FIN and ACK both
 * ways, and one acknowledgement for each full segment.
 */
export function connectionBytes(family: IpFamily, payloadBytes: number): number {
  const empty = 2 * (ipHeaderBytes[family] + tcpSynBytes) + 5 * (ipHeaderBytes[family] + tcpHeaderBytes);
  const segments = Math.ceil(payloadBytes / segmentBytes);
  return empty + payloadBytes + 2 * segments * (ipHeaderBytes[family] + tcpHeaderBytes);
}

/** Nothing but the first SYN, unanswered or refused. */
export const refusedBytes = (family: IpFamily): number => 2 * (ipHeaderBytes[family] + tcpSynBytes);

/** Typical payloads, rounded up: a handshake is mostly the server's certificates, 3 to 5 kB. */
const typical = { handshake: 6_000, page: 1_000, dnsQuestion: 40, dnsAnswer: 120 } as const;

const lookupBytes = (family: IpFamily): number =>
  datagramBytes(family, typical.dnsQuestion) + datagramBytes(family, typical.dnsAnswer);

/** Of one question and its answer, before it is asked. A name is counted as if it were looked up each time. */
export function questionBytes(target: ProbeTarget, family: IpFamily): number {
  const lookup = "host" in target && target.families.length > 1 ? lookupBytes(family) : 0;
  switch (target.kind) {
    case "icmp":
      return lookup + 2 * (target.packetBytes ?? echoBytes(family));
    case "dns":
      return lookupBytes(family);
    case "tcp":
      return lookup + connectionBytes(family, 0);
    case "tls":
      return lookup + connectionBytes(family, typical.handshake);
    case "http":
      return lookup + connectionBytes(family, typical.page);
    case "https":
      return lookup + connectionBytes(family, typical.handshake + typical.page);
    case "command":
      return target.costBytes;
  }
}

/** Of one round: of one family, or of both. */
export function roundBytes({ targets }: Pick<CheckPolicy, "targets">, only?: IpFamily): number {
  const families = ([4, 6] as const).filter((family) => only === undefined || family === only);
  return families
    .flatMap((family) =>
      targets.filter((target) => target.families.includes(family)).map((one) => questionBytes(one, family)),
    )
    .reduce((sum, bytes) => sum + bytes, 0);
}

const dayMs = 86_400_000;
/** Half of a budget comes in even portions over the day, the other half is for bursts (../probe/budget.ts). */
export const sustainedBytesPerMs = (bytesPerDay: number): number => bytesPerDay / 2 / dayMs;
/** However little is left, one round is asked so often. */
export const longestWaitMs = 3_600_000;

/** The smallest budget that pays for that. */
export const leastBudget = (check: Pick<CheckPolicy, "targets">): number =>
  (2 * roundBytes(check) * dayMs) / longestWaitMs;

/** From round to round while up: as written, or as the budget allows in the long run. */
export function sustainedIdleMs(check: Pick<CheckPolicy, "targets" | "every" | "budgetBytesPerDay">): number {
  const { every, budgetBytesPerDay } = check;
  if (budgetBytesPerDay === undefined) return every.idleMs;
  return Math.max(every.idleMs, Math.min(roundBytes(check) / sustainedBytesPerMs(budgetBytesPerDay), longestWaitMs));
}
