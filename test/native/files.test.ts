import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { deviceHolder, exchangeFiles, readFiles } from "../../src/native/index.js";

t.test("many small files at once; what cannot be read is undefined, and nothing else is lost", async (t) => {
  const folder = t.testdir({ a: "first\n", empty: "", long: "x".repeat(5_000), folder: {} });
  const read = await readFiles(["a", "none", "folder", "empty", "long"].map((name) => join(folder, name)));
  t.strictSame(read.slice(0, 4), ["first\n", undefined, undefined, ""]);
  t.equal(read[4]?.length, 4096, "a page, as an attribute of sysfs has at most");
  t.strictSame(await readFiles([]), []);
  t.match(await readFiles(["/proc/self/comm"]), [/\n$/], "files that say they are empty");
});

t.test("wrong arguments", async (t) => {
  t.throws(() => readFiles(["a", Object(7)]), TypeError);
  t.throws(() => readFiles(Object(undefined)), TypeError);
  t.throws(() => readFiles(["a\0b"]), TypeError);
  t.throws(() => deviceHolder("x".repeat(5_000)), RangeError);
});

t.test("two files swap their names; a missing one is an error, and nothing has moved", async (t) => {
  const folder = t.testdir({ a: "first", b: "second", link: t.fixture("symlink", "a") });
  const [a, b, link] = ["a", "b", "link"].map((name) => join(folder, name)) as [string, string, string];
  exchangeFiles(a, b);
  t.strictSame([readFileSync(a, "utf8"), readFileSync(b, "utf8")], ["second", "first"]);
  exchangeFiles(link, b);
  t.ok(lstatSync(b).isSymbolicLink(), "the link itself, not what it leads to");
  t.throws(() => exchangeFiles(a, join(folder, "none")), { code: "ENOENT", syscall: "renameat2" });
  t.equal(readFileSync(a, "utf8"), "second");
  t.throws(() => exchangeFiles("a\0b", b), TypeError);
});
