/** What the function does not tell by MBIM, asked of the same modem by QMI: modes and bands. Opened when first asked. */
import type { MbimClient } from "../../mbim/client.js";
import type { RadioSelectionPort } from "../../modem/ports.js";
import { QmiClient } from "../../qmi/client.js";
import type { Clock } from "../../runtime/clock.js";
import type { Log } from "../../runtime/log.js";
import { radioSelectionPort } from "../qmi/radio-selection.js";
import { qmiLink } from "./qmi-link.js";

export interface QmiBesideOptions {
  readonly client: MbimClient;
  /** Of the port. */
  readonly name: string;
  readonly log: Log;
  readonly clock: Clock;
}

interface Opened {
  readonly client: QmiClient;
  readonly radioSelection: RadioSelectionPort;
}

export class QmiBeside implements RadioSelectionPort {
  #opening: Promise<Opened> | undefined;

  constructor(private readonly options: QmiBesideOptions) {}

  async read(signal: AbortSignal) {
    return (await this.#opened(signal)).radioSelection.read(signal);
  }

  async prefer(...[wanted, signal]: Parameters<RadioSelectionPort["prefer"]>) {
    await (await this.#opened(signal)).radioSelection.prefer(wanted, signal);
  }

  /** Gives the client ids back within `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    const opened = await this.#opening?.catch(() => undefined);
    await opened?.client.close(timeoutMs);
  }

  /** What failed, or was lost with an OPEN of the function, is tried afresh at the next question. */
  #opened(signal: AbortSignal): Promise<Opened> {
    const forget = () => {
      if (this.#opening === opening) this.#opening = undefined;
    };
    const opening = this.#opening ?? this.#open(signal, forget);
    this.#opening = opening;
    opening.catch(forget);
    return opening;
  }

  async #open(signal: AbortSignal, gone: () => void): Promise<Opened> {
    const { client, name, log, clock } = this.options;
    const qmi = new QmiClient({ link: qmiLink(client, name), log, clock });
    qmi.events.on("gone", gone);
    try {
      await qmi.open(signal);
      const network = await qmi.allocate("nas", signal);
      const device = await qmi.allocate("dms", signal);
      return { client: qmi, radioSelection: radioSelectionPort(network, device) };
    } catch (error) {
      await qmi.close(0);
      throw error;
    }
  }
}
