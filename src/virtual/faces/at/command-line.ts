/** A command line as its single commands. @see ITU-T V.250 5.2 to 5.4, 3GPP TS 27.007 4 */
import { parameters } from "../../../at/parameters.js";

export interface Command {
  /** In capitals: `+CPIN`, `^ICCID`, `E`, `&C`, `D`, `S3`. */
  readonly name: string;
  readonly form: "execute" | "read" | "test" | "set";
  /** Values of `set`, without quotation marks; the number behind a basic command, the rest of the line behind `D`. */
  readonly args: readonly string[];
}

/** Undefined: the line does not begin with AT, and gets no answer. @throws RangeError when it is no sequence of commands */
export function commandsOf(line: string): readonly Command[] | undefined {
  // Rubbish before the prefix counts for nothing.
  const at = line.search(/at/i);
  if (at < 0) return undefined;
  const commands: Command[] = [];
  for (let rest = line.slice(at + 2).trim(); rest !== ""; ) {
    const isExtended = /^[+^*$%#!]/.test(rest);
    const [command, length] = isExtended ? extended(rest) : basic(rest);
    commands.push(command);
    rest = rest.slice(length).trimStart();
  }
  return commands;
}

function basic(text: string): readonly [Command, number] {
  if (/^D/i.test(text)) return [{ name: "D", form: "execute", args: [text.slice(1)] }, text.length];
  const [all = "", name = "", read, , value] = /^(&?[A-Z]|S[0-9]+)(\?)?(=?([0-9]+))?/i.exec(text) ?? [];
  if (all === "") throw new RangeError(`no command begins with ${JSON.stringify(text.slice(0, 8))}`);
  const form = read === undefined ? "execute" : "read";
  return [{ name: name.toUpperCase(), form, args: value === undefined ? [] : [value] }, all.length];
}

/** Up to the semicolon that is in no quotation marks. */
function extended(text: string): readonly [Command, number] {
  const [whole = ""] = /^(?:[^";]|"[^"]*"?)*/.exec(text) ?? [];
  const [, name = "", tail = ""] = /^([+^*$%#!][A-Z0-9_-]+) *(.*)$/is.exec(whole) ?? [];
  if (name === "") throw new RangeError("an extended command without a name");
  return [{ name: name.toUpperCase(), ...formOf(tail.trim()) }, whole.length + 1];
}

function formOf(tail: string): Pick<Command, "form" | "args"> {
  if (tail === "") return { form: "execute", args: [] };
  if (tail === "?") return { form: "read", args: [] };
  if (tail === "=?") return { form: "test", args: [] };
  if (tail.startsWith("=")) return { form: "set", args: parameters(tail.slice(1)) };
  throw new RangeError(`${JSON.stringify(tail)} behind a command's name`);
}
