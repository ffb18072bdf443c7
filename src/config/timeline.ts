/** Timelines for `wwanctl policy simulate`: read, checked against the policy that they are for, interpreted. */
import type { Policy } from "../network/policy/types.js";
import type { FamilyNews, Timeline, UplinkNews } from "../network/simulate/types.js";
import { parseDocument, type TomlDocument } from "./document.js";
import type { ConfigProblem } from "./error.js";
import { problemAt, refuse } from "./explain.js";
import { referenceText } from "./resolve.js";
import { type TimelineInput, timelineSchema } from "./schema/timeline.js";
import { validate } from "./validate.js";

/** After the last event, so that a return to a preferred uplink is seen, too. */
const afterLastMs = 600_000;
const defaultStart = new Date("2026-01-01T00:00:00Z");
const defaultSeed = 1;

type EventInput = TimelineInput["event"][number];

/** @throws ConfigError with every problem */
export function timelineFrom(file: string, text: string, policy: Policy): Timeline {
  const document = parseDocument(file, text);
  const input = validate(timelineSchema, document.value, document, {});
  refuse(input.event.flatMap((event, index) => problemsOf(event, index, policy, document)));
  const news = input.event.map(newsOf).sort((a, b) => a.atMs - b.atMs);
  const lastMs = news.at(-1)?.atMs ?? 0;
  if (input.until !== undefined && input.until < lastMs)
    refuse([problemAt(document, ["until"], "a moment after the last event", "an earlier one")]);
  return {
    news,
    endMs: input.until ?? lastMs + afterLastMs,
    startsAt: input.start ?? defaultStart,
    seed: input.seed ?? defaultSeed,
  };
}

const familyKeys = ["ipv4", "ipv6"] as const;

function problemsOf(
  event: EventInput,
  index: number,
  policy: Policy,
  document: TomlDocument,
): readonly ConfigProblem[] {
  const at = (path: readonly string[], expected: string, found: string) =>
    problemAt(document, ["event", index, ...path], expected, found);
  const uplink = policy.uplinks.find(({ name }) => name === event.uplink);
  if (uplink === undefined) {
    const names = policy.uplinks.map(({ name }) => name);
    return [at(["uplink"], referenceText("an uplink", event.uplink, names), `"${event.uplink}"`)];
  }
  if (event.roaming !== undefined && uplink.match.by === "name")
    return [at(["roaming"], "an uplink of a modem", "one that is matched by name")];
  if (event.used !== undefined && uplink.cap === undefined)
    return [at(["used"], "an uplink with a cap", "one without")];
  return familyKeys.flatMap((key) => {
    const told = event[key];
    const isStatic = uplink.address.method === "static" && told?.address !== undefined;
    const isUnasked = uplink.check === undefined && (told?.answers ?? told?.loss) !== undefined;
    return [
      ...(isStatic ? [at([key, "address"], "an uplink that others give its addresses", "a static one")] : []),
      ...(isUnasked ? [at([key], "an uplink with a check", "one that nobody asks")] : []),
    ];
  });
}

const newsOf = ({ at, uplink, link, ipv4, ipv6, traffic, hold, roaming, used }: EventInput): UplinkNews => ({
  atMs: at,
  uplink,
  ...(link !== undefined && { link }),
  families: { ...(ipv4 && { 4: ipv4 satisfies FamilyNews }), ...(ipv6 && { 6: ipv6 satisfies FamilyNews }) },
  ...(traffic !== undefined && { bytesPerS: traffic }),
  ...(hold !== undefined && { hold }),
  ...(roaming !== undefined && { roaming }),
  ...(used !== undefined && { usedBytes: used }),
});
