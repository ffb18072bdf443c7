/** Programs of the system, run to their end or kept as children of the demo. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { promisify } from "node:util";

const execFileAsync = promisify(execFile);

/** Runs a program and resolves with its output. Rejects with what it printed on stderr. */
export async function run(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execFileAsync(program, [...args]).catch((error: Error & { stderr?: string }) => {
    throw new Error(`${[program, ...args].join(" ")}: ${error.stderr?.trim() || error.message}`, { cause: error });
  });
  return stdout;
}

/** `ip` with a command line as a person would type it. */
export const ip = (line: string): Promise<string> => run("ip", ...line.split(" "));

/** A child that the demo started and ends. */
export interface Child {
  readonly process: ChildProcess;
  /** The first output line that contains `text`; rejects when the child ends before. */
  line(text: string): Promise<string>;
  /** Every line so far. */
  readonly lines: readonly string[];
  stop(signal?: NodeJS.Signals): Promise<void>;
}

interface Waiter {
  readonly text: string;
  found(line: string): void;
  ended(): void;
}

/** Starts a long-running program; its output is collected line by line. */
export function start(program: string, args: readonly string[], onLine?: (line: string) => void): Child {
  const child = spawn(program, [...args], { stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  const waiters = new Set<Waiter>();
  const heard = (line: string) => {
    lines.push(line);
    onLine?.(line);
    for (const waiter of [...waiters]) if (line.includes(waiter.text)) waiter.found(line);
  };
  for (const stream of [child.stdout, child.stderr]) stream.on("data", splitLines(heard));
  let isOver = false;
  const exited = new Promise<void>((resolve) => {
    const end = () => {
      isOver = true;
      for (const waiter of [...waiters]) waiter.ended();
      resolve();
    };
    child.once("exit", end);
    // A program that cannot be started never exits.
    child.on("error", (error) => {
      heard(`${program}: ${error.message}`);
      if (child.pid === undefined) end();
    });
  });
  return {
    process: child,
    lines,
    line: (text) =>
      new Promise((resolve, reject) => {
        const already = lines.find((line) => line.includes(text));
        if (already !== undefined) return resolve(already);
        const gone = () =>
          reject(new Error(`${program} ended before it said "${text}":\n${lines.slice(-15).join("\n")}`));
        if (isOver) return gone();
        const waiter: Waiter = { text, found: settle(resolve), ended: settle(gone) };
        function settle<T extends unknown[]>(act: (...values: T) => void) {
          return (...values: T) => {
            waiters.delete(waiter);
            act(...values);
          };
        }
        waiters.add(waiter);
      }),
    stop: async (signal = "SIGTERM") => {
      if (isOver) return;
      child.kill(signal);
      const late = setTimeout(() => child.kill("SIGKILL"), 3000);
      await exited;
      clearTimeout(late);
    },
  };
}

function splitLines(heard: (line: string) => void): (chunk: Buffer) => void {
  let rest = "";
  return (chunk) => {
    const parts = (rest + chunk.toString("utf8")).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) heard(part);
  };
}
