import { type FSWatcher, lstatSync, statSync, watch } from "node:fs";
import { dirname } from "node:path";
import { errnoOf } from "../runtime/error.js";

export interface PathListener {
  /** There is something at the path now: a socket, a device, a symlink that leads somewhere. */
  appeared(): void;
  /** What `appeared` told of is not there any more. When something else took its place, `appeared` follows at once. */
  vanished(): void;
}

export interface PathWatch {
  close(): void;
}

/** Where the kernel does not tell (folder missing, symlink to elsewhere, no inotify left) a look this often has to do. */
const lookEveryMs = 1000;

/**
 * Tells when a path appears and vanishes, beginning with `appeared` in a later turn if it is there already. A socket
 * file that its server left behind when it was killed counts as there: only connecting tells.
 */
export function watchPath(path: string, listener: PathListener): PathWatch {
  const watcher = new PathWatcher(path, listener);
  setImmediate(() => watcher.look());
  return watcher;
}

class PathWatcher implements PathWatch {
  readonly #folder: string;
  #present: string | undefined;
  #watched: { readonly folder: string; readonly watcher: FSWatcher } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    private readonly path: string,
    private readonly listener: PathListener,
  ) {
    this.#folder = dirname(path);
  }

  look(): void {
    if (this.#closed) return;
    // Watch first, look second: what happens in between is then an event.
    this.#watchFolder();
    this.#report(identityOf(this.path));
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.look(), lookEveryMs);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#watched?.watcher.close();
    this.#watched = undefined;
  }

  #report(found: string | undefined): void {
    const before = this.#present;
    if (found === before) return;
    this.#present = found;
    if (before !== undefined) this.listener.vanished();
    if (found !== undefined && !this.#closed) this.listener.appeared();
  }

  /** Keeps an inotify watch on the folder that is there now; a folder made anew under the same name is another one. */
  #watchFolder(): void {
    const folder = identityOf(this.#folder);
    if (folder === this.#watched?.folder) return;
    this.#watched?.watcher.close();
    this.#watched = undefined;
    if (folder === undefined) return;
    try {
      const watcher = watch(this.#folder, () => this.look());
      watcher.on("error", () => this.#unwatch(watcher));
      this.#watched = { folder, watcher };
    } catch (error) {
      // No inotify watch to be had, or the folder went away: the timer looks on.
      if (errnoOf(error) === undefined) throw error;
    }
  }

  #unwatch(watcher: FSWatcher): void {
    watcher.close();
    if (this.#watched?.watcher === watcher) this.#watched = undefined;
  }
}

/**
 * What is at the path; another text when it was replaced. Inode numbers are used again (ext4, devpts), so the time of
 * birth counts too, and for a symlink both it and what it leads to.
 */
function identityOf(path: string): string | undefined {
  try {
    const stats = [lstatSync(path), statSync(path)];
    return stats.map(({ dev, ino, birthtimeMs }) => `${dev}:${ino}:${birthtimeMs}`).join(" ");
  } catch (error) {
    // ENOENT, and as well ENOTDIR, ELOOP, EACCES: there is nothing that could be opened.
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
