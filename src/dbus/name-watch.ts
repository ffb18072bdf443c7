import { errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { busDriver, type CallPath, callDriver } from "./driver-calls.js";
import { BusError } from "./errors.js";
import type { Matches } from "./matches.js";

type OwnerListener = (owner: string | undefined) => void;

const nameHasNoOwner = "org.freedesktop.DBus.Error.NameHasNoOwner";

/** Follows who owns one name, over every loss of the bus. `owner` is undefined before the first answer of the daemon. */
export class NameWatch {
  #owner: string | undefined;
  #told = false;
  #stopped = false;
  readonly #stop: () => void;

  constructor(
    readonly name: string,
    private readonly bus: CallPath,
    matches: Matches,
    private readonly listener: OwnerListener,
    private readonly log: Log,
  ) {
    this.#stop = matches.add({
      rule: { sender: busDriver, interface: busDriver, member: "NameOwnerChanged", arg0: name },
      senderNow: undefined,
      listener: ({ body }) => this.#tell(typeof body[2] === "string" && body[2] !== "" ? body[2] : undefined),
    });
  }

  get owner(): string | undefined {
    return this.#owner;
  }

  /** Asks a daemon that is there; its match for this name must be in place, so that no change is missed. */
  async ask(): Promise<void> {
    try {
      const [owner] = await callDriver(this.bus, "GetNameOwner", "s", [this.name]);
      this.#tell(typeof owner === "string" ? owner : undefined);
    } catch (error) {
      if (error instanceof BusError && error.errorName === nameHasNoOwner) this.#tell(undefined);
      else throw error;
    }
  }

  /** The bus is gone, and every name with it; the next daemon gives our unique names to others. */
  lost(): void {
    this.#tell(undefined);
  }

  stop(): void {
    this.#stopped = true;
    this.#stop();
  }

  #tell(owner: string | undefined): void {
    if (this.#stopped || (this.#told && owner === this.#owner)) return;
    this.#told = true;
    this.#owner = owner;
    try {
      this.listener(owner);
    } catch (error) {
      this.log.error(`listener of name ${this.name} failed: ${errorText(error)}`);
    }
  }
}
