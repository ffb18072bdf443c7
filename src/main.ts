/** `wwand`: builds everything, wires it, runs it, closes one Scope. The only file that knows everything. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { CommanderError } from "commander";
import { ConfigError } from "./config/error.js";
import { reloadPolicy } from "./config/policy.js";
import type { DaemonConfig } from "./config/types.js";
import { BearersOfUplinks } from "./daemon/bearers.js";
import { busCallOf, connectSoon, steerBusOf, takeName } from "./daemon/bus-connection.js";
import { Compositions } from "./daemon/compositions.js";
import { needRestart, readConfiguration, readDaemonConfig } from "./daemon/configuration.js";
import { type Connectivity, openConnectivity } from "./daemon/connectivity.js";
import { DeviceViews } from "./daemon/device-views.js";
import { DeviceJournal, openDiscovery } from "./daemon/devices.js";
import { type Failure, watchUplinks } from "./daemon/failure-watch.js";
import { followForHooks } from "./daemon/hook-events.js";
import { Hooks } from "./daemon/hooks.js";
import { LeasedUplinks } from "./daemon/leased-uplinks.js";
import { Leases, raised } from "./daemon/leases.js";
import { followModems } from "./daemon/modem-followers.js";
import { ModemPlaces } from "./daemon/modem-places.js";
import { notifier } from "./daemon/notify.js";
import { type DaemonOptions, exitCodes, parseOptions } from "./daemon/options.js";
import { ManagersPresent, modeOf, ownerOf } from "./daemon/ownership.js";
import { PolicyTrial } from "./daemon/policy-trial.js";
import { portProber } from "./daemon/protocols.js";
import { StandingWishes } from "./daemon/standing-wishes.js";
import { watchTime } from "./daemon/time-watch.js";
import { Traces } from "./daemon/traces.js";
import { FailoverViews } from "./daemon/views.js";
import { whyPacket } from "./daemon/why-packet.js";
import { systemBusAddress } from "./dbus/address.js";
import { Bus } from "./dbus/bus.js";
import { serveWwand } from "./dbus/registry/wwand.js";
import { serveOfono } from "./dbus/registry.js";
import { AttachedModems } from "./discovery/attached-modems.js";
import type { Discovery } from "./discovery/discovery.js";
import { ModeSwitch } from "./discovery/mode-switch.js";
import { ModemBook } from "./discovery/modem-book.js";
import type { LinkPort } from "./modem/link-port.js";
import { PinMemory } from "./modem/pin.js";
import { createSmsStore } from "./modem/sms/store.js";
import { createSimStore } from "./modem/store.js";
import { QmiWwan } from "./netlink/qmi-wwan.js";
import { resolverNames } from "./network/dns/open.js";
import { SessionLinks } from "./network/link/session-links.js";
import type { Policy } from "./network/policy/types.js";
import { openAsker } from "./network/probe/open.js";
import type { Uplinks } from "./network/uplinks.js";
import { OperatorGuesses } from "./provisioning/guess.js";
import { OfonoFiles } from "./provisioning/ofono-files.js";
import { StateFolder } from "./runtime/atomic-file.js";
import { systemClock } from "./runtime/clock.js";
import { errorText } from "./runtime/error.js";
import { createLog, type Log } from "./runtime/log.js";
import { Scope } from "./runtime/scope.js";
import { version } from "./runtime/version.js";
import { TraceRing } from "./trace/ring.js";
import { tracedLog } from "./trace/traced-log.js";

/** Everything is withdrawn within this; what takes longer is left to the next start, which sweeps. */
const shutdownMs = 1_900;

/** The daemon's parts once they are all there. */
interface Parts {
  readonly uplinks: Uplinks;
  readonly attached: AttachedModems;
  readonly bearers: BearersOfUplinks;
  readonly wishes: StandingWishes;
  readonly places: ModemPlaces;
  readonly discovery: Discovery;
  readonly views: FailoverViews;
  readonly managers: ManagersPresent;
  readonly trial: PolicyTrial;
}

/** What is in force; a later reading of the files replaces it as a whole. */
interface Settings {
  daemon: DaemonConfig;
}

