/** The contexts that a card's record has without a client's doing: from configuration, import and guess. Pure. */
import type { ContextSettings } from "./api.js";
import { provisionedContext } from "./context-settings.js";
import type { ImportedState, SimRecord, StoredContext } from "./store.js";

/** An internet context whose APN nobody has set: what works may be looked for. */
export const isGuess = ({ type, provisioned, source }: StoredContext): boolean =>
  type === "internet" && provisioned === true && source === undefined;

/** The configuration gives nothing any more: what followed it first is a guess again, what stood beside that goes. */
export function unconfigured(record: SimRecord): SimRecord {
  const [first] = record.contexts.filter(({ source }) => source === "config");
  const contexts = record.contexts.flatMap((context) => {
    const { source, ...rest } = context;
    if (source !== "config") return [context];
    return context === first ? [rest] : [];
  });
  return { ...record, contexts };
}

/** Nobody has made a context for this card yet, and none was ever taken over. */
export const isBlank = ({ contexts, lastContextNumber }: SimRecord): boolean =>
  contexts.length === 0 && lastContextNumber === 0;

/**
 * The record with contexts as `given`. Contexts that a client made or changed stay as they are; those that nobody touched
 * follow what is given for their type and keep their numbers. What was imported gives way to the configuration
 * only. What the configuration had given and does not give any more goes.
 */
export function provisioned(
  record: SimRecord,
  given: readonly Partial<ContextSettings>[],
  source?: "config",
): SimRecord {
  const wanted = given.map(provisionedContext);
  const untouched = record.contexts.filter(
    (context) => context.provisioned === true && (source === "config" || context.source !== "import"),
  );
  const onlyOurs = record.contexts.every((context) => context.provisioned === true);
  const paired = pairsOf(wanted, untouched);
  const written = source === undefined ? {} : { source };
  const follow = (context: StoredContext): readonly StoredContext[] => {
    const pair = paired.find((one) => one.context === context);
    if (pair === undefined) return source === "config" && context.source === "config" ? [] : [context];
    return [{ ...pair.settings, number: context.number, provisioned: true, ...written }];
  };
  const missing = onlyOurs ? paired.filter(({ context }) => context === undefined) : [];
  const added = missing.map(
    ({ settings }, at): StoredContext => ({
      ...settings,
      number: record.lastContextNumber + 1 + at,
      provisioned: true,
      ...written,
    }),
  );
  return {
    ...record,
    contexts: [...record.contexts.flatMap(follow), ...added],
    lastContextNumber: record.lastContextNumber + added.length,
  };
}

interface Pair {
  readonly settings: ContextSettings;
  readonly context: StoredContext | undefined;
}

/** The configuration's own by their names, so that each keeps its number whatever comes before it; the others in order. */
function pairsOf(wanted: readonly ContextSettings[], untouched: readonly StoredContext[]): readonly Pair[] {
  const free = new Set(untouched);
  const take = (fits: (context: StoredContext) => boolean): StoredContext | undefined => {
    const found = [...free].find(fits);
    if (found !== undefined) free.delete(found);
    return found;
  };
  const named = wanted.map(({ type, name }) =>
    take((context) => context.source === "config" && context.type === type && context.name === name),
  );
  return wanted.map((settings, at) => ({
    settings,
    context: named[at] ?? take(({ type }) => type === settings.type),
  }));
}

/** The record with another program's state taken over: its numbers, for clients know their services by them. */
export function withImported(record: SimRecord, imsi: string, imported: ImportedState): SimRecord {
  const { powered, roamingAllowed, contexts } = imported;
  // An empty APN is a provisioning that had failed there, not a choice.
  const taken = contexts.map(
    (context): StoredContext => ({
      ...context,
      provisioned: true,
      ...(context.apn === "" ? {} : { source: "import" }),
    }),
  );
  return {
    ...record,
    ...(powered === undefined ? {} : { powered }),
    ...(roamingAllowed === undefined ? {} : { roamingAllowed }),
    contexts: taken,
    lastContextNumber: Math.max(record.lastContextNumber, ...taken.map(({ number }) => number)),
    importedImsis: [...(record.importedImsis ?? []), imsi],
  };
}
