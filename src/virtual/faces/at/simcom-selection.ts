/** SIMCom's commands for modes and bands, as published answers have them. */
import { type Answer, no, ok, type Row, type Serving } from "./answer.js";
import * as selection from "./selection.js";

const numbers: selection.ModeNumbers = {
  13: ["gsm"],
  14: ["umts"],
  19: ["gsm", "umts"],
  38: ["lte"],
  51: ["gsm", "lte"],
  54: ["umts", "lte"],
};
const automatic = 2;

const text = (mask: bigint, digits: number): string => `0x${mask.toString(16).toUpperCase().padStart(digits, "0")}`;

/** Masks of those before LTE, of LTE, and of TD-SCDMA, which it has none of. */
function told({ machine: { state } }: Serving): Answer {
  const { bands } = state.choice;
  return ok(`+CNBP: ${text(selection.oldMaskOf(bands), 16)},${text(selection.lteMaskOf(bands), 16)},${text(0n, 16)}`);
}

function choose(serving: Serving, [oldText, lteText]: readonly string[]): Answer {
  const [old, lte] = [selection.maskIn(oldText), selection.maskIn(lteText)];
  if (old === undefined) return no("ERROR");
  const answer = selection.choose(serving, { bands: selection.bandsOfMasks(serving, old, lte) });
  return "error" in answer ? no("ERROR") : answer;
}

export const simcomSelectionRows: readonly Row[] = [
  {
    name: "+CNMP",
    testOf: (serving) => {
      const { modes } = selection.supported(serving);
      const known = Object.entries(numbers).filter(([, one]) => one.every((mode) => modes.includes(mode)));
      return `(${[automatic, ...known.map(([number]) => number)].join(",")})`;
    },
    read: (serving) => ok(`+CNMP: ${selection.numberOfModes(serving, numbers, automatic)}`),
    set: (serving, [number]) => {
      const modes = selection.modesNumbered(serving, numbers, automatic, number);
      return modes === undefined ? no("ERROR") : selection.choose(serving, { modes });
    },
  },
  { name: "+CNBP", test: "", read: told, set: choose },
];
