/**
 * What wwand remembers about a card: keyed by ICCID, with every IMSI seen on it as an alias (multi-IMSI cards). The
 * schema and its text form are here, the files are the runtime's (`StateFiles`, satisfied by runtime/atomic-file.ts).
 */
import { type Log, masked } from "../runtime/log.js";
import type { ContextSettings } from "./api.js";
import type { ApnOutcome, FamilyOutcome } from "./apn-memory.js";
import type { CardIdentity } from "./setup.js";
import { parseSimRecord } from "./sim-record.js";

export interface StoredContext extends ContextSettings {
  readonly number: number;
  /** No client has set it: it follows the configuration, or what provisioning guesses. */
  readonly provisioned?: boolean;
  /** Who wrote a provisioned context; absent: nobody, its APN is a guess. */
  readonly source?: "config" | "import";
}

export type StoredRegistration =
  | { readonly mode: "auto" }
  | { readonly mode: "manual"; readonly mcc: string; readonly mnc: string };

export interface SimRecord {
  readonly iccid?: string;
  /** Every IMSI that this card has shown, the latest first. */
  readonly imsis: readonly string[];
  /** ConnectionManager.Powered; absent: never set, true. */
  readonly powered?: boolean;
  /** Absent: never set by a client, the configuration decides. */
  readonly roamingAllowed?: boolean;
  readonly registration: StoredRegistration;
  /** The highest context number ever given; numbers are never reused. */
  readonly lastContextNumber: number;
  readonly contexts: readonly StoredContext[];
  readonly configuredPinRefused: boolean;
  /** IMSIs whose state in oFono's storage was taken over. */
  readonly importedImsis?: readonly string[];
  /** Guessed APNs that have worked, the latest first, at most one for each network. */
  readonly apnOutcomes?: readonly ApnOutcome[];
  /** Networks that serve one IP family for an APN, the latest first. */
  readonly ipFamilies?: readonly FamilyOutcome[];
}

/** What another program's storage knows of a card. */
export interface ImportedState {
  readonly powered?: boolean;
  readonly roamingAllowed?: boolean;
  readonly contexts: readonly (ContextSettings & { readonly number: number })[];
}

export const emptyRecord = (card: CardIdentity): SimRecord => ({
  ...(card.iccid === undefined ? {} : { iccid: card.iccid }),
  imsis: card.imsi === undefined ? [] : [card.imsi],
  registration: { mode: "auto" },
  lastContextNumber: 0,
  contexts: [],
  configuredPinRefused: false,
});

export interface SimStore {
  /** Resolves with undefined for a card never seen. Rejects when the storage fails; a broken file counts as never seen. */
  load(card: CardIdentity): Promise<SimRecord | undefined>;
  /** Resolves when the record is on the disk. */
  save(record: SimRecord): Promise<void>;
}

/** Files of one folder, each with one JSON value. */
export interface StateFiles {
  /** Undefined when there is no such file, or it was broken and has been set aside (and reported). */
  read(name: string): Promise<unknown>;
  /** Atomic and durable; `value` is plain JSON data. */
  write(name: string, value: unknown): Promise<void>;
  /** Reports and moves away a file whose content cannot be used; it is kept for a person to look at. */
  setAside(name: string, reason: string): Promise<void>;
  names(): Promise<readonly string[]>;
}

const identityOf = ({ iccid, imsis: [imsi] }: SimRecord): CardIdentity => ({
  ...(iccid === undefined ? {} : { iccid }),
  ...(imsi === undefined ? {} : { imsi }),
});

const fileOf = (card: CardIdentity): string | undefined => {
  if (card.iccid !== undefined) return `iccid-${card.iccid}.json`;
  return card.imsi === undefined ? undefined : `imsi-${card.imsi}.json`;
};

/** Identities become file names: nothing but the digits (ICCID: BCD, so letters A to F) that the standards allow. */
const isSafe = (card: CardIdentity): boolean =>
  /^[0-9A-Fa-f]*$/.test(card.iccid ?? "") && /^[0-9]*$/.test(card.imsi ?? "");

/** @see ITU-T E.118 (ICCID), 3GPP TS 23.003 2.2 (IMSI) */
export function createSimStore(files: StateFiles, log: Log): SimStore {
  const read = async (name: string): Promise<SimRecord | undefined> => {
    const value = await files.read(name);
    if (value === undefined) return undefined;
    const parsed = parseSimRecord(value);
    if (parsed.ok) return parsed.record;
    await files.setAside(name, parsed.reason);
    return undefined;
  };
  const byAlias = async (imsi: string): Promise<SimRecord | undefined> => {
    for (const name of await files.names()) {
      const record = await read(name);
      if (record?.imsis.includes(imsi)) return record;
    }
    return undefined;
  };
  return {
    async load(card) {
      const name = fileOf(card);
      if (name === undefined || !isSafe(card)) return undefined;
      const own = await read(name);
      if (own !== undefined) return own;
      const alias = card.imsi === undefined ? undefined : await byAlias(card.imsi);
      // A record that names another card belongs to that card: an IMSI may move to a new one, its PIN history may not.
      if (alias === undefined || (alias.iccid !== undefined && card.iccid !== undefined)) return undefined;
      log.info("state of the card found by its IMSI", { imsi: masked(card.imsi ?? "") });
      return alias;
    },
    async save(record) {
      const card = identityOf(record);
      const name = fileOf(card);
      if (name === undefined || !isSafe(card)) throw new Error("a card without ICCID and IMSI has no state");
      await files.write(name, record);
    },
  };
}
