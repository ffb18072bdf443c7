/** Many measurements as few numbers. */

export interface Figures {
  readonly count: number;
  readonly median: number;
  readonly best: number;
  readonly worst: number;
}

/** @throws RangeError without a measurement */
export function figures(values: readonly number[]): Figures {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => {
    const value = sorted[index];
    if (value === undefined) throw new RangeError("no measurement, no figures");
    return value;
  };
  const middle = (sorted.length - 1) / 2;
  return {
    count: sorted.length,
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    best: at(0),
    worst: at(sorted.length - 1),
  };
}

export const msText = (ms: number): string => (ms < 100 ? ms.toFixed(2) : ms.toFixed(0));
