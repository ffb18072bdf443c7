import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import type { ChannelListener, Datagram, DatagramListener, Fd, NativeError } from "../../src/native/index.js";

/** Keeps what a channel's listener hears, and lets a test wait until enough of it has come. */
export class Heard implements ChannelListener, DatagramListener {
  readonly messages: Buffer[] = [];
  readonly datagrams: Datagram[] = [];
  readonly troubles: NativeError[] = [];
  readonly ends: (NativeError | undefined)[] = [];
  #changed: (() => void) | undefined;

  onMessages(messages: readonly Buffer[]): void {
    this.messages.push(...messages);
    this.#changed?.();
  }

  onDatagrams(datagrams: readonly Datagram[]): void {
    this.datagrams.push(...datagrams);
    this.#changed?.();
  }

  onTrouble(error: NativeError): void {
    this.troubles.push(error);
    this.#changed?.();
  }

  onEnd(error?: NativeError): void {
    this.ends.push(error);
    this.#changed?.();
  }

  get text(): string {
    return Buffer.concat(this.messages).toString();
  }

  /** Resolves at the event after which `holds` is true; fails when the channel ended before. */
  async until(holds: (heard: this) => boolean): Promise<void> {
    while (!holds(this)) {
      if (this.ends.length > 0) throw new Error("the channel ended before", { cause: this.ends[0] });
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  ended(): Promise<void> {
    return this.until((heard) => heard.ends.length > 0);
  }
}

/** Descriptors this process has open, to find leaks. */
export const openFds = (): number => readdirSync("/proc/self/fd").length;

/** Runs lines of `ip` arguments inside a namespace that only a descriptor names; returns what they printed. */
export const ipIn = (netns: Fd, ...lines: string[]): string =>
  execFileSync("nsenter", [`--net=/proc/${process.pid}/fd/${netns}`, "ip", "-batch", "-"], {
    encoding: "utf8",
    input: lines.join("\n"),
  });

/** One turn of the event loop: everything the kernel has ready by now was delivered. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The error a call throws, for its fields. */
export function thrownBy(call: () => unknown): Error & { code?: unknown; errno?: unknown; syscall?: unknown } {
  try {
    call();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("it did not throw");
}
