/** A program under test as its user meets it: lines it prints, how it ends, how long that takes. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Writable } from "node:stream";

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** From the signal that was to end it. */
  readonly tookMs: number;
}

interface Waiter {
  readonly pattern: RegExp;
  readonly found: (line: string) => void;
  readonly ended: () => void;
}

export class Program {
  readonly #lines: string[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #logs = new Set<Writable>();
  readonly #exit: Promise<readonly [code: number | null, signal: NodeJS.Signals | null]>;

  constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {
    for (const stream of [child.stdout, child.stderr])
      stream?.on(
        "data",
        byLine((line) => this.#heard(line)),
      );
    // `close` and not `exit`: everything it printed has been read then.
    this.#exit = once(child, "close").then(([code, signal]) => {
      for (const waiter of [...this.#waiters]) waiter.ended();
      return [code, signal];
    });
  }

  /** Everything printed so far, standard output and error as they came. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  get text(): string {
    return this.#lines.join("\n");
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Writes every line to `log` as it comes, and closes that at the program's end. */
  copyTo(log: Writable): void {
    for (const line of this.#lines) log.write(`${line}\n`);
    this.#logs.add(log);
    void this.#exit.then(() => log.end());
  }

  /** The first line from index `from` on that fits; rejects when the program ends before. */
  line(pattern: RegExp, from = 0): Promise<string> {
    const already = this.#lines.slice(from).find((line) => pattern.test(line));
    if (already !== undefined) return Promise.resolve(already);
    return new Promise((resolve, reject) => {
      const gone = () => reject(new Error(`${this.name} ended before it said ${pattern}:\n${this.text}`));
      if (!this.isAlive) return gone();
      const waiter: Waiter = {
        pattern,
        found: (line) => {
          this.#waiters.delete(waiter);
          resolve(line);
        },
        ended: gone,
      };
      this.#waiters.add(waiter);
    });
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Resolves when it has ended by itself. */
  async ended(): Promise<Ended> {
    const sinceMs = performance.now();
    const [code, signal] = await this.#exit;
    return { code, signal, tookMs: performance.now() - sinceMs };
  }

  /** Sends the signal and resolves when the program is gone. */
  end(name: NodeJS.Signals = "SIGTERM"): Promise<Ended> {
    this.signal(name);
    return this.ended();
  }

  #heard(line: string): void {
    this.#lines.push(line);
    for (const log of this.#logs) log.write(`${line}\n`);
    for (const waiter of [...this.#waiters]) if (waiter.pattern.test(line)) waiter.found(line);
  }
}

function byLine(heard: (line: string) => void): (chunk: Buffer) => void {
  let rest = "";
  return (chunk) => {
    const parts = (rest + chunk.toString("utf8")).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) heard(part);
  };
}
