/**
 * After a switch: flows that this machine forwards. Their packets go the new way at once, but with the source that was decided
 * for the old one: the kernel forgets that decision by itself only where it masqueraded (nf_nat_oif_changed), and drops the
 * packet at which it does. So the entries go before the next packet comes.
 */
import { errorText } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import type { Kernel, RouteEntry } from "../kernel.js";
import type { UplinkObservation } from "../plan/types.js";
import type { Policy } from "../policy/types.js";
import { MAIN_TABLE } from "../routing/tables.js";
import type { IpFamily } from "../types.js";
import { outcomeOf } from "./outcome.js";
import type { TrackedFlow, TrackedPort } from "./types.js";
import { groupOf, leavesByDefault, ownRoute } from "./which.js";

export interface ForwardedOptions {
  readonly tracked: TrackedPort;
  readonly kernel: Pick<Kernel, "routes" | "links">;
  readonly log: Log;
}

export interface ForwardedMove {
  readonly group: string;
  readonly family: IpFamily;
  readonly to: string;
}

/** Each waits for its turn on the kernel's socket, and no longer than a request may. */
const atOnce = 64;

export class ForwardedFlows {
  constructor(private readonly options: ForwardedOptions) {}

  /** Resolves, never rejects, when none is bound to another uplink than `to` any more. */
  async moved(move: ForwardedMove, policy: Policy, observed: readonly UplinkObservation[]): Promise<void> {
    const { log } = this.options;
    try {
      const flows = await this.#bound(move, policy, observed);
      const { ended, refusals } = outcomeOf(await this.#forget(flows));
      if (refusals.length > 0)
        log.warning(`${refusals.length} forwarded IPv${move.family} flows keep the source of an uplink that was left`, {
          error: errorText(refusals[0]),
        });
      if (ended > 0) log.info(`forwarded IPv${move.family} flows begin anew over ${move.to}`, { count: ended });
    } catch (error) {
      log.warning("forwarded flows keep the source of the uplink that was left", { error: errorText(error) });
    }
  }

  async #bound(
    { group, family, to }: ForwardedMove,
    policy: Policy,
    observed: readonly UplinkObservation[],
  ): Promise<readonly TrackedFlow[]> {
    const addresses = observed.flatMap(({ families }) => families[family].addresses);
    const left = observed.filter(({ name }) => name !== to).flatMap(({ families }) => families[family].addresses);
    const masquerades = policy.uplinks.find(({ name }) => name === to)?.masquerade ?? false;
    const { tracked, kernel } = this.options;
    const [plain, ...translated] = await Promise.all([
      masquerades ? tracked.untranslated(family) : [],
      ...left.map((address) => tracked.leavingWith(address)),
    ]);
    const found = [...plain, ...translated.flat()].filter(({ localAddress }) => !addresses.includes(localAddress));
    // No table is read for nothing.
    if (found.length === 0) return [];
    const [main, links] = await Promise.all([kernel.routes({ family, table: MAIN_TABLE }), kernel.links()]);
    const nameOf = (route: RouteEntry) => links.find(({ ifindex }) => ifindex === route.ifindex)?.name;
    return found.filter((flow) => {
      const fromLan = ownRoute(flow.localAddress, main);
      // Untranslated is also what came in from the world, and what passes between two networks of ours.
      if (fromLan === undefined || !leavesByDefault(flow, main)) return false;
      const inInterface = nameOf(fromLan);
      return groupOf({ ...flow, ...(inInterface !== undefined && { inInterface }) }, policy.classes) === group;
    });
  }

  async #forget(flows: readonly TrackedFlow[]): Promise<readonly PromiseSettledResult<void>[]> {
    const ends: PromiseSettledResult<void>[] = [];
    for (let from = 0; from < flows.length; from += atOnce) {
      const some = flows.slice(from, from + atOnce).map((flow) => this.options.tracked.forget(flow));
      ends.push(...(await Promise.allSettled(some)));
    }
    return ends;
  }
}
