/** `wwanctl sim NAME slots|switch|preferred|forbidden|clear-forbidden|unlock` */
import type { Answer } from "./answer.js";
import { askModem, modemPathOf } from "./command.js";
import { type Call, isDict, type Plain, type PlainDict, text } from "./snapshot.js";
import { table } from "./table.js";

/** Reads a secret from where it is no argument: standard input. */
export type ReadSecret = () => Promise<string>;

type Action = (call: Call, name: string, words: readonly string[], readSecret: ReadSecret) => Promise<Answer>;

const dicts = (value: Plain | undefined): readonly PlainDict[] => (Array.isArray(value) ? value.filter(isDict) : []);
const fine = (words: string): Answer => ({ text: words, json: null, bad: false });

const slotRow = (slot: PlainDict): readonly string[] => [
  text(slot, "number"),
  text(slot, "active") === "true" ? "in use" : "",
  text(slot, "card"),
  text(slot, "iccid") || "-",
  text(slot, "eid") || "-",
];

async function slots(call: Call, name: string): Promise<Answer> {
  const [told] = await askModem(call, name, "Card1.GetSlots");
  const found = dicts(told);
  return { text: table(["SLOT", "", "CARD", "ICCID", "EID"], found.map(slotRow)), json: [...found], bad: false };
}

async function switchSlot(call: Call, name: string, [number = ""]: readonly string[]): Promise<Answer> {
  if (!/^[1-9]\d*$/.test(number)) throw new Error("expected the number of a slot, e.g. 2");
  await askModem(call, name, "Card1.ActivateSlot", "u", [Number(number)]);
  return fine(`${name} uses the card in slot ${number}`);
}

/** A list of PLMNs, as a method of Card1 tells it. */
const networks =
  (method: "GetPreferredNetworks" | "GetForbiddenNetworks") =>
  async (call: Call, name: string): Promise<Answer> => {
    const [told] = await askModem(call, name, `Card1.${method}`);
    const plmns = Array.isArray(told) ? told.map(String) : [];
    return { text: plmns.length === 0 ? "none" : plmns.join("\n"), json: plmns, bad: false };
  };

async function clearForbidden(call: Call, name: string): Promise<Answer> {
  await askModem(call, name, "Card1.ClearForbiddenNetworks");
  return fine("the card has no forbidden networks any more");
}

async function unlock(call: Call, name: string, _words: readonly string[], readSecret: ReadSecret): Promise<Answer> {
  const pin = await readSecret();
  const path = modemPathOf(name).replace("/net/wwand/modem", "");
  await call("org.ofono", path, "org.ofono.SimManager", "EnterPin", "ss", ["pin", pin]);
  return fine("the card is unlocked");
}

export const simActions = {
  slots: { help: "the places for cards, and what is in them", takesWords: false, run: slots },
  switch: { help: "uses the card in another slot: switch 2", takesWords: true, run: switchSlot },
  preferred: {
    help: "networks that the card prefers, best first",
    takesWords: false,
    run: networks("GetPreferredNetworks"),
  },
  forbidden: {
    help: "networks that refused the card, or that the modem is forbidden",
    takesWords: false,
    run: networks("GetForbiddenNetworks"),
  },
  "clear-forbidden": { help: "lets it try them again", takesWords: false, run: clearForbidden },
  unlock: { help: "enters the PIN; it is read from standard input", takesWords: false, run: unlock },
} satisfies Readonly<Record<string, { readonly help: string; readonly takesWords: boolean; run: Action }>>;
