/** Encapsulated commands and responses: what cdc-wdm reads and writes. @see USB CDC 1.2 6.2.1, 6.2.2, 6.3.2 */
import type { HostLine } from "../../faces/face.js";
import { accepted, type ControlAnswer } from "../device/function.js";
import type { InPipe } from "../device/in-pipe.js";
import type { Setup } from "../device/transfer.js";
import { requests } from "./requests.js";

/** What a host that does not fetch may leave lying here. */
const maxWaiting = 64;

export interface EncapsulatedOptions {
  readonly notify: InPipe | undefined;
  /** The largest command; a longer one stalls. */
  readonly maxCommandBytes: number;
  /** What goes to the interrupt endpoint for each response. */
  notification(): Buffer;
  /** One whole command. */
  command(message: Buffer): void;
}

export class EncapsulatedControl implements HostLine {
  #responses: Buffer[] = [];

  constructor(private readonly options: EncapsulatedOptions) {}

  /** One notification for each response, as hosts count them. */
  send(response: Buffer): void {
    if (this.#responses.length >= maxWaiting) return;
    this.#responses.push(response);
    this.options.notify?.send(this.options.notification());
  }

  flush(): void {
    this.#responses = [];
    this.options.notify?.clear();
  }

  /** Undefined: no request of this kind. */
  control(setup: Setup, data: Buffer): ControlAnswer | undefined {
    if (setup.type !== "class") return undefined;
    if (setup.request === requests.sendEncapsulatedCommand) {
      if (data.length > this.options.maxCommandBytes) return "stall";
      this.options.command(data);
      return accepted;
    }
    // A host may ask without having been told; there is nothing then, which is no error.
    return setup.request === requests.getEncapsulatedResponse ? (this.#responses.shift() ?? accepted) : undefined;
  }
}
