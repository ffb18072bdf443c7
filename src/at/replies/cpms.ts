/** +CPMS: where messages are kept. @see 3GPP TS 27.005 3.2.2 */
import { type AtQuery, lines as answerLines, noLines } from "../command.js";
import { onlyLine, parameters, whole } from "../parameters.js";

const name = "+CPMS:";

/** Memories that messages can be read from: `ME`, `SM`, `MT` for both, `SR` for reports. */
export const messageMemories: AtQuery<readonly string[]> = {
  text: "AT+CPMS=?",
  answer: answerLines(name),
  read: (lines) => {
    const [readable = ""] = parameters(onlyLine(lines));
    return readable.split(/[(),\s]+/).filter((memory) => /^[A-Z]{2}$/.test(memory));
  },
};

export interface FromMemory<T> {
  readonly said: T;
  /** There was no room before the question was carried out. */
  readonly isFull: boolean;
}

function isFull(line: string | undefined): boolean {
  if (line === undefined) return false;
  const [used, total] = parameters(line).map((value) => (/^[0-9]+$/.test(value) ? whole(value) : undefined));
  return used !== undefined && total !== undefined && used >= total;
}

/** A question about messages of one memory, which is chosen in the same line: no other question comes in between. */
export const ofMemory = <T>(memory: string | undefined, query: AtQuery<T>): AtQuery<FromMemory<T>> => {
  const { prefixes, bare } = query.answer ?? noLines;
  return {
    ...query,
    text: memory === undefined ? query.text : `AT+CPMS="${memory}";${query.text.slice(2)}`,
    answer: { prefixes: [...prefixes, name], bare },
    read: (lines) => {
      const isFill = (line: string) => line.toUpperCase().startsWith(name);
      return { said: query.read(lines.filter((line) => !isFill(line))), isFull: isFull(lines.find(isFill)) };
    },
  };
};
