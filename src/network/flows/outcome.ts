import { errnoOf } from "../../runtime/error.js";

/** What became of flows that were to end. */
export interface Outcome {
  readonly ended: number;
  /** One that has ended by itself meanwhile is in neither. */
  readonly refusals: readonly unknown[];
}

export const outcomeOf = (ends: readonly PromiseSettledResult<unknown>[]): Outcome => ({
  ended: ends.filter(({ status }) => status === "fulfilled").length,
  refusals: ends.flatMap((end) => (end.status === "rejected" && errnoOf(end.reason) !== "ENOENT" ? [end.reason] : [])),
});
