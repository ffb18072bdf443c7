/** A dnsmasq that other programs ask, told its servers over D-Bus. @see dnsmasq's DBus-interface document */
import { readFile, rm, writeFile } from "node:fs/promises";
import { errnoOf } from "../../runtime/error.js";
import type { DnsPlan } from "../plan/types.js";
import type { BusCall, DnsBackend } from "./types.js";

export const dnsmasqName = "uk.org.thekelleys.dnsmasq";

/**
 * What it has from its own configuration stays beside ours: with `no-resolv` there is nothing else. It cannot be asked what
 * it was told, so a note says that there are servers of ours to take back.
 */
export class DnsmasqDns implements DnsBackend {
  /** Undefined: not known. */
  #told: string | undefined;

  /** @param note A file that outlives a killed run. */
  constructor(
    private readonly call: BusCall,
    private readonly note: string,
  ) {}

  async apply({ links }: DnsPlan, signal: AbortSignal): Promise<void> {
    // Bound to its uplink's interface by dnsmasq itself.
    const servers = links.flatMap((link) => link.servers.map((server) => [`${server}@${link.interfaceName}`]));
    const wanted = servers.join();
    if (wanted === this.#told) return;
    if (servers.length > 0) await writeFile(this.note, `${wanted}\n`);
    else if (this.#told === undefined && !(await exists(this.note))) return;
    this.#told = undefined;
    await this.#dnsmasq("SetServersEx", "aas", [servers], signal);
    await this.#dnsmasq("ClearCache", "", [], signal);
    this.#told = wanted;
    if (servers.length === 0) await rm(this.note, { force: true });
  }

  /** It knows nothing of ours after its restart, and is told all again. */
  forget(): void {
    this.#told = undefined;
  }

  restore(signal: AbortSignal): Promise<void> {
    return this.apply({ links: [], idle: [] }, signal);
  }

  async #dnsmasq(member: string, signature: string, body: readonly unknown[], signal: AbortSignal): Promise<void> {
    await this.call(
      {
        destination: dnsmasqName,
        path: `/${dnsmasqName.replaceAll(".", "/")}`,
        interface: dnsmasqName,
        member,
        signature,
        body,
      },
      signal,
    );
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await readFile(file);
    return true;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    throw error;
  }
}
