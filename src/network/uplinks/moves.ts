/** The switches that were carried out: told in the log, and the newest of each group and family kept. */
import type { Clock } from "../../runtime/clock.js";
import type { Log } from "../../runtime/log.js";
import type { Policy } from "../policy/types.js";
import type { Switched } from "./actuator.js";
import type { PastMove } from "./state.js";

export class Moves {
  #newestFirst: readonly PastMove[] = [];

  constructor(
    private readonly log: Log,
    private readonly clock: Clock,
    private readonly wallClock: () => Date,
  ) {}

  /** Newest first; of each group and family one. */
  get all(): readonly PastMove[] {
    return this.#newestFirst;
  }

  /** @param policy The one that decided. */
  add(switched: Switched, policy: Pick<Policy, "places" | "generation">): PastMove {
    const { group, family, from, to, because, cause, tookMs } = switched;
    const rulePlace = cause?.rule === undefined ? undefined : policy.places.get(cause.rule);
    const whose = group === undefined ? "traffic" : `traffic of group ${group}`;
    this.log.info(`IPv${family} ${whose}: ${from ?? "none"} -> ${to ?? "none"}`, {
      because: because.join("; "),
      tookMs: Math.round(tookMs),
      trigger: cause?.trigger,
      rule: rulePlace,
      key: cause?.rule,
      policy: policy.generation,
    });
    const place = rulePlace !== undefined && { rulePlace };
    const move: PastMove = { ...switched, atMs: this.clock.nowMs(), at: this.wallClock(), ...place };
    this.#newestFirst = [move, ...this.#newestFirst.filter((old) => old.group !== group || old.family !== family)];
    return move;
  }
}
