/**
 * How far a measurement is, on standard error: on a terminal one line that is written over and over, elsewhere (a log, a
 * pipe) a line each, with the time since the beginning.
 */
export type Say = (text: string) => void;

export function progress(): Say {
  const startMs = performance.now();
  const { stderr } = process;
  if (stderr.isTTY) return (text) => void stderr.write(`\r\x1b[K${text}`);
  return (text) => void (text !== "" && stderr.write(`${elapsedText(performance.now() - startMs)}  ${text}\n`));
}

function elapsedText(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Does it `count` times and tells of each. */
export async function times<T>(count: number, what: string, say: Say, once: () => Promise<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for (let round = 1; round <= count; round++) {
    say(`${what} ${round} of ${count}`);
    all.push(await once());
  }
  return all;
}
