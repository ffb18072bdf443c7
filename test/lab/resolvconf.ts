/**
 * The real openresolv, or Debian's own resolvconf, as packaging/setup unpacked them, in a laboratory of its own
 * (own-lab.ts): the paths in its scripts are set to where they lie, as its makefile does.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ResolvconfFlavour } from "../../src/network/dns/choose.js";
import { root } from "./world.js";

const unpacked: Readonly<Record<ResolvconfFlavour, string>> = {
  openresolv: join(root, ".cache/debs/openresolv"),
  debian: join(root, ".cache/debs/resolvconf"),
};
const state = "/run/resolvconf";

/** For tap's `skip`. */
export const resolvconfMissing = (): string | false =>
  Object.values(unpacked).every((folder) => existsSync(join(folder, "sbin/resolvconf")))
    ? false
    : "openresolv and resolvconf are not unpacked in .cache/debs: run packaging/setup";

/** Puts it into PATH, gives it its /etc, and resolv.conf as it has it. The one of before is gone with all its records. */
export function installResolvconf(flavour: ResolvconfFlavour): void {
  const [from, to] = [unpacked[flavour], `/run/${flavour}`];
  for (const folder of [state, "/etc/resolvconf", "/etc/resolvconf.conf", "/etc/resolv.conf"])
    rmSync(folder, { recursive: true, force: true });
  cpSync(join(from, "sbin"), join(to, "sbin"), { recursive: true });
  cpSync(join(from, "lib/resolvconf"), join(to, "lib"), { recursive: true });
  if (flavour === "debian") {
    cpSync(join(from, "etc/resolvconf"), "/etc/resolvconf", { recursive: true });
    mkdirSync(join(state, "interface"), { recursive: true });
    writeFileSync(join(state, "enable-updates"), "");
    symlinkSync(join(state, "resolv.conf"), "/etc/resolv.conf");
  } else cpSync(join(from, "etc/resolvconf.conf"), "/etc/resolvconf.conf");
  for (const folder of [join(to, "sbin"), join(to, "lib"), "/etc/resolvconf/update.d"]) pathsSet(folder, to);
  process.env.PATH = `${join(to, "sbin")}:${process.env.PATH}`;
}

function pathsSet(folder: string, to: string): void {
  if (!existsSync(folder)) return;
  for (const { name, parentPath } of readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) =>
    entry.isFile(),
  )) {
    const file = join(parentPath, name);
    const text = readFileSync(file, "utf8")
      .replaceAll(/(?<![\w/])\/lib\/resolvconf/g, join(to, "lib"))
      .replaceAll(/(?<![\w/])\/sbin\/resolvconf/g, join(to, "sbin/resolvconf"));
    writeFileSync(file, text);
  }
}
