/** What serving a command needs and yields, and the table's rows. */
import type { ModemMachine } from "../../machine.js";
import type { ModemEvent } from "../../model/modem.js";
import type { FaceContext } from "../face.js";
import type { Poll } from "../owed.js";
import type { Command } from "./command-line.js";
import type { PortSettings } from "./port-settings.js";
import { cme, cmeOf } from "./refusals.js";

export interface Serving {
  readonly machine: ModemMachine;
  readonly context: FaceContext;
  /** Of this port: each remembers its own. */
  readonly settings: PortSettings;
  /** The port is a whole line, which can be multiplexed; a channel of one cannot. */
  readonly isLine: boolean;
}

/** Lines and OK; or an error: a number of +CME ERROR, or a text that stands for itself. */
export type Answer =
  | { readonly lines: readonly string[] }
  | { readonly error: number | string }
  /** CONNECT; from then on the port is this context's. */
  | { readonly dial: number }
  /** `> `: what the host writes then, up to Ctrl-Z, gets the answer. */
  | { readonly prompt: (text: string) => Answer }
  /** OK; from then on frames of so many bytes of information at most are spoken on the line. */
  | { readonly multiplex: { readonly maxInfoBytes: number } };
export type Reply =
  | Answer
  | { readonly later: Poll<Answer> }
  | { readonly afterMs: number; readonly answer: () => Answer };

export type Handler = (serving: Serving, args: readonly string[]) => Reply;

/** One command; a form without a handler is refused. */
export interface Row {
  readonly name: string;
  readonly execute?: Handler;
  readonly read?: Handler;
  readonly set?: Handler;
  /** What `=?` tells behind the name; empty: just OK. Absent: refused. */
  readonly test?: string;
  /** The same where it depends on the device. */
  readonly testOf?: (serving: Serving) => string;
}

export const ok = (...lines: readonly string[]): Answer => ({ lines });
export const no = (error: number | string): Answer => ({ error });
export const noMessage = (error: number): Answer => no(`+CMS ERROR: ${error}`);

/** The event happens, or the answer says why not. */
export function tell({ machine }: Serving, event: ModemEvent): Answer {
  const { refusal, state } = machine.send(event);
  return refusal === undefined ? ok() : no(cmeOf(refusal, state));
}

/** A value from 0 to `most`, or undefined. */
export const small = (text: string | undefined, most: number): number | undefined =>
  text !== undefined && /^[0-9]{1,3}$/.test(text) && Number(text) <= most ? Number(text) : undefined;

/** The row's answer to one form of its command. */
export function answerOf(row: Row, { form, args }: Command, serving: Serving): Reply {
  if (form === "test") {
    const values = row.testOf?.(serving) ?? row.test;
    return values === undefined ? no(cme.notSupported) : ok(...testLine(row.name, values));
  }
  return row[form]?.(serving, args) ?? no(cme.notSupported);
}

const testLine = (name: string, values: string): readonly string[] => (values === "" ? [] : [`${name}: ${values}`]);
