/** `npm run test:kernel`: scenarios on real kernel drivers, in a guest. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { Tally } from "../tally.js";
import { scenarios } from "./guest/scenario.js";
import "./scenarios/index.js";
import { qemuCommand, writeRequest } from "./machine.js";
import { runScenarios } from "./run.js";

interface Options {
  readonly list?: true;
  readonly keepLogs?: true;
  readonly seed?: number;
  readonly shell?: string | true;
}

const program = new Command("npm run test:kernel --")
  .description("Boots Debian's kernel in QEMU (no KVM, no root) and runs scenarios on its real modem drivers.")
  .argument("[names...]", "scenarios whose names contain one of these; none: all")
  .option("--list", "print the scenarios' names")
  .option("--keep-logs", "keep the logs and USB captures also of what passed")
  .option("--seed <number>", "repeat a run: scenarios that choose moments at random print theirs", seedOf)
  .addOption(
    new Option(
      "--shell [profile]",
      "a shell in the guest with this modem plugged in (see bin/wwand-virtual profiles)",
    ).conflicts(["list", "keepLogs", "seed"]),
  )
  .addHelpText("after", "\nExit code 0: all passed. test/kernel/README.md tells how to write a scenario.")
  .action(main);

async function main(words: readonly string[], { list, keepLogs, shell, seed }: Options): Promise<void> {
  if (shell !== undefined) return openShell(shell === true ? "" : shell);
  const chosen = scenarios.map(({ name }) => name).filter((name) => isNamed(name, words));
  if (list) return console.log(chosen.join("\n"));
  if (chosen.length === 0) program.error(`no scenario is called ${words.join(" or ")}: see --list`, { exitCode: 2 });
  const tally = new Tally();
  await runScenarios(tally, { names: chosen, keepLogs: keepLogs ?? false, ...(seed === undefined ? {} : { seed }) });
  process.exitCode = tally.close("scenarios") ? 0 : 1;
}

function seedOf(text: string): number {
  const seed = Number(text);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new InvalidArgumentError("expected a whole number");
  return seed;
}

const isNamed = (name: string, words: readonly string[]): boolean =>
  words.length === 0 || words.some((word) => name.includes(word));

async function openShell(profile: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "wwand-kernel-"));
  await writeRequest(folder, { shell: profile });
  const [command = "", ...args] = qemuCommand(folder, "terminal");
  const [code] = await once(spawn(command, args, { stdio: "inherit" }), "close");
  process.exitCode = code ?? 1;
  await rm(join(folder, "request"), { recursive: true });
  const kept = await readdir(folder);
  if (kept.length > 0) console.log(`from the guest's /out: ${kept.map((name) => join(folder, name)).join(" ")}`);
  else await rm(folder, { recursive: true });
}

await program.parseAsync();
