/** wwand in the demo's world: ethernet first, the virtual modem as backup. What is done to it is in incidents.ts. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Bus } from "../../src/dbus/bus.js";
import { type Child, ip, start } from "../../src/demo/command.js";
import { uplinkShows, within } from "../../src/demo/failover.js";
import {
  busAddress,
  modemControl,
  modemSocket,
  type Places,
  startBus,
  startModem,
  startWwand,
} from "../../src/demo/programs.js";
import { webServer } from "../../src/demo/topology.js";
import { Rtnetlink } from "../../src/netlink/rtnetlink.js";
import { WWAND_TABLE } from "../../src/network/routing/tables.js";
import { silentLog } from "../../src/runtime/log.js";
import type { Scope } from "../../src/runtime/scope.js";
import { requestStep } from "../../src/virtual/control/client.js";
import { monotonicMs } from "../clock.js";
import { Echo } from "../echo.js";
import { keepAddresses } from "../far-end.js";
import { Hand } from "../hand.js";
import { KernelEar } from "../kernel-ear.js";
import { ModemWire } from "./modem-wire.js";
import type { Ears } from "./pull.js";

/** Back soon after the cable, however often, and no 10 s between two questions to an uplink that is down: rounds are short. */
const failbackSeconds = 1;
const quickHeal = `# Laid over the demo's policy.
[failback.flaps]
max    = 100
within = "1s"

[check.internet]
every = { idle = "1s", suspect = "500ms", down = "500ms" }
`;
/** The modem is asked as often as the ethernet is: a preferred uplink that is asked every 5 min would break the slo. */
const modemFirst = `[group]
default = { tiers = [["wwan"], ["ethernet"]] }

[check.frugal]
every = { idle = "1s", suspect = "500ms", down = "500ms" }
`;
const keepFlows = `[group.default]
flows = "keep"
`;

/** What may be laid over the bench's policy. */
const overlays = { "70-modem-first.toml": modemFirst, "71-keep-flows.toml": keepFlows } as const;
export type Overlay = keyof typeof overlays;

const readyTimeoutMs = 60_000;
const modemTimeoutMs = 5_000;
const failover = { path: "/net/wwand/failover", interface: "net.wwand.Failover1" } as const;

/** The ISP's own name server, and the name that it answers otherwise than the carrier's. */
export const ispNames = { server: "192.0.2.53", name: "v4.carrier.test", answer: "203.0.113.81" } as const;

export async function startWwandWorld(scope: Scope, places: Places): Promise<WwandWorld> {
  await mkdir(policiesOf(places), { recursive: true });
  await writeFile(join(policiesOf(places), "60-bench.toml"), quickHeal);
  await keepAddresses("isp");
  await startNameServer(scope);
  scope.own(await startBus(places), (child) => child.stop());
  scope.own(await startModem(places), (child) => child.stop());
  const wire = scope.own(await ModemWire.open(modemSocket(places)), (opened) => opened.close());
  const bus = scope.own(new Bus({ address: busAddress(places), log: silentLog }), (opened) => opened.close());
  await bus.connect(AbortSignal.timeout(readyTimeoutMs));
  const daemon = scope.own(await startWwand(places, failbackSeconds, () => undefined), (child) => child.stop());
  const echo = scope.own(
    new Echo({ serverNetns: "/run/netns/internet", address: webServer.ipv4, port: 7007 }),
    (opened) => opened.close(),
  );
  return new WwandWorld(scope, places, { bus, daemon, echo, wire });
}

const policiesOf = ({ runtime }: Places): string => join(runtime, "wwand/policy.d");

async function startNameServer(scope: Scope): Promise<void> {
  const { server, name, answer } = ispNames;
  await ip(`-n isp address add ${server}/32 dev lo`);
  const options = ["--no-daemon", "--conf-file=/dev/null", "--no-hosts", "--no-resolv", `--address=/${name}/${answer}`];
  const dnsmasq = start("ip", ["netns", "exec", "isp", "dnsmasq", ...options]);
  scope.own(dnsmasq, (child) => child.stop());
  await dnsmasq.line("started");
  await writeFile("/etc/resolv.conf", `nameserver ${server}\n`);
}

interface WwandParts {
  readonly bus: Bus;
  readonly daemon: Child;
  readonly echo: Echo;
  readonly wire: ModemWire;
}

