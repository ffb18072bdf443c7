// Runs tap and tells, a line per file, how it went; failures in full; last `N passed, N failed` over all assertions.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Parser } from "tap-parser";

const root = fileURLToPath(new URL("..", import.meta.url));

const totals = { passed: 0, failed: 0 };
const skipped = [];
const failures = [];

/** What a reader needs of a failed assertion: the difference and the place. */
function diagnosis(told) {
  const { diff, at, stack, source: _source, ...rest } = told ?? {};
  const place = stack?.trim() || (at ? `${at.fileName}:${at.lineNumber}` : "");
  const facts = Object.keys(rest).length > 0 ? JSON.stringify(rest, null, 2) : "";
  return [diff, facts, place].filter(Boolean).join("\n");
}

/** Counts the assertions below `parser`, however deep; a subtest's own result line only when it has a failure of its own. */
function count(parser, path) {
  let child;
  parser.on("child", (subtest) => {
    child = { failedBefore: totals.failed };
    count(subtest, [...path, subtest.name.replace(/^Subtest: /, "")]);
  });
  parser.on("assert", (result) => {
    const subtest = child;
    child = undefined;
    const name = [...path, result.name].join(" > ");
    if (result.skip || result.todo) skipped.push(`${name} (${result.skip || result.todo})`);
    else if (result.ok) totals.passed += subtest ? 0 : 1;
    else if (!subtest || subtest.failedBefore === totals.failed) {
      totals.failed += 1;
      failures.push({ name, text: diagnosis(result.diag) });
    }
  });
}

/** A folder stands for the tests below it; tap itself takes files only. */
function filesOf(argument) {
  if (argument.startsWith("-") || !statSync(argument, { throwIfNoEntry: false })?.isDirectory()) return [argument];
  const names = readdirSync(argument, { recursive: true }).filter((name) => name.endsWith(".test.ts"));
  return names.sort().map((name) => join(argument, name));
}

/**
 * tap empties and fills `.tap` in the tree. In the laboratory each run gets one of its own: the tree may be another user's,
 * and runs at the same time would take each other's away.
 */
function ownTapFolder() {
  if (process.env.WWAND_LAB === undefined) return;
  const folder = join(root, ".tap");
  try {
    mkdirSync(folder, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "tmpfs", folder], { stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    console.error(`${folder} is shared with other runs: ${error.message.trim()}`);
  }
}

ownTapFolder();
const tap = spawn("npx", ["tap", "--reporter=tap", ...process.argv.slice(2).flatMap(filesOf)], {
  stdio: ["ignore", "pipe", "inherit"],
});
const parser = new Parser();
let files = 0;
count(parser, []);
parser.on("child", (file) =>
  file.on("complete", (result) => {
    files += 1;
    const name = file.name.replace(/^Subtest: /, "");
    console.log(
      `${result.ok ? "ok    " : "FAILED"} ${name} (${result.count} tests, ${Math.round(result.time ?? 0)} ms)`,
    );
  }),
);
tap.stdout.pipe(parser);

const status = await new Promise((resolve) => tap.on("close", (code, signal) => resolve(code ?? signal)));
for (const failure of failures) console.log(`\nnot ok: ${failure.name}\n${failure.text}`);
for (const name of skipped) console.log(`skipped: ${name}`);
// tap can end badly without a failed assertion (a crash while loading, a time-out): that must not read as success.
if (status !== 0 && totals.failed === 0) totals.failed = 1;
console.log(`\n${files} files`);
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed === 0 && files > 0 ? 0 : 1);
