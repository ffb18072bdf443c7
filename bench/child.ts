/** A program of bench/ in a process of its own, spoken to by messages. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export class ChildProgram<Order extends object, Report extends { readonly report: string }> {
  readonly #child: ChildProcess;

  /** @param file beside this one; it gets `setup` as JSON in its first argument */
  constructor(file: string, setup: object) {
    const program = fileURLToPath(new URL(file, import.meta.url));
    this.#child = fork(program, [JSON.stringify(setup)], { execArgv: ["--import=tsx"] });
  }

  /** Sends `order`; resolves with the next report of that kind, rejects when the program ends before. */
  ask<K extends Report["report"]>(order: Order, kind: K): Promise<Extract<Report, { report: K }>> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        this.#child.off("message", hear);
        this.#child.off("exit", gone);
      };
      const hear = (report: Report) => {
        if (!isKind<Report, K>(report, kind)) return;
        settle();
        resolve(report);
      };
      const gone = () => {
        settle();
        reject(new Error("a program of the benchmark ended"));
      };
      this.#child.on("message", hear);
      this.#child.on("exit", gone);
      this.#child.send(order);
    });
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill();
    await exited;
  }
}

const isKind = <Report extends { readonly report: string }, K extends Report["report"]>(
  report: Report,
  kind: K,
): report is Extract<Report, { report: K }> => report.report === kind;
