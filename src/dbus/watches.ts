import { errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { busDriver, type CallPath } from "./driver-calls.js";
import type { Matches } from "./matches.js";
import { NameWatch } from "./name-watch.js";
import type { ReceivedSignal, SignalRule } from "./types.js";

/** Everything this connection follows on the bus: owners of names and signals of other services. */
export class Watches {
  readonly #names = new Set<NameWatch>();

  constructor(
    private readonly bus: CallPath,
    private readonly matches: Matches,
    private readonly isConnected: () => boolean,
    private readonly log: Log,
  ) {}

  name(name: string, listener: (owner: string | undefined) => void): () => void {
    const watch = new NameWatch(name, this.bus, this.matches, listener, this.log);
    this.#names.add(watch);
    if (this.isConnected())
      watch.ask().catch((error: unknown) => this.log.debug(`owner of ${name}: ${errorText(error)}`));
    return () => {
      watch.stop();
      this.#names.delete(watch);
    };
  }

  sender(uniqueName: string, gone: () => void): () => void {
    const stop = this.name(uniqueName, (owner) => {
      if (owner !== undefined) return;
      stop();
      gone();
    });
    return stop;
  }

  signals(rule: SignalRule, listener: (signal: ReceivedSignal) => void): () => void {
    const { sender } = rule;
    if (sender === undefined || sender.startsWith(":") || sender === busDriver)
      return this.matches.add({ rule, senderNow: undefined, listener });
    let owner: string | undefined;
    const stopWatch = this.name(sender, (next) => {
      owner = next;
    });
    const stop = this.matches.add({ rule, senderNow: () => owner, listener });
    return () => {
      stop();
      stopWatch();
    };
  }

  /** After the match rules: asks a new daemon for every owner. */
  async announce(): Promise<void> {
    await Promise.all([...this.#names].map((watch) => watch.ask()));
  }

  lost(): void {
    for (const watch of [...this.#names]) watch.lost();
  }
}
