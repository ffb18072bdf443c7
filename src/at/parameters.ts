/** What stands behind the name of an answer: `1,"internet",(0-3)`. @see ITU-T V.250 5.4, 5.7.3 */

/** Values as text, quotation marks removed, lists in parentheses whole; an empty value is an empty text. */
export function parameters(line: string): readonly string[] {
  const text = line.replace(/^[+^*$%#!&_][A-Z0-9_]+: */i, "");
  const values: string[] = [];
  let value = "";
  let quoted = false;
  let depth = 0;
  for (const char of text) {
    if (char === '"') quoted = !quoted;
    else if (char === "," && !quoted && depth === 0) {
      values.push(value.trim());
      value = "";
      continue;
    } else value += char;
    if (!quoted && char === "(") depth += 1;
    if (!quoted && char === ")") depth = Math.max(0, depth - 1);
  }
  return [...values, value.trim()];
}

/** The one line of an answer. @throws RangeError when there is none, or more */
export function onlyLine(lines: readonly string[]): string {
  const [line, ...more] = lines;
  if (line === undefined) throw new RangeError("an answer without a line");
  if (more.length > 0) throw new RangeError(`an answer of ${lines.length} lines where one is expected`);
  return line;
}

/** @throws RangeError when the text is no whole number */
export function whole(text: string | undefined): number {
  if (text === undefined || !/^-?[0-9]{1,15}$/.test(text)) throw new RangeError("no number where one is expected");
  return Number(text);
}

/** The last line of an answer: a report of the same name may come in its middle, and the last one is the newest. */
export function lastLine(lines: readonly string[]): string {
  const line = lines.at(-1);
  if (line === undefined) throw new RangeError("an answer without a line");
  return line;
}

/** What `=?` lists: `(0-2,5)` is 0, 1, 2 and 5. Without parentheses it is one number. @throws RangeError for anything else */
export function numbersIn(list: string): readonly number[] {
  return list
    .replace(/^\((.*)\)$/, "$1")
    .split(",")
    .filter((part) => part.trim() !== "")
    .flatMap((part) => {
      const [first, last = first] = part.split("-").map((text) => whole(text.trim()));
      if (first === undefined || last === undefined || last - first > 255) throw new RangeError("no range of numbers");
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}
