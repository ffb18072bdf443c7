/**
 * connmand in the tests' world (test/lab) with an ethernet and a modem, which it connects when it has nothing better: its
 * cold standby. The modem is wwand's by org.ofono, without a policy: what is decided is ConnMan's own idea.
 */
import { Rtnetlink } from "../../src/netlink/rtnetlink.js";
import { MAIN_TABLE } from "../../src/network/routing/tables.js";
import type { Scope } from "../../src/runtime/scope.js";
import { connmanBusPolicy, provisionedEthernet, startConnman } from "../../test/lab/connman.js";
import { ConnmanClient } from "../../test/lab/connman-client.js";
import { startModem } from "../../test/lab/virtual-modem.js";
import { internetHost, World } from "../../test/lab/world.js";
import { pause } from "../clock.js";
import { enableCellular, startDaemon } from "../connman/world.js";
import { Echo } from "../echo.js";
import { keepAddresses } from "../far-end.js";
import { Hand } from "../hand.js";
import { KernelEar } from "../kernel-ear.js";
import { ownerOf } from "../owner.js";
import { type PatientPull, patientPull } from "./pull.js";

/**
 * Without AlwaysConnectedTechnologies nothing is connected beside a connected ethernet. SingleConnectedTechnology takes
 * cellular down again when ethernet is back: the same state before each pull.
 */
const general = {
  PreferredTechnologies: "ethernet,cellular",
  DefaultFavoriteTechnologies: "ethernet,cellular",
  SingleConnectedTechnology: "true",
} as const;

const readyTimeoutMs = 60_000;
const restMs = 1_000;

export class ColdConnman {
  private constructor(
    private readonly settings: ConnmanClient,
    private readonly kernel: Rtnetlink,
    private readonly routes: KernelEar,
    private readonly hand: Hand,
    private readonly echo: Echo,
  ) {}

  /** The modem is the same as wwand's own, with the same times to answer. */
  static async build(scope: Scope): Promise<ColdConnman> {
    const close = (opened: { close(): void | Promise<void> }) => opened.close();
    const world = await World.build(ownerOf(scope), { ethernet: "bare", busPolicies: [connmanBusPolicy] });
    await keepAddresses(world.isp.name);
    const settings = scope.own(await ConnmanClient.connect(world.bus.address), close);
    await startDaemon(world, await startModem(world));
    await startConnman(world, { devices: ["eth0", "wwan0"], provisioned: { ethernet: provisionedEthernet }, general });
    await enableCellular(settings);
    const far = { serverNetns: world.internet.path, address: internetHost.ipv4, port: 7_010 };
    return new ColdConnman(
      settings,
      scope.own(Rtnetlink.open({ netns: world.host.path }), close),
      scope.own(new KernelEar("route4", world.host.path), close),
      scope.own(new Hand({ netns: world.isp.path, interfaceName: "lan0" }), close),
      scope.own(new Echo({ netns: world.host.path, ...far }), close),
    );
  }

  /** Pulls the cable of a connected ethernet beside a registered modem without a connection. */
  async cablePull(limitMs: number): Promise<PatientPull> {
    await this.settings.until("ethernet connected, cellular not", () => this.#isCold(), readyTimeoutMs);
    // What was taken down is down at the modem, too.
    await pause(restMs);
    const modem = await this.kernel.link("wwan0");
    if (modem === undefined) throw new Error("there is no wwan0");
    const pulled = await patientPull(this.hand, this.echo, limitMs, () =>
      this.routes.defaultBy(MAIN_TABLE, modem.ifindex),
    );
    await this.hand.plug();
    return pulled;
  }

  #isCold(): boolean {
    const ofType = (type: string) => this.settings.services.find((service) => service.type === type);
    const [ethernet, cellular] = [ofType("ethernet"), ofType("cellular")];
    return ethernet?.state === "ready" && cellular?.state === "idle" && cellular.autoConnect;
  }
}
