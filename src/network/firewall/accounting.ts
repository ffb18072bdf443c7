/**
 * `net.netfilter.nf_conntrack_acct`: the kernel counts the packets of each tracked flow, in flows that begin from then on. That
 * is two additions a packet, and all that tells a forwarded flow without answers from one with. wwand wants it where it
 * masquerades itself, and finds it where another program does.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { errnoOf } from "../../runtime/error.js";

export interface AccountingFile {
  /** Undefined: nothing is tracked on this machine. */
  read(): number | undefined;
  write(value: number): void;
}

export class Accounting {
  #isOurs = false;

  constructor(private readonly file: AccountingFile) {}

  /** @throws Error with the errno as `code`, e.g. EROFS in a container */
  follow(isWanted: boolean): void {
    if (isWanted === this.#isOurs) return;
    // Somebody else's wish is left in force.
    if (isWanted ? this.file.read() !== 0 : this.file.read() !== 1) {
      this.#isOurs = false;
      return;
    }
    this.file.write(isWanted ? 1 : 0);
    this.#isOurs = isWanted;
  }
}

const path = "/proc/sys/net/netfilter/nf_conntrack_acct";

/** Of this process's own network namespace. */
export const procAccounting: AccountingFile = {
  read: () => {
    try {
      return Number(readFileSync(path, "latin1"));
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return undefined;
      throw error;
    }
  },
  write: (value) => writeFileSync(path, `${value}\n`),
};
