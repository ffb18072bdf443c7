/** The contexts that a card's record has without a client's doing: from configuration, import and guess. Pure. */
import type { ContextSettings } from "./api.js";
import { provisionedContext } from "./context-settings.js";
import type { ImportedState, SimRecord, StoredContext } from "./store.js";

/** An internet context whose APN nobody has set: what works may be looked for. */
export const isGuess = ({ type, provisioned, source }: StoredContext): boolean =>
  type === "internet" && provisioned === true && source === undefined;

/** The configuration gives nothing any more: what followed it is a guess again. */
export const unconfigured = (record: SimRecord): SimRecord => ({
  ...record,
  contexts: record.contexts.map((context) => {
    const { source, ...rest } = context;
    return source === "config" ? rest : context;
  }),
});

/** Nobody has made a context for this card yet, and none was ever taken over. */
export const isBlank = ({ contexts, lastContextNumber }: SimRecord): boolean =>
  contexts.length === 0 && lastContextNumber === 0;

/**
 * The record with contexts as `given`. Contexts that a client made or changed stay as they are; those that nobody touched
 * follow what is given for their type, in order, and keep their numbers. What was imported gives way to the configuration
 * only.
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
  const ofType = (type: ContextSettings["type"]) => untouched.filter((context) => context.type === type);
  const nth = (settings: ContextSettings) => wanted.filter(({ type }) => type === settings.type).indexOf(settings);
  const paired = wanted.map((settings) => ({ settings, context: ofType(settings.type)[nth(settings)] }));
  const written = source === undefined ? {} : { source };
  const follow = (context: StoredContext): StoredContext => {
    const pair = paired.find((one) => one.context === context);
    if (pair === undefined) return context;
    return { ...pair.settings, number: context.number, provisioned: true, ...written };
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
    contexts: [...record.contexts.map(follow), ...added],
    lastContextNumber: record.lastContextNumber + added.length,
  };
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
