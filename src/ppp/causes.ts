/** Why a connection ended, or did not come up: what pppd's exit code and its log say together. Pure. */
import { type FailureCause, ModemError, type ModemErrorCode } from "../runtime/error.js";
import type { ProgramEnd } from "../runtime/program.js";
import { exitCodes } from "./exit-codes.js";
import type { Heard } from "./log-lines.js";
import { authOf, type PppRequest } from "./request.js";

interface Facts {
  readonly heard: Heard;
  /** -1: ended by a signal, or not started. */
  readonly exitCode: number;
  readonly wasUp: boolean;
  readonly request: PppRequest;
}

interface Cause {
  /** What a program can go by, beside the exit code. */
  readonly name: string;
  readonly code: ModemErrorCode;
  readonly when: (facts: Facts) => boolean;
  readonly sentence: string | ((facts: Facts) => string);
}

const exits =
  (...codes: readonly number[]) =>
  ({ exitCode }: Facts): boolean =>
    codes.includes(exitCode);

const withWords = (sentence: string, { peerWords }: Heard): string =>
  peerWords === undefined ? sentence : `${sentence} ("${peerWords}")`;

/** The peer asks for what the context cannot answer. */
const cannotAnswer = ({ heard: { asked }, request, wasUp }: Facts): boolean => {
  const auth = authOf(request);
  return !wasUp && asked !== undefined && asked.toLowerCase() !== auth;
};

/** The first that fits is the cause: what the machine lacks, then what the two ends could not agree on, then ends of calls. */
const causes: readonly Cause[] = [
  {
    name: "NoKernelPpp",
    code: "unsupported",
    when: exits(exitCodes.noKernelSupport),
    sentence: "no kernel PPP: CONFIG_PPP (module ppp_generic) is missing, or /dev/ppp cannot be opened here",
  },
  {
    name: "NoKernelPppAsync",
    code: "unsupported",
    when: ({ heard }) => heard.noLineDiscipline,
    sentence: "no kernel PPP on serial ports: CONFIG_PPP_ASYNC (module ppp_async) is missing",
  },
  {
    name: "NotRoot",
    code: "unsupported",
    when: exits(exitCodes.notRoot),
    sentence: "pppd does not run as root (uid 0)",
  },
  {
    name: "OptionRefused",
    code: "unsupported",
    when: exits(exitCodes.options),
    sentence: ({ heard }) => `this pppd refuses an option: ${heard.complaint ?? "it does not say which"}`,
  },
  {
    name: "PortRefused",
    code: "refused",
    when: exits(exitCodes.locked, exitCodes.portNotOpened),
    sentence: ({ heard }) => `the port cannot be opened: ${heard.portRefused ?? "another program has locked it"}`,
  },
  {
    name: "LoopedBack",
    code: "refused",
    when: ({ heard, exitCode }) => heard.loopedBack || exitCode === exitCodes.loopback,
    sentence: "the port sends back what it is sent: the modem is not in data mode",
  },
  {
    name: "CredentialsMissing",
    code: "refused",
    when: (facts) => cannotAnswer(facts) && authOf(facts.request) === "none",
    sentence: ({ heard }) => `the network asks for ${heard.asked} and this context has no credentials`,
  },
  {
    name: "OtherAuthAsked",
    code: "refused",
    when: cannotAnswer,
    sentence: ({ heard, request }) =>
      `the network asks for ${heard.asked} and this context allows ${authOf(request).toUpperCase()} only`,
  },
  {
    name: "CredentialsRefused",
    code: "refused",
    when: ({ heard, exitCode }) => heard.authRefused || exitCode === exitCodes.notAuthenticated,
    sentence: ({ heard }) => withWords(`the network refuses user name or password (${heard.asked})`, heard),
  },
  {
    name: "AuthUnanswered",
    code: "refused",
    when: ({ heard }) => heard.authUnanswered,
    sentence: "the network does not answer user name and password",
  },
  {
    name: "EchoLost",
    code: "refused",
    when: ({ heard, exitCode }) => heard.echoLost || exitCode === exitCodes.echoLost,
    sentence: "LCP echo lost: the modem does not answer any more",
  },
  {
    name: "PeerEnded",
    code: "refused",
    when: ({ heard, wasUp }) => wasUp && heard.peerTerminated,
    sentence: ({ heard }) => withWords("the network ended the connection", heard),
  },
  {
    name: "PeerEndedDuringIpcp",
    code: "refused",
    when: ({ heard }) => heard.peerTerminated && heard.linkAgreed,
    sentence: ({ heard }) => withWords("the peer ended during IPCP: credentials or APN", heard),
  },
  {
    name: "PeerEndedDuringLcp",
    code: "refused",
    when: ({ heard }) => heard.peerTerminated,
    sentence: ({ heard }) => withWords("the peer ended during LCP", heard),
  },
  {
    name: "CarrierLost",
    code: "refused",
    when: ({ heard, exitCode }) => heard.hungUp || exitCode === exitCodes.hangup,
    sentence: ({ wasUp }) =>
      wasUp ? "carrier lost: the modem hung up" : "carrier lost while the link was being negotiated",
  },
  {
    name: "IpcpUnanswered",
    code: "refused",
    when: ({ heard, wasUp }) => !wasUp && heard.ipcpUnanswered,
    sentence: "the network does not answer IPCP: it gives no IPv4 address",
  },
  {
    name: "FamilyRejected",
    code: "refused",
    when: ({ heard, wasUp, request: { families } }) =>
      !wasUp && (heard.ipv4Rejected || families === "ipv6") && (heard.ipv6Rejected || families === "ip"),
    sentence: ({ request }) => `the modem does not speak ${request.families === "ip" ? "IPCP" : "IPV6CP"}`,
  },
  {
    name: "PeerSilent",
    code: "refused",
    when: ({ heard, wasUp, exitCode }) => !wasUp && !heard.peerHeard && exitCode === exitCodes.negotiationFailed,
    sentence: "no PPP from the modem: it does not answer LCP on this port",
  },
  {
    name: "NegotiationFailed",
    code: "refused",
    when: exits(exitCodes.negotiationFailed),
    sentence: ({ heard }) => `the two ends do not agree${heard.complaint === undefined ? "" : `: ${heard.complaint}`}`,
  },
  {
    name: "Ended",
    code: "refused",
    when: ({ wasUp, exitCode }) => wasUp && (exitCode === exitCodes.ok || exitCode === exitCodes.signal),
    sentence: "pppd was told to end by another program",
  },
];

/** The last row: a fatal error of pppd's, a signal, a code of a later version. */
const unknown: Omit<Cause, "when"> = {
  name: "Failed",
  code: "refused",
  sentence: ({ exitCode, heard }) =>
    `pppd ended${exitCode < 0 ? " by a signal" : ` with ${exitCode}`}${heard.complaint === undefined ? "" : `: ${heard.complaint}`}`,
};

/** What to tell the user, with pppd's exit code and the name of the cause as `failure`. */
export function causeOfEnd(heard: Heard, end: ProgramEnd, wasUp: boolean, request: PppRequest): ModemError {
  const facts: Facts = { heard, exitCode: end.exitCode ?? -1, wasUp, request };
  const { name, code, sentence } = causes.find(({ when }) => when(facts)) ?? unknown;
  const failure: FailureCause = { domain: "pppd", code: facts.exitCode, name };
  return new ModemError(code, typeof sentence === "string" ? sentence : sentence(facts), {
    failure,
    ...(end.error === undefined ? {} : { cause: end.error }),
  });
}
