/**
 * After a switch: WireGuard takes the way that is in force. It goes on sending from the address that its peer last reached,
 * which its own table keeps on the uplink that was left, dead or not.
 */
import type { Clock } from "../../runtime/clock.js";
import { errorText } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import type { TunnelsPort } from "./types.js";

/** Since a switch. What still comes in by a living uplink that was left makes WireGuard answer by it: hence not once only. */
const timesMs: readonly number[] = [0, 1_000, 5_000, 20_000];

export class Tunnels {
  #cancels: readonly (() => void)[] = [];
  #refusal: string | undefined;

  constructor(
    private readonly port: TunnelsPort,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Traffic of whichever group has moved. */
  moved(): void {
    this.close();
    this.#cancels = timesMs.map((inMs) => this.clock.after(inMs, () => void this.#forget()));
  }

  close(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels = [];
  }

  async #forget(): Promise<void> {
    try {
      await this.port.forgetSources();
      this.#refusal = undefined;
    } catch (error) {
      const refusal = errorText(error);
      if (refusal !== this.#refusal)
        this.log.warning("WireGuard may stay on the uplink that was left", { error: refusal });
      this.#refusal = refusal;
    }
  }
}
