/** A backend whose readers ask wwand's stub first: who has read resolv.conf once and for all is answered after a switch too. */
import { errorText } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import type { DnsLink, DnsPlan } from "../plan/types.js";
import type { NameServer } from "./stub/question.js";
import type { DnsStub } from "./stub/stub.js";
import type { DnsBackend, ListedServers } from "./types.js";

export class StubbedDns implements DnsBackend {
  /** `closed` until there is something to serve. What could not be opened stays shut: another resolver has the port. */
  #is: "closed" | "open" | "refused" = "closed";

  constructor(
    private readonly listed: ListedServers,
    private readonly stub: DnsStub,
    private readonly log: Log,
  ) {}

  async apply(plan: DnsPlan, signal: AbortSignal): Promise<void> {
    const { links, foreign } = plan;
    if (this.#is === "closed" && (links.length > 0 || foreign !== undefined)) await this.#open();
    if (this.#is !== "open") return this.listed.apply(plan, signal);
    // Whoever asks the stub need not wait for a file.
    if (links.length > 0) this.stub.use(links.flatMap(boundServers));
    await this.listed.apply(plan, signal, this.stub.address);
    if (links.length === 0) this.stub.use(await this.#foundServers());
  }

  forget(): void {
    this.listed.forget();
  }

  async restore(signal: AbortSignal): Promise<void> {
    await this.listed.restore(signal);
    this.stub.close();
    this.#is = "closed";
  }

  async #open(): Promise<void> {
    try {
      await this.stub.open();
      this.#is = "open";
    } catch (error) {
      this.#is = "refused";
      this.log.warning("DNS: no stub, long-lived programs will keep old servers after a switch", {
        error: errorText(error),
      });
    }
  }

  /** As the kernel's routes lead: one of them may be a VPN's. */
  async #foundServers(): Promise<readonly NameServer[]> {
    const servers = await this.listed.found();
    return servers.filter((server) => server !== this.stub.address).map((address) => ({ address }));
  }
}

const boundServers = ({ servers, interfaceName, ifindex }: DnsLink): readonly NameServer[] =>
  servers.map((address) => ({ address, via: { interfaceName, ifindex } }));
