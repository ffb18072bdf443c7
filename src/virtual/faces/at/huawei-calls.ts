/** Huawei's network interface: connected by ^NDISDUP, told by ^NDISSTAT, addressed by ^DHCP?. @see ME909s, "^NDISDUP" */
import { ipv4Bytes } from "../../../codec/address.js";
import type { Happening } from "../../machine.js";
import { hasIpv4, hasIpv6, type Session } from "../../model/session.js";
import type { ModemState } from "../../model/state.js";
import type { AuthMethod } from "../../model/words.js";
import { type Answer, no, ok, type Row, type Serving } from "./answer.js";
import { cme, cmeOf } from "./refusals.js";

/** The session that the interface itself carries; the context is the first. */
const sessionId = 0;
const cid = "1";

const auths: readonly AuthMethod[] = ["none", "pap", "chap"];
const prefixLength = 24;

const sessionOf = ({ sessions }: ModemState): (Session & { readonly is: "active" }) | undefined => {
  const session = sessions.find(({ id }) => id === sessionId);
  return session?.is === "active" ? session : undefined;
};

/** Answered at once; what becomes of it is told. */
function dial({ machine }: Serving, args: readonly string[]): Answer {
  const [context, wanted, apn = "", username = "", password = "", auth = "0"] = args;
  if (context !== cid || (wanted !== "0" && wanted !== "1")) return no(cme.incorrectParameters);
  if (wanted === "0") {
    machine.send({ type: "disconnect", id: sessionId });
    return ok();
  }
  const known = machine.state.contexts.find((defined) => String(defined.cid) === cid);
  const credentials = { username, password, auth: auths[Number(auth)] ?? "none" };
  const { refusal, state } = machine.send({
    type: "connect",
    id: sessionId,
    request: { apn, ...credentials, pdn: known?.pdn ?? "default" },
  });
  return refusal === undefined ? ok() : no(cmeOf(refusal, state));
}

const words = (session: Session & { readonly is: "active" }): readonly string[] => [
  ...(hasIpv4(session.pdn) ? ['1,,,"IPV4"'] : []),
  ...(hasIpv6(session.pdn) ? ['1,,,"IPV6"'] : []),
];

/** Each family in a line of its own. */
export function huaweiCallNews({ before, outcome }: Happening): readonly string[] {
  const session = sessionOf(outcome.state);
  if (session !== undefined) return sessionOf(before) ? [] : words(session).map((text) => `^NDISSTAT:${text}`);
  const ended = outcome.ended.find(({ id }) => id === sessionId);
  if (ended === undefined) return [];
  const cause = ended.cause ?? "";
  return [`^NDISSTAT:0,${cause},,"IPV4"`, `^NDISSTAT:0,${cause},,"IPV6"`];
}

/** The bytes of a 32-bit number of the modem's, lowest first, without leading zeros. */
const number = (address: string): string => Buffer.from(ipv4Bytes(address)).readUInt32LE().toString(16).toUpperCase();

function addresses({ machine: { state, profile } }: Serving): Answer {
  const session = sessionOf(state);
  if (session === undefined || !hasIpv4(session.pdn)) return no(cme.notAllowed);
  const router = number(profile.pool.ipv4Router);
  const mask = ((1 << prefixLength) - 1).toString(16).toUpperCase();
  return ok(`^DHCP:${[number(session.lease.ipv4), mask, router, router, router, 0, 236800, 236800].join(",")}`);
}

export const huaweiCallRows: readonly Row[] = [
  { name: "^NDISDUP", set: dial, test: "(1-16),(0,1)" },
  {
    name: "^NDISSTATQRY",
    read: ({ machine: { state } }) => {
      const session = sessionOf(state);
      return ok(`^NDISSTATQRY:${session === undefined ? '0,,,"IPV4"' : words(session).join(",")}`);
    },
  },
  { name: "^DHCP", read: addresses },
];
