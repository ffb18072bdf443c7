/** A guest that runs one program: what that prints comes out as it comes, and a guest that hangs is ended. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { bundleProgram } from "./bundle.js";
import { follow } from "./follow.js";
import { Machine, qemuCommand, type Request, writeRequest } from "./machine.js";

export interface Limits {
  readonly totalMs: number;
  /** Neither a line of the program nor one on the console for so long. */
  readonly silenceMs: number;
}

export interface BootOptions extends Request {
  /** In the tree, e.g. `test/kernel/guest/main.ts`. */
  readonly program: string;
  readonly limits: Limits;
  /** What stands for the guest: a program that does with the folder what the guest does. */
  readonly command?: (folder: string, guest: number) => readonly string[];
}

const shownLines = 25;

export class Booted {
  /** What the program printed; ends with the guest. */
  readonly output: Readable;
  readonly #guard: Guard;
  readonly #machine: Machine;

  private constructor(
    private readonly folder: string,
    private readonly number: number,
    { limits, command = (shared, guest) => qemuCommand(shared, "output", guest) }: BootOptions,
  ) {
    this.#guard = new Guard(limits, () => this.#machine.kill());
    this.#machine = new Machine(command(folder, number), () => this.#guard.progress());
    this.output = follow(outputOf(folder, number), this.#machine.off);
    this.output.on("data", () => this.#guard.progress());
  }

  static async start(folder: string, options: BootOptions): Promise<Booted> {
    await prepare(folder, options, [0]);
    return new Booted(folder, 0, options);
  }

  /** At the same time, with one /out for all of them, also for those of earlier numbers. */
  static async several(numbers: readonly number[], folder: string, options: BootOptions): Promise<readonly Booted[]> {
    await prepare(folder, options, numbers);
    return numbers.map((number) => new Booted(folder, number, options));
  }

  /** When the guest is off: why that was not in order. */
  async trouble(): Promise<string | undefined> {
    const off = await this.#machine.off;
    return this.#guard.verdict ?? off;
  }

  /** The console's last lines, for a report of trouble. */
  lastWords(): readonly string[] {
    return ["its console at last:", ...this.#machine.console.slice(-shownLines).map((line) => `  ${line}`)];
  }

  /** Switches it off if it runs, and keeps its console's lines. */
  async end(): Promise<void> {
    this.#guard.end();
    this.#machine.kill();
    await writeFile(join(this.folder, `console-${this.number}.log`), `${this.#machine.console.join("\n")}\n`);
  }
}

async function prepare(folder: string, options: BootOptions, guests: readonly number[]): Promise<void> {
  await writeRequest(folder, options);
  await bundleProgram(options.program, folder);
  for (const guest of guests) await writeFile(outputOf(folder, guest), "");
}

const outputOf = (folder: string, guest: number): string => join(folder, `output-${guest}`);

/** Ends what makes no progress, or takes too long. */
class Guard {
  readonly #silence: NodeJS.Timeout;
  readonly #total: NodeJS.Timeout;
  #verdict: string | undefined;

  constructor({ totalMs, silenceMs }: Limits, kill: () => void) {
    const ended = (verdict: string) => () => {
      this.#verdict ??= verdict;
      kill();
    };
    this.#total = setTimeout(ended(`ended: not done within ${totalMs / 1000} s`), totalMs);
    this.#silence = setTimeout(ended(`ended: hangs, no sign of life for ${silenceMs / 1000} s`), silenceMs);
  }

  /** Why it was ended. */
  get verdict(): string | undefined {
    return this.#verdict;
  }

  progress(): void {
    this.#silence.refresh();
  }

  end(): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#total);
  }
}
