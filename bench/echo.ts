import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { EchoOrder, EchoReport, EchoSetup, Probe } from "./echo-process.js";

/** Controls the process of echo-process.ts. */
export class Echo {
  readonly #child: ChildProcess;

  constructor(setup: EchoSetup) {
    const program = fileURLToPath(new URL("echo-process.ts", import.meta.url));
    this.#child = fork(program, [JSON.stringify(setup)], { execArgv: ["--import=tsx"] });
  }

  /** Resolves when the first datagram of a new round was answered. */
  async begin(): Promise<void> {
    const answered = this.#report("answered");
    this.#order("begin");
    await answered;
  }

  /** Resolves a second later with all datagrams since `begin`. */
  async end(): Promise<readonly Probe[]> {
    const report = this.#report("probes");
    this.#order("end");
    return (await report).probes;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill();
    await exited;
  }

  #order(order: EchoOrder["order"]): void {
    this.#child.send({ order });
  }

  #report<K extends EchoReport["report"]>(kind: K): Promise<Extract<EchoReport, { report: K }>> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        this.#child.off("message", hear);
        this.#child.off("exit", gone);
      };
      const hear = (report: EchoReport) => {
        if (!isKind(report, kind)) return;
        settle();
        resolve(report);
      };
      const gone = () => {
        settle();
        reject(new Error("the echo process ended"));
      };
      this.#child.on("message", hear);
      this.#child.on("exit", gone);
    });
  }
}

const isKind = <K extends EchoReport["report"]>(
  report: EchoReport,
  kind: K,
): report is Extract<EchoReport, { report: K }> => report.report === kind;
