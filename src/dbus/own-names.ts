import { errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { type CallPath, callDriver } from "./driver-calls.js";
import type { NameFlags, NameResult } from "./types.js";

const flagBits = { allowReplacement: 1, replaceExisting: 2, doNotQueue: 4 } as const;
/** @see D-Bus Specification, "org.freedesktop.DBus.RequestName" */
const results: Readonly<Record<number, NameResult>> = { 1: "owner", 2: "queued", 3: "taken", 4: "owner" };

const bitsOf = (flags: NameFlags): number =>
  (flags.allowReplacement ? flagBits.allowReplacement : 0) |
  (flags.replaceExisting ? flagBits.replaceExisting : 0) |
  (flags.doNotQueue ? flagBits.doNotQueue : 0);

/** The well-known names that this connection shall have: requested again from every new daemon. */
export class OwnNames {
  readonly #wanted = new Map<string, NameFlags>();

  constructor(
    private readonly bus: CallPath,
    private readonly lost: (name: string) => void,
    private readonly log: Log,
  ) {}

  /** @throws ModemError without a bus (the name is requested when it comes); BusError where the policy forbids it. */
  async request(name: string, flags: NameFlags): Promise<NameResult> {
    this.#wanted.set(name, flags);
    const [code] = await callDriver(this.bus, "RequestName", "su", [name, bitsOf(flags)]);
    return results[Number(code)] ?? "taken";
  }

  async release(name: string): Promise<void> {
    this.#wanted.delete(name);
    await callDriver(this.bus, "ReleaseName", "s", [name]);
  }

  /** Requests every name from a new daemon; one that cannot be had is told as lost. */
  async announce(): Promise<void> {
    await Promise.all([...this.#wanted].map(([name, flags]) => this.#again(name, flags)));
  }

  async #again(name: string, flags: NameFlags): Promise<void> {
    const result = await this.request(name, flags).catch((error: unknown) => {
      this.log.error(`name ${name}: ${errorText(error)}`);
      return "taken" as const;
    });
    if (result !== "owner") this.lost(name);
  }
}
