import { table } from "../../src/cli/table.js";

/** Medians of all rounds. */
interface Pair {
  readonly ours: number;
  readonly theirs: number;
}

export interface Compared {
  readonly what: string;
  readonly library: string;
  readonly messageBytes: number;
  readonly perSecond: Pair;
  /** Bytes per message. */
  readonly allocated: Pair;
}

const ratio = ({ ours, theirs }: Pair): string => (ours / theirs).toFixed(2);
const thousands = (perSecond: number): string => `${(perSecond / 1_000).toFixed(0)} k`;

export const codecTable = (compared: readonly Compared[]): string =>
  table(
    ["MESSAGE", "BYTES", "BESIDE", "PER SECOND", "THEIRS", "RATIO", "ALLOCATED", "THEIRS", "RATIO"],
    compared.map(({ what, library, messageBytes, perSecond, allocated }) => [
      ...[
        what,
        String(messageBytes),
        library,
        thousands(perSecond.ours),
        thousands(perSecond.theirs),
        ratio(perSecond),
      ],
      ...[allocated.ours.toFixed(0), allocated.theirs.toFixed(0), ratio(allocated)],
    ]),
  );