/** What the daemon begins with. */
interface Beginnings {
  readonly options: DaemonOptions;
  readonly policy: Policy;
  readonly settings: Settings;
  readonly log: Log;
  /** The last minutes: heard by the log from the first line on. */
  readonly ring: TraceRing;
  readonly signal: AbortSignal;
}

/** Resolves with what SIGHUP does. */
async function build(scope: Scope, beginnings: Beginnings): Promise<() => void> {
  const { options, policy, settings, log, ring, signal } = beginnings;
  const { daemon } = settings;
  const { paths } = daemon;
  for (const folder of [paths.stateDir, paths.runtimeDir]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const traces = scope.own(new Traces(systemClock, paths.stateDir, ring, log), (opened) => opened.close());
  const address = daemon.bus === "system" ? systemBusAddress() : daemon.bus;
  const openBus = () => scope.own(new Bus({ address, log: log.child("bus") }), (bus) => bus.close());
  const [ofonoBus, wwandBus] = [openBus(), openBus()];
  await connectSoon(wwandBus, signal, log);
  const managers = scope.own(new ManagersPresent(wwandBus), (present) => present.close());
  await managers.watch(daemon.managers, () => undefined);

  const connectivity = await openConnectivity(scope, {
    policy,
    mode: modeOf(daemon.actuate, managers.names),
    stateDir: paths.stateDir,
    dns: daemon.dns,
    record: daemon.record,
    busCall: wwandBus.uniqueName === undefined ? undefined : busCallOf(wwandBus),
    steerBus: steerBusOf(wwandBus),
    log,
    trace: ring,
  });
  const { uplinks } = connectivity;
  const leases = new Leases(connectivity.kernel, systemClock, log.child("dhcp"));
  scope.own(leasedUplinks(connectivity, leases, log), (opened) => opened.close());
  const wishes = new StandingWishes(uplinks);
  const ofono = new OfonoFiles(() => settings.daemon.paths.ofonoDir, log);
  const places = new ModemPlaces({
    config: () => settings.daemon,
    book: await ModemBook.open(new StateFolder(join(paths.stateDir, "modems"), log), log),
    urls: options.modem ?? [],
    wishes,
    logFrames: options.logFrames ?? false,
    log,
    trace: ring,
    shared: {
      ipOwner: (wisher) => ownerOf(settings.daemon.ipOwner, wisher, managers.any(settings.daemon.managers)),
      store: createSimStore(new StateFolder(join(paths.stateDir, "sim"), log), log),
      smsStore: createSmsStore(new StateFolder(join(paths.stateDir, "sms"), log)),
      link: linkPort(connectivity),
      leases,
      framing: (interfaceName) => new QmiWwan(connectivity.kernel, interfaceName),
      calls: new StateFolder(join(paths.runtimeDir, "calls"), log),
      firmwares: new StateFolder(join(paths.stateDir, "firmware"), log),
      sessionLinks: (interfaceName) => new SessionLinks(connectivity.kernel, interfaceName),
      pins: new PinMemory(),
      ofono,
      guesses: new OperatorGuesses({ ofono, databaseFile: () => settings.daemon.paths.providers, log }),
    },
  });
  // Modems may take all the time there is to say goodbye; the routes must not wait for them.
  const attached = scope.own(new AttachedModems({ clock: systemClock, log }), async (opened) => {
    await Promise.all([uplinks.close(), opened.close()]);
  });
  const discovery = scope.own(
    openDiscovery({
      config: () => settings.daemon,
      isNamed: (path) => places.isNamed(path),
      prober: portProber(log.child("discovery")),
      log: log.child("discovery"),
    }),
    (opened) => opened.close(),
  );
  const deviceLog = log.child("device");
  const modeSwitch = scope.own(
    new ModeSwitch({
      isWanted: () => settings.daemon.modeSwitch,
      failed: (plugging, failure) => discovery.switchFailed(plugging, failure),
      clock: systemClock,
      log: deviceLog,
    }),
    (opened) => opened.close(),
  );
  discovery.events.on("changed", () => modeSwitch.follow(discovery.devices));
  const compositions = new Compositions({
    ...{ discovery, places, modems: attached.modems, ended: signal, clock: systemClock, trace: ring },
    log: deviceLog,
  });
  const devices = new DeviceViews(places, (plugging, name) => compositions.switch(plugging, name));
  const views = new FailoverViews(uplinks, attached.modems, devices, traces, {
    version,
    resolver: connectivity.resolver,
    whyPacket: (words) => whyPacket(uplinks, connectivity.kernel, words),
  });
  views.policy(paths.policyDirs, "");
  const bearers = new BearersOfUplinks(uplinks);
  const trial = scope.own(
    new PolicyTrial({
      ...{ uplinks, openAsker, clock: systemClock, log: log.child("uplinks") },
      onInForce: (because) => {
        bearers.policyChanged();
        wishes.review();
        views.policy(settings.daemon.paths.policyDirs, because);
      },
    }),
    (opened) => opened.close(),
  );
  const parts = { uplinks, attached, bearers, wishes, places, discovery, views, managers, trial };
  // What ends because wwand ends has not failed.
  const failed = (failure: Failure) => (signal.aborted ? undefined : traces.failed(failure));
  followModems(parts, failed, log);
  watchUplinks(uplinks, failed);
  const hooks = scope.own(
    new Hooks({ folder: () => settings.daemon.paths.hooksDir, clock: systemClock, log: log.child("hook") }),
    (opened) => opened.close(),
  );
  scope.own(
    followForHooks(uplinks, (event) => hooks.tell(event)),
    (stop) => stop(),
  );
  followDevices(parts, devices, log);
  scope.own(watchTime(uplinks, log), (watch) => watch.close());

  scope.own(serveWwand(wwandBus, views), (stop) => stop());
  scope.own(serveOfono(ofonoBus, attached.modems, log), (stop) => stop());
  // Objects first, names second: whoever sees the name sees everything.
  takeName(wwandBus, "net.wwand", log);
  takeName(ofonoBus, "org.ofono", log);
  await connectSoon(ofonoBus, signal, log);
  scope.own(followOthers(wwandBus, parts, settings, log), (stop) => stop());
  return () => reload(parts, options, settings, log);
}

/** Found devices become modems, are shown and told; a modem that says who it is may have another number by that. */
function followDevices({ discovery, places, attached }: Parts, views: DeviceViews, log: Log): void {
  const told = new DeviceJournal(log.child("device"));
  const follow = () => {
    attached.follow(places.current(discovery.devices));
    views.follow(discovery.devices);
    told.tell(discovery.devices);
  };
  attached.events.on("added", (modem) => {
    modem.events.on("changed", () => {
      const { imei } = modem.identity;
      if (imei !== undefined && places.learn(modem.path, imei)) follow();
    });
  });
  discovery.events.on("changed", follow);
  attached.follow(places.current([]));
  discovery.look();
}

const leasedUplinks = ({ uplinks, kernel }: Connectivity, leases: Leases, log: Log): LeasedUplinks =>
  new LeasedUplinks({
    uplinks,
    clock: systemClock,
    log: log.child("uplinks"),
    ask: (interfaceName, signal) => leases.ask(interfaceName, signal),
    raise: (interfaceName) => raised(kernel, interfaceName),
  });

const linkPort = ({ links }: Connectivity): LinkPort => ({
  raise: async (interfaceName, settings, owner, signal) => {
    await links.apply(interfaceName, settings, owner, signal);
  },
  withdraw: (interfaceName) => links.withdraw(interfaceName),
});

/** Other programs come and go: whose routes and addresses these are may change, and a resolver forgets what it was told. */
function followOthers(bus: Bus, parts: Parts, settings: Settings, log: Log): () => void {
  followManagers(parts, settings, log);
  const unwatch = resolverNames.map((name) =>
    bus.watchName(name, (owner) => {
      if (owner !== undefined) parts.uplinks.resolverRestarted();
    }),
  );
  return () => {
    for (const stop of unwatch) stop();
  };
}

function followManagers({ uplinks, managers, attached }: Parts, settings: Settings, log: Log): void {
  const handOver = () => {
    for (const modem of attached.modems.list) modem.reviewOwners();
    uplinks.setMode(modeOf(settings.daemon.actuate, managers.names)).catch((error: unknown) => {
      log.error(`handing over routes and names failed: ${errorText(error)}`);
    });
  };
  void managers.watch(settings.daemon.managers, handOver).then(handOver);
}

/** SIGHUP: takes what is new and good, keeps what was there of each file that is not. */
function reload(parts: Parts, options: DaemonOptions, settings: Settings, log: Log): void {
  reloadDaemon(parts, options, settings, log);
  const { policy, error } = reloadPolicy(settings.daemon.paths.policyDirs, parts.uplinks.policy);
  if (error === undefined) {
    void parts.trial.take(policy);
    return;
  }
  log.error(`policy not taken, the last good one stays: ${error.message}`);
  parts.views.policy(settings.daemon.paths.policyDirs, error.message);
}

function reloadDaemon(parts: Parts, options: DaemonOptions, settings: Settings, log: Log): void {
  const before = settings.daemon;
  try {
    settings.daemon = readDaemonConfig(options);
    parts.attached.follow(parts.places.current(parts.discovery.devices));
    // [[device]] and `discovery` may judge otherwise now.
    parts.discovery.look();
  } catch (error) {
    settings.daemon = before;
    log.error(`configuration not taken, the last good one stays: ${errorText(error)}`);
    return;
  }
  for (const key of needRestart(before, settings.daemon)) log.warning(`${key} has changed: it holds after a restart`);
  // A living connection is not touched by a file that was read again.
  if (!isDeepStrictEqual(before.sims, settings.daemon.sims)) takeSims(parts, log);
  followManagers(parts, settings, log);
}

function takeSims({ attached }: Parts, log: Log): void {
  log.notice(
    "[[sim]] has changed: APN and credentials hold at once where no connection is up, everything else from the next time that the modem is powered or plugged in",
  );
  for (const modem of attached.modems.list) modem.reviewConfiguration();
}

async function run(options: DaemonOptions): Promise<number> {
  const { daemon, policy } = readConfiguration(options);
  const settings: Settings = { daemon };
  const ring = new TraceRing(systemClock);
  const printed = createLog(
    () => (options.logFrames ? "debug" : settings.daemon.logLevel),
    (line) => process.stderr.write(line),
  );
  const log = tracedLog(printed, ring);
  const scope = new Scope();
  // Before there is something to reload, SIGHUP must not end the daemon, which is what it does by default.
  let reloadAll: () => void = () => undefined;
  process.on("SIGHUP", () => reloadAll());
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const)
      process.on(name, () => {
        log.info(`${name}: ending`);
        stopping.abort(new Error(`ended by ${name}`));
        resolve();
      });
  });
  // A promise that nobody waited for is a bug of ours, and no reason to take a gateway's connections down.
  process.on("unhandledRejection", (reason) => {
    log.error(`unhandled rejection: ${errorText(reason)}`, {
      stack: reason instanceof Error ? reason.stack : undefined,
    });
  });
  const supervisor = scope.own(notifier(log), (opened) => opened.close());
  try {
    const built = build(scope, { options, policy, settings, log, ring, signal: stopping.signal });
    // A start that hangs must not outlast SIGTERM: what it opens after the scope's end is closed at once.
    await Promise.race([built, stopped]);
    if (!stopping.signal.aborted) {
      reloadAll = await built;
      supervisor.ready();
      log.info("wwand is ready", { version });
      await stopped;
    }
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  } finally {
    supervisor.stopping();
    await closeInTime(scope, log);
  }
  return exitCodes.ok;
}

async function closeInTime(scope: Scope, log: Log): Promise<void> {
  const late = new Promise<"late">((resolve) => setTimeout(() => resolve("late"), shutdownMs).unref());
  const outcome = await Promise.race([scope.close(), late]).catch((error: unknown) => {
    log.error(errorText(error));
  });
  if (outcome === "late") log.error(`not everything was withdrawn within ${shutdownMs} ms; the next start sweeps`);
}

/** What ended the start, in words, and the exit code for it. */
function complain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  console.error(`wwand: ${error instanceof ConfigError ? error.message : errorText(error)}`);
  return error instanceof ConfigError ? exitCodes.config : exitCodes.failed;
}

try {
  process.exitCode = await run(parseOptions(process.argv.slice(2)));
} catch (error) {
  process.exitCode = complain(error);
}
// Whatever a library still holds open must not keep an ended daemon alive.
process.exit();
