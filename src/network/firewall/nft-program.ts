/** Debian's `nft`: what the packet filter is changed and read with. */
import { errnoOf } from "../../runtime/error.js";
import { runProgram } from "../program.js";
import { tableName } from "./ruleset.js";

export interface NftPort {
  /** One transaction. Rejects with nft's own words, ENOENT where it is not installed, or the signal's reason. */
  load(ruleset: string, signal: AbortSignal): Promise<void>;
  /** wwand's table as it is, without what its counters show; undefined: there is none. Rejects as `load` does. */
  list(signal: AbortSignal): Promise<string | undefined>;
}

/** Also where the daemon was started with a user's path. */
const programs = ["nft", "/usr/sbin/nft"] as const;

export class NftProgram implements NftPort {
  /** @param before What nft is run by, e.g. `ip netns exec NAME`. */
  constructor(private readonly before: readonly string[] = []) {}

  async load(ruleset: string, signal: AbortSignal): Promise<void> {
    await this.#run(["-f", "-"], signal, ruleset);
  }

  async list(signal: AbortSignal): Promise<string | undefined> {
    try {
      return await this.#run(["--stateless", "list", "table", "inet", tableName], signal);
    } catch (error) {
      // Whatever nft says of a table that it cannot show: loading it anew is what helps, or fails with its cause.
      if (signal.aborted || errnoOf(error) !== undefined) throw error;
      return undefined;
    }
  }

  async #run(args: readonly string[], signal: AbortSignal, input = ""): Promise<string> {
    const by = (program: string) => {
      const [head = program, ...tail] = [...this.before, program];
      return runProgram([head, ...tail, ...args], signal, input);
    };
    const [first, second] = programs;
    try {
      return await by(first);
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
      return by(second);
    }
  }
}
