/** systemd-resolved by its bus API. @see org.freedesktop.resolve1(5) */
import { isIPv4 } from "node:net";
import { IPv4, IPv6 } from "ip-num";
import type { DnsLink, DnsPlan } from "../plan/types.js";
import type { BusCall, DnsBackend } from "./types.js";

const afInet = 2;
const afInet6 = 10;

/**
 * Sets our links' servers with the routing-only domain `~.`, which takes every query away from links that wwand does not
 * manage (networkd refuses changes to its own links with LinkBusy).
 */
export class ResolvedDns implements DnsBackend {
  /** What resolved has of ours, by interface index. */
  readonly #links = new Map<number, DnsLink>();

  /** Links that this run has set or reverted. */
  readonly #known = new Set<number>();

  constructor(private readonly call: BusCall) {}

  async apply({ links, idle }: DnsPlan, signal: AbortSignal): Promise<void> {
    const changed = links.filter((link) => !same(this.#links.get(link.ifindex), link));
    const gone = [...this.#links.keys()].filter((ifindex) => !links.some((link) => link.ifindex === ifindex));
    // A run that was killed may have left its servers on a link: resolved keeps them until someone says otherwise.
    const left = [...new Set([...gone, ...idle.filter((ifindex) => !this.#known.has(ifindex))])];
    for (const link of changed) await this.#set(link, signal);
    for (const ifindex of left) await this.#revert(ifindex, signal);
    if (changed.length + left.length > 0) await this.#manager("FlushCaches", "", [], signal);
  }

  restore(signal: AbortSignal): Promise<void> {
    return this.apply({ links: [], idle: [] }, signal);
  }

  forget(): void {
    this.#links.clear();
    this.#known.clear();
  }

  async #set(link: DnsLink, signal: AbortSignal): Promise<void> {
    const { ifindex, servers } = link;
    await this.#manager("SetLinkDNS", "ia(iay)", [ifindex, servers.map(serverStruct)], signal);
    await this.#manager("SetLinkDomains", "ia(sb)", [ifindex, [[".", true]]], signal);
    await this.#manager("SetLinkDefaultRoute", "ib", [ifindex, true], signal);
    this.#links.set(ifindex, link);
    this.#known.add(ifindex);
  }

  async #revert(ifindex: number, signal: AbortSignal): Promise<void> {
    this.#links.delete(ifindex);
    this.#known.add(ifindex);
    try {
      await this.#manager("RevertLink", "i", [ifindex], signal);
    } catch (error) {
      // The interface is gone, and what resolved knew of it.
      if (!isNoSuchLink(error)) throw error;
    }
  }

  async #manager(member: string, signature: string, body: readonly unknown[], signal: AbortSignal): Promise<void> {
    await this.call(
      {
        destination: "org.freedesktop.resolve1",
        path: "/org/freedesktop/resolve1",
        interface: "org.freedesktop.resolve1.Manager",
        member,
        signature,
        body,
      },
      signal,
    );
  }
}

const same = (a: DnsLink | undefined, b: DnsLink): boolean => a?.servers.join() === b.servers.join();

/** By bus name where the caller kept it, else by resolved's own words. */
const isNoSuchLink = (error: unknown): boolean =>
  error instanceof Error && /NoSuchLink|Link \d+ not known/.test(`${error.name} ${error.message}`);

function serverStruct(address: string): readonly [number, Uint8Array] {
  const v4 = isIPv4(address);
  const value = v4 ? new IPv4(address).value : new IPv6(address).value;
  const hex = value.toString(16).padStart(v4 ? 8 : 32, "0");
  return [v4 ? afInet : afInet6, new Uint8Array(Buffer.from(hex, "hex"))];
}
