/** What a command expects to hear, and which lines are never an answer. */

/** The lines of an answer, apart from the final result. */
export interface AnswerShape {
  /** Lines with one of these beginnings, such as `+CPIN:`. */
  readonly prefixes: readonly string[];
  /** Lines without a name in front as well, such as the IMEI after `+CGSN`. */
  readonly bare: boolean;
}

export const noLines: AnswerShape = { prefixes: [], bare: false };
export const lines = (...prefixes: readonly string[]): AnswerShape => ({ prefixes, bare: false });
/** Firmware differs in whether it puts the command's name in front: both are taken. */
export const bareOr = (...prefixes: readonly string[]): AnswerShape => ({ prefixes, bare: true });

export interface AtCommand {
  /** The whole line without its end: `AT+CGMI`. */
  readonly text: string;
  readonly answer?: AnswerShape;
  readonly timeoutMs?: number;
  /** Goes before what waits; what is on the wire is not interrupted. */
  readonly urgent?: boolean;
  /** A short question that any port of the modem answers: it changes nothing, and means the same on each. */
  readonly anyPort?: boolean;
  /** The text holds a PIN or a password: errors show only what stands before the `=`. */
  readonly secret?: boolean;
  /** Dials or answers a call. */
  readonly call?: boolean;
  /** Numbers count as final results, see `Expected`. */
  readonly numbers?: boolean;
  /** Sent when the modem prompts; ends with Ctrl-Z where the command wants it. */
  readonly payload?: Buffer;
}

/** A command whose answer means something. */
export interface AtQuery<T> extends AtCommand {
  /** @throws RangeError when these lines are no answer to this command */
  read(lines: readonly string[]): T;
}

/** For errors and logs. */
export const shown = ({ text, secret }: AtCommand): string =>
  secret === true ? `${text.split("=")[0] ?? ""}=...` : text;

/** Unsolicited words that look like a bare answer. */
const words = new Set(
  ["RING", "RDY", "APP RDY", "CALL READY", "SMS READY", "PB DONE", "SMS DONE", "EPS PB DONE"].concat([
    "NORMAL POWER DOWN",
    "POWERED DOWN",
    "NO CARRIER",
  ]),
);

/** `+CREG: 1`, `^RSSI:18`, `*ATREADY: 1`, `$QCRMCALL: 1`. */
const named = /^[+^*$%#!&_][A-Z0-9_]+(:|$)/i;

export const belongsTo = (line: string, { prefixes, bare }: AnswerShape): boolean => {
  const upper = line.toUpperCase();
  if (prefixes.some((prefix) => upper.startsWith(prefix.toUpperCase()))) return true;
  return bare && !named.test(line) && !words.has(upper);
};
