import { join } from "node:path";
import t from "tap";
import { deviceHolder, readFiles } from "../../src/native/index.js";

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
