/**
 * The network interface under one bearer. Configuring and releasing never overlap: a late release would undo a newer
 * configuration. The newest configuration wins; of an older one that ends later nobody hears.
 */
import { errorText, ModemError } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { deadlinesMs } from "./deadlines.js";
import type { IpOwner, LinkPort } from "./link-port.js";
import { modemError, type Operations } from "./operations.js";
import type { DataCall } from "./ports.js";

export interface BearerLinkRoom {
  readonly link: LinkPort;
  readonly operations: Operations;
  readonly log: Log;
}

/** What became of a configuration, told unless something newer has come. */
export interface RaiseOutcome {
  raised(): void;
  failed(error: ModemError): void;
}

export class BearerLink {
  #raise: AbortController | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(private readonly room: BearerLinkRoom) {}

  raise({ interfaceName, settings }: DataCall, owner: IpOwner, outcome: RaiseOutcome): void {
    this.#raise?.abort(new ModemError("aborted", "newer settings arrived"));
    const abort = new AbortController();
    this.#raise = abort;
    const { operations, link, log } = this.room;
    const raise = this.#inTurn(() =>
      operations.run("link.raise", { timeoutMs: deadlinesMs.link, signal: abort.signal }, (signal) =>
        link.raise(interfaceName, settings, owner, signal),
      ),
    );
    raise.then(
      () => this.#raise === abort && outcome.raised(),
      (error) => {
        if (this.#raise !== abort) return;
        log.warning("link not configured", { interface: interfaceName, cause: errorText(error) });
        outcome.failed(modemError(error, `${interfaceName} could not be configured`));
      },
    );
  }

  withdraw({ interfaceName }: DataCall): void {
    this.#raise?.abort(new ModemError("aborted", "the bearer is going down"));
    this.#raise = undefined;
    const { operations, link, log } = this.room;
    this.#inTurn(() => operations.last("link.withdraw", deadlinesMs.link, () => link.withdraw(interfaceName))).catch(
      (error) => log.warning("link not withdrawn", { interface: interfaceName, cause: errorText(error) }),
    );
  }

  /** Resolves when everything asked for until now is done. Never rejects. */
  settled(): Promise<void> {
    return this.#turn;
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
