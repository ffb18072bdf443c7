/** A trace that may go to strangers. */
import type { Bundle } from "./bundle.js";
import type { Covering } from "./cover.js";
import type { TraceEntry } from "./entry.js";
import { protocols } from "./protocols/all.js";
import { Pseudonyms } from "./pseudonyms.js";

/** Bytes with what no table explains zeroed. Identities that can be read are learned, the others zeroed too. */
function opened(entries: readonly TraceEntry[], pseudonyms: Pseudonyms): readonly TraceEntry[] {
  const coverings = new Map<string, Covering>();
  return entries.map((entry) => {
    if (entry.is !== "frame") return entry;
    const key = `${entry.modem} ${entry.port}`;
    const covering = coverings.get(key) ?? protocols[entry.protocol].covering();
    coverings.set(key, covering);
    const bytes = Buffer.from(entry.bytes);
    for (const part of covering.openIdentities(bytes, entry.direction)) if (!pseudonyms.learn(part)) part.fill(0);
    return { ...entry, bytes };
  });
}

/** The identities in the messages, in full, as far as they can be read. */
export function identitiesIn(entries: readonly TraceEntry[]): readonly string[] {
  const found = new Pseudonyms();
  opened(entries, found);
  return found.identities;
}

/**
 * The same trace with every identity replaced by a pseudonym of its length, wherever it stands: the bytes decode as before
 * and can be replayed. What no table explains is zero.
 */
export function maskedBundle({ header, entries }: Bundle): Bundle {
  const pseudonyms = new Pseudonyms();
  const masked = opened(entries, pseudonyms).map((entry): TraceEntry => {
    // All are known only after the last one was read.
    if (entry.is === "frame") pseudonyms.replaceIn(entry.bytes);
    return entry.is === "note" ? { ...entry, text: pseudonyms.replacedIn(entry.text) } : entry;
  });
  const reason = pseudonyms.replacedIn(header.reason);
  return { header: { ...header, reason, identities: "pseudonyms" }, entries: masked };
}
