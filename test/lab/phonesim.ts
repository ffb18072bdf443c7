/**
 * Debian's ofonod, unmodified, with a virtual modem's AT port at the other end of its plugin for oFono's phone simulator,
 * which opens a TCP socket.
 */
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Program } from "./program.js";
import { stepOf, type VirtualModem } from "./virtual-modem.js";
import { root, type World } from "./world.js";

const ofonod = join(root, ".cache/debs/root/usr/sbin/ofonod");

/** For tap's `skip`. */
export const ofonodMissing = (): string | false =>
  existsSync(ofonod) ? false : "ofonod is not unpacked in .cache/debs: run packaging/setup";

/** The host of a world is a network namespace of its own: nobody else has the port. */
const tcpPort = 12345;

/** ofonod's name of the modem. */
export const phonesim = "/phonesim";

/** Resolves when the modem waits for ofonod on its TCP port. Its network answers at once. */
export async function startTcpModem(
  world: World,
  profile: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Pick<VirtualModem, "program" | "step">> {
  const control = world.file("phonesim.control");
  const program = world.start(`${root}bin/wwand-virtual`, [
    ...["run", profile, "--tcp", String(tcpPort), "--control", control],
    ...Object.entries({ searchMs: "1", attachMs: "1", ...settings }).flatMap(([key, value]) => [
      "--set",
      `${key}=${value}`,
    ]),
  ]);
  await program.line(/^ready /);
  return { program, step: stepOf(control) };
}

/** With nothing remembered of earlier cards; a client hears when it serves its name. */
export async function startOfonod(world: World): Promise<Program> {
  const [config, state] = [world.file("phonesim.conf"), world.file("ofono")];
  await mkdir(state, { recursive: true });
  await writeFile(config, `[${phonesim.slice(1)}]\nAddress=127.0.0.1\nPort=${tcpPort}\n`);
  // Its state is always where its build says; this one's lies in the world.
  const script = `set -e; mount -t tmpfs tmpfs /var/lib; mkdir /var/lib/ofono; mount --bind "$1" /var/lib/ofono; shift
    exec "$@"`;
  const environment = { DBUS_SYSTEM_BUS_ADDRESS: world.bus.address, OFONO_PHONESIM_CONFIG: config };
  return world.start("sh", ["-c", script, "sh", state, ofonod, "--nodetach"], environment, "ofonod");
}
