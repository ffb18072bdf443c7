/** What a row of the message tables says, and the value types that follow from it. */
import type { Tlvs, TlvValues } from "../codec/tlv.js";
import type { ServiceName } from "./services.js";

/**
 * One message of one service. `response` holds what stands beside the result; its members are demanded of a success only,
 * `failure` may come with a refusal. The result itself (TLV 0x02) belongs to the framing.
 */
export interface Message {
  readonly service: ServiceName;
  readonly id: number;
  /** The field's name, in capitals as logs show it: `START_NETWORK`. */
  readonly name: string;
  readonly request: Tlvs;
  readonly response: Tlvs;
  readonly failure?: Tlvs;
  /** What takes the request back, by its transaction, when whoever asked has left. */
  readonly abort?: Message;
  /** Overtakes what waits to be sent: what ends or takes back something. Absent: it waits its turn. */
  readonly lane?: "urgent";
  /** How long the answer may take, where 10 s are too short. */
  readonly timeoutMs?: number;
}

/** What a service tells unasked. Often under the id of the message that asks for the same. */
export interface Indication {
  readonly service: ServiceName;
  readonly id: number;
  readonly name: string;
  readonly indication: Tlvs;
}

export type RequestOf<M extends Message> = TlvValues<M["request"]>;
export type ResponseOf<M extends Message> = TlvValues<M["response"]>;
export type FailureOf<M extends Message> = M["failure"] extends Tlvs ? TlvValues<M["failure"]> : Record<never, never>;
export type IndicationOf<I extends Indication> = TlvValues<I["indication"]>;

/** No TLV. */
export const empty = {} as const satisfies Tlvs;
