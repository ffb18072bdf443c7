/** `wwanctl policy simulate --recorded`: the decisions of a recorded run, made again, or as another policy would have made them. */
import { loadPolicy } from "../config/policy.js";
import { recordFrom } from "../config/record.js";
import type { Policy } from "../network/policy/types.js";
import type { RecordDamage } from "../network/record/lines.js";
import { checkHash } from "../network/record/recorder.js";
import { type Replayed, type Reproduction, replayBy, reproduce } from "../network/record/replay.js";
import type { Moved, RecordLine } from "../network/record/types.js";
import type { Answer } from "./answer.js";
import { inputText } from "./input-text.js";
import { refusalAnswer } from "./policy-refusal.js";
import type { Plain } from "./snapshot.js";

/**
 * Needs no daemon. Bad news: a decision came out otherwise, the record is damaged (what is before the damage is used), or
 * the policy has a mistake.
 * @param places Another policy than the recorded one; empty: none.
 * @param file `-`: standard input.
 */
export function policyRecordedAnswer(places: readonly string[], file: string): Answer {
  try {
    const policy = places.length > 0 ? loadPolicy(places) : undefined;
    const { lines, damage } = recordFrom(inputText(file));
    const broken = damage && damageText(file, damage, lines.length);
    return policy === undefined
      ? reproduced(file, reproduce(lines), lines, broken)
      : replayed(policy, replayBy(policy, lines), lines, broken);
  } catch (error) {
    return refusalAnswer(error);
  }
}

const damageText = (file: string, { line, why }: RecordDamage, used: number): string =>
  `${file}:${line}: ${why}; ${used === 0 ? "nothing before it could be used" : `the ${used} lines before it were used`}`;

function reproduced(
  file: string,
  { same, difference }: Reproduction,
  lines: readonly RecordLine[],
  damage: string | undefined,
): Answer {
  const count = same.flatMap(({ moved }) => moved).length;
  const differs = difference && [
    `${file}:${difference.line}: DIFFERENT`,
    ...movesText("recorded", difference.recorded),
    ...movesText("now", difference.made),
  ];
  const counted = `${count} decision${count === 1 ? "" : "s"}`;
  const verdict = difference ? `${counted} before it came out the same` : `${counted}, all the same`;
  const text = [
    ...same.map((one) => replayedText(one, "same: ")),
    ...(differs ?? []),
    `${verdict}; ${spanText(lines)}`,
    ...(damage === undefined ? [] : [damage]),
  ];
  return {
    text: text.join("\n"),
    json: {
      ...{ same: same.flatMap(replayedJson), difference: difference ? differenceJson(difference) : null },
      damage: damage ?? null,
    },
    bad: difference !== undefined || damage !== undefined,
  };
}

function replayed(
  policy: Policy,
  decided: readonly Replayed[],
  lines: readonly RecordLine[],
  damage: string | undefined,
): Answer {
  const notes = remarks(policy, lines);
  const text = [
    ...decided.map((one) => replayedText(one)),
    `as policy ${policy.generation} would have it; ${spanText(lines)}`,
    ...notes.map((note) => `not known: ${note}`),
    ...(damage === undefined ? [] : [damage]),
  ];
  return {
    text: text.join("\n"),
    json: {
      ...{ generation: policy.generation, switches: decided.flatMap(replayedJson) },
      ...{ notKnown: notes, damage: damage ?? null },
    },
    bad: damage !== undefined,
  };
}

/** Where the record says nothing, or says it by another measure. */
function remarks({ uplinks }: Policy, lines: readonly RecordLine[]): readonly string[] {
  const recorded = new Map(
    lines.flatMap((line) => (line.is === "policy" ? line.policy.uplinks.map((one) => [one.name, one] as const) : [])),
  );
  return uplinks.flatMap(({ name, check }) => {
    const before = recorded.get(name);
    if (before === undefined) return [`${name}: it is not in the record; taken for absent`];
    const hash = check && checkHash(check);
    return before.check?.hash === hash
      ? []
      : [`${name}: what this policy's check would say; verdicts are those of the record`];
  });
}

const momentText = (wallMs: number): string => new Date(wallMs).toISOString();

function spanText(lines: readonly RecordLine[]): string {
  const [first, last] = [lines[0], lines.at(-1)];
  if (first?.is !== "policy" || last === undefined) return "the record is empty";
  const ended = last.is === "end" ? "" : ", without an end: it goes on, or wwand was killed";
  return `recorded ${momentText(first.at)} to ${momentText(last.at)}, policy ${generationsText(lines)}${ended}`;
}

/** In the order in which they were in force; every new piece of a record tells its own once more. */
const generationsText = (lines: readonly RecordLine[]): string =>
  lines
    .flatMap((line) => (line.is === "policy" ? line.generation : []))
    .filter((generation, at, all) => generation !== all[at - 1])
    .join(", then ");

const indent = " ".repeat("2026-01-01T00:00:00.000Z  ".length);

const movedText = ({ group, family, from, to }: Moved): string =>
  `${group} IPv${family}: ${from ?? "none"} -> ${to ?? "none"}`;

const replayedText = ({ wallMs, moved }: Replayed, word = ""): string =>
  moved
    .flatMap((one) => [
      `${momentText(wallMs)}  ${word}${movedText(one)}`,
      ...one.because.map((line) => `${indent}  ${line}`),
    ])
    .join("\n");

const movesText = (word: string, moves: readonly Moved[]): readonly string[] =>
  moves.length === 0
    ? [`  ${word}: nothing moved`]
    : moves.flatMap((one) => [`  ${word}: ${movedText(one)}`, ...one.because.map((line) => `    ${line}`)]);

const movedJson = ({ group, family, from, to, because }: Moved) => ({
  ...{ group, family: family === 4 ? "ipv4" : "ipv6", from: from ?? "", to: to ?? "", because },
});

const replayedJson = ({ line, wallMs, moved }: Replayed): readonly Plain[] =>
  moved.map((one): Plain => ({ line: line ?? null, at: momentText(wallMs), ...movedJson(one) }));

const differenceJson = ({ line, recorded, made }: NonNullable<Reproduction["difference"]>): Plain => ({
  ...{ line, recorded: recorded.map(movedJson), made: made.map(movedJson) },
});
