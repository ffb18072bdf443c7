/** `npm run fuzz -- [TARGET...] [--seconds N]`: coverage-guided fuzzing of everything that reads bytes from outside. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Command } from "commander";
import { build } from "esbuild";
import { addonEnvironment } from "./addon.js";
import { readCorpus, readFiles, targets, writeCorpus, writeFiles } from "./corpus.js";

const root = new URL("../..", import.meta.url).pathname;
const cache = join(root, ".cache/fuzz");
const jazzer = createRequire(import.meta.url).resolve("@jazzer.js/core/dist/cli.js");
/** Longer inputs find nothing that shorter ones do not: all counts and offsets can be as wrong in few bytes. */
const maxInputBytes = 1024;
/** One input that takes longer is a finding. Wall time: a machine with other work to do stands still for seconds. */
const slowMs = 10_000;

/** Jazzer.js instruments CommonJS only, and what it is told to: one file holds all that is to be watched. */
async function bundle(target: string): Promise<string> {
  const outfile = join(cache, `${target}.cjs`);
  const entryPoints = [join(root, `test/fuzz/targets/${target}.ts`)];
  await build({ entryPoints, outfile, bundle: true, platform: "node", format: "cjs", target: "node20" });
  return outfile;
}

function run(file: string, folders: readonly string[], options: readonly string[], quiet = false): boolean {
  const flags = ["--sync", "--timeout", String(slowMs), "-i", file, ...folders];
  const { status, error } = spawnSync(process.execPath, [jazzer, file, ...flags, "--", ...options], {
    cwd: cache,
    env: { ...process.env, ...addonEnvironment(cache) },
    stdio: ["ignore", "inherit", quiet ? "ignore" : "inherit"],
  });
  if (error) throw error;
  return status === 0;
}

/** True when nothing was found. The corpus then holds what covers as much as all that was tried, else the finding as well. */
async function fuzz(target: string, seconds: number): Promise<boolean> {
  const file = await bundle(target);
  const [tried, kept, found] = ["tried", "kept", "found"].map((name) => join(cache, target, name));
  if (tried === undefined || kept === undefined || found === undefined) throw new Error("no folders");
  writeFiles(tried, readCorpus(target));
  rmSync(found, { recursive: true, force: true });
  mkdirSync(found);
  const limits = [`-max_len=${maxInputBytes}`, "-rss_limit_mb=1024"];
  const isClean = run(file, [tried], [`-max_total_time=${seconds}`, `-artifact_prefix=${found}/`, ...limits]);
  const findings = readdirSync(found).map((name) => readFileSync(join(found, name)));
  for (const finding of findings) console.log(`${target}: found ${finding.toString("hex")}`);
  writeFiles(kept, []);
  if (!isClean || !run(file, [kept, tried], ["-merge=1", "-set_cover_merge=1", ...limits], true)) {
    writeCorpus(target, [...readCorpus(target), ...findings]);
    return false;
  }
  writeCorpus(target, readFiles(kept));
  return true;
}

const program = new Command("npm run fuzz --")
  .description("Coverage-guided fuzzing of everything that reads bytes from outside, see test/fuzz/README.md.")
  .argument("[target...]", `of ${targets.join(", ")}; all by default`)
  .option("--seconds <n>", "for each target", Number, 60)
  .action(async (wanted: readonly string[], { seconds }: { seconds: number }) => {
    const unknown = wanted.filter((name) => !targets.includes(name));
    if (unknown.length > 0) throw new Error(`no target ${unknown.join(", ")}; there are ${targets.join(", ")}`);
    mkdirSync(cache, { recursive: true });
    for (const target of wanted.length > 0 ? wanted : targets) {
      console.log(`${target}: ${seconds} s`);
      if (!(await fuzz(target, seconds))) process.exitCode = 1;
    }
  });

await program.parseAsync();
