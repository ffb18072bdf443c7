/**
 * A machine of the tests' world (test/lab) with an ethernet and a modem, for whoever decides there which one carries. All
 * have the same cables and the same virtual modem with the same times to answer.
 */
import { Rtnetlink } from "../../src/netlink/rtnetlink.js";
import type { Scope } from "../../src/runtime/scope.js";
import { eventually } from "../../test/lab/eventually.js";
import { internetHost, World, type WorldOptions } from "../../test/lab/world.js";
import { pause } from "../clock.js";
import { Echo } from "../echo.js";
import { keepAddresses } from "../far-end.js";
import { Hand } from "../hand.js";
import { KernelEar } from "../kernel-ear.js";
import { ownerOf } from "../owner.js";
import { type Ears, type PatientPull, patientPull } from "./pull.js";

/** Who decides on such a machine. */
export interface Decider {
  /** Where its default routes are. */
  readonly table: number;
  /** Resolves when the modem waits as it shall. */
  rests(): Promise<unknown>;
}

/** How long the slow ones are given. */
export const standbyPatienceMs = 30_000;
export const readyTimeoutMs = 60_000;

/** After the last word of the decider: what it took down is down at the modem, too. */
const restMs = 1_000;

export class StandbyMachine {
  private constructor(
    private readonly world: World,
    private readonly decider: Decider,
    private readonly kernel: Rtnetlink,
    private readonly ears: Ears,
    private readonly hand: Hand,
    private readonly echo: Echo,
  ) {}

  static async build(
    scope: Scope,
    options: WorldOptions,
    start: (world: World, scope: Scope) => Promise<Decider>,
  ): Promise<StandbyMachine> {
    const close = (opened: { close(): void | Promise<void> }) => opened.close();
    const world = await World.build(ownerOf(scope), options);
    await keepAddresses(world.isp.name);
    const far = { serverNetns: world.internet.path, address: internetHost.ipv4, port: 7_010 };
    return new StandbyMachine(
      world,
      await start(world, scope),
      scope.own(Rtnetlink.open({ netns: world.host.path }), close),
      {
        links: scope.own(new KernelEar("link", world.host.path), close),
        routes: scope.own(new KernelEar("route4", world.host.path), close),
      },
      scope.own(new Hand({ netns: world.isp.path, interfaceName: "lan0" }), close),
      scope.own(new Echo({ netns: world.host.path, ...far }), close),
    );
  }

  async cablePull(): Promise<PatientPull> {
    await eventually(
      "ethernet carries",
      () => this.world.wayOut(),
      (way) => way === "eth0",
      readyTimeoutMs,
    );
    await this.decider.rests();
    await pause(restMs);
    const [ethernet, modem] = [await this.kernel.link("eth0"), await this.kernel.link("wwan0")];
    if (ethernet === undefined || modem === undefined) throw new Error("there is no eth0 or no wwan0");
    const cable = { hand: this.hand, ifindex: ethernet.ifindex };
    const left = () => this.ears.routes.defaultBy(this.decider.table, modem.ifindex);
    const pulled = await patientPull(cable, this.ears.links, this.echo, left, standbyPatienceMs);
    await this.hand.plug();
    return pulled;
  }
}
