/** Links, routes, names and the failover engine over the real kernel, opened together and given back in order. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ConntrackFlows } from "../netlink/conntrack-flows.js";
import { watchTable } from "../netlink/nftables.js";
import { Rtnetlink } from "../netlink/rtnetlink.js";
import { SockDiag } from "../netlink/sock-diag.js";
import { WireGuard } from "../netlink/wireguard.js";
import type { DnsChoice } from "../network/dns/choose.js";
import { type OpenedDns, openDns } from "../network/dns/open.js";
import { type BusCall, type DnsConfig, noDns } from "../network/dns/types.js";
import { Accounting, procAccounting } from "../network/firewall/accounting.js";
import { NftFirewall } from "../network/firewall/nft.js";
import { tableName } from "../network/firewall/ruleset.js";
import { LinkConfigurator } from "../network/link/link-configurator.js";
import { procSysctl } from "../network/link/sysctl.js";
import type { Policy } from "../network/policy/types.js";
import { openAsker } from "../network/probe/open.js";
import { Recorder } from "../network/record/recorder.js";
import { itemText } from "../network/routing/item.js";
import { Routing } from "../network/routing/routing.js";
import type { RoutingItem } from "../network/routing/types.js";
import { ConnmanOnBus, type SteerBus } from "../network/steer/connman.js";
import type { Mode } from "../network/uplinks/execution.js";
import { Uplinks } from "../network/uplinks.js";
import { UsageBook } from "../network/usage/book.js";
import { StateFolder } from "../runtime/atomic-file.js";
import { systemClock } from "../runtime/clock.js";
import { errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import type { Scope } from "../runtime/scope.js";
import { SparingLog } from "../runtime/sparing-log.js";
import { version } from "../runtime/version.js";
import type { TraceSink } from "../trace/entry.js";
import { netlinkRecorder } from "../trace/netlink-recorder.js";
import { RecordFiles } from "./record-files.js";

export interface ConnectivitySetup {
  readonly policy: Policy;
  readonly mode: Mode;
  readonly stateDir: string;
  readonly dns: DnsConfig;
  /** How systemd-resolved is reached; undefined: there is no bus. */
  readonly busCall: BusCall | undefined;
  /** How ConnMan is reached, now or later. */
  readonly steerBus: SteerBus;
  /** Whether decisions are recorded on the disk. */
  readonly record: boolean;
  readonly log: Log;
  readonly trace: TraceSink;
}

export interface Connectivity {
  readonly kernel: Rtnetlink;
  readonly links: LinkConfigurator;
  readonly uplinks: Uplinks;
  /** How the system learns its name servers. */
  readonly resolver: () => DnsChoice;
}

const resolvConf = "/etc/resolv.conf";
const dnsTimeoutMs = 2_000;

async function openNames(setup: ConnectivitySetup): Promise<OpenedDns> {
  const { stateDir, busCall, dns: config, log } = setup;
  const options = { file: resolvConf, stateDir, config, clock: systemClock, log };
  try {
    const opened = await openDns(
      busCall === undefined ? options : { ...options, call: busCall },
      AbortSignal.timeout(dnsTimeoutMs),
    );
    const { backend, because, stub } = opened.choice;
    log.info(`DNS: ${because}`, { backend, ...(stub !== undefined && { stub }) });
    return opened;
  } catch (error) {
    const because = `DNS is left alone: ${errorText(error)}`;
    log.error(because);
    const choice = { backend: "none", because } as const;
    return { backend: noDns, choice, current: () => choice };
  }
}

/** A kernel without sock_diag is no reason not to start: a silent uplink is then found by asking alone. */
function openSockets(scope: Scope, log: Log): SockDiag | undefined {
  try {
    return scope.own(SockDiag.open(), (opened) => opened.close());
  } catch (error) {
    log.notice(`TCP connections are no evidence here: ${errorText(error)}`);
    return undefined;
  }
}

