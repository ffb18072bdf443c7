/** The shape of +CGMI, +CGMM and +CGMR: one text, bare, quoted, or behind the command's name. */
import { type AtQuery, bareOr } from "../command.js";

export const identityText = (name: `+${string}`): AtQuery<string> => ({
  text: `AT${name}`,
  answer: bareOr(`${name}:`),
  read: (lines) => {
    // Some add lines of their own behind the one that counts.
    const [first = ""] = lines;
    const text = first
      .replace(new RegExp(`^\\${name}: *`, "i"), "")
      .replace(/^"(.*)"$/, "$1")
      .trim();
    if (text === "") throw new RangeError("an answer without a text");
    return text;
  },
});
