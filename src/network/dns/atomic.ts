import { open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { errnoOf } from "../../runtime/error.js";

const readableByAll = 0o644;

/** Readers see the old text or the new one, also after a power cut. */
export async function writeAtomically(file: string, text: string): Promise<void> {
  const temporary = `${file}.wwand-${process.pid}`;
  try {
    await writeAndSync(temporary, text, await modeOf(file));
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    // Containers mount resolv.conf as a file of its own: it can be written, not replaced.
    if (errnoOf(error) !== "EBUSY") throw error;
    await writeAndSync(file, text, readableByAll);
    return;
  }
  await syncFolder(dirname(file));
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
