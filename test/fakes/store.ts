/** Cards remembered in memory, with every save kept in order. */
import type { SimRecord, SimStore } from "../../src/modem/store.js";

export class MemoryStore implements SimStore {
  readonly saved: SimRecord[] = [];
  /** When set, the storage fails so. */
  failure: Error | undefined;

  async load(card: { iccid?: string; imsi?: string }): Promise<SimRecord | undefined> {
    if (this.failure) throw this.failure;
    return this.saved.findLast(({ iccid, imsis }) =>
      card.iccid === undefined ? card.imsi !== undefined && imsis.includes(card.imsi) : iccid === card.iccid,
    );
  }

  async save(record: SimRecord): Promise<void> {
    if (this.failure) throw this.failure;
    this.saved.push(structuredClone(record));
  }
}
