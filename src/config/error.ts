/** One thing that is wrong in a file that a person wrote, in the words that person needs. */
export interface ConfigProblem {
  readonly file: string;
  /** From 1; absent where the whole file is meant (it cannot be read, its mode is wrong). */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  /** Dotted path as TOML writes it: `uplink.eth.match`, `modem[0].connect`. Empty for the whole file. */
  readonly key: string;
  readonly expected: string;
  /** What stands there instead; never the value of a secret key. */
  readonly found: string;
}

type Where = Pick<ConfigProblem, "file" | "line" | "column" | "key">;

/** `file:line:column: key: `, as editors and compilers print it. */
export function whereText({ file, line, column, key }: Where): string {
  const where = [file, line, column].filter((part) => part !== undefined).join(":");
  return `${where}: ${key === "" ? "" : `${key}: `}`;
}

/** One line. */
export const problemText = (problem: ConfigProblem): string =>
  `${whereText(problem)}expected ${problem.expected}, found ${problem.found}`;

/** File order. */
export const problemOrder = (a: Where, b: Where): number =>
  a.file.localeCompare(b.file) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);

/** A configuration that is refused as a whole. The first problem's members are the error's own. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly file: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly key: string;
  readonly expected: string;
  readonly found: string;

  /** @param problems Every problem found, in file order; at least one. */
  constructor(
    readonly problems: readonly [ConfigProblem, ...ConfigProblem[]],
    options?: ErrorOptions,
  ) {
    super(problems.map(problemText).join("\n"), options);
    const [first] = problems;
    this.file = first.file;
    this.line = first.line;
    this.column = first.column;
    this.key = first.key;
    this.expected = first.expected;
    this.found = first.found;
  }
}
