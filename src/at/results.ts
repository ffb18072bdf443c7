/** Which line ends an answer. @see ITU-T V.250 5.7.1, 6.2.6 (CONNECT), 3GPP TS 27.007 9.1 */

export type FinalResult =
  | { readonly is: "ok" }
  /** The port carries data from the next byte on. */
  | { readonly is: "connect" }
  | { readonly is: "refused"; readonly text: string };

export interface Expected {
  /** The command dials or answers: how a call can end is then its result, and else a word about an earlier call. */
  readonly call: boolean;
  /** Numbers count as results: nobody has yet told this modem to use words (`ATV1`). */
  readonly numbers: boolean;
}

const ended = /^(NO CARRIER|BUSY|NO ANSWER|NO DIAL ?TONE|DELAYED|BLACKLISTED)$/i;
const refused = /^(ERROR|\+CM[ES] ERROR:.*|COMMAND NOT SUPPORT|TOO MANY PARAMETERS)$/i;

/** `ATV0` results as words. 2 (RING) is no result. */
const words: Readonly<Record<string, string>> = {
  0: "OK",
  1: "CONNECT",
  3: "NO CARRIER",
  4: "ERROR",
  6: "NO DIALTONE",
  7: "BUSY",
  8: "NO ANSWER",
};

/** Undefined: the line belongs to an answer, or to none. */
export function finalResult(line: string, expected: Expected): FinalResult | undefined {
  const text = expected.numbers ? (words[line] ?? line) : line;
  if (/^OK$/i.test(text)) return { is: "ok" };
  if (expected.call && /^CONNECT( .*)?$/i.test(text)) return { is: "connect" };
  if (refused.test(text) || (expected.call && ended.test(text))) return { is: "refused", text };
  return undefined;
}
