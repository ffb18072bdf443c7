/** The question "how long until a modem that was plugged in is listed, and registered?", asked wwand and its peers in a guest. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Booted, type Limits } from "../test/kernel/boot.js";
import { thisMachine } from "./machine.js";
import { type Failed, print } from "./plug/report.js";
import type { Asked, Report, Round } from "./plug/rows.js";
import { progress, type Say } from "./progress.js";

export interface PlugOptions {
  readonly rounds: number;
  readonly atRounds: number;
  readonly silentRounds: number;
  readonly only: string;
  readonly json: boolean;
  readonly keepLogs: boolean;
}

/** A daemon has a minute and a half to list a modem, and a minute to register it. */
const limits: Limits = { totalMs: 1_800_000, silenceMs: 240_000 };

interface Heard {
  readonly rounds: Round[];
  readonly failed: Failed[];
  /** The guest's kernel; undefined until it has done everything. */
  kernel: string | undefined;
}

export async function plug({ json, keepLogs, ...options }: PlugOptions): Promise<void> {
  const say = progress();
  const folder = await mkdtemp(join(tmpdir(), "wwand-bench-"));
  try {
    await writeFile(join(folder, "asked.json"), JSON.stringify(askedOf(options)));
    say("booting a guest");
    const { rounds, failed, kernel = "" } = await runGuest(folder, say);
    say("");
    print({ machine: thisMachine(), kernel, rounds, failed }, json);
  } finally {
    if (keepLogs) console.error(`logs: ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
}

const askedOf = ({ rounds, atRounds, silentRounds, only }: Omit<PlugOptions, "json" | "keepLogs">): Asked => ({
  rounds: { answering: rounds, at: atRounds, silent: silentRounds },
  only,
});

/** @throws Error when the guest does not come to its end */
async function runGuest(folder: string, say: Say): Promise<Heard> {
  const heard: Heard = { rounds: [], failed: [], kernel: undefined };
  const guest = await Booted.start(folder, { program: "bench/plug/guest/main.ts", limits });
  try {
    for await (const line of createInterface({ input: guest.output })) take(JSON.parse(line), heard, say);
    const trouble =
      (await guest.trouble()) ?? (heard.kernel === undefined ? "it went off before it was done" : undefined);
    if (trouble !== undefined) throw new Error(`the guest: ${[trouble, ...guest.lastWords()].join("\n")}`);
    return heard;
  } finally {
    await guest.end();
  }
}

function take(told: Report, heard: Heard, say: Say): void {
  switch (told.report) {
    case "progress":
      say(told.text);
      break;
    case "round": {
      const { report: _report, ...round } = told;
      heard.rounds.push(round);
      break;
    }
    case "failed":
      heard.failed.push({ row: told.row, daemon: told.daemon, why: told.why });
      break;
    case "done":
      heard.kernel = told.kernel;
  }
}
