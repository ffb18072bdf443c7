/** A test file that needs an /etc and a /run of its own runs itself once more inside a laboratory of its own. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Test } from "tap";
import { root } from "./world.js";

const inside = "WWAND_TEST_LAB";

/**
 * True in the run that is inside: /etc, /run and the network are this process's alone, and gone with it. Otherwise starts
 * that run as a subtest of `t` and answers false. Needs root, or user namespaces.
 */
export async function inOwnLab(t: Test, file: string): Promise<boolean> {
  const path = fileURLToPath(file);
  if (process.env[inside] === path) return true;
  const again = [process.execPath, "--import=tsx", path];
  await t.spawn(
    `${root}src/demo/lab.sh`,
    again,
    { env: { ...process.env, [inside]: path } },
    "in a laboratory of its own",
  );
  return false;
}

/** A user namespace made without root knows one user only. @see user_namespaces(7) */
export function isUserMapped(uid: number): boolean {
  const ranges = readFileSync("/proc/self/uid_map", "utf8").trim().split("\n");
  return ranges.some((range) => {
    const [first = 0, , count = 0] = range.trim().split(/\s+/).map(Number);
    return uid >= first && uid < first + count;
  });
}
