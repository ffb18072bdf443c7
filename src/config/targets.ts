/** Targets of a check: `icmp://1.1.1.1`, `icmp://[2620:fe::fe]`, `tcp://192.0.2.1:443`. */
import type { ProbeTarget } from "../network/policy/types.js";
import { canonicalAddress } from "./addresses.js";

const schemes: Readonly<Record<string, string>> = {
  icmp: '"icmp://ADDRESS", e.g. "icmp://1.1.1.1" or "icmp://[2620:fe::fe]"',
  tcp: '"tcp://ADDRESS:PORT", e.g. "tcp://192.0.2.1:443" or "tcp://[2001:db8::1]:443"',
};
/** Of the full language. */
const laterSchemes = ["dns", "tls", "http", "https"];

export function parseTarget(text: string): { readonly target: ProbeTarget } | { readonly expected: string } {
  const [, scheme = "", rest = ""] = text.match(/^([a-z][a-z0-9]*):\/\/(.*)$/) ?? [];
  if (laterSchemes.includes(scheme)) return { expected: `icmp:// or tcp:// ("${scheme}://" is not supported yet)` };
  const expected = schemes[scheme];
  if (expected === undefined) return { expected: Object.values(schemes).join(" or ") };
  const { host, port } = splitHost(rest);
  const address = canonicalAddress(host);
  // A name would have to be resolved first, over an uplink that may be the broken one.
  if (address === undefined) return { expected: `${expected}; names are not supported yet` };
  if (scheme === "icmp") return port === undefined ? { target: { kind: "icmp", ...address, text } } : { expected };
  if (port === undefined || port < 1 || port > 65_535) return { expected };
  return { target: { kind: "tcp", ...address, port, text } };
}

function splitHost(rest: string): { host: string; port: number | undefined } {
  const [, bracketed, plain, port] = rest.match(/^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/) ?? [];
  return { host: bracketed ?? plain ?? "", port: port === undefined ? undefined : Number(port) };
}
