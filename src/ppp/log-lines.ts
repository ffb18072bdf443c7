/**
 * What pppd's log tells, line by line. Pure. The texts are those of pppd 2.4.9 to 2.5.2; the packets in angle brackets are
 * there because of `debug`. @see ppp-project/ppp pppd/{auth,ipcp,ipv6cp,lcp,upap,chap-new,fsm,main,tty,sys-linux}.c
 */
import { upMarker } from "./options.js";

/** Everything that was heard of one connection so far. */
export interface Heard {
  readonly interfaceName?: string;
  readonly address?: string;
  readonly peerAddress?: string;
  readonly dns: readonly string[];
  /** Link-local, with the interface identifier that was negotiated. */
  readonly address6?: string;
  /** Addresses and name servers are all told. */
  readonly ipv4Up: boolean;
  readonly ipv6Up: boolean;
  /** The peer does not know the protocol. */
  readonly ipv4Rejected: boolean;
  readonly ipv6Rejected: boolean;
  /** What the peer asked us to authenticate with, last. */
  readonly asked?: "PAP" | "CHAP" | "EAP";
  /** Something came from the peer at all. */
  readonly peerHeard: boolean;
  /** LCP is open: both ends agreed on the link. */
  readonly linkAgreed: boolean;
  readonly authRefused: boolean;
  readonly authUnanswered: boolean;
  /** The peer's own words about a refusal or an end, where it has any. */
  readonly peerWords?: string;
  /** The peer has ended LCP. */
  readonly peerTerminated: boolean;
  readonly ipcpUnanswered: boolean;
  readonly loopedBack: boolean;
  readonly echoLost: boolean;
  readonly hungUp: boolean;
  /** The kernel refused the serial PPP line discipline. */
  readonly noLineDiscipline: boolean;
  /** errno's words of the port that could not be opened. */
  readonly portRefused?: string;
  /** The last line that complains of something, for a cause that no row knows. */
  readonly complaint?: string;
}

export const nothingHeard: Heard = {
  dns: [],
  ipv4Up: false,
  ipv6Up: false,
  ipv4Rejected: false,
  ipv6Rejected: false,
  peerHeard: false,
  linkAgreed: false,
  authRefused: false,
  authUnanswered: false,
  peerTerminated: false,
  ipcpUnanswered: false,
  loopedBack: false,
  echoLost: false,
  hungUp: false,
  noLineDiscipline: false,
};

interface Row {
  readonly line: RegExp;
  readonly tells: (found: RegExpExecArray, heard: Heard) => Partial<Heard>;
}

const asked = { pap: "PAP", chap: "CHAP", eap: "EAP" } as const;
const isAsked = (word: string | undefined): word is keyof typeof asked => word !== undefined && word in asked;

const rows: readonly Row[] = [
  { line: /^Using interface (\S+)$/, tells: ([, interfaceName = ""]) => ({ interfaceName }) },
  { line: /^local {2}IP address (\S+)$/, tells: ([, address = ""]) => ({ address, dns: [], ipv4Up: false }) },
  { line: /^remote IP address (\S+)$/, tells: ([, peerAddress = ""]) => ({ peerAddress }) },
  {
    line: /^(?:primary {3}|secondary )DNS address (\S+)$/,
    tells: ([, server = ""], { dns }) => (dns.includes(server) ? {} : { dns: [...dns, server] }),
  },
  {
    line: new RegExp(`^Script ${upMarker} started`),
    tells: (_, { address }) => (address === undefined ? {} : { ipv4Up: true }),
  },
  { line: /^local {2}LL address (\S+)$/, tells: ([, address6 = ""]) => ({ address6 }) },
  { line: /^remote LL address /, tells: () => ({ ipv6Up: true }) },
  { line: /^Protocol-Reject for .*\b0x8021\b.* received$/, tells: () => ({ ipv4Rejected: true }) },
  { line: /^Protocol-Reject for .*\b0x8057\b.* received$/, tells: () => ({ ipv6Rejected: true }) },
  {
    line: /^rcvd \[LCP ConfReq .*<auth (\w+)/,
    tells: ([, word]) => ({ peerHeard: true, ...(isAsked(word) ? { asked: asked[word] } : {}) }),
  },
  { line: /^rcvd \[LCP ConfAck /, tells: () => ({ peerHeard: true }) },
  { line: /^rcvd \[(?:PAP|CHAP|EAP|IPCP|IPV6CP) /, tells: () => ({ linkAgreed: true }) },
  { line: /^sent \[(?:PAP|IPCP|IPV6CP) /, tells: () => ({ linkAgreed: true }) },
  { line: /^rcvd \[/, tells: () => ({ peerHeard: true }) },
  { line: /^(?:PAP|CHAP|EAP) authentication failed$/, tells: () => ({ authRefused: true }) },
  { line: /^No response to PAP authenticate-requests$/, tells: () => ({ authUnanswered: true }) },
  { line: /^Remote message: (.+)$/, tells: ([, peerWords = ""]) => ({ peerWords }) },
  { line: /^CHAP authentication failed: (.+)$/, tells: ([, peerWords = ""]) => ({ authRefused: true, peerWords }) },
  { line: /^LCP terminated by peer$/, tells: () => ({ peerTerminated: true }) },
  {
    line: /^LCP terminated by peer \((.*)\)$/,
    tells: ([, peerWords = ""]) => ({ peerTerminated: true, peerWords }),
  },
  { line: /^IPCP: timeout sending Config-Requests$/, tells: () => ({ ipcpUnanswered: true }) },
  { line: /^Serial line is looped back\.$/, tells: () => ({ loopedBack: true }) },
  { line: /^No response to \d+ echo-requests$/, tells: () => ({ echoLost: true }) },
  { line: /^Modem hangup$/, tells: () => ({ hungUp: true }) },
  { line: /^Couldn't set tty to PPP discipline: /, tells: () => ({ noLineDiscipline: true }) },
  { line: /^Failed to (?:re)?open \S+: (.+)$/, tells: ([, portRefused = ""]) => ({ portRefused }) },
];

/** Begins like what pppd says with the severity warning and above; names nobody and no secret. */
const complaints =
  /^(?:Couldn't|Could not(?! determine remote)|Failed|Can't|Cannot|ioctl|Peer|must be root|.*unrecognized option)/i;

export function heardAfter(heard: Heard, line: string): Heard {
  const complaint = complaints.test(line) ? { complaint: line } : {};
  for (const { line: pattern, tells } of rows) {
    const found = pattern.exec(line);
    if (found) return { ...heard, ...complaint, ...tells(found, heard) };
  }
  return { ...heard, ...complaint };
}

/** Lines that hold a user name or what a password could be guessed from. */
export const isPrivate = (line: string): boolean => /^(?:sent|rcvd) \[(?:PAP|CHAP|EAP) /.test(line);
