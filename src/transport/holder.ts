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
export const portHolder = async (path: string): Promise<PortHolder | undefined> =>
  (await portHolders([path])).get(path);

/** The same for several at the price of one: it is the walk through all processes that costs. */
export async function portHolders(paths: readonly string[]): Promise<ReadonlyMap<string, PortHolder>> {
  const devices = await Promise.all(paths.map(async (path) => ({ path, device: await deviceOf(path) })));
  const holders = new Map<string, PortHolder>();
  let wanted = devices.filter(({ device }) => device !== undefined);
  for (const entry of wanted.length === 0 ? [] : await readdir("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const open = await openFiles(pid);
    const held = wanted.filter(({ device }) => open.has(device ?? ""));
    if (held.length === 0) continue;
    const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "?");
    for (const { path } of held) holders.set(path, { pid, name: name.trim() });
    wanted = wanted.filter((one) => !held.includes(one));
    if (wanted.length === 0) break;
  }
  return holders;
}

/** `ModemManager (pid 812) holds /dev/cdc-wdm0` */
export const holderText = (holder: PortHolder, path: string): string =>
  `${holder.name} (pid ${holder.pid}) holds ${path}`;

const deviceOf = (path: string): Promise<string | undefined> =>
  realpath(path).catch((error: unknown) => {
    if (errnoOf(error) !== "ENOENT") throw error;
    return undefined;
  });

async function openFiles(pid: number): Promise<ReadonlySet<string>> {
  // A process may end, or close a descriptor, while we look.
  const fds = await readdir(`/proc/${pid}/fd`).catch(() => []);
  return new Set(await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => ""))));
}
