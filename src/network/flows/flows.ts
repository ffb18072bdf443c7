/** After a switch: connections that began over another uplink stay, end at once, or end when they had their time. */
import type { Clock } from "../../runtime/clock.js";
import { errorText } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import type { Kernel } from "../kernel.js";
import { isLost } from "../plan/rank.js";
import type { FamilyObservation, UplinkObservation } from "../plan/types.js";
import { defaultGroup, type FlowsPolicy, type Policy } from "../policy/types.js";
import { MAIN_TABLE } from "../routing/tables.js";
import type { IpFamily } from "../types.js";
import { ForwardedFlows } from "./forwarded.js";
import { outcomeOf } from "./outcome.js";
import type { FlowsPort, LocalFlow, TrackedPort, Transport } from "./types.js";
import { followsSwitch, groupOf } from "./which.js";

export interface FlowsOptions {
  readonly port: FlowsPort;
  /** Absent: what is forwarded is left alone. */
  readonly tracked?: TrackedPort;
  readonly kernel: Pick<Kernel, "routes" | "links">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Traffic of one group and family has moved. */
export interface Move {
  readonly group?: string;
  readonly family: IpFamily;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

interface Left {
  readonly group: string;
  readonly family: IpFamily;
  readonly uplink: string;
  readonly addresses: readonly string[];
  /** Of this machine, on all uplinks. */
  readonly own: readonly string[];
}

/** For the log. */
const words: Readonly<Record<Transport, string>> = { tcp: "connections", udp: "connected UDP sockets" };
const transports: readonly Transport[] = ["tcp", "udp"];

export class Flows {
  readonly #draining = new Map<string, () => void>();
  /** Why sockets were not told of last. */
  readonly #refusals = new Map<Transport, string>();
  readonly #forwarded: ForwardedFlows | undefined;
  #is: "open" | "closed" = "open";

  constructor(private readonly options: FlowsOptions) {
    const { tracked, kernel, log } = options;
    this.#forwarded = tracked && new ForwardedFlows({ tracked, kernel, log });
  }

  /** Resolves, never rejects, when what is to end at once has ended. */
  async moved(
    { group = defaultGroup, family, from, to }: Move,
    policy: Policy,
    observed: readonly UplinkObservation[],
  ): Promise<void> {
    const target = observed.find(({ name }) => name === to)?.families[family];
    const flows = [policy.group, ...policy.groups].find(({ name }) => name === group)?.flows;
    if (to !== undefined) this.#stopDraining({ group, family, uplink: to });
    // Never without somewhere to go: a connection may outlive a failure that nothing else helps against.
    if (to === undefined || target === undefined || isDead(target) || flows === undefined || flows.is === "keep")
      return;
    const others = observed.filter(({ name }) => name !== to);
    const own = observed.flatMap(({ families }) => families[family].addresses);
    await Promise.all([
      // Where drain leaves time: there is no old way for what is forwarded, only the route that has just moved.
      this.#forwarded?.moved({ group, family, to }, policy, observed),
      ...others.map(({ name, families }) => {
        const left = { group, family, uplink: name, addresses: families[family].addresses, own };
        return this.#leave(left, flows, isDead(families[family]), name === from, policy);
      }),
    ]);
  }

  close(): void {
    this.#is = "closed";
    for (const cancel of this.#draining.values()) cancel();
    this.#draining.clear();
  }

  async #leave(left: Left, flows: FlowsPolicy, dead: boolean, isFrom: boolean, policy: Policy): Promise<void> {
    if (dead || (isFrom && flows.is === "reset")) return this.#end(left, policy);
    if (!isFrom || flows.is !== "drain") return;
    this.#stopDraining(left);
    const due = () => {
      this.#draining.delete(keyOf(left));
      void this.#end(left, policy);
    };
    this.#draining.set(keyOf(left), this.options.clock.after(flows.drainMs, due));
  }

  #stopDraining(left: Pick<Left, "group" | "family" | "uplink">): void {
    this.#draining.get(keyOf(left))?.();
    this.#draining.delete(keyOf(left));
  }

  async #end(left: Left, policy: Policy): Promise<void> {
    if (left.addresses.length === 0) return;
    await Promise.all(transports.map((transport) => this.#endOf(transport, left, policy)));
  }

  async #endOf(transport: Transport, left: Left, policy: Policy): Promise<void> {
    const { log } = this.options;
    try {
      const flows = await this.#flowsOf(transport, left, policy);
      const ends = await Promise.allSettled(
        this.#is === "open" ? flows.map((flow) => this.options.port.reset(flow)) : [],
      );
      const { ended, refusals } = outcomeOf(ends);
      if (refusals.length > 0)
        log.warning(`${refusals.length} ${words[transport]} over ${left.uplink} were not ended`, {
          error: errorText(refusals[0]),
        });
      if (ended > 0)
        log.info(`IPv${left.family} ${words[transport]} over ${left.uplink} ended: their programs connect again`, {
          count: ended,
        });
      this.#refusals.delete(transport);
    } catch (error) {
      this.#cannotTell(transport, errorText(error));
    }
  }

  /** A kernel without what it takes has none at the next switch either. */
  #cannotTell(transport: Transport, error: string): void {
    if (this.#refusals.get(transport) !== error)
      this.options.log.warning(`${words[transport]} over the uplink that was left were not ended`, { error });
    this.#refusals.set(transport, error);
  }

  async #flowsOf(transport: Transport, { group, addresses, own }: Left, policy: Policy): Promise<readonly LocalFlow[]> {
    const [main, ...found] = await Promise.all([
      this.options.kernel.routes({ table: MAIN_TABLE }),
      ...addresses.map((address) => this.options.port.flows(address, transport)),
    ]);
    return found.flat().filter((flow) => groupOf(flow, policy.classes) === group && followsSwitch(flow, main, own));
  }
}

const isDead = ({ presence, verdict }: FamilyObservation): boolean => presence !== "present" || isLost(verdict);

const keyOf = ({ group, family, uplink }: Pick<Left, "group" | "family" | "uplink">): string =>
  `${group} ${family} ${uplink}`;
