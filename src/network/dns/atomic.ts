import { linkSync, lstatSync, renameSync } from "node:fs";
import { open, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { exchangeFiles } from "../../native/index.js";
import { errnoOf } from "../../runtime/error.js";

const readableByAll = 0o644;

/**
 * Readers see the old text or the new one, also after a power cut. `seen` is shown the file that the new one took the place
 * of, which is whatever was there in that very moment, before it goes; not where there was none, or the file system cannot
 * exchange two.
 * @throws Error when it is a symlink by now, which stays
 */
export async function writeAtomically(
  file: string,
  text: string,
  seen?: (displaced: string) => Promise<void>,
): Promise<void> {
  const temporary = `${file}.wwand-${process.pid}`;
  try {
    await writeAndSync(temporary, text, await modeOf(file));
    if (place(temporary, file) === "exchanged") await seen?.(temporary);
  } catch (error) {
    await rm(temporary, { force: true });
    // Containers mount resolv.conf as a file of its own: it can be written, not replaced.
    if (errnoOf(error) !== "EBUSY") throw error;
    await writeAndSync(file, text, readableByAll);
    return;
  }
  await rm(temporary, { force: true });
  await syncFolder(dirname(file));
}

/** Takes the place of no file unseen; renaming, which does, is for file systems that cannot exchange or link. */
function place(temporary: string, file: string): "exchanged" | "new" {
  const failure = errnoBy(() => exchangeFiles(temporary, file));
  if (failure === undefined) {
    if (!lstatSync(temporary).isSymbolicLink()) return "exchanged";
    exchangeFiles(temporary, file);
    throw new Error(`${file} has become a symlink: left alone`);
  }
  const notNew = failure === "ENOENT" ? errnoBy(() => linkSync(temporary, file)) : failure;
  // Another program has put one there meanwhile.
  if (notNew === "EEXIST") return place(temporary, file);
  if (notNew !== undefined) renameSync(temporary, file);
  return "new";
}

function errnoBy(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return errno;
  }
}

async function writeAndSync(file: string, text: string, mode: number): Promise<void> {
  const handle = await open(file, "w", mode);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function modeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).mode & 0o777;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return readableByAll;
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
