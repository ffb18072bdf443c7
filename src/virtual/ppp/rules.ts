/** What the modem's end of a PPP link agrees to, by protocol. Pure. */
import { ipv4Bytes } from "../../codec/address.js";
import { type Option, protocols } from "./control-packet.js";
import type { Rules } from "./negotiation.js";

export type AskedAuth = "none" | "pap" | "chap";

/** @see RFC 1661 6, RFC 1662 7.1, RFC 1994 3 */
const lcp = { mru: 1, asyncMap: 2, auth: 3, magic: 5, protocolCompression: 7, addressCompression: 8 } as const;
const acceptable: readonly number[] = [
  lcp.mru,
  lcp.asyncMap,
  lcp.magic,
  lcp.protocolCompression,
  lcp.addressCompression,
];
const md5 = 5;
const authValues: Readonly<Record<AskedAuth, Buffer | undefined>> = {
  none: undefined,
  pap: Buffer.from([protocols.pap >> 8, protocols.pap & 0xff]),
  chap: Buffer.from([protocols.chap >> 8, protocols.chap & 0xff, md5]),
};

/** LCP: asks for authentication; unless it insists it goes on without where the peer has no credentials, as sticks do. */
export class LinkRules implements Rules {
  /** What is asked for now, and with a link that is up: what the peer has agreed to. */
  auth: AskedAuth;

  constructor(
    auth: AskedAuth,
    private readonly insists: boolean,
  ) {
    this.auth = auth;
  }

  readonly ours = (): readonly Option[] => {
    const value = authValues[this.auth];
    return value === undefined ? [] : [{ type: lcp.auth, value }];
  };

  readonly judge = ({ type }: Option) => (acceptable.includes(type) ? "ack" : "reject");

  readonly refused = (options: readonly Option[], how: "nak" | "reject"): boolean => {
    const refusal = options.find(({ type }) => type === lcp.auth);
    if (refusal === undefined || this.insists) return false;
    const proposed = (["pap", "chap"] as const).find((auth) => authValues[auth]?.equals(refusal.value));
    this.auth = how === "reject" ? "none" : (proposed ?? "none");
    return true;
  };
}

/** @see RFC 1332 3.3, RFC 1877 1 */
const ipcp = { address: 3, primaryDns: 129, secondaryDns: 131 } as const;

export interface Ipv4Offer {
  readonly address: string;
  readonly router: string;
  readonly resolver: string;
}

/** The peer takes what the network gave, or nothing. */
export function ipv4Rules({ address, router, resolver }: Ipv4Offer): Rules {
  const right: Readonly<Record<number, Buffer>> = {
    [ipcp.address]: ipv4Bytes(address),
    [ipcp.primaryDns]: ipv4Bytes(resolver),
    [ipcp.secondaryDns]: ipv4Bytes(resolver),
  };
  let tellsRouter = true;
  return {
    ours: () => (tellsRouter ? [{ type: ipcp.address, value: ipv4Bytes(router) }] : []),
    judge: ({ type, value }) => {
      const wanted = right[type];
      return wanted === undefined ? "reject" : wanted.equals(value) ? "ack" : wanted;
    },
    refused: () => {
      tellsRouter = false;
      return true;
    },
  };
}

/** @see RFC 5072 4.1 */
const interfaceIdOption = 1;
const routerInterfaceId = Buffer.from("0000000000000001", "hex");

/** @param interfaceId 16 hex digits, as the network gave them. */
export function ipv6Rules(interfaceId: string): Rules {
  const right = Buffer.from(interfaceId, "hex");
  return {
    ours: () => [{ type: interfaceIdOption, value: routerInterfaceId }],
    judge: ({ type, value }) => (type !== interfaceIdOption ? "reject" : right.equals(value) ? "ack" : right),
    refused: () => false,
  };
}
