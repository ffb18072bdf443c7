/** One client id of one service: what drivers ask and listen with. */
import { decodeTlvs } from "../codec/tlv.js";
import type { FailureOf, Indication, IndicationOf, Message, RequestOf, ResponseOf } from "./message.js";
import { qmiError } from "./result.js";
import type { ServiceName } from "./services.js";

/** A refusal with what the modem told beside it. */
export type Outcome<M extends Message> =
  | { readonly is: "success"; readonly values: ResponseOf<M> }
  | { readonly is: "refused"; readonly error: number; readonly failure: Partial<FailureOf<M>> };

/** Who carries out what a service asks for. */
export interface ServiceHost {
  exchange<M extends Message>(
    service: QmiService,
    message: M,
    request: RequestOf<M>,
    signal: AbortSignal,
  ): Promise<Outcome<M>>;
  release(service: QmiService, signal: AbortSignal): Promise<void>;
}

export class QmiService {
  readonly #watchers = new Map<number, Set<(tlvs: Buffer) => void>>();

  constructor(
    private readonly host: ServiceHost,
    readonly name: ServiceName,
    public id: number,
  ) {}

  /** @throws ModemError with the QMI error as `failure` when the modem refuses */
  async ask<M extends Message>(message: M, request: RequestOf<M>, signal: AbortSignal): Promise<ResponseOf<M>> {
    const outcome = await this.tryAsk(message, request, signal);
    if (outcome.is === "success") return outcome.values;
    throw qmiError(`${this.name.toUpperCase()} ${message.name}`, outcome.error);
  }

  /** Like `ask`, for callers that read what comes beside a refusal. */
  tryAsk<M extends Message>(message: M, request: RequestOf<M>, signal: AbortSignal): Promise<Outcome<M>> {
    return this.host.exchange(this, message, request, signal);
  }

  /** Calls `listener` for each such indication; the returned function ends that. */
  watch<I extends Indication>(indication: I, listener: (values: IndicationOf<I>) => void): () => void {
    const take = (tlvs: Buffer) => listener(decodeTlvs<I["indication"]>(indication.indication, tlvs));
    const watchers = this.#watchers.get(indication.id) ?? new Set();
    this.#watchers.set(indication.id, watchers.add(take));
    return () => watchers.delete(take);
  }

  /** @throws RangeError when it cannot be read */
  hear(id: number, tlvs: Buffer): void {
    for (const take of [...(this.#watchers.get(id) ?? [])]) take(tlvs);
  }

  /** Gives the id back. A modem that is gone has none to take. */
  async release(signal: AbortSignal): Promise<void> {
    await this.host.release(this, signal);
  }
}
