/** Tells once when the facts take an uplink out of the choice, also while it carries nothing, and when they no longer do. */
import type { Log } from "../../runtime/log.js";
import { eligibilityText } from "../plan/eligibility.js";
import type { UplinkObservation } from "../plan/types.js";

export class EligibilityJournal {
  readonly #told = new Map<string, string>();

  constructor(private readonly log: Log) {}

  tell(observed: readonly UplinkObservation[]): void {
    for (const { name, eligibility } of observed) {
      // Who holds an uplink knows of it, and of caps the meter tells.
      const news = eligibility.is === "roaming" ? eligibilityText(eligibility) : "ok";
      const before = this.#told.get(name) ?? "ok";
      this.#told.set(name, news);
      if (news === before) continue;
      if (news === "ok") this.log.info(`${name} may carry traffic again: no longer ${before}`);
      else this.log.notice(`${name} may not carry traffic: ${news}`);
    }
  }
}
