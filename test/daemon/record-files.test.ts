/** Records on the disk: few, small, for the owner's eyes, and never in the way. */
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { RecordFiles } from "../../src/daemon/record-files.js";
import { createLog } from "../../src/runtime/log.js";
import { VirtualClock } from "../fakes/clock.js";

function filesIn(folder: string, limits = { bytes: 100, pieces: 10, waitingBytes: 1_000 }) {
  const lines: string[] = [];
  const clock = new VirtualClock();
  const log = createLog("info", (line) => lines.push(line));
  return { clock, lines, files: new RecordFiles(folder, log, clock, limits) };
}

const numbers = async (folder: string) => (await readdir(folder)).sort().map((name) => name.slice(0, 6));
const texts = async (folder: string) =>
  Promise.all((await readdir(folder)).sort().map((name) => readFile(join(folder, name), "utf8")));

t.test("pieces are for the owner only, and go on counting after a restart", async (t) => {
  const folder = join(t.testdir(), "state", "record");
  for (const text of ["first\n", "second\n"]) {
    const { files } = filesIn(folder);
    files.begin();
    t.equal(files.add(text), true);
    files.add("and more\n");
    await files.close();
  }
  t.strictSame(await numbers(folder), ["000001", "000002"]);
  t.strictSame(await texts(folder), ["first\nand more\n", "second\nand more\n"]);
  const [name = ""] = await readdir(folder);
  t.equal((await stat(join(folder, name))).mode & 0o777, 0o600);
  t.equal((await stat(folder)).mode & 0o777, 0o700);
});

t.test(
  "the oldest go first, by their number, whatever the clock said; other files are nobody's business",
  async (t) => {
    const folder = t.testdir({ "notes.txt": "mine", "000009-19700101T000000Z.record": "x".repeat(60) });
    const { files } = filesIn(folder);
    for (let piece = 0; piece < 4; piece++) {
      files.begin();
      files.add("y".repeat(60));
    }
    await files.close();
    t.strictSame(await numbers(folder), ["000012", "000013", "notes."]);
  },
);

t.test("no more pieces than are allowed", async (t) => {
  const folder = t.testdir();
  const { files } = filesIn(folder, { bytes: 1_000, pieces: 3, waitingBytes: 1_000 });
  for (let piece = 0; piece < 5; piece++) {
    files.begin();
    files.add("y\n");
  }
  await files.close();
  t.strictSame(await numbers(folder), ["000003", "000004", "000005"]);
});

t.test("a disk that fails is told once, and tried again with a new piece after a minute", async (t) => {
  const folder = join(t.testdir({ record: "a file where the folder should be" }), "record");
  const { files, lines, clock } = filesIn(folder);
  files.begin();
  files.add("one\n");
  await files.close();
  t.equal(files.add("two\n"), true, "not yet");
  await clock.advance(60_000);
  t.equal(files.add("three\n"), false);
  files.begin();
  files.add("four\n");
  await files.close();
  t.equal(lines.length, 1);
  t.match(lines[0], /decisions are not recorded.*EEXIST|ENOTDIR/);
  await rm(folder);
  await clock.advance(60_000);
  t.equal(files.add("five\n"), false);
  files.begin();
  files.add("six\n");
  await files.close();
  t.strictSame(await texts(folder), ["six\n"]);
});

t.test("what a slow disk does not take is let go", async (t) => {
  const folder = t.testdir();
  const { files, lines } = filesIn(folder, { bytes: 100, pieces: 10, waitingBytes: 20 });
  files.begin();
  for (let line = 0; line < 5; line++) files.add("0123456789\n");
  await files.close();
  t.match(lines.join(), /the disk is too slow/);
  t.equal(lines.length, 1);
});
