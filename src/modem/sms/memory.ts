/** The record of the card's messages: one change at a time, on the disk before whoever asked for it goes on. */
import { errorText } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import type { Operations } from "../operations.js";
import type { CardIdentity } from "../setup.js";
import { emptySmsRecord, type SmsRecord, type SmsStore } from "./store.js";

/** A disk that does not answer for this long is broken. */
const diskMs = 10_000;

export interface SmsMemoryRoom {
  readonly card: CardIdentity;
  /** Absent: nothing outlives this run. */
  readonly store: SmsStore | undefined;
  readonly operations: Operations;
  readonly log: Log;
}

export class SmsMemory {
  #record: SmsRecord;
  #turn: Promise<void> = Promise.resolve();

  private constructor(
    private readonly room: SmsMemoryRoom,
    record: SmsRecord,
  ) {
    this.#record = record;
  }

  /** A storage that fails is reported and costs the memory, not the messages. */
  static async open(room: SmsMemoryRoom): Promise<SmsMemory> {
    const { card, store, operations, log } = room;
    const known = await operations
      .run("sms.load", { timeoutMs: diskMs }, async () => store?.load(card))
      .catch((error: unknown) => {
        if (operations.isClosed) throw error;
        log.error("what is remembered of messages cannot be read", { cause: errorText(error) });
        return undefined;
      });
    return new SmsMemory(room, known ?? emptySmsRecord);
  }

  get record(): SmsRecord {
    return this.#record;
  }

  /** Resolves when the change is on the disk and in `record`; rejects and changes nothing when the disk refused. */
  update(change: (record: SmsRecord) => SmsRecord): Promise<void> {
    const { card, store, operations } = this.room;
    const done = this.#turn.then(async () => {
      const next = change(this.#record);
      await operations.run("sms.save", { timeoutMs: diskMs }, async () => store?.save(card, next));
      this.#record = next;
    });
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
