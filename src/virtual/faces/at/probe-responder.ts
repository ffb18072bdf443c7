/** Enough of an AT port to be recognised as one: it echoes, says OK to a bare `AT`, and ERROR to everything else. */
import type { Face, HostLine } from "../face.js";

/** A line longer than any real modem takes is forgotten. */
const maxLineChars = 4096;

const answerTo = (line: string): string => (/^AT(E[01]?)?$/i.test(line) ? "\r\nOK\r\n" : "\r\nERROR\r\n");

/** Hosts write a command in as many pieces as they like, so that it is echoed piece by piece and answered at its CR. */
export function openProbeResponder(line: HostLine): Face {
  let echo = true;
  let pending = "";
  const hear = (char: string): void => {
    if (char !== "\r") {
      pending = pending.length < maxLineChars ? pending + char : "";
      return;
    }
    const command = pending.trim();
    pending = "";
    if (command === "") return;
    line.send(Buffer.from(answerTo(command), "latin1"));
    if (/^ATE[01]?$/i.test(command)) echo = command.endsWith("1");
  };
  return {
    feed: (bytes) => {
      if (echo) line.send(bytes);
      for (const char of bytes.toString("latin1")) hear(char);
    },
    hostLeft: () => {
      pending = "";
    },
    close: () => undefined,
  };
}
