/** A trace that may go to strangers. */
import type { Bundle } from "./bundle.js";
import type { Covering } from "./cover.js";
import type { TraceEntry } from "./entry.js";
import { protocols } from "./protocols/all.js";
import { Pseudonyms } from "./pseudonyms.js";
import { inSlices } from "./slices.js";

/** Bytes with what no table explains zeroed. Identities that can be read are learned, the others zeroed too. */
function opener(pseudonyms: Pseudonyms): (entry: TraceEntry) => TraceEntry {
  const coverings = new Map<string, Covering>();
  return (entry) => {
    if (entry.is !== "frame") return entry;
    const key = `${entry.modem} ${entry.port}`;
    const covering = coverings.get(key) ?? protocols[entry.protocol].covering();
    coverings.set(key, covering);
    const bytes = Buffer.from(entry.bytes);
    for (const part of covering.openIdentities(bytes, entry.direction)) if (!pseudonyms.learn(part)) part.fill(0);
    return { ...entry, bytes };
  };
}

/** The identities in the messages, in full, as far as they can be read. */
export function identitiesIn(entries: readonly TraceEntry[]): readonly string[] {
  const found = new Pseudonyms();
  const open = opener(found);
  for (const entry of entries) open(entry);
  return found.identities;
}

/**
 * The same trace with every identity replaced by a pseudonym of its length, wherever it stands: the bytes decode as before
 * and can be replayed. What no table explains is zero.
 */
export async function maskedBundle({ header, entries }: Bundle): Promise<Bundle> {
  const pseudonyms = new Pseudonyms();
  const opened = await inSlices(entries, opener(pseudonyms));
  // All identities are known only after the last message was read.
  const masked = await inSlices(opened, (entry): TraceEntry => {
    if (entry.is === "frame") pseudonyms.replaceIn(entry.bytes);
    return entry.is === "note" ? { ...entry, text: pseudonyms.replacedIn(entry.text) } : entry;
  });
  const reason = pseudonyms.replacedIn(header.reason);
  return { header: { ...header, reason, identities: "pseudonyms" }, entries: masked };
}
