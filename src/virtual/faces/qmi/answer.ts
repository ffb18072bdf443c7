/** What serving a message needs and yields. `serve` binds handlers to their row of the message table. */
import { decodeTlvs, encodeTlvs, type Tlvs, type TlvValues } from "../../../codec/tlv.js";
import type { FailureOf, Message, RequestOf, ResponseOf } from "../../../qmi/message.js";
import { encodeResult, qmiErrors } from "../../../qmi/result.js";
import { services } from "../../../qmi/services.js";
import type { ModemMachine } from "../../machine.js";
import type { FaceContext } from "../face.js";
import type { Owed, Poll } from "../owed.js";
import type { Client } from "./clients.js";

export interface Serving {
  readonly machine: ModemMachine;
  readonly context: FaceContext;
  /** Who asks. */
  readonly client: Client;
}

export type Answer<M extends Message> =
  | { readonly values: ResponseOf<M> }
  | { readonly error: number; readonly failure?: FailureOf<M> };

export type Reply<M extends Message> =
  | Answer<M>
  | { readonly later: Poll<Answer<M>> }
  | { readonly afterMs: number; readonly answer: () => Answer<M> };

export const ok = <M extends Message>(values: ResponseOf<M>): Answer<M> => ({ values });
export const no = <M extends Message>(error: number, failure?: FailureOf<M>): Answer<M> =>
  failure === undefined ? { error } : { error, failure };

/** One message as the modem serves it; yields the TLVs of the response. */
export interface Served {
  readonly message: Message;
  handle(serving: Serving, tlvs: Buffer): Owed<Buffer>;
}

export const keyOf = (service: number, id: number): string => `${service}/${id}`;
export const keyOfMessage = ({ service, id }: Message): string => keyOf(services[service], id);

/** Only the result. */
export const resultOnly = (error: number): Owed<Buffer> => ({ is: "now", answer: encodeResult(error) });

export function serve<M extends Message>(
  message: M,
  handle: (serving: Serving, request: RequestOf<M>) => Reply<M>,
): Served {
  return {
    message,
    handle: (serving, tlvs) => {
      let request: RequestOf<M>;
      try {
        request = decodeTlvs<M["request"]>(message.request, tlvs);
      } catch (error) {
        serving.context.log.debug("request makes no sense", { message: message.name, detail: String(error) });
        return resultOnly(isMissing(error) ? qmiErrors.missingArgument : qmiErrors.malformedMessage);
      }
      return owed(message, handle(serving, request));
    },
  };
}

const isMissing = (error: unknown): boolean => error instanceof RangeError && error.message.endsWith("is missing");

function owed<M extends Message>(message: M, reply: Reply<M>): Owed<Buffer> {
  const encode = (answer: Answer<M>): Buffer =>
    "error" in answer
      ? Buffer.concat([encodeResult(answer.error), failureTlvs(message.failure, answer.failure)])
      : Buffer.concat([encodeResult(0), encodeTlvs<M["response"]>(message.response, answer.values)]);
  if ("afterMs" in reply) return { is: "after", delayMs: reply.afterMs, answer: () => encode(reply.answer()) };
  if (!("later" in reply)) return { is: "now", answer: encode(reply) };
  return {
    is: "later",
    poll: (state, ended) => {
      const answer = reply.later(state, ended);
      return answer && encode(answer);
    },
  };
}

const failureTlvs = (fields: Tlvs | undefined, values: TlvValues<Tlvs> | undefined): Buffer =>
  fields === undefined || values === undefined ? Buffer.alloc(0) : encodeTlvs(fields, values);
