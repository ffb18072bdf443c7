/**
 * Debian's ofonod, unmodified, with a virtual modem's AT port at the other end of its plugin for oFono's phone simulator,
 * which opens a TCP socket.
 */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Program } from "./program.js";
import { stepOf, type VirtualModem } from "./virtual-modem.js";
import { root, type World } from "./world.js";

const ofonod = join(root, ".cache/debs/root/usr/sbin/ofonod");

/** For tap's `skip`. */
export const ofonodMissing = (): string | false =>
  existsSync(ofonod) ? false : "ofonod is not unpacked in .cache/debs: run packaging/setup";

/** The host of a world is a network namespace of its own, and so is a laboratory: nobody else has the port. */
export const phonesimTcpPort = 12345;

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
    ...["run", profile, "--tcp", String(phonesimTcpPort), "--control", control],
    ...Object.entries({ searchMs: "1", attachMs: "1", ...settings }).flatMap(([key, value]) => [
      "--set",
      `${key}=${value}`,
    ]),
  ]);
  await program.line(/^ready /);
  return { program, step: stepOf(control) };
}

export interface OfonodCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * With an empty state, which is always where its build says: to be run in a mount namespace of its own.
 * @param more Lines of its plugin's file: `Multiplexer=internal`
 */
export async function ofonodCommand(folder: string, busAddress: string, more = ""): Promise<OfonodCommand> {
  const config = join(folder, "phonesim.conf");
  await writeFile(config, `[${phonesim.slice(1)}]\nAddress=127.0.0.1\nPort=${phonesimTcpPort}\n${more}\n`);
  const script = 'mount -t tmpfs tmpfs /var/lib && exec "$@"';
  return {
    ...{ command: "sh", args: ["-c", script, "sh", ofonod, "--nodetach"] },
    environment: { DBUS_SYSTEM_BUS_ADDRESS: busAddress, OFONO_PHONESIM_CONFIG: config },
  };
}

/** A client hears when it serves its name. */
export async function startOfonod(world: World, more?: string): Promise<Program> {
  const { command, args, environment } = await ofonodCommand(world.folder, world.bus.address, more);
  return world.start(command, args, environment, "ofonod");
}
