import type { QmiService } from "../../qmi/service.js";

/** A service whose client id is asked for when it is first needed, and anew after that has failed. */
export class LateService {
  #opened: Promise<QmiService> | undefined;

  constructor(private readonly open: (signal: AbortSignal) => Promise<QmiService>) {}

  /** Undefined while nobody has needed it. */
  get ifOpened(): Promise<QmiService> | undefined {
    return this.#opened;
  }

  /** @throws ModemError as `QmiClient.allocate` */
  opened(signal: AbortSignal): Promise<QmiService> {
    this.#opened ??= this.open(signal).catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }
}
