/** How tables of causes name the failures that a row holds for. */
import type { FailureCause } from "../runtime/error.js";

export interface CauseRow {
  readonly domains: readonly FailureCause["domain"][];
  /** Those of `codes` and those of `names`. */
  readonly codes?: readonly number[];
  /** Where one code stands for several causes: pppd's exit codes. */
  readonly names?: readonly string[];
  readonly because: string;
}

export const holdsFor = ({ domains, codes = [], names = [] }: CauseRow, failure: FailureCause): boolean =>
  domains.includes(failure.domain) && (codes.includes(failure.code) || names.includes(failure.name));
