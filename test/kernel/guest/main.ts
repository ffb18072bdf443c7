/** What runs in the guest: the scenarios that were asked for, one after the other; TAP on standard output. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import t from "tap";
import { errnoOf } from "../../../src/runtime/error.js";
import "../scenarios/index.js";
import { within } from "../../lab/eventually.js";
import { Guest } from "./guest.js";
import { KernelLog } from "./kernel-log.js";
import { scenarios } from "./scenario.js";
import { Traces } from "./traces.js";

const out = "/out";
const taken = `${out}/request/taken`;
const asked = readFileSync(`${out}/request/names`, "utf8").split("\n").filter(Boolean);
const areLogsKept = existsSync(`${out}/request/keep-logs`);
const seed = Number(readFileSync(`${out}/request/seed`, "utf8"));
const kernelLog = new KernelLog();
// Each scenario has a limit of its own, and the host one for all; tap's would report what an abandoned story says later.
t.setTimeout(0);

/** One boot serves many scenarios and stays within six minutes: after these it begins no more, the next boot goes on. */
const stintMs = 270_000;

/** Guests share the scenarios: a folder can be made once. */
function isMine(fileName: string): boolean {
  try {
    mkdirSync(`${taken}/${fileName}`);
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw error;
  }
}

for (const { name, limitMs, story } of scenarios) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const fileName = name.replace(/[^\w.-]+/g, "-");
  if (existsSync(`${taken}/${fileName}`)) continue;
  if (performance.now() > stintMs) {
    writeFileSync(`${out}/request/left`, "");
    break;
  }
  if (!isMine(fileName)) continue;
  kernelLog.mark(`scenario begins: ${name}`);
  const folder = `${out}/logs/${fileName}`;
  const before = await Traces.read();
  let hasPassed = false;
  await t.test(name, async (t) => {
    t.setTimeout(0);
    // Said at once, so that a guest that hangs before the first assertion is known for the scenario that hung it.
    t.comment("begins");
    const guest = new Guest(t, { folder, seed, kernelLog });
    t.teardown(() => {
      hasPassed = t.passing();
    });
    await within("the scenario ends", story(t, guest), limitMs);
  });
  const left = await before.leftBehind();
  t.strictSame(left, [], `${name}: nothing is left behind`);
  if (hasPassed && left.length === 0 && !areLogsKept) rmSync(folder, { recursive: true });
}
kernelLog.close();
