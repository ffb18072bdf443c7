/** +CUSD: the network's word in a dialogue by USSD. @see 3GPP TS 27.007 7.15 */
import { parameters, whole } from "../parameters.js";

export interface UssdNews {
  /** 0 and 1 are words, 1 asks; 2 and above tell how the dialogue ended. */
  readonly result: number;
  readonly text?: string;
  /** How the network coded it. @see 3GPP TS 23.038 5 */
  readonly codingScheme?: number;
}

/** A text may have quotation marks of its own: it ends with the last. */
const worded = /^\+CUSD: *([0-9]+) *, *"(.*)"(?: *, *([0-9]+))?$/is;

/** Undefined: the line is about something else. @throws RangeError when it cannot be read */
export function ussdNews(line: string): UssdNews | undefined {
  if (!/^\+CUSD:/i.test(line)) return undefined;
  const [, result, text, codingScheme] = worded.exec(line) ?? [];
  if (result === undefined || text === undefined) return { result: whole(parameters(line)[0]) };
  return { result: whole(result), text, ...(codingScheme === undefined ? {} : { codingScheme: whole(codingScheme) }) };
}
