/** The daemon's connections to the bus: late, lost and found again; its names; and the bus as other rooms need it. */
import type { Bus } from "../dbus/bus.js";
import type { BusCall } from "../network/dns/types.js";
import type { SteerBus } from "../network/steer/connman.js";
import { errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";

const busPatienceMs = 2_000;
/** Callers with a deadline of their own have it in their signal. */
const endlessMs = 600_000;

export const busCallOf =
  (bus: Bus): BusCall =>
  ({ destination, path, interface: iface, member, signature, body }, signal) =>
    bus.call(destination, path, iface, member, signature, body, { signal, timeoutMs: endlessMs });

export const steerBusOf = (bus: Bus): SteerBus => ({
  call: busCallOf(bus),
  subscribe: (rule, listener) => bus.subscribe(rule, listener),
  watchName: (name, listener) => bus.watchName(name, listener),
});

/** Waits a moment for the bus; without one the links and routes are looked after all the same, and it is found later. */
export async function connectSoon(bus: Bus, signal: AbortSignal, log: Log): Promise<void> {
  const connected = bus.connect(signal).catch((error: unknown) => {
    if (!signal.aborted) log.error(`no D-Bus: ${errorText(error)}`);
  });
  const late = new Promise<"late">((resolve) => setTimeout(() => resolve("late"), busPatienceMs).unref());
  if ((await Promise.race([connected, late])) === "late") log.warning("no D-Bus yet: going on without, still looking");
}

/** Asks for the name now and from every later bus; says so when another program has it, and when it is ours after all. */
export function takeName(bus: Bus, name: string, log: Log): void {
  const foreign = () => log.error(`another program owns ${name} (is ofonod running?); waiting for it to go`);
  bus.events.on("nameLost", (lost) => lost === name && foreign());
  bus.events.on("nameAcquired", (acquired) => acquired === name && log.info(`${name} is ours on the bus`));
  bus.requestName(name).then(
    (result) => result !== "owner" && foreign(),
    (error: unknown) => {
      // Without a bus there is nothing to say yet: it is asked for again when one comes.
      if (bus.uniqueName !== undefined) log.error(`${name} could not be taken: ${errorText(error)}`);
    },
  );
}
