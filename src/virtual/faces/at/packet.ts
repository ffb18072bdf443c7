/** Packet service and what is to be connected. @see 3GPP TS 27.007 10.1.1, 10.1.9, 10.1.10, 10.1.19 */
import { ipv6Bytes } from "../../../codec/address.js";
import { hasIpv4, hasIpv6 } from "../../model/session.js";
import type { Pdn } from "../../model/words.js";
import { type Answer, no, ok, type Reply, type Row, type Serving, small, tell } from "./answer.js";
import { dialledContext } from "./data-mode.js";
import { cme, cmeOf } from "./refusals.js";
import { kept } from "./settings.js";

/** The network's name of the APN: with the operator behind it. @see 3GPP TS 23.003 9.1 */
function activeContexts({ machine }: Serving, [cid]: readonly string[]): Answer {
  const { profile, state } = machine;
  // The bearer that comes with the attach, without a line for addresses: a host has opened none.
  if (state.registration.is !== "registered" || state.packet.is !== "attached") return ok();
  const { mcc, mnc, technology } = state.registration.operator;
  const apn = `${profile.defaultApn}.mnc${mnc.padStart(3, "0")}.mcc${mcc}.gprs`;
  return ok(...(technology === "lte" && (cid === undefined || cid === "1") ? [`+CGCONTRDP: 1,5,"${apn}"`] : []));
}

/** Of a call over a port, or of the one that firmware makes by itself, which goes by the first context. IPv6 as numbers. */
function addresses({ machine: { state } }: Serving, [number]: readonly string[]): Answer {
  const cid = small(number, mostContexts);
  if (cid === undefined || !state.contexts.some((context) => context.cid === cid)) return no(cme.incorrectParameters);
  const session = state.sessions.find(({ id }) => id === cid) ?? state.sessions.find(({ id }) => cid === 1 && id === 0);
  if (session?.is !== "active") return ok(`+CGPADDR: ${cid},""`);
  const { lease, pdn } = session;
  const texts = [...(hasIpv4(pdn) ? [lease.ipv4] : []), ...(hasIpv6(pdn) ? [ipv6Bytes(lease.ipv6).join(".")] : [])];
  return ok(`+CGPADDR: ${[cid, ...texts.map((text) => `"${text}"`)].join(",")}`);
}

const types = { ipv4: "IP", ipv6: "IPV6", ipv4v6: "IPV4V6" } as const satisfies Record<Pdn, string>;
const pdnOf: Readonly<Record<string, Pdn>> = { IP: "ipv4", IPV6: "ipv6", IPV4V6: "ipv4v6" };
const mostContexts = 16;

const range = (pdn: Pdn): string => `(1-${mostContexts}),"${types[pdn]}",,,(0-2),(0-4)`;

/** A number alone makes the context undefined. */
function define(serving: Serving, [number, type, apn = ""]: readonly string[]): Answer {
  const cid = small(number, mostContexts);
  if (cid === undefined || cid === 0) return no(cme.incorrectParameters);
  if (type === undefined) return tell(serving, { type: "undefineContext", cid });
  const pdn = pdnOf[type.toUpperCase()];
  return pdn === undefined ? no(cme.incorrectParameters) : tell(serving, { type: "defineContext", cid, pdn, apn });
}

function attach({ machine }: Serving, [wanted]: readonly string[]): Reply {
  if (wanted !== "0" && wanted !== "1") return no(cme.incorrectParameters);
  const { refusal, state } = machine.send({ type: wanted === "1" ? "attach" : "detach" });
  if (refusal !== undefined) return no(cmeOf(refusal, state));
  return {
    later: ({ packet }) => {
      if (packet.is === "attaching") return undefined;
      return (packet.is === "attached") === (wanted === "1") ? ok() : no(cme.noService);
    },
  };
}

/** A call is only dialled where there is packet service; voice finds nobody. */
function dial({ machine }: Serving, cid: number | undefined): Reply {
  const isAttached = machine.state.packet.is === "attached";
  return cid === undefined || cid === 0 || cid > mostContexts || !isAttached ? no("NO CARRIER") : { dial: cid };
}

export const packetRows: readonly Row[] = [
  {
    name: "+CGATT",
    test: "(0,1)",
    read: ({ machine }) => ok(`+CGATT: ${machine.state.packet.is === "attached" ? 1 : 0}`),
    set: attach,
  },
  {
    name: "+CGDCONT",
    test: (["ipv4", "ipv6", "ipv4v6"] as const).map(range).join("\r\n+CGDCONT: "),
    read: ({ machine }) =>
      ok(
        ...machine.state.contexts.map(({ cid, pdn, apn }) => `+CGDCONT: ${cid},"${types[pdn]}","${apn}","0.0.0.0",0,0`),
      ),
    set: define,
  },
  { name: "D", execute: (serving, [number = ""]) => dial(serving, dialledContext(number)) },
  {
    name: "+CGDATA",
    test: '("PPP")',
    set: (serving, [protocol = "PPP", cid = "1"]) =>
      protocol.toUpperCase() === "PPP" ? dial(serving, small(cid, mostContexts)) : no(cme.incorrectParameters),
  },
  kept("+CGEREP", "0,0", "(0-2),(0,1)"),
  { name: "+CGPADDR", set: addresses, test: "" },
  { name: "+CGCONTRDP", execute: activeContexts, set: activeContexts, test: "" },
];
