/** The kernel's own log, from /dev/kmsg. */
import { closeSync, constants, openSync, readSync, writeFileSync } from "node:fs";
import { errnoOf } from "../../../src/runtime/error.js";

const device = "/dev/kmsg";
const recordBytes = 8192;

export class KernelLog {
  readonly #fd = openSync(device, constants.O_RDONLY | constants.O_NONBLOCK);
  #lines: string[] = [];

  /** Forgets what was before, and writes `text` into the log. */
  mark(text: string): void {
    this.#read();
    this.#lines = [];
    writeFileSync(device, `<6>${text}\n`);
  }

  /** Since the mark, without times. */
  lines(): readonly string[] {
    this.#read();
    return this.#lines;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #read(): void {
    const record = Buffer.alloc(recordBytes);
    for (;;) {
      try {
        const size = readSync(this.#fd, record);
        this.#lines.push(record.toString("utf8", record.indexOf(";") + 1, size).split("\n")[0] ?? "");
      } catch (error) {
        const code = errnoOf(error);
        if (code === "EAGAIN") return;
        // Records were overwritten before they were read; the next read goes on behind them.
        if (code !== "EPIPE") throw error;
        this.#lines.push("... (lost)");
      }
    }
  }
}
