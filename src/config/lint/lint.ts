/** Every lint over one policy, in file order. */
import { type ConfigProblem, problemOrder } from "../error.js";
import { type Source, whereOf } from "../explain.js";
import { shadowedClass } from "./classes.js";
import type { Lint, Linted } from "./finding.js";
import { patternOfVpns, shadowedMatch, shadowedPattern } from "./matches.js";
import { dearCheck, neverLeft } from "./promises.js";
import { allMustAnswer, nearTargets, oneOperator } from "./targets.js";
import {
  checkOfNobody,
  costAlone,
  groupOfNoClass,
  roamingWithoutModem,
  uplinkInNoTier,
  valueReplacedEverywhere,
} from "./unused.js";

const lints: readonly Lint[] = [
  ...[uplinkInNoTier, groupOfNoClass, checkOfNobody, valueReplacedEverywhere, roamingWithoutModem, costAlone],
  ...[shadowedMatch, shadowedPattern, patternOfVpns, shadowedClass],
  ...[oneOperator, allMustAnswer, nearTargets],
  ...[neverLeft, dearCheck],
];

/** Something that is allowed and hardly meant, at its place. */
export type Remark = Pick<ConfigProblem, "file" | "line" | "column" | "key"> & { readonly text: string };

export function remarksOn(linted: Linted, source: Source): readonly Remark[] {
  return lints
    .flatMap((lint) => lint(linted))
    .map(({ path, text }) => ({ ...whereOf(source, path), text }))
    .sort(problemOrder);
}
