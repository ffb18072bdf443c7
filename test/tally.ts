/** Counts the assertions of TAP streams and tells how it went: a line per part, failures in full, the closing line. */
import type { Readable } from "node:stream";
import { type FinalResults, Parser, type Result } from "tap-parser";

/** What a reader needs of a failed assertion: the difference and the place. */
function diagnosis(diag: Result["diag"]): string {
  const { diff, at, stack, source: _source, handles: _handles, ...rest } = diag ?? {};
  const place = stack?.trim() || (at ? `${at.fileName}:${at.lineNumber}` : "");
  const facts = Object.keys(rest).length > 0 ? JSON.stringify(rest, null, 2) : "";
  return [diff, facts, place].filter(Boolean).join("\n");
}

export interface Ending {
  /** The part that had begun and not ended. */
  readonly running: string | undefined;
  /** The stream said how many parts there are. */
  readonly isComplete: boolean;
}

export class Tally {
  #parts = 0;
  #passed = 0;
  #failed = 0;
  readonly #skipped: string[] = [];
  readonly #failures: { readonly name: string; readonly text: string }[] = [];

  constructor(readonly print: (line: string) => void = console.log) {}

  get failed(): number {
    return this.#failed;
  }

  /** Reads one TAP stream to its end. Each subtest at its top is a part, told in a line when it is done. */
  async read(tap: Readable): Promise<Ending> {
    const parser = new Parser();
    this.#count(parser, []);
    let running: string | undefined;
    parser.on("child", (part) => {
      const name = nameOf(part);
      running = name;
      part.on("complete", ({ ok, count, time }: FinalResults) => {
        running = undefined;
        this.#parts += 1;
        this.print(`${ok ? "ok    " : "FAILED"} ${name} (${count} tests, ${Math.round(time ?? 0)} ms)`);
      });
    });
    for await (const text of tap.setEncoding("utf8")) parser.write(String(text));
    const ending = { running, isComplete: parser.planStart >= 0 };
    parser.end();
    return ending;
  }

  /** What no assertion says. */
  fail(name: string, text: string): void {
    this.#failed += 1;
    this.#failures.push({ name, text });
  }

  /** Prints what was skipped, failures and the closing line. Returns whether all went well, and there was something. */
  close(partsAre: string): boolean {
    for (const name of this.#skipped) this.print(`skipped: ${name}`);
    // Last: of a long log often only the end is kept.
    for (const failure of this.#failures) this.print(`\nnot ok: ${failure.name}\n${failure.text}`);
    this.print(`\n${this.#parts} ${partsAre}`);
    this.print(`${this.#passed} passed, ${this.#failed} failed`);
    return this.#failed === 0 && this.#parts > 0;
  }

  /** However deep; a subtest's own result line counts only when it has a failure of its own. */
  #count(parser: Parser, path: readonly string[]): void {
    let child: { readonly failedBefore: number } | undefined;
    parser.on("child", (subtest) => {
      child = { failedBefore: this.#failed };
      this.#count(subtest, [...path, nameOf(subtest)]);
    });
    parser.on("assert", (result) => {
      const subtest = child;
      child = undefined;
      const name = [...path, result.name].join(" > ");
      if (result.skip || result.todo) this.#skipped.push(`${name} (${result.skip || result.todo})`);
      else if (result.ok) this.#passed += subtest ? 0 : 1;
      else if (!subtest || subtest.failedBefore === this.#failed) this.fail(name, diagnosis(result.diag));
    });
  }
}

const nameOf = (subtest: Parser): string => subtest.name.replace(/^Subtest: /, "");
