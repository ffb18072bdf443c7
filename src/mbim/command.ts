/** What a row of the message tables says, and the value types that follow from it. */
import type { Fields, Values } from "../codec/struct.js";

/**
 * One CID of one service. An absent `query`, `set` or `notify` means that the specification has none. `response` is the
 * InformationBuffer of MBIM_COMMAND_DONE for both; `notify` that of MBIM_INDICATE_STATUS.
 * @see MBIM 1.0 9.4, 9.5
 */
export interface Command {
  /** The service's UUID. */
  readonly service: string;
  readonly cid: number;
  /** The specification's name without `MBIM_CID_`. */
  readonly name: string;
  readonly query?: Fields;
  readonly set?: Fields;
  readonly response: Fields;
  readonly notify?: Fields;
  /** How long the answer may take, where 10 s are too short. The scan and the network's own procedures. */
  readonly timeoutMs?: { readonly [A in Action]?: number };
}

export type Action = "query" | "set";
type Part<C extends Command, P extends "query" | "set" | "response" | "notify"> = C[P] extends Fields
  ? Values<C[P]>
  : never;
/** What a host sends. */
export type QueryOf<C extends Command> = Part<C, "query">;
export type SetOf<C extends Command> = Part<C, "set">;
/** What a function answers and reports. */
export type ResponseOf<C extends Command> = Part<C, "response">;
export type NotifyOf<C extends Command> = Part<C, "notify">;

/** No InformationBuffer. */
export const empty = {} as const satisfies Fields;
