/** Who waits for what becomes of a DLC. */
import { abortable } from "../runtime/abort.js";
import type { DlcOutcome } from "./dlc.js";

/** `ended`: with everything else. */
export type Awaited = DlcOutcome | "ended";

export class Outcomes {
  readonly #waiting = new Map<number, Set<(outcome: Awaited) => void>>();

  isAwaited(dlci: number): boolean {
    return (this.#waiting.get(dlci)?.size ?? 0) > 0;
  }

  /** The next one. @throws the signal's reason */
  of(dlci: number, signal: AbortSignal): Promise<Awaited> {
    const waiting = this.#waiting.get(dlci) ?? new Set();
    this.#waiting.set(dlci, waiting);
    let heard: (outcome: Awaited) => void = () => undefined;
    const outcome = new Promise<Awaited>((resolve) => {
      heard = resolve;
      waiting.add(heard);
    });
    return abortable(outcome, `channel ${dlci}`, signal).finally(() => waiting.delete(heard));
  }

  tell(dlci: number, outcome: Awaited): void {
    for (const heard of [...(this.#waiting.get(dlci) ?? [])]) heard(outcome);
  }

  end(): void {
    for (const dlci of this.#waiting.keys()) this.tell(dlci, "ended");
  }
}
