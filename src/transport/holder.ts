import { readdir, readFile, readlink, realpath } from "node:fs/promises";
import { errnoOf } from "../runtime/error.js";

/** A process that has a device open. */
export interface PortHolder {
  readonly pid: number;
  /** Its name as `ps` shows it, at most 15 characters: `ModemManager`. */
  readonly name: string;
}

/**
 * The first other process that has `path` open, or undefined when there is none that we may look at (without root only
 * our own user's processes show their descriptors). What has vanished is held by nobody.
 */
export async function portHolder(path: string): Promise<PortHolder | undefined> {
  const device = await realpath(path).catch(goneMeanwhile);
  if (device === undefined) return undefined;
  for (const entry of await readdir("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid || !(await holds(pid, device))) continue;
    const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "?");
    return { pid, name: name.trim() };
  }
  return undefined;
}

/** `ModemManager (pid 812) holds /dev/cdc-wdm0` */
export const holderText = (holder: PortHolder, path: string): string =>
  `${holder.name} (pid ${holder.pid}) holds ${path}`;

function goneMeanwhile(error: unknown): undefined {
  if (errnoOf(error) !== "ENOENT") throw error;
}

async function holds(pid: number, device: string): Promise<boolean> {
  // A process may end, or close a descriptor, while we look.
  const fds = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const targets = await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => "")));
  return targets.includes(device);
}
