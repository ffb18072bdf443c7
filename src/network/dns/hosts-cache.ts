/** A cache behind the servers keeps answers of before: by itself glibc's, where a machine runs one. @see nscd(8) */
import { access } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import type { DnsPlan } from "../plan/types.js";
import { runProgram } from "../program.js";
import type { DnsBackend } from "./types.js";

const nscdSocket = "/run/nscd/socket";

/** Flushes it whenever the servers of uplinks have come, changed or gone; what other programs change is theirs to tell. */
export class HostsCacheFlushed implements DnsBackend {
  /** Undefined: a run that was killed may have left answers of its uplink. Doubtful: it was not flushed as it should have been. */
  #links: DnsPlan["links"] | "doubtful" | undefined;

  constructor(
    private readonly names: DnsBackend,
    private readonly flush: (signal: AbortSignal) => Promise<void> = flushNscd,
  ) {}

  async apply(plan: DnsPlan, signal: AbortSignal): Promise<void> {
    await this.names.apply(plan, signal);
    await this.#follow(plan.links, signal);
  }

  forget(): void {
    this.names.forget();
  }

  async restore(signal: AbortSignal): Promise<void> {
    await this.names.restore(signal);
    if (this.#links !== undefined) await this.#follow([], signal);
  }

  async #follow(links: DnsPlan["links"], signal: AbortSignal): Promise<void> {
    if (isDeepStrictEqual(links, this.#links)) return;
    this.#links = "doubtful";
    await this.flush(signal);
    this.#links = links;
  }
}

async function flushNscd(signal: AbortSignal): Promise<void> {
  try {
    await access(nscdSocket);
    await runProgram(["nscd", "--invalidate=hosts"], signal);
  } catch {
    // There is none, or it has died and left its socket: nothing is kept then.
  }
}
