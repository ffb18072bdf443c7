/** Other programs' commands: a word to them, their refusal in their own words. */
import { execFile } from "node:child_process";
import { errnoOf } from "../runtime/error.js";

/** Resolves with what it printed. Rejects with what it said on standard error, ENOENT and the like, or the signal's reason. */
export function runProgram(
  command: readonly [program: string, ...args: string[]],
  signal: AbortSignal,
  input = "",
): Promise<string> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { signal, killSignal: "SIGKILL" }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (signal.aborted) reject(signal.reason);
      else if (errnoOf(error) !== undefined) reject(error);
      else reject(new Error(`${command.join(" ")}: ${stderr.trim() || error.message}`));
    });
    // One that ends without reading is told by its exit code.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}
