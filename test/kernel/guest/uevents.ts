/** The kernel's uevents: what a wait in a scenario is woken by. */
import { DatagramChannel, openNetlink } from "../../../src/native/index.js";

export interface Uevent {
  readonly action: string;
  /** Below /sys. */
  readonly devpath: string;
  readonly subsystem: string;
  readonly values: Readonly<Record<string, string>>;
}

/** NETLINK_KOBJECT_UEVENT, and its group of the kernel itself (udevd has another one). @see netlink(7) */
const kobjectUevent = 15;
const kernelGroup = 1;

/** `ACTION@DEVPATH`, then `KEY=VALUE`, each with a zero byte behind it. @see lib/kobject_uevent.c */
export function parseUevent(message: Buffer): Uevent {
  const [head = "", ...lines] = message.toString("utf8").split("\0");
  const pairs = lines
    .filter((line) => line.includes("="))
    .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]);
  const values: Record<string, string> = Object.fromEntries(pairs);
  const [action = "", devpath = ""] = head.split("@");
  return { action, devpath, subsystem: values.SUBSYSTEM ?? "", values };
}

export class Uevents {
  readonly #seen: Uevent[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #channel: DatagramChannel;

  constructor() {
    const { fd } = openNetlink({ protocol: kobjectUevent, groups: [kernelGroup], receiveBufferBytes: 4 << 20 });
    this.#channel = new DatagramChannel(
      fd,
      { maxMessageBytes: 8192 },
      {
        onDatagrams: (datagrams) => {
          this.#seen.push(...datagrams.map(({ data }) => parseUevent(data)));
          for (const listener of [...this.#listeners]) listener();
        },
        onEnd: (error) => {
          throw new Error("uevents ended", { cause: error });
        },
      },
    );
  }

  /** All since this was opened, in the kernel's order. */
  get seen(): readonly Uevent[] {
    return this.#seen;
  }

  /**
   * Reads now, and again whenever the kernel told something, until `good`. Rejects with the last value after `limitMs`.
   */
  until<T>(what: string, read: () => T, good: (value: T) => boolean, limitMs = 30_000): Promise<T> {
    return new Promise((resolve, reject) => {
      let last: T;
      const finish = () => {
        clearTimeout(timer);
        this.#listeners.delete(look);
      };
      const look = () => {
        try {
          last = read();
          if (!good(last)) return;
          finish();
          resolve(last);
        } catch (error) {
          finish();
          reject(error);
        }
      };
      const timer = setTimeout(() => {
        finish();
        reject(new Error(`${what}: not within ${limitMs / 1000} s; last seen: ${JSON.stringify(last)}`));
      }, limitMs);
      this.#listeners.add(look);
      look();
    });
  }

  close(): void {
    this.#channel.close();
  }
}
