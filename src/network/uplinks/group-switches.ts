/** Switches of groups of classes: sent at once as all others, told once the kernel has them. */
import type { Clock } from "../../runtime/clock.js";
import type { Choice, GroupPlan, Plan } from "../plan/types.js";
import { WWAND_TABLE } from "../routing/tables.js";
import type { GroupRouting, RoutingFailure, RoutingState } from "../routing/types.js";
import type { IpFamily } from "../types.js";
import type { RoutingPort, Switched } from "./actuator.js";

interface Options {
  readonly routing: RoutingPort;
  readonly clock: Clock;
  readonly onSwitched: (switched: Switched) => void;
}

const families: readonly IpFamily[] = [4, 6];
const none: Choice = { 4: undefined, 6: undefined };

export class GroupSwitches {
  readonly #installed = new Map<string, Choice>();
  #causedAtMs = 0;

  constructor(private readonly options: Options) {}

  /** What the kernel may not have yet, table or rule, comes with the rest of the routing, which is on its way as well. */
  send({ routing }: Plan, before: RoutingState, causedAtMs: number): void {
    this.#causedAtMs = causedAtMs;
    for (const group of tablesOf(routing)) {
      const old = tablesOf(before).find(({ name }) => name === group.name);
      for (const family of families) {
        const to = group.chosen[family];
        if (old === undefined || to === undefined || to === old.chosen[family]) continue;
        // A refusal comes back from the routing as a whole, which puts what is missing.
        this.options.routing.switchDefault(family, to, group.tableId).catch(() => undefined);
      }
    }
  }

  /** The kernel has all of the routing but what it refused. */
  installed({ routing, groups }: Plan, failures: readonly RoutingFailure[]): void {
    const tables = tablesOf(routing);
    for (const name of this.#installed.keys())
      if (!tables.some((group) => group.name === name)) this.#installed.delete(name);
    for (const { name, tableId, chosen } of tables) {
      const made = groups.find((group) => group.name === name);
      const refused = failures.some(({ item }) => item.kind === "route" && item.route.table === tableId);
      if (!refused) for (const family of families) this.#tell(name, family, chosen[family], made);
    }
  }

  forget(): void {
    this.#installed.clear();
  }

  #tell(group: string, family: IpFamily, to: string | undefined, made: GroupPlan | undefined): void {
    const before = this.#installed.get(group) ?? none;
    const from = before[family];
    if (from === to) return;
    this.#installed.set(group, { ...before, [family]: to });
    const tookMs = this.options.clock.nowMs() - this.#causedAtMs;
    const because = made?.why[family] ?? [];
    this.options.onSwitched({ group, family, from, to, because, cause: made?.causes[family], tookMs });
  }
}

const tablesOf = ({ groups = [] }: RoutingState): readonly GroupRouting[] =>
  groups.filter(({ tableId }) => tableId !== WWAND_TABLE);
