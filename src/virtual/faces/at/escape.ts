/** `+++` between two silences takes a port from data back to commands. @see ITU-T V.250 6.2.9, S12 */
import type { Clock } from "../../../runtime/clock.js";

const escapeWord = "+++";
/** S12's default. */
const guardMs = 1_000;

export class EscapeWatch {
  #lastMs = Number.NEGATIVE_INFINITY;
  /** What came since the last silence, as far as it may be the escape. */
  #sinceSilence = "";
  #cancel: () => void = () => undefined;

  constructor(
    private readonly clock: Clock,
    private readonly escaped: () => void,
  ) {}

  /** Data went by. */
  heard(bytes: Buffer): void {
    this.#cancel();
    const nowMs = this.clock.nowMs();
    if (nowMs - this.#lastMs >= guardMs) this.#sinceSilence = "";
    this.#lastMs = nowMs;
    this.#sinceSilence = (this.#sinceSilence + bytes.toString("latin1")).slice(0, escapeWord.length + 1);
    if (this.#sinceSilence === escapeWord) this.#cancel = this.clock.after(guardMs, this.escaped);
  }

  stop(): void {
    this.#cancel();
  }
}
