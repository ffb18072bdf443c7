/** `wwand`: builds everything, wires it, runs it, closes one Scope. The only file that knows everything. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { CommanderError } from "commander";
import { ConfigError } from "./config/error.js";
import { reloadPolicy } from "./config/policy.js";
import { BearersOfUplinks } from "./daemon/bearers.js";
import { readConfiguration } from "./daemon/configuration.js";
import { openConnectivity } from "./daemon/connectivity.js";
import { modemPlaces } from "./daemon/modem-places.js";
import { notifier } from "./daemon/notify.js";
import { type DaemonOptions, exitCodes, parseOptions, version } from "./daemon/options.js";
import { actuatingOf, ManagersPresent, ownerOf } from "./daemon/ownership.js";
import { FailoverViews } from "./daemon/views.js";
import { systemBusAddress } from "./dbus/address.js";
import { Bus } from "./dbus/bus.js";
import { serveWwand } from "./dbus/registry/wwand.js";
import { serveOfono } from "./dbus/registry.js";
import { AttachedModems } from "./discovery/attached-modems.js";
import { PinMemory } from "./modem/pin.js";
import { createSimStore } from "./modem/store.js";
import { StateFolder } from "./runtime/atomic-file.js";
import { systemClock } from "./runtime/clock.js";
import { errorText } from "./runtime/error.js";
import { createLog, type Log } from "./runtime/log.js";
import { Scope } from "./runtime/scope.js";
import { watchPath } from "./transport/watch-path.js";

/** Everything is withdrawn within this; what takes longer is left to the next start, which sweeps. */
const shutdownMs = 1_900;
const busPatienceMs = 2_000;

interface Running {
  /** SIGHUP: takes what is new and good, keeps what is not. */
  reload(): void;
}

async function build(scope: Scope, options: DaemonOptions, log: Log, signal: AbortSignal): Promise<Running> {
  const { daemon: config, policy } = readConfiguration(options);
  for (const folder of [config.paths.stateDir, config.paths.runtimeDir])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  const address = config.bus === "system" ? systemBusAddress() : config.bus;
  const openBus = () => scope.own(new Bus({ address, log: log.child("bus") }), (bus) => bus.close());
  const ofonoBus = openBus();
  const wwandBus = openBus();
  await connectSoon(wwandBus, signal, log);

  const managers = scope.own(new ManagersPresent(wwandBus, config.managers, () => managersChanged()), (present) =>
    present.close(),
  );
  const { links, uplinks } = await openConnectivity(scope, {
    policy,
    actuating: actuatingOf(config.actuate, managers.names),
    stateDir: config.paths.stateDir,
    busCall: ({ destination, path, interface: iface, member, signature, body }, aborted) =>
      wwandBus.call(destination, path, iface, member, signature, body, { signal: aborted }),
    log,
  });
  scope.own(
    // A resolver that was restarted has forgotten what it was told.
    wwandBus.watchName("org.freedesktop.resolve1", (owner) => {
      if (owner !== undefined) uplinks.resolverRestarted();
    }),
    (unwatch) => unwatch(),
  );
  function managersChanged(): void {
    uplinks.setActuating(actuatingOf(config.actuate, managers.names)).catch((error: unknown) => {
      log.error(`handing over routes and names failed: ${errorText(error)}`);
    });
  }

  const places = modemPlaces({
    config,
    urls: options.modem,
    logFrames: options.logFrames,
    log,
    shared: {
      ipOwner: (wisher) => ownerOf(config.ipOwner, wisher, managers.configuresModems),
      store: createSimStore(new StateFolder(join(config.paths.stateDir, "sim"), log), log),
      link: {
        raise: async (interfaceName, settings, owner, aborted) => {
          await links.apply(interfaceName, settings, owner, aborted);
        },
        withdraw: (interfaceName) => links.withdraw(interfaceName),
      },
      pins: new PinMemory(),
    },
  });
  const attached = scope.own(new AttachedModems({ places, watch: watchPath, clock: systemClock, log }), (opened) =>
    opened.close(),
  );
  const bearers = new BearersOfUplinks(uplinks);
  attached.events.on("added", (modem) => bearers.follow(modem));
  attached.events.on("removed", (modem) => bearers.forget(modem));

  const views = new FailoverViews(uplinks, attached.modems, version);
  scope.own(serveWwand(wwandBus, views), (stop) => stop());
  scope.own(serveOfono(ofonoBus, attached.modems, log), (stop) => stop());
  // Objects first, names second: whoever sees the name sees everything.
  takeName(wwandBus, "net.wwand", log);
  takeName(ofonoBus, "org.ofono", log);
  await connectSoon(ofonoBus, signal, log);
  return {
    reload: () => {
      const next = reloadPolicy(config.paths.policyDir, uplinks.policy);
      if (next.error) log.error(`policy not taken, the last good one stays: ${next.error.message}`);
      else {
        uplinks.reload(next.policy);
        bearers.policyChanged();
      }
      views.policy(next.policy.files, next.error?.message ?? "");
    },
  };
}

/** Waits a moment for the bus; without one the links and routes are looked after all the same, and it is found later. */
async function connectSoon(bus: Bus, signal: AbortSignal, log: Log): Promise<void> {
  const connected = bus.connect(signal).catch((error: unknown) => {
    if (!signal.aborted) log.error(`no D-Bus: ${errorText(error)}`);
  });
  const late = new Promise<"late">((resolve) => setTimeout(() => resolve("late"), busPatienceMs).unref());
  if ((await Promise.race([connected, late])) === "late") log.warning("no D-Bus yet: going on without, still looking");
}

function takeName(bus: Bus, name: string, log: Log): void {
  bus.requestName(name).then(
    (result) => {
      if (result !== "owner") log.error(`another program owns ${name} (is ofonod running?); waiting for it to go`);
    },
    (error: unknown) => log.error(`${name} could not be taken: ${errorText(error)}`),
  );
}

async function run(options: DaemonOptions): Promise<number> {
  const log = createLog(options.logLevel ?? "info", (line) => process.stderr.write(line));
  const scope = new Scope();
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const)
      process.on(name, () => {
        log.info(`${name}: ending`);
        stopping.abort(new Error(`ended by ${name}`));
        resolve();
      });
  });
  const supervisor = scope.own(notifier(log), (opened) => opened.close());
  try {
    const running = await build(scope, options, log, stopping.signal);
    process.on("SIGHUP", () => running.reload());
    supervisor.ready();
    log.info("wwand is ready", { version });
    await stopped;
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
