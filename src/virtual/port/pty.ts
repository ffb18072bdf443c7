/** A pseudo terminal behind a symbolic link as the control port: what `mbimcli -d LINK` opens. */
import { constants } from "node:fs";
import { open, readlink, symlink, unlink } from "node:fs/promises";
import { FdChannel } from "../../native/channel.js";
import { flushTty, openPty } from "../../native/index.js";
import { errnoOf } from "../../runtime/error.js";
import { Scope } from "../../runtime/scope.js";
import type { Port, PortListener } from "./port.js";
import { clearStaleLink } from "./stale.js";

/** What a host that does not read may leave lying here, in bytes, beside the terminal's own 4 KiB. */
const maxUnreadBytes = 1 << 18;

export async function openPtyPort(link: string, listener: PortListener): Promise<Port> {
  const scope = new Scope();
  try {
    await clearStaleLink(link);
    const { fd, path } = openPty();
    const queue = scope.own(new PtyQueue(fd, listener), (it) => it.close());
    // Held open, so that the master lives through hosts that come and go. Their leaving cannot be seen, only their OPEN.
    const flags = constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK;
    const held = scope.own(await open(path, flags), (handle) => handle.close());
    await symlink(path, link);
    scope.own(link, (name) => removeLink(name, path));
    return {
      name: `pty:${link}`,
      send: (bytes) => queue.send(bytes),
      flush: () => {
        queue.drop();
        flushTty(held.fd, "input");
      },
      close: () => scope.close(),
    };
  } catch (error) {
    await scope.close();
    throw error;
  }
}

/** Frames for the host, one on its way at a time, so that those behind it can still be discarded. */
class PtyQueue {
  readonly #channel: FdChannel;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #writing = false;

  constructor(fd: number, listener: PortListener) {
    this.#channel = new FdChannel(
      fd,
      { kind: "bytes" },
      {
        onMessages: (messages) => {
          for (const bytes of messages) listener.data(bytes);
        },
        onEnd: () => listener.hostLeft(),
      },
    );
  }

  send(bytes: Buffer): void {
    if (this.#waitingBytes + bytes.length > maxUnreadBytes) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#next();
  }

  drop(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  close(): void {
    this.drop();
    this.#channel.close();
  }

  #next(): void {
    const bytes = this.#writing ? undefined : this.#waiting.shift();
    if (bytes === undefined) return;
    this.#waitingBytes -= bytes.length;
    this.#writing = true;
    const written = () => {
      this.#writing = false;
      this.#next();
    };
    // A write fails only when the terminal is gone, and then there is nobody left to be told.
    this.#channel.write(bytes).then(written, () => undefined);
  }
}

/** Removes the link if it still is ours: a successor may have put its own there. */
async function removeLink(link: string, target: string): Promise<void> {
  try {
    if ((await readlink(link)) === target) await unlink(link);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
}
