/** +CEER: why the last thing failed, in words. @see 3GPP TS 27.007 6.10, which leaves them to the manufacturer */
import { type AtQuery, bareOr } from "../command.js";

/** `EMM_CAUSE_ESM_FAILURE`: the layer, and the cause's name; `SM34 (...)`, `5,33 ...`: its number. */
export interface ExtendedError {
  readonly layer: "emm" | "esm" | "gmm" | "sm";
  /** Either is there. */
  readonly number?: number;
  /** Letters and digits alone, lower case. */
  readonly name?: string;
}

const named = /^(EMM|ESM|GMM|SM)_CAUSE_([A-Z0-9_]+)$/i;
const numbered = /\b(EMM|ESM|GMM|SM) ?(?:CAUSE )?#?([0-9]{1,3})\b/i;

/** Quectel's: where it failed, and a number; 5 is the session management of LTE, as its text behind 33 says. */
const located = /^5,([0-9]{1,3})\b/;

const layerOf = (text: string): ExtendedError["layer"] => {
  const lower = text.toLowerCase();
  return lower === "emm" || lower === "esm" || lower === "gmm" ? lower : "sm";
};

/** Undefined where the words name no cause of the network. */
export const extendedError: AtQuery<ExtendedError | undefined> = {
  text: "AT+CEER",
  answer: bareOr("+CEER:"),
  read: (lines) => {
    const [first = ""] = lines;
    const said = first.replace(/^\+CEER: */i, "").replace(/^"(.*)"$/, "$1");
    const [, byName, name = ""] = named.exec(said) ?? [];
    if (byName !== undefined) return { layer: layerOf(byName), name: name.toLowerCase().replace(/[^a-z0-9]/g, "") };
    const [, bySession] = located.exec(said) ?? [];
    if (bySession !== undefined) return { layer: "esm", number: Number(bySession) };
    const [, byNumber, number] = numbered.exec(said) ?? [];
    return byNumber === undefined ? undefined : { layer: layerOf(byNumber), number: Number(number) };
  },
};
