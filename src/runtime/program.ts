/** Programs that wwand runs: found by name, dead when wwand is, their output as lines, their end told once. */
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { accessSync, constants, realpathSync } from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Clock } from "./clock.js";

export interface ProgramEnd {
  /** Absent: ended by `signal`, or never started. */
  readonly exitCode?: number;
  readonly signal?: string;
  /** It could not be started. */
  readonly error?: Error;
}

export interface ProgramOptions {
  /** Path and arguments. */
  readonly command: readonly [path: string, ...args: string[]];
  /** By the program's number, from 3 on: one of ours, which stays ours, or who hears what it writes there. */
  readonly descriptors?: Readonly<Record<number, number | ((bytes: Buffer) => void)>>;
  readonly env?: NodeJS.ProcessEnv;
  /** Each line of its standard output and error. */
  onLine(line: string): void;
}

/** Where daemons lie; a user's PATH often has no sbin. */
const folders = (): readonly string[] => [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin"];

/** The full path of a program that may be executed; undefined where there is none. */
export function findProgram(name: string): string | undefined {
  return folders()
    .filter((folder) => folder.startsWith("/"))
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** What an orphan of the program may still hold open does not keep us waiting for longer, in ms. */
const outputGraceMs = 500;

export class Program {
  /** Resolves once, when the program is gone and its output has been heard. */
  readonly ended: Promise<ProgramEnd>;
  readonly #child: ChildProcess;

  constructor(options: ProgramOptions) {
    const [path, ...args] = mortal(options.command);
    const { descriptors = {}, env = process.env, onLine } = options;
    this.#child = spawn(path, args, { stdio: stdioOf(descriptors), env });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      if (stream) createInterface({ input: stream }).on("line", onLine);
    for (const [number, hear] of Object.entries(descriptors))
      if (typeof hear === "function") (this.#child.stdio[Number(number)] as Readable | null)?.on("data", hear);
    this.ended = endOf(this.#child);
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** SIGTERM, and SIGKILL when it has not ended after `graceMs`. Idempotent. */
  async stop(clock: Clock, graceMs: number): Promise<ProgramEnd> {
    this.signal("SIGTERM");
    const cancel = clock.after(graceMs, () => this.signal("SIGKILL"));
    const end = await this.ended;
    cancel();
    return end;
  }
}

function stdioOf(descriptors: NonNullable<ProgramOptions["descriptors"]>): StdioOptions {
  const stdio: ("ignore" | "pipe" | number)[] = ["ignore", "pipe", "pipe"];
  for (let number = stdio.length; number <= Math.max(...Object.keys(descriptors).map(Number)); number++) {
    const one = descriptors[number];
    stdio.push(one === undefined ? "ignore" : typeof one === "number" ? one : "pipe");
  }
  return stdio;
}

function endOf(child: ChildProcess): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    child.once("error", (error) => child.pid === undefined && resolve({ error }));
    child.once("exit", () => {
      const destroy = () => child.stdio.forEach((stream) => void stream?.destroy());
      const timer = setTimeout(destroy, outputGraceMs);
      child.once("close", () => clearTimeout(timer));
    });
    child.once("close", (exitCode, signal) =>
      resolve({ ...(exitCode === null ? {} : { exitCode }), ...(signal === null ? {} : { signal }) }),
    );
  });
}

/** Busybox has a setpriv too, which knows nothing of death signals. @see PR_SET_PDEATHSIG in prctl(2) */
function mortal(command: ProgramOptions["command"]): ProgramOptions["command"] {
  const setpriv = findProgram("setpriv");
  if (setpriv === undefined || basename(realpathSync(setpriv)) !== "setpriv") return command;
  return [setpriv, "--pdeathsig", "TERM", "--", ...command];
}
