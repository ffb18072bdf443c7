/** A backend whose readers ask wwand's stub first: who has read resolv.conf once and for all is answered after a switch too. */
import { errorText } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import type { DnsLink, DnsPlan } from "../plan/types.js";
import type { NameServer } from "./stub/question.js";
import type { DnsStub } from "./stub/stub.js";
import type { DnsBackend, ListedServers } from "./types.js";

export class StubbedDns implements DnsBackend {
  /** Closed until there is something to serve. */
  #isOpen = false;

  /** What could not be opened stays shut: whoever has the port may be starting anew, and must find it free. */
  #refusal: string | undefined;

  constructor(
    private readonly listed: ListedServers,
    private readonly stub: DnsStub,
    private readonly log: Log,
  ) {}

  async apply(plan: DnsPlan, signal: AbortSignal): Promise<void> {
    const { links, foreign } = plan;
    if (links.length > 0 || foreign !== undefined) await this.#open();
    if (!this.#isOpen) return this.listed.apply(plan, signal);
    // Whoever asks the stub need not wait for a file.
    if (links.length > 0) this.stub.use(links.flatMap(boundServers));
    await this.listed.apply(plan, signal, this.stub.address);
    if (links.length === 0) this.stub.use(await this.#foundServers());
  }

  /** Why there is no stub. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  forget(): void {
    this.listed.forget();
  }

  async restore(signal: AbortSignal): Promise<void> {
    await this.listed.restore(signal);
    this.stub.close();
    this.#isOpen = false;
  }

  async #open(): Promise<void> {
    if (this.#isOpen || this.#refusal !== undefined) return;
    try {
      await this.stub.open();
      this.#isOpen = true;
    } catch (error) {
      this.#refusal = errorText(error);
      this.log.warning("DNS: no stub, long-lived programs will keep old servers after a switch", {
        error: this.#refusal,
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
