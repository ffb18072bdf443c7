/** The ledger on the disk: one file, read at the start, written whole. */
import type { Counters } from "../kernel.js";
import { type Account, emptyLedger, type Ledger, type UplinkAccounts } from "./ledger.js";

/** Where it is kept; runtime/atomic-file.ts does it. */
export interface BookFiles {
  /** Undefined: there is none, or it was broken and is set aside. */
  read(name: string): Promise<unknown>;
  write(name: string, value: unknown): Promise<void>;
  setAside(name: string, reason: string): Promise<void>;
}

const fileName = "uplinks";
const version = 1;

export class UsageBook {
  /** @param bootId Changes with every boot: counters begin at 0 then. @see random(4) */
  constructor(
    private readonly files: BookFiles,
    private readonly bootId: string,
  ) {}

  /** Empty where nothing usable is kept. Rejects when the disk fails. */
  async read(): Promise<Ledger> {
    const kept = await this.files.read(fileName);
    if (kept === undefined) return emptyLedger;
    const ledger = ledgerIn(kept);
    if (ledger === undefined) {
      await this.files.setAside(fileName, "not what this wwand writes");
      return emptyLedger;
    }
    return isTable(kept) && kept.bootId === this.bootId ? ledger : { ...ledger, counters: {} };
  }

  write(ledger: Ledger): Promise<void> {
    return this.files.write(fileName, { version, bootId: this.bootId, ...ledger });
  }
}

type Table = Readonly<Record<string, unknown>>;
const isTable = (value: unknown): value is Table =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isBytes = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const isCounters = (value: unknown): value is Counters =>
  isTable(value) && isBytes(value.rxBytes) && isBytes(value.txBytes);

const isAccount = (value: unknown): value is Account =>
  isCounters(value) && (!("startMs" in value) || Number.isSafeInteger(value.startMs));

const isAccounts = (value: unknown): value is UplinkAccounts =>
  isTable(value) &&
  typeof value.rule === "string" &&
  Array.isArray(value.accounts) &&
  value.accounts.length > 0 &&
  value.accounts.every(isAccount);

function isTableOf<T>(value: unknown, is: (one: unknown) => one is T): value is Readonly<Record<string, T>> {
  return isTable(value) && Object.values(value).every(is);
}

function ledgerIn(kept: unknown): Ledger | undefined {
  if (!isTable(kept) || kept.version !== version) return undefined;
  const { counters, uplinks } = kept;
  return isTableOf(counters, isCounters) && isTableOf(uplinks, isAccounts) ? { counters, uplinks } : undefined;
}
