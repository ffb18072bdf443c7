/** A file that somebody else writes, as a stream that ends when that one is done. */
import { closeSync, type FSWatcher, openSync, readSync, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { Readable } from "node:stream";

/** What is in `path` and what comes to it; the stream ends with what is there when `done` resolves. */
export function follow(path: string, done: Promise<unknown>): Readable {
  const fd = openSync(path, "r");
  const buffer = Buffer.alloc(65_536);
  const stream = new Readable({ read: () => undefined });
  const look = () => {
    for (let size = readSync(fd, buffer); size > 0; size = readSync(fd, buffer))
      stream.push(Buffer.from(buffer.subarray(0, size)));
  };
  const watcher: FSWatcher = watch(dirname(path), (_, name) => {
    if (name === basename(path)) look();
  });
  const end = () => {
    watcher.close();
    look();
    closeSync(fd);
    stream.push(null);
  };
  look();
  done.then(end, end);
  return stream;
}
