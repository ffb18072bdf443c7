/** Debian's daemons as they lie in the guest's root, each on a bus of the scenario's own, ended with it. */
import { join } from "node:path";
import type { PrivateBus } from "../../lab/dbus.js";
import type { Program } from "../../lab/program.js";
import type { Guest } from "./guest.js";

const environment = (bus: PrivateBus): NodeJS.ProcessEnv => ({ DBUS_SYSTEM_BUS_ADDRESS: bus.address });

/** Resolves when somebody owns `name`; rejects when `program` ends before, or after `limitMs`. */
async function served(g: Guest, bus: PrivateBus, name: string, program: Program, limitS = 60): Promise<void> {
  const waiting = g.run("gdbus", ["wait", "--system", `--timeout=${limitS}`, name], environment(bus), limitS * 2_000);
  const early = program.ended().then(() => {
    throw new Error(`${program.name} ended: ${program.lines.slice(-5).join("\n")}`);
  });
  early.catch(() => undefined); // it ends some day
  const { code, out } = await Promise.race([waiting, early]);
  if (code !== 0) throw new Error(`nobody serves ${name}: ${out}`);
}

/** udevd, and everything that is there already told to it. Without it a scenario sees what small systems see. */
export async function startUdev(g: Guest): Promise<void> {
  // It has told its parent to end when its sockets are there.
  await g.must("/lib/systemd/systemd-udevd", ["--daemon"]);
  g.atEnd(() => g.must("udevadm", ["control", "--exit"]));
  for (const type of ["subsystems", "devices"]) await g.must("udevadm", ["trigger", `--type=${type}`, "--action=add"]);
  await g.must("udevadm", ["settle"]);
}

/** What a daemon writes down: everything for who has to understand a failure, what it is shipped with for a measurement. */
export type Verbosity = "debug" | "as shipped";

/** With polkitd, which it asks for permission, also for root. Needs udev. */
export async function startModemManager(g: Guest, bus: PrivateBus, verbosity: Verbosity = "debug"): Promise<Program> {
  const polkitd = g.start("/usr/lib/polkit-1/polkitd", ["--no-debug"], environment(bus));
  await served(g, bus, "org.freedesktop.PolicyKit1", polkitd);
  // To a file: to the system's log goes to the console where there is none, which is slow.
  const log = [
    `--log-level=${verbosity === "debug" ? "DEBUG" : "INFO"}`,
    `--log-file=${join(g.folder, "ModemManager.log")}`,
  ];
  // Its proxies outlive it.
  g.atEnd(() => g.run("pkill", ["-x", "mbim-proxy|qmi-proxy"]));
  const daemon = g.start("ModemManager", log, environment(bus));
  await served(g, bus, "org.freedesktop.ModemManager1", daemon);
  g.atEnd(() => daemon.end());
  return daemon;
}

/** Needs udev. */
export async function startOfonod(g: Guest, bus: PrivateBus, verbosity: Verbosity = "debug"): Promise<Program> {
  const daemon = g.start("ofonod", ["--nodetach", ...(verbosity === "debug" ? ["--debug"] : [])], environment(bus));
  await served(g, bus, "org.ofono", daemon);
  return daemon;
}
