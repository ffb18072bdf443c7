/** A packet filter in memory: what was loaded, and other programs that change wwand's table. */
import { NftFirewall } from "../../src/network/firewall/nft.js";
import type { NftPort } from "../../src/network/firewall/nft-program.js";
import { removal } from "../../src/network/firewall/ruleset.js";
import { createLog } from "../../src/runtime/log.js";
import { VirtualClock } from "./clock.js";

export class FakeNft implements NftPort {
  /** Transactions that were taken. */
  readonly inputs: string[] = [];
  fails: Error | undefined;
  /** What the kernel says when it is to tell of changes. */
  isDeaf: Error | undefined;
  /** Happens while the table is looked at. */
  onList: () => void = () => undefined;
  readonly #ears = new Set<(by?: string) => void>();
  #table: string | undefined;

  async load(input: string): Promise<void> {
    if (this.fails) throw this.fails;
    this.inputs.push(input);
    this.#set(input === removal ? undefined : input, "nft");
  }

  async list(): Promise<string | undefined> {
    if (this.fails) throw this.fails;
    this.onList();
    return this.#table;
  }

  readonly watch = (onTouched: (by?: string) => void): (() => void) => {
    if (this.isDeaf) throw this.isDeaf;
    this.#ears.add(onTouched);
    return () => this.#ears.delete(onTouched);
  };

  get ears(): number {
    return this.#ears.size;
  }

  /** Another program's transaction leaves this of the table. */
  change(table: string | undefined, by = "firewalld"): void {
    this.#set(table, by);
  }

  #set(table: string | undefined, by: string): void {
    this.#table = table;
    for (const hear of this.#ears) hear(by);
  }
}

/** A firewall over it, on a virtual clock. */
export class FilteredMachine {
  readonly nft = new FakeNft();
  readonly clock = new VirtualClock();
  readonly lines: string[] = [];
  readonly firewall = new NftFirewall({
    clock: this.clock,
    log: createLog("info", (line) => this.lines.push(line.trimEnd())),
    nft: this.nft,
    watch: this.nft.watch,
  });
}
