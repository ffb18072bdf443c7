/** Who holds a modem's lockdown: one client by its unique name, until it gives it back or leaves the bus. */
import type { Modem } from "../../modem/api.js";
import { OfonoError } from "../errors.js";
import type { Caller } from "../types.js";
import { client } from "./wishes.js";

/** Tells once when `sender` has left the bus; the returned function stops watching. */
export type WatchSender = (sender: string, gone: () => void) => () => void;

export class LockdownHolder {
  #held: { readonly by: string; stopWatching(): void } | undefined;

  constructor(
    private readonly modem: Pick<Modem, "setLockdown" | "clientGone">,
    private readonly watchSender: WatchSender,
  ) {}

  /** @throws OfonoError AccessDenied for everybody but the holder. */
  refuseOthers({ sender }: Caller): void {
    if (this.#held !== undefined && this.#held.by !== sender)
      throw new OfonoError("AccessDenied", "another client holds the lockdown");
  }

  async set(on: boolean, caller: Caller): Promise<void> {
    if (!on) {
      await this.modem.setLockdown(false, client(caller));
      this.release();
      return;
    }
    this.#hold(caller.sender);
    try {
      await this.modem.setLockdown(true, client(caller));
    } catch (error) {
      this.release();
      throw error;
    }
    // The client may have left while the modem was powered down: nobody would ever clear its lockdown.
    if (this.#held === undefined) this.modem.clientGone(caller.sender);
  }

  release(): void {
    this.#held?.stopWatching();
    this.#held = undefined;
  }

  #hold(sender: string): void {
    const stopWatching = this.watchSender(sender, () => {
      this.release();
      this.modem.clientGone(sender);
    });
    this.#held = { by: sender, stopWatching };
  }
}
