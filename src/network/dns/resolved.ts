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
  /**
   * What resolved has of ours, by interface index. `unsure` after a step that failed, and after its restart: it keeps notes
   * of each link over its own end (/run/systemd/resolve/netif), but need not.
   */
  readonly #links = new Map<number, DnsLink | "unsure">();

  /** Links that this run has set or reverted. */
  readonly #known = new Set<number>();

  #mustFlush = false;

  constructor(private readonly call: BusCall) {}

  /** One link that is refused does not keep the others from theirs. */
  async apply({ links, idle }: DnsPlan, signal: AbortSignal): Promise<void> {
    const changed = links.filter((link) => !isTold(this.#links.get(link.ifindex), link));
    const gone = [...this.#links.keys()].filter((ifindex) => !links.some((link) => link.ifindex === ifindex));
    // A run that was killed may have left its servers on a link: resolved keeps them until someone says otherwise.
    const left = [...new Set([...gone, ...idle.filter((ifindex) => !this.#known.has(ifindex))])];
    const failures: unknown[] = [];
    const attempt = (step: Promise<void>) => step.catch((error: unknown) => void failures.push(error));
    for (const link of changed) await attempt(this.#set(link, signal));
    for (const ifindex of left) await attempt(this.#revert(ifindex, signal));
    if (this.#mustFlush) await attempt(this.#flush(signal));
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, "several steps were refused");
  }

  restore(signal: AbortSignal): Promise<void> {
    return this.apply({ links: [], idle: [] }, signal);
  }

  forget(): void {
    for (const ifindex of this.#links.keys()) this.#links.set(ifindex, "unsure");
    this.#known.clear();
  }

  async #set(link: DnsLink, signal: AbortSignal): Promise<void> {
    const { ifindex, interfaceName, servers } = link;
    try {
      await this.#manager("SetLinkDNS", "ia(iay)", [ifindex, servers.map(serverStruct)], signal);
    } catch (error) {
      if (isRefusal(error, "LinkBusy"))
        throw new Error(`${interfaceName} is systemd-networkd's: resolved takes its servers from there only`, {
          cause: error,
        });
      if (!isRefusal(error, "NoSuchLink")) this.#doubt(ifindex);
      throw error;
    }
    this.#doubt(ifindex);
    await this.#manager("SetLinkDomains", "ia(sb)", [ifindex, [[".", true]]], signal);
    await this.#manager("SetLinkDefaultRoute", "ib", [ifindex, true], signal);
    this.#links.set(ifindex, link);
    this.#known.add(ifindex);
  }

  /** Something of ours may be on the link now, and answers of before in the caches. */
  #doubt(ifindex: number): void {
    this.#links.set(ifindex, "unsure");
    this.#mustFlush = true;
  }

  async #revert(ifindex: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#manager("RevertLink", "i", [ifindex], signal);
    } catch (error) {
      // The interface is gone, or has become networkd's: either way with everything that it had of ours.
      if (!isRefusal(error, "NoSuchLink") && !isRefusal(error, "LinkBusy")) throw error;
    }
    this.#links.delete(ifindex);
    this.#known.add(ifindex);
    this.#mustFlush = true;
  }

  async #flush(signal: AbortSignal): Promise<void> {
    await this.#manager("FlushCaches", "", [], signal);
    this.#mustFlush = false;
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

const isTold = (told: DnsLink | "unsure" | undefined, link: DnsLink): boolean =>
  told !== undefined && told !== "unsure" && told.servers.join() === link.servers.join();

const isRefusal = (error: unknown, name: "LinkBusy" | "NoSuchLink"): boolean =>
  error instanceof Error && "errorName" in error && error.errorName === `org.freedesktop.resolve1.${name}`;

function serverStruct(address: string): readonly [number, Uint8Array] {
  const v4 = isIPv4(address);
  const value = v4 ? new IPv4(address).value : new IPv6(address).value;
  const hex = value.toString(16).padStart(v4 ? 8 : 32, "0");
  return [v4 ? afInet : afInet6, new Uint8Array(Buffer.from(hex, "hex"))];
}
