import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { parseStateFile, printStateFile, StateFolder } from "../../src/runtime/atomic-file.js";
import { createLog } from "../../src/runtime/log.js";

const value = { apn: "internet", number: 1, label: "Büro\n" };

const logged = () => {
  const lines: string[] = [];
  return { lines, log: createLog("debug", (line) => lines.push(line)) };
};

t.test("a state file cut at any byte, grown or altered is noticed", async (t) => {
  const whole = printStateFile(value);
  t.strictSame(parseStateFile(whole), value);
  for (let length = 0; length < whole.length; length++)
    t.throws(() => parseStateFile(whole.subarray(0, length)), Error, `${length} bytes`);
  t.throws(() => parseStateFile(Buffer.concat([whole, Buffer.from("\n")])));
  for (let at = 0; at < whole.length; at++) {
    const altered = Buffer.from(whole);
    altered.writeUInt8(altered.readUInt8(at) ^ 0x01, at);
    t.throws(() => parseStateFile(altered), Error, `bit flipped in byte ${at}`);
  }
  t.throws(() => parseStateFile(Buffer.from('{"wwand":2,"bytes":0,"sha256":""}\n')), { message: /version 2/ });
  t.throws(() => parseStateFile(Buffer.from("null\n")), { message: /no header/ });
});

t.test("what was written is read back, by its owner only, with nothing left beside it", async (t) => {
  const folder = join(t.testdir(), "sim");
  const state = new StateFolder(folder, logged().log);
  t.equal(await state.read("card.json"), undefined, "nothing there yet");
  t.strictSame(await state.names(), []);
  await Promise.all([
    state.write("card.json", { n: 1 }),
    state.write("card.json", { n: 2 }),
    state.write("b.json", []),
  ]);
  t.strictSame(await state.read("card.json"), { n: 2 }, "the last write wins");
  t.strictSame(await state.names(), ["b.json", "card.json"]);
  t.strictSame((await readdir(folder)).sort(), ["b.json", "card.json"]);
  t.equal((await stat(join(folder, "card.json"))).mode & 0o777, 0o600);
});

t.test("a broken file is reported and set aside under a name of its own, each time", async (t) => {
  const folder = t.testdir({ "card.json.temp-0011aabb": "a killed process left this" });
  const { lines, log } = logged();
  const state = new StateFolder(folder, log);
  for (const [round, content] of ["", "half a fi"].entries()) {
    await writeFile(join(folder, "card.json"), content);
    t.equal(await state.read("card.json"), undefined);
    t.equal(await readFile(join(folder, `card.json.broken-${round + 1}`), "utf8"), content);
  }
  t.match(lines[0], /^<3>state file set aside .*reason="the file is empty"/);
  t.match(lines[1], /header is cut off/);
  t.strictSame(await state.names(), [], "what is set aside is not offered again");
  await state.write("card.json", value);
  t.strictSame(await state.read("card.json"), value);
  t.notOk((await readdir(folder)).includes("card.json.temp-0011aabb"), "half-written leftovers are gone");
});

t.test("a write that fails leaves the old file, and later writes work", async (t) => {
  const folder = t.testdir();
  const state = new StateFolder(folder, logged().log);
  await mkdir(join(folder, "card.json"));
  await t.rejects(state.write("card.json", value), { code: "EISDIR" });
  t.strictSame(await readdir(folder), ["card.json"], "no temporary file stays");
  await t.rejects(state.read("card.json"), { code: "EISDIR" }, "a failing disk is not an empty one");
  await t.rejects(async () => state.write("../x", value), { message: /no name/ });
  await state.write("other.json", value);
  t.strictSame(await state.read("other.json"), value);
});