export class WwandWorld {
  readonly bus: Bus;
  readonly daemon: Child;
  readonly echo: Echo;
  readonly hand: Hand;
  readonly ears: Ears;
  readonly isp: Rtnetlink;
  readonly #host: Rtnetlink;
  readonly #wire: ModemWire;
  #carries = "ethernet";

  constructor(
    scope: Scope,
    private readonly places: Places,
    { bus, daemon, echo, wire }: WwandParts,
  ) {
    [this.bus, this.daemon, this.echo, this.#wire] = [bus, daemon, echo, wire];
    const close = (opened: { close(): void }) => opened.close();
    this.#host = scope.own(Rtnetlink.open(), close);
    this.isp = scope.own(Rtnetlink.open({ netns: "/run/netns/isp" }), close);
    this.hand = scope.own(new Hand({ netns: "/run/netns/isp", interfaceName: "lan0" }), (opened) => opened.close());
    this.ears = { links: scope.own(new KernelEar("link"), close), routes: scope.own(new KernelEar("route4"), close) };
  }

  /** As net.wwand shows it: from the first unanswered packet to the switch. */
  async worstCaseMs(): Promise<number> {
    return Number(await this.#shown(failover.path, failover.interface, "WorstCaseDetectionMs"));
  }

  /** The preferred uplink carries the traffic, and both are verified. */
  async ready(): Promise<void> {
    const verified = ["ethernet", "wwan"].map((uplink) => uplinkShows(this.bus, uplink, "Verdict4", "up"));
    const carried = this.#until(failover.path, failover.interface, "Ipv4Uplink", (uplink) => uplink === this.#carries);
    await within(readyTimeoutMs, "both uplinks verified", Promise.all([...verified, carried])).catch(
      (cause: unknown) => {
        throw new Error(`wwand did not get ready:\n${this.daemon.lines.slice(-30).join("\n")}`, { cause });
      },
    );
  }

  /** Resolves when the policy with this overlay is in force, with what takes it away again. */
  async lay(overlay: Overlay): Promise<() => Promise<void>> {
    const file = join(policiesOf(this.places), overlay);
    await writeFile(file, overlays[overlay]);
    await this.#reload();
    if (overlay === "70-modem-first.toml") this.#carries = "wwan";
    return async () => {
      await rm(file);
      await this.#reload();
      this.#carries = "ethernet";
    };
  }

  /** The moment (`monotonicMs`) from now on at which IPv4 leaves by this interface. */
  async leavesBy(name: string): Promise<() => Promise<number>> {
    const ifindex = await this.indexOf(name);
    return () => this.ears.routes.defaultBy(WWAND_TABLE, ifindex);
  }

  async indexOf(name: string): Promise<number> {
    const link = await this.#host.link(name);
    if (link === undefined) throw new Error(`there is no interface ${name}`);
    return link.ifindex;
  }

  /** The network ends the modem's session. Resolves with the moments at which it was asked to, and at which the modem said so. */
  async dropBearer(): Promise<{ readonly askedMs: number; readonly toldMs: number }> {
    const told = this.#wire.sessionEnded();
    const askedMs = monotonicMs();
    const { failure, text } = await requestStep(modemControl(this.places), { step: "drop-bearer", args: [] });
    if (failure !== undefined) throw new Error(`the modem's session could not be ended: ${text}`);
    return { askedMs, toldMs: await within(modemTimeoutMs, "the modem's word that its session has ended", told) };
  }

  async #reload(): Promise<void> {
    const generation = () => this.#shown("/net/wwand", "net.wwand.Daemon1", "PolicyGeneration");
    const before = await generation();
    this.daemon.process.kill("SIGHUP");
    const taken = this.#until("/net/wwand", "net.wwand.Daemon1", "PolicyGeneration", (now) => now !== before);
    await within(readyTimeoutMs, "the changed policy", taken);
  }

  #until(path: string, iface: string, property: string, accepts: (value: unknown) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        this.#shown(path, iface, property)
          .then((value) => {
            if (!accepts(value)) return;
            stop();
            resolve();
          })
          // Not there yet: its coming is a signal.
          .catch(() => undefined);
      };
      const stop = this.bus.subscribe({ path }, look);
      look();
    });
  }

  async #shown(path: string, iface: string, property: string): Promise<unknown> {
    const [value] = await this.bus.call("net.wwand", path, "org.freedesktop.DBus.Properties", "Get", "ss", [
      iface,
      property,
    ]);
    return Object(value).value;
  }
}
