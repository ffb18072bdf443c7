/** Packets of a call, as the kernel counts them on its interface: no command of AT counts packets. */
import type { PacketStatistics } from "../../modem/types.js";
import { ModemError } from "../../runtime/error.js";

/** Of an interface, since it came into being. */
export type ReadCounters = (interfaceName: string) => Promise<PacketStatistics>;

const since = (before: PacketStatistics, now: PacketStatistics): PacketStatistics => ({
  rxBytes: now.rxBytes - before.rxBytes,
  txBytes: now.txBytes - before.txBytes,
  rxPackets: now.rxPackets - before.rxPackets,
  txPackets: now.txPackets - before.txPackets,
  rxErrors: now.rxErrors - before.rxErrors,
  txErrors: now.txErrors - before.txErrors,
  rxDrops: now.rxDrops - before.rxDrops,
  txDrops: now.txDrops - before.txDrops,
});

/** From when the call is up on: an interface of the modem's own outlives its calls. */
export class CallCounters {
  readonly #before: Promise<PacketStatistics>;

  constructor(
    private readonly read: ReadCounters | undefined,
    private readonly interfaceName: string,
  ) {
    this.#before = this.#now();
    // Whoever asks is told.
    this.#before.catch(() => undefined);
  }

  /** @throws ModemError `unsupported` where nobody counts; `notReady` when the interface is gone */
  async sinceStart(): Promise<PacketStatistics> {
    return since(await this.#before, await this.#now());
  }

  async #now(): Promise<PacketStatistics> {
    if (this.read === undefined) throw new ModemError("unsupported", "nobody counts packets");
    return this.read(this.interfaceName);
  }
}
