/** Names that a killed predecessor left behind. */
import { lstat, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { errnoOf } from "../../runtime/error.js";

const lookAt = (path: string) =>
  lstat(path).catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  });

/** Removes a socket nobody listens on. @throws when the path is in use, or is something else */
export async function clearStaleSocket(path: string): Promise<void> {
  const found = await lookAt(path);
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error(`${path} exists and is no socket`);
  if (await answers(path)) throw new Error(`${path} is in use`);
  await unlink(path);
}

/** Removes a symbolic link. @throws when the path is something else */
export async function clearStaleLink(path: string): Promise<void> {
  const found = await lookAt(path);
  if (found === undefined) return;
  if (!found.isSymbolicLink()) throw new Error(`${path} exists and is no symbolic link`);
  await unlink(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
}
