/** Debian's package ofono-scripts, unmodified, as a person runs them. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root, type World } from "./world.js";

const folder = join(root, ".cache/debs/root/usr/share/ofono/scripts");
const python = "/usr/bin/python3";

/** Why they cannot be run here; false when they can. */
export function scriptsMissing(): string | false {
  if (!existsSync(join(folder, "list-modems"))) return `${folder} is not there: run packaging/setup`;
  return spawnSync(python, ["-c", "import dbus"]).status === 0 ? false : "python3-dbus is not installed";
}

/** What a script said: its lines without empty ones, or the name of the D-Bus error in its traceback. */
export async function script(world: World, name: string, ...args: readonly string[]): Promise<readonly string[]> {
  const environment = { DBUS_SYSTEM_BUS_ADDRESS: world.bus.address };
  const program = world.start(python, [join(folder, name), ...args], environment);
  const { code } = await program.ended();
  const refusal = /^dbus\.exceptions\.DBusException: ([\w.]+):/m.exec(program.text)?.[1];
  if (refusal !== undefined) return [...before(program.lines), `refused: ${refusal}`];
  if (code !== 0 && code !== 2) throw new Error(`${name} ended with ${code}:\n${program.text}`);
  return program.lines.filter((line) => line.trim() !== "").map((line) => line.trimEnd());
}

const before = (lines: readonly string[]): readonly string[] => {
  const end = lines.findIndex((line) => line.startsWith("Traceback"));
  return lines.slice(0, end < 0 ? lines.length : end).filter((line) => line.trim() !== "");
};

/** The lines below `[ title ]`, up to the next title, sorted. */
export function section(lines: readonly string[], title: string): readonly string[] {
  const at = lines.findIndex((line) => line.trim() === `[ ${title} ]`);
  if (at < 0) throw new Error(`no [ ${title} ] in:\n${lines.join("\n")}`);
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((line) => line.trim().startsWith("["));
  return (end < 0 ? rest : rest.slice(0, end)).map((line) => line.trim()).sort();
}
