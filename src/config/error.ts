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

/** `file:line:column: key: expected ..., found ...`: one line, as editors and compilers print it. */
function problemText(problem: ConfigProblem): string {
  const { file, line, column, key, expected, found } = problem;
  const where = [file, line, column].filter((part) => part !== undefined).join(":");
  return `${where}: ${key === "" ? "" : `${key}: `}expected ${expected}, found ${found}`;
}

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
