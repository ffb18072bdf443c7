// Runs tap and tells, a line per file, how it went; failures in full; last `N passed, N failed` over all assertions.
import { spawn } from "node:child_process";
import { Parser } from "tap-parser";

const totals = { passed: 0, failed: 0, skipped: [] };
const failures = [];

/** Counts the assertions of a file, however deep its subtests go; a subtest's own result line is not counted again. */
function count(parser, path) {
  parser.on("child", (child) => count(child, [...path, child.name]));
  parser.on("assert", (result) => {
    const isSubtest = parser.children?.some?.((child) => child.name === result.name) ?? false;
    if (result.skip || result.todo)
      totals.skipped.push([...path, result.name, String(result.skip || result.todo)].join(" > "));
    else if (!result.ok) {
      if (!isSubtest) totals.failed += 1;
      failures.push({ path: [...path, result.name].join(" > "), diag: result.diag });
    } else if (!isSubtest) totals.passed += 1;
  });
}

const tap = spawn("npx", ["tap", "--reporter=tap", ...process.argv.slice(2)], { stdio: ["ignore", "pipe", "inherit"] });
const parser = new Parser();
let files = 0;
parser.on("child", (file) => {
  count(file, [file.name]);
  file.on("complete", (result) => {
    files += 1;
    const verdict = result.ok ? "ok    " : "FAILED";
    console.log(
      `${verdict} ${file.name.replace(/^Subtest: /, "")} (${result.count} tests, ${Math.round(result.time ?? 0)} ms)`,
    );
  });
});
parser.on("assert", (result) => {
  if (!result.ok && !failures.some((failure) => failure.path.startsWith(result.name))) {
    totals.failed += 1;
    failures.push({ path: result.name, diag: result.diag });
  }
});
parser.on("bailout", (reason) => failures.push({ path: `bail out: ${reason}`, diag: undefined }));
tap.stdout.pipe(parser);

const code = await new Promise((resolve) => tap.on("close", (status, signal) => resolve(status ?? signal)));
for (const failure of failures) {
  console.log(`\nnot ok: ${failure.path}`);
  if (failure.diag) console.log(JSON.stringify(failure.diag, null, 2));
}
for (const skipped of totals.skipped) console.log(`skipped: ${skipped}`);
// tap can end badly without a failed assertion (a crash while loading, a time-out): that must not read as success.
if (code !== 0 && totals.failed === 0) totals.failed = 1;
console.log(`\n${files} files`);
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exit(code === 0 && totals.failed === 0 && files > 0 ? 0 : 1);
