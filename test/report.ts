/** `npm test`: all test files in a laboratory of their own, then the scenarios of the guest; or only the files given. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { runScenarios } from "./kernel/run.js";
import { Tally } from "./tally.js";

/** A folder stands for the tests below it; tap itself takes files only. */
function filesOf(argument: string): readonly string[] {
  if (argument.startsWith("-") || !statSync(argument, { throwIfNoEntry: false })?.isDirectory()) return [argument];
  const names = readdirSync(argument, { recursive: true, encoding: "utf8" });
  const tests = names.filter((name) => name.endsWith(".test.ts"));
  return tests.sort().map((name) => join(argument, name));
}

/**
 * tap empties and fills `.tap` in the tree. In the laboratory each run gets one of its own: the tree may be another user's,
 * and runs at the same time would take each other's away.
 */
const ownTapFolder = "mkdir -p .tap && mount -t tmpfs tmpfs .tap || echo '.tap is shared with other runs' >&2";

async function runFiles(tally: Tally, files: readonly string[]): Promise<void> {
  const tap = spawn(
    "src/demo/lab.sh",
    ["sh", "-c", `${ownTapFolder}; exec npx tap --reporter=tap "$@"`, "sh", ...files],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [[code, signal]] = await Promise.all([once(tap, "close"), tally.read(tap.stdout)]);
  // tap can end badly without a failed assertion (a crash while loading, a time-out): that must not read as success.
  if (code !== 0 && tally.failed === 0) tally.fail("tap", `ended with ${code ?? signal}`);
}

const given = process.argv.slice(2);
const tally = new Tally();
await runFiles(tally, given.flatMap(filesOf));
// Not at the same time: QEMU takes every core, and the files measure.
if (given.length === 0) await runScenarios(tally);
process.exitCode = tally.close("files and scenarios") ? 0 : 1;
