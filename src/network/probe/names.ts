/** Host names of targets, resolved by the uplink's own servers over the uplink itself. */
import type { IpFamily } from "../types.js";
import { NotAskable, type Via } from "./ask.js";
import { familyOfAddress } from "./binding.js";
import { lookUp } from "./dns.js";

/** Names of a second's life would be looked up at every round, names of a day's would outlive a move. */
const keptMs = { least: 60_000, most: 3_600_000 } as const;
const dnsPort = 53;
const types = { 4: "A", 6: "AAAA" } as const;

interface Known {
  readonly addresses: readonly string[];
  readonly untilMs: number;
}

/** Remembers answers as long as they say, in bounds; a lookup that fails is tried again at the next question. */
export class Names {
  readonly #known = new Map<string, Known>();

  constructor(
    private readonly via: Via,
    private readonly nowMs: () => number,
  ) {}

  /** Rejects with NotAskable where there is no address of this family, or nobody to ask. */
  async resolve(host: string, family: IpFamily, signal: AbortSignal): Promise<string> {
    const known = this.#known.get(host);
    const addresses =
      known && known.untilMs > this.nowMs() ? known.addresses : await this.#lookUp(host, family, signal);
    const [first] = addresses;
    if (first === undefined) throw new NotAskable(`${host} has no IPv${family} address`);
    return first;
  }

  async #lookUp(host: string, family: IpFamily, signal: AbortSignal): Promise<readonly string[]> {
    const all = this.via.nameServers();
    const servers = [
      ...all.filter((one) => familyOfAddress(one) === family),
      ...all.filter((one) => familyOfAddress(one) !== family),
    ];
    if (servers.length === 0) throw new NotAskable(`no name server of this uplink is known, to look up ${host}`);
    const { rcode, addresses, ttlS } = await lookUp(
      { name: host, type: types[family] },
      { servers, port: dnsPort },
      this.via,
      signal,
    );
    if (rcode === "NXDOMAIN") throw new Error(`there is no name ${host}`);
    const forMs = Math.min(Math.max(ttlS * 1_000, keptMs.least), keptMs.most);
    this.#known.set(host, { addresses, untilMs: this.nowMs() + forMs });
    return addresses;
  }
}
