/** All modems of the daemon, for the bus. main.ts adds a modem when its device is there and takes it off when it is gone. */
import { EventEmitter } from "eventemitter3";
import type { Modems } from "./api.js";
import type { LiveModem } from "./setup.js";

export class ModemList implements Modems {
  readonly events: Modems["events"] = new EventEmitter();
  #list: readonly LiveModem[] = [];

  get list(): readonly LiveModem[] {
    return this.#list;
  }

  /** @throws Error when a modem with this path is still there: close and remove it first. */
  add(modem: LiveModem): void {
    if (this.#list.some(({ path }) => path === modem.path)) throw new Error(`a modem ${modem.path} is there already`);
    this.#list = [...this.#list, modem];
    this.events.emit("added", modem);
  }

  /** Close it before: its parts go before it goes. Idempotent. */
  remove(modem: LiveModem): void {
    if (!this.#list.includes(modem)) return;
    this.#list = this.#list.filter((other) => other !== modem);
    this.events.emit("removed", modem);
  }
}
