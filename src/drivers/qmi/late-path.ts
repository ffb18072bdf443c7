/**
 * The data path, agreed on when it is first needed, or sooner when nothing else waits for the modem: it takes several
 * questions and changes the interface, and to register needs none of it.
 */
import { type Channel, type DataPath, type DataPathState, type Multiplex, mostChannels } from "./data-path.js";

export interface LatePathOptions {
  /** Absent: what an earlier run has agreed on does not hold any more, or there was none. */
  readonly resumed: DataPath | undefined;
  readonly multiplex: Multiplex;
  /** @throws ModemError when modem and kernel cannot agree on anything */
  agree(): Promise<DataPath>;
}

export class LatePath implements DataPath {
  #path: DataPath | undefined;
  #agreeing: Promise<DataPath> | undefined;

  constructor(private readonly options: LatePathOptions) {
    this.#path = options.resumed;
  }

  get state(): DataPathState {
    return this.#path?.state ?? { is: "plain" };
  }

  /** Before it is known, as many as there may be: whoever asks for a call waits for the agreement. */
  get maxCalls(): number {
    return this.#path?.maxCalls ?? (this.options.multiplex === "never" ? 1 : mostChannels);
  }

  /** For all who need it at the same time; one that failed is tried anew. @throws as `agree` */
  async agreed(): Promise<DataPath> {
    if (this.#path !== undefined) return this.#path;
    this.#agreeing ??= this.options.agree().finally(() => {
      this.#agreeing = undefined;
    });
    this.#path = await this.#agreeing;
    return this.#path;
  }

  async take(muxId?: number): Promise<Channel> {
    return (await this.agreed()).take(muxId);
  }

  /** Whoever closes has ended an agreement that is being made. */
  async close(): Promise<void> {
    const path = this.#path ?? (await this.#agreeing?.catch(() => undefined));
    await path?.close();
  }
}
