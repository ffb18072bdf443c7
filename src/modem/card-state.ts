/** The record of the card that is in the modem: changed on disk first, in memory after, one change at a time. */
import { errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { sameData } from "../runtime/same-data.js";
import type { Operations } from "./operations.js";
import type { CardIdentity } from "./setup.js";
import { emptyRecord, type SimRecord, type SimStore } from "./store.js";

/** A disk that does not answer for this long is broken. */
const diskMs = 10_000;

export class CardState {
  #record: SimRecord;
  #turn: Promise<void> = Promise.resolve();

  private constructor(
    record: SimRecord,
    private readonly loaded: SimRecord | undefined,
    private readonly store: SimStore,
    private readonly operations: Operations,
    private readonly log: Log,
  ) {
    this.#record = record;
  }

  /** Reads what is known of the card. A storage that fails is reported and costs the memory, not the connection. */
  static async open(card: CardIdentity, store: SimStore, operations: Operations, log: Log): Promise<CardState> {
    const known = await operations
      .run("store.load", { timeoutMs: diskMs }, () => store.load(card))
      .catch((error) => {
        if (operations.isClosed) throw error;
        log.error("the card's state cannot be read, defaults are used", { cause: errorText(error) });
        return undefined;
      });
    return new CardState(withIdentity(known ?? emptyRecord(card), card), known, store, operations, log);
  }

  get record(): SimRecord {
    return this.#record;
  }

  /** The record as this start has completed it; without a disk it holds until the next start. */
  async settle(next: SimRecord): Promise<void> {
    if (!sameData(next, this.loaded)) {
      await this.update(() => next).catch((error) => {
        if (this.operations.isClosed) throw error;
        this.log.error("the card's state cannot be written", { cause: errorText(error) });
      });
    }
    this.#record = next;
  }

  /** Resolves when the change is on the disk and in `record`; rejects and changes nothing when the disk refused. */
  update(change: (record: SimRecord) => SimRecord): Promise<void> {
    const done = this.#turn.then(async () => {
      const next = change(this.#record);
      // A modem without SIM capability has nothing that its state could be kept under.
      if (next.iccid !== undefined || next.imsis.length > 0)
        await this.operations.run("store.save", { timeoutMs: diskMs }, () => this.store.save(next));
      this.#record = next;
    });
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function withIdentity(record: SimRecord, { iccid, imsi }: CardIdentity): SimRecord {
  const imsis = imsi === undefined ? record.imsis : [imsi, ...record.imsis.filter((other) => other !== imsi)];
  return { ...record, ...(iccid === undefined ? {} : { iccid }), imsis };
}
