/** One run: scenarios go in, guests share them, assertions come out while they run. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { errorText } from "../../src/runtime/error.js";
import type { Tally } from "../tally.js";
import { Booted, type BootOptions, type Limits } from "./boot.js";
import type { Request } from "./machine.js";

export interface RunOptions extends Omit<Request, "shell">, Partial<Pick<BootOptions, "limits" | "command">> {
  /** At the same time; by default as many as there are two processors for. */
  readonly guests?: number;
}

/** A scenario has a limit of its own, which ends before this silence; only a guest that is stuck altogether reaches it. */
const guestLimits: Limits = { totalMs: 900_000, silenceMs: 240_000 };

/** Each has two processors. */
const guestsHere = (): number => Math.max(1, Math.floor(availableParallelism() / 2));

/** Runs each of them in one of the guests and counts into `tally`. Failures name the folder that has their logs. */
export async function runScenarios(tally: Tally, options: RunOptions = {}): Promise<void> {
  const failedBefore = tally.failed;
  const startMs = performance.now();
  const folder = await mkdtemp(join(tmpdir(), "wwand-kernel-"));
  try {
    await runIn(folder, tally, options);
  } catch (error) {
    tally.fail("the guest does not run", errorText(error));
  }
  tally.print(`guests: ${((performance.now() - startMs) / 1000).toFixed(0)} s`);
  const areLogsKept = options.keepLogs || tally.failed > failedBefore;
  if (areLogsKept) tally.print(`logs:\n${logsIn(folder).join("\n")}`);
  else await rm(folder, { recursive: true, force: true });
}

async function runIn(
  folder: string,
  tally: Tally,
  { guests, limits = guestLimits, ...options }: RunOptions,
): Promise<void> {
  const scenarios = options.names?.length || Number.POSITIVE_INFINITY;
  const count = Math.min(guests ?? guestsHere(), scenarios);
  const asked = { ...options, limits, program: "test/kernel/guest/main.ts" };
  for (let first = 0, areLeft = true; areLeft; first += count) {
    const numbers = Array.from({ length: count }, (_, index) => first + index);
    const booted = await Booted.several(numbers, folder, asked);
    await Promise.all(booted.map((guest) => follow(guest, tally)));
    areLeft = takeLeft(folder);
  }
}

/** Whether a guest whose time was up has left scenarios to the next one. */
function takeLeft(folder: string): boolean {
  const left = join(folder, "request/left");
  const areLeft = existsSync(left);
  rmSync(left, { force: true });
  return areLeft;
}

async function follow(guest: Booted, tally: Tally): Promise<void> {
  try {
    const { running, isComplete } = await tally.read(guest.output);
    const trouble = (await guest.trouble()) ?? (isComplete ? undefined : "it went off before it was done");
    if (trouble !== undefined) tally.fail("the guest", guestTrouble(trouble, running, guest));
  } finally {
    await guest.end();
  }
}

function logsIn(folder: string): readonly string[] {
  const logs = join(folder, "logs");
  const scenarios = existsSync(logs) ? readdirSync(logs).map((name) => join(logs, name)) : [];
  const consoles = readdirSync(folder).filter((name) => name.startsWith("console-"));
  return [...consoles.map((name) => join(folder, name)), ...scenarios].map((path) => `  ${path}`);
}

const guestTrouble = (trouble: string, running: string | undefined, guest: Booted): string =>
  [
    trouble,
    running === undefined ? "no scenario was running" : `the scenario that ran: ${running}`,
    ...guest.lastWords(),
  ].join("\n");
