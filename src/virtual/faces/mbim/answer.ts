/** What serving a command needs and yields. `serve` binds handlers to their row of the message table. */
import { decodeStruct, encodeStruct, type Fields } from "../../../codec/struct.js";
import { type Command, empty, type QueryOf, type ResponseOf, type SetOf } from "../../../mbim/command.js";
import type { uiccTerminalCapability } from "../../../mbim/services/ms-uicc-low-level-access.js";
import type { ModemMachine } from "../../machine.js";
import type { PacketCounts } from "../face.js";
import type { Owed, Poll } from "../owed.js";
import type { SignalReporting } from "./describe.js";
import type { Subscriptions } from "./subscriptions.js";

/** The function's own memory of the conversation; forgotten at OPEN and CLOSE. */
export interface Conversation {
  subscriptions: Subscriptions;
  signalReporting: SignalReporting;
  /** What the host heard last by itself, in steps of 2 dB. */
  toldRssi: number | undefined;
  /** MBIM extensions 2.0 are agreed on. */
  hasV2: boolean;
  terminalCapabilities: SetOf<typeof uiccTerminalCapability>["capabilities"];
}

export interface Serving {
  readonly machine: ModemMachine;
  readonly conversation: Conversation;
  /** All sessions since power came; zero without a data path. */
  counts(): PacketCounts;
  /** The modem leaves the bus and comes back. */
  restart(): void;
}

/** A finished answer. A failure may carry values too: CONNECT tells NwError so, PIN the tries that are left. */
export interface Answer<C extends Command> {
  readonly status: number;
  readonly values?: ResponseOf<C>;
}

export type Reply<C extends Command> =
  | Answer<C>
  /** Asked again after every event until it is an answer. */
  | { readonly later: Poll<Answer<C>> }
  | { readonly afterMs: number; readonly answer: () => Answer<C> };

export const ok = <C extends Command>(values: ResponseOf<C>): Answer<C> => ({ status: 0, values });

export interface EncodedAnswer {
  readonly status: number;
  readonly payload: Buffer;
}

/** A reply with its types taken away. */
export type Encoded =
  | Owed<EncodedAnswer>
  /** The InformationBuffer made no sense; nothing was done. */
  | { readonly is: "malformed"; readonly detail: string };

type Handle = (serving: Serving, payload: Buffer) => Encoded;

/** One CID as the function serves it. */
export interface Service {
  readonly command: Command;
  readonly query?: Handle;
  readonly set?: Handle;
}

export interface Handlers<C extends Command> {
  readonly query?: (serving: Serving, request: QueryOf<C>) => Reply<C>;
  readonly set?: (serving: Serving, request: SetOf<C>) => Reply<C>;
}

export function serve<C extends Command>(command: C, { query, set }: Handlers<C>): Service {
  return {
    command,
    ...(query ? { query: handle<C, QueryOf<C>>(command, command.query ?? empty, query) } : {}),
    ...(set ? { set: handle<C, SetOf<C>>(command, command.set ?? empty, set) } : {}),
  };
}

function handle<C extends Command, Request>(
  command: C,
  fields: Fields,
  run: (serving: Serving, request: Request) => Reply<C>,
): Handle {
  return (serving, payload) => {
    let request: Request;
    try {
      request = decodeStruct(fields, payload) as Request;
    } catch (error) {
      return { is: "malformed", detail: error instanceof Error ? error.message : String(error) };
    }
    return encodeReply(command, run(serving, request));
  };
}

function encodeReply<C extends Command>(command: C, reply: Reply<C>): Encoded {
  const encode = ({ status, values }: Answer<C>): EncodedAnswer => ({
    status,
    payload: values === undefined ? Buffer.alloc(0) : encodeStruct(command.response, values),
  });
  if ("afterMs" in reply) return { is: "after", delayMs: reply.afterMs, answer: () => encode(reply.answer()) };
  if (!("later" in reply)) return { is: "now", answer: encode(reply) };
  const poll: Poll<EncodedAnswer> = (state, ended) => {
    const answer = reply.later(state, ended);
    return answer && encode(answer);
  };
  return { is: "later", poll };
}
