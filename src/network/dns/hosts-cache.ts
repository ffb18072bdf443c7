/** glibc's name service cache, where a machine runs one: it keeps answers of before. @see nscd(8) */
import { access } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import type { DnsPlan } from "../plan/types.js";
import { runProgram } from "./program.js";
import type { DnsBackend } from "./types.js";

const nscdSocket = "/run/nscd/socket";

/** Flushes it behind every change that `names` carries out. */
export class HostsCacheFlushed implements DnsBackend {
  #applied: DnsPlan | undefined;

  constructor(private readonly names: DnsBackend) {}

  async apply(plan: DnsPlan, signal: AbortSignal): Promise<void> {
    await this.names.apply(plan, signal);
    const isNews = !isDeepStrictEqual(plan, this.#applied);
    this.#applied = plan;
    if (isNews) await flush(signal);
  }

  forget(): void {
    this.names.forget();
  }

  async restore(signal: AbortSignal): Promise<void> {
    await this.names.restore(signal);
    if (this.#applied !== undefined) await flush(signal);
    this.#applied = undefined;
  }
}

async function flush(signal: AbortSignal): Promise<void> {
  try {
    await access(nscdSocket);
    await runProgram(["nscd", "--invalidate=hosts"], signal);
  } catch {
    // There is none, or it has died and left its socket: nothing is kept then.
  }
}
