import { realpath } from "node:fs/promises";
import { deviceHolder, readFiles } from "../native/index.js";
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
  const pid = device === undefined ? undefined : await deviceHolder(device);
  if (pid === undefined) return undefined;
  const [name = "?"] = await readFiles([`/proc/${pid}/comm`]);
  return { pid, name: name.trim() };
}

/** The same for several; what nobody holds is missing. */
export async function portHolders(paths: readonly string[]): Promise<ReadonlyMap<string, PortHolder>> {
  const found = await Promise.all(paths.map(async (path) => [path, await portHolder(path)] as const));
  return new Map(found.flatMap(([path, holder]) => (holder === undefined ? [] : [[path, holder] as const])));
}

/** `ModemManager (pid 812) holds /dev/cdc-wdm0` */
export const holderText = (holder: PortHolder, path: string): string =>
  `${holder.name} (pid ${holder.pid}) holds ${path}`;

function goneMeanwhile(error: unknown): undefined {
  if (errnoOf(error) !== "ENOENT") throw error;
}
