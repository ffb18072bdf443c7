/**
 * The option file that pppd reads from a descriptor, so that no credential is in an argument list or on a disk. Pure.
 * Only options that pppd 2.4.9 and 2.5 both know. @see pppd(8)
 */
import { ModemError } from "../runtime/error.js";
import { authOf, type PppAuth, type PppRequest } from "./request.js";

/** An option and its values. */
type Option = readonly [name: string, ...values: (string | number)[]];

/** An executable that does nothing. pppd reports its start once addresses and name servers are all told. */
export const upMarker = "/bin/true";

/** What holds for every connection, and why. */
const always: readonly Option[] = [
  ["nodetach"], // a child that goes into the background is nobody's
  ["debug"], // what the peer asks for is in the packets only: "the network asks for CHAP"
  ["noauth"], // networks do not authenticate themselves
  ["nolock"], // the driver owns the port
  ["nodefaultroute"], // routes are the policy's
  ["noipdefault"], // the host name's address is no proposal
  ["ipcp-accept-local"],
  ["ipcp-accept-remote"],
  ["noccp"], // modems terminate PPP themselves and compress nothing
  ["novj"], // broken in many modems, worth nothing today
  ["asyncmap", 0], // USB passes all eight bits
  ["lcp-echo-interval", 20],
  ["lcp-echo-failure", 3],
  ["lcp-echo-adaptive"], // no question while packets come in
  ["ip-up-script", upMarker],
  ["ip-down-script", "/nonexistent"],
];

const refusals: Readonly<Record<PppAuth, readonly Option[]>> = {
  none: [["refuse-pap"], ["refuse-chap"], ["refuse-mschap"], ["refuse-mschap-v2"], ["refuse-eap"]],
  pap: [["refuse-chap"], ["refuse-mschap"], ["refuse-mschap-v2"], ["refuse-eap"]],
  chap: [["refuse-pap"], ["refuse-eap"]],
};

const families: Readonly<Record<PppRequest["families"], readonly Option[]>> = {
  ip: [["usepeerdns"], ["noipv6"]],
  ipv6: [["noip"], ["+ipv6"]],
  dual: [["usepeerdns"], ["+ipv6"]],
};

/**
 * One option a line.
 * @throws ModemError `invalid` for credentials that pppd cannot take
 */
export function pppdOptions(request: PppRequest): Buffer {
  const auth = authOf(request);
  const { ttyPath, baudRate = 115_200, hardwareFlowControl = false, carrierDetect = false, mtu } = request;
  const options: readonly Option[] = [
    [ttyPath],
    [String(baudRate)],
    [hardwareFlowControl ? "crtscts" : "nocrtscts"],
    [carrierDetect ? "modem" : "local"],
    ...always,
    ...families[request.families],
    ...refusals[auth],
    ...(auth === "none" ? [] : credentials(request)),
    ...(mtu === undefined ? [] : [["mtu", mtu] as const, ["mru", mtu] as const]),
    ...(request.interfaceName === undefined ? [] : [["ifname", request.interfaceName] as const]),
  ];
  return Buffer.from(options.map((option) => `${option.map(word).join(" ")}\n`).join(""), "latin1");
}

/** MAXNAMELEN and MAXSECRETLEN with their terminating zero. */
const maxCredentialBytes = 255;

function credentials({ username, password }: PppRequest): readonly Option[] {
  for (const [what, value] of [
    ["user name", username],
    ["password", password],
  ] as const)
    if (value.includes("\0") || Buffer.byteLength(value) > maxCredentialBytes)
      throw new ModemError("invalid", `the ${what} has more than ${maxCredentialBytes} bytes, or a zero in it`);
  return [
    ["user", username],
    ["password", password],
  ];
}

/** One word of an option file: what is not plain is written as octal bytes, which no quoting can misread. */
function word(value: string | number): string {
  const octets = [...Buffer.from(String(value), "utf8")].map((byte) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9/+._:-]/.test(char) ? char : `\\${byte.toString(8).padStart(3, "0")}`;
  });
  return octets.length === 0 ? '""' : octets.join("");
}
