/** What udhcpc's script tells (report.sh), as typed events. Pure. */
import { isIPv4 } from "node:net";
import type { IpSettings } from "../network/types.js";

/** @see udhcpc's events: busybox networking/udhcp/dhcpc.c */
export type DhcpEvent =
  /** `renew` may bring another address, too. */
  | { readonly is: "bound" | "renew"; readonly settings: IpSettings; readonly leaseS: number }
  /** The server refuses the address; udhcpc begins anew. `message`: its words, often none. */
  | { readonly is: "nak"; readonly message: string }
  /** The address is not ours (any more): at the start, after a NAK, and when the lease has run out. */
  | { readonly is: "deconfig" }
  /** Nobody answered; udhcpc goes on asking. */
  | { readonly is: "leasefail" };

const fields = ["event", "ip", "mask", "router", "dns", "mtu", "lease", "message"] as const;
type Report = Readonly<Record<(typeof fields)[number], string>>;

/** Below it IPv4 does not work. @see RFC 791 3.1 */
const minimumMtu = 576;

/** Cuts the stream of fields, each ended by a zero, into reports. */
export class Reports {
  #rest: readonly string[] = [];
  #tail = "";

  feed(bytes: Buffer): readonly DhcpEvent[] {
    const [...whole] = (this.#tail + bytes.toString("latin1")).split("\0");
    this.#tail = whole.pop() ?? "";
    const all = [...this.#rest, ...whole];
    const count = Math.floor(all.length / fields.length);
    this.#rest = all.slice(count * fields.length);
    return Array.from({ length: count }, (_, i) => all.slice(i * fields.length)).flatMap(eventOf);
  }
}

function eventOf(values: readonly string[]): readonly DhcpEvent[] {
  const report = Object.fromEntries(fields.map((name, i) => [name, values[i] ?? ""])) as Report;
  switch (report.event) {
    case "bound":
    case "renew": {
      const settings = settingsOf(report);
      return settings === undefined ? [] : [{ is: report.event, settings, leaseS: Number(report.lease) }];
    }
    case "nak":
      return [{ is: "nak", message: report.message }];
    case "deconfig":
    case "leasefail":
      return [{ is: report.event }];
    default:
      return [];
  }
}

/** The first router counts: Linux has one default route for each link. */
function settingsOf({ ip, mask, router, dns, mtu }: Report): IpSettings | undefined {
  if (!isIPv4(ip)) return undefined;
  const gateway = words(router).find(isIPv4);
  const prefixLength = /^([0-9]|[12][0-9]|3[0-2])$/.test(mask) ? Number(mask) : 32;
  return {
    ...(Number(mtu) >= minimumMtu ? { mtu: Number(mtu) } : {}),
    ipv4: {
      method: "static",
      obtained: "dhcp",
      address: ip,
      prefixLength,
      ...(gateway === undefined || gateway === "0.0.0.0" ? {} : { gateway }),
      dns: words(dns).filter(isIPv4),
    },
  };
}

const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== "");
