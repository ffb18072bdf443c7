/** One run of the guest: scenarios go in, assertions come out while it runs, and a guest that hangs is ended. */
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorText } from "../../src/runtime/error.js";
import type { Tally } from "../tally.js";
import { bundleScenarios } from "./bundle.js";
import { follow } from "./follow.js";
import { Machine, qemuCommand, type Request, writeRequest } from "./machine.js";

export interface RunOptions extends Omit<Request, "shell"> {
  readonly limits?: Limits;
  /** What stands for the guest: a program that does with the folder what the guest does. */
  readonly command?: (folder: string) => readonly string[];
}

export interface Limits {
  readonly totalMs: number;
  /** Neither an assertion nor a line on the console for so long. */
  readonly silenceMs: number;
}

/** A scenario has a limit of its own, which ends before this silence; only a guest that is stuck altogether reaches it. */
const guestLimits: Limits = { totalMs: 900_000, silenceMs: 240_000 };
const shownLines = 25;

/** Runs them in one boot and counts into `tally`. Failures name the folder that has their logs. */
export async function runScenarios(tally: Tally, options: RunOptions = {}): Promise<void> {
  const failedBefore = tally.failed;
  const folder = await mkdtemp(join(tmpdir(), "wwand-kernel-"));
  try {
    await runIn(folder, tally, options);
  } catch (error) {
    tally.fail("the guest does not run", errorText(error));
  }
  const areLogsKept = options.keepLogs || tally.failed > failedBefore;
  if (areLogsKept) tally.print(`logs:\n${logsIn(folder).join("\n")}`);
  else await rm(folder, { recursive: true, force: true });
}

async function runIn(folder: string, tally: Tally, options: RunOptions): Promise<void> {
  const { limits = guestLimits, command = (shared) => qemuCommand(shared, "output") } = options;
  const results = join(folder, "results.tap");
  await writeRequest(folder, options);
  await writeFile(results, "");
  await bundleScenarios(folder);
  const guard = new Guard(limits, () => machine.kill());
  const startMs = performance.now();
  const sign = () => guard.progress();
  const machine = new Machine(command(folder), sign);
  try {
    const tap = follow(results, machine.off);
    tap.on("data", sign);
    const { running, isComplete } = await tally.read(tap);
    tally.print(`guest: ${((performance.now() - startMs) / 1000).toFixed(0)} s`);
    const trouble = guard.verdict ?? (await machine.off) ?? (isComplete ? undefined : "it went off before it was done");
    if (trouble !== undefined) tally.fail("the guest", guestTrouble(trouble, running, machine.console));
  } finally {
    guard.end();
    machine.kill();
    await writeFile(join(folder, "console.log"), `${machine.console.join("\n")}\n`);
  }
}

function logsIn(folder: string): readonly string[] {
  const logs = join(folder, "logs");
  const scenarios = existsSync(logs) ? readdirSync(logs).map((name) => join(logs, name)) : [];
  return [join(folder, "console.log"), ...scenarios].map((path) => `  ${path}`);
}

const guestTrouble = (trouble: string, running: string | undefined, console: readonly string[]): string =>
  [
    trouble,
    running === undefined ? "no scenario was running" : `the scenario that ran: ${running}`,
    "its console at last:",
    ...console.slice(-shownLines).map((line) => `  ${line}`),
  ].join("\n");

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
