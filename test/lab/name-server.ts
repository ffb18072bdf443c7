/** A name server of one network (dnsmasq) that answers one name with one address, and can change its mind. */

import type { Namespace } from "./netns.js";
import { Program } from "./program.js";

/** Long enough that only a flushed cache asks again. */
const ttlS = 3600;

export class NameServer {
  #program: Program | undefined;

  constructor(
    private readonly inside: Namespace,
    private readonly name: string,
    /** Further options of dnsmasq. */
    private readonly options: readonly string[] = [],
  ) {}

  /** From now on `name` is `address`. */
  async answer(address: string): Promise<void> {
    await this.#program?.end("SIGKILL");
    const options = ["--no-daemon", "--conf-file=/dev/null", "--no-hosts", "--no-resolv"];
    const names = [`--address=/${this.name}/${address}`, `--local-ttl=${ttlS}`];
    const child = this.inside.spawn("dnsmasq", [...options, ...names, ...this.options], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#program = new Program("dnsmasq", child);
    await this.#program.line(/started/);
  }

  /** Nothing listens any more: questions are refused. */
  async end(): Promise<void> {
    await this.#program?.end("SIGKILL");
  }
}
