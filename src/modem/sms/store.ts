/** What is remembered about a card's messages, a file for each card. It holds texts: only the daemon's user may read it. */
import * as v from "valibot";
import type { CardIdentity } from "../setup.js";
import type { StateFiles } from "../store.js";

/** oFono's words. */
export const alphabets = [
  ...["default", "turkish", "spanish", "portuguese", "bengali", "gujarati", "hindi", "kannada", "malayalam", "oriya"],
  ...["punjabi", "tamil", "telugu", "urdu"],
] as const;
export type SmsAlphabet = string;

/** A message on its way to the network. */
export interface QueuedSms {
  /** 40 hexadecimal digits. */
  readonly id: string;
  readonly recipient: string;
  readonly text: string;
  readonly wantsReport: boolean;
  readonly alphabet: SmsAlphabet;
  /** Of its parts. */
  readonly reference: number;
  readonly sentParts: number;
}

export interface SmsRecord {
  readonly useDeliveryReports: boolean;
  readonly alphabet: SmsAlphabet;
  /** Of the next message in parts, 0 to 255. */
  readonly nextReference: number;
  /** What was told or kept already, by digest, the latest first. */
  readonly known: readonly string[];
  /** Parts that wait for others: the TPDU in hexadecimal, wall time in milliseconds. */
  readonly fragments: readonly { readonly pdu: string; readonly receivedAtMs: number }[];
  readonly queue: readonly QueuedSms[];
}

export const emptySmsRecord: SmsRecord = {
  useDeliveryReports: false,
  alphabet: "default",
  nextReference: 1,
  known: [],
  fragments: [],
  queue: [],
};

export interface SmsStore {
  /** Resolves with undefined for a card never seen; a broken file counts as never seen. */
  load(card: CardIdentity): Promise<SmsRecord | undefined>;
  /** Resolves when the record is on the disk. */
  save(card: CardIdentity, record: SmsRecord): Promise<void>;
}

const reference = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const schema = v.object({
  useDeliveryReports: v.boolean(),
  alphabet: v.picklist(alphabets),
  nextReference: reference,
  known: v.array(v.string()),
  fragments: v.array(v.object({ pdu: v.pipe(v.string(), v.hexadecimal()), receivedAtMs: v.number() })),
  queue: v.array(
    v.object({
      id: v.pipe(v.string(), v.regex(/^[0-9A-F]{40}$/)),
      recipient: v.string(),
      text: v.string(),
      wantsReport: v.boolean(),
      alphabet: v.picklist(alphabets),
      reference,
      sentParts: count,
    }),
  ),
});

/** A card without both has nothing that its messages could be kept under. */
function fileOf({ iccid, imsi }: CardIdentity): string | undefined {
  if (iccid !== undefined && /^[0-9A-Fa-f]+$/.test(iccid)) return `iccid-${iccid}.json`;
  return imsi !== undefined && /^[0-9]+$/.test(imsi) ? `imsi-${imsi}.json` : undefined;
}

export function createSmsStore(files: StateFiles): SmsStore {
  return {
    async load(card) {
      const name = fileOf(card);
      const value = name === undefined ? undefined : await files.read(name);
      if (name === undefined || value === undefined) return undefined;
      const parsed = v.safeParse(schema, value);
      if (parsed.success) return parsed.output;
      // Never the value itself: it may be a text.
      await files.setAside(name, `not as it was written: ${v.getDotPath(parsed.issues[0]) ?? "all of it"}`);
      return undefined;
    },
    async save(card, record) {
      const name = fileOf(card);
      if (name !== undefined) await files.write(name, record);
    },
  };
}