/** Nor one without generic netlink, which has no WireGuard either. */
function openWireGuard(scope: Scope, kernel: Rtnetlink, log: Log): WireGuard | undefined {
  try {
    return scope.own(WireGuard.open({ kernel }), (opened) => opened.close());
  } catch (error) {
    log.notice(`WireGuard is left alone here: ${errorText(error)}`);
    return undefined;
  }
}

const bootId = (): string => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();

function openRecorder(scope: Scope, { stateDir, log }: ConnectivitySetup): Recorder {
  const files = scope.own(new RecordFiles(join(stateDir, "record"), log.child("record"), systemClock), (opened) =>
    opened.close(),
  );
  const ended = (recorder: Recorder) => recorder.end(Math.floor(systemClock.nowMs()), Date.now());
  return scope.own(new Recorder(files, { wwand: version }), ended);
}

/**
 * Sweeps what a killed run left behind, then starts judging and switching. `scope` gives everything back.
 * @throws NetlinkError, NativeError when the kernel cannot be read at all
 */
export async function openConnectivity(scope: Scope, setup: ConnectivitySetup): Promise<Connectivity> {
  const { policy, mode, stateDir, steerBus, log } = setup;
  const kernel = scope.own(Rtnetlink.open({ tap: () => netlinkRecorder(setup.trace) }), (opened) => opened.close());
  const routing = scope.own(new Routing(kernel), async (opened) => {
    await opened.close();
  });
  // networkd takes all of them whenever it configures a link anew: one incident, one line.
  const removals = new SparingLog(log, systemClock);
  const tellRemoval = (item: RoutingItem) =>
    removals.warning("another program removes rules or routes of wwand's; they are put back", {
      first: itemText(item),
    });
  routing.events.on("ruleRemoved", tellRemoval);
  routing.events.on("restored", tellRemoval);
  const links = scope.own(new LinkConfigurator(kernel, procSysctl()), (opened) => opened.close());
  links.events.on("drift", (interfaceName, what) => {
    log.warning(`${interfaceName} was changed by another program; mending`, { what: what.join(", ") });
  });
  links.events.on("deaf", (interfaceName, error) => {
    log.warning(`${interfaceName}: IPv6 for the client comes 2 s late: its question for routers cannot be heard`, {
      cause: errorText(error),
    });
  });
  links.events.on("mendFailed", (interfaceName, error) => {
    log.error(`${interfaceName} could not be mended: ${errorText(error)}`);
  });
  const swept = await links.sweep();
  if (swept > 0) log.notice("removed what a killed run had left behind", { addresses: swept });
  // Where wwand only observes, no plan replaces what a killed run installed.
  if (mode.actuating === "observe") await routing.sweep();
  const { backend: dns, current: resolver } = await openNames(setup);
  const accounting = new Accounting(procAccounting);
  const watch = (onTouched: (by?: string) => void) => watchTable(tableName, onTouched);
  const firewall = new NftFirewall({ clock: systemClock, log: log.child("uplinks"), accounting, watch });
  const connman = new ConnmanOnBus(steerBus, systemClock);
  const sockets = openSockets(scope, log);
  const tunnels = openWireGuard(scope, kernel, log);
  const tracked = scope.own(new ConntrackFlows(), (opened) => opened.close());
  const recorder = setup.record ? openRecorder(scope, setup) : undefined;
  const uplinks = scope.own(
    new Uplinks({
      policy,
      kernel,
      routing,
      dns,
      firewall,
      openAsker,
      connman,
      ...(sockets && { tcp: sockets, flows: sockets, tracked }),
      forwarded: tracked,
      ...(tunnels && { tunnels }),
      mode,
      usageBook: new UsageBook(new StateFolder(join(stateDir, "usage"), log), bootId()),
      ...(recorder && { recorder }),
      log: log.child("uplinks"),
    }),
    (opened) => opened.close(),
  );
  await uplinks.start();
  return { kernel, links, uplinks, resolver };
}
