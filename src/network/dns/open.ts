/** Looks at the machine and opens the backend that fits it. */
import { lstat, readFile, readlink, realpath } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { errnoOf } from "../../runtime/error.js";
import { chooseDns, type DnsChoice, type ResolverSigns } from "./choose.js";
import { ResolvFile, type ResolvFileOptions } from "./file.js";
import { ResolvedDns } from "./resolved.js";
import { type BusCall, type DnsBackend, noDns } from "./types.js";

export interface OpenDnsOptions extends ResolvFileOptions {
  /** Absent: there is no bus. */
  readonly call?: BusCall;
}

export async function openDns(
  options: OpenDnsOptions,
  signal: AbortSignal,
): Promise<{ readonly backend: DnsBackend; readonly choice: DnsChoice }> {
  const resolvConf = await readSigns(options.file);
  const choice = chooseDns({ resolvConf, resolvedOnBus: await isResolvedOnBus(options.call, signal) });
  if (choice.backend === "resolved" && options.call) return { choice, backend: new ResolvedDns(options.call) };
  return { choice, backend: choice.backend === "file" ? new ResolvFile(options) : noDns };
}

async function readSigns(file: string): Promise<ResolverSigns["resolvConf"]> {
  try {
    if ((await lstat(file)).isSymbolicLink()) return { is: "symlink", target: await targetOf(file) };
    return { is: "file", text: await readFile(file, "utf8") };
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return { is: "absent" };
    throw error;
  }
}

/** Also of a symlink that leads nowhere yet (resolved is not running). */
async function targetOf(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    return resolve(dirname(file), await readlink(file));
  }
}

async function isResolvedOnBus(call: BusCall | undefined, signal: AbortSignal): Promise<boolean> {
  if (call === undefined) return false;
  const bus = {
    destination: "org.freedesktop.DBus",
    path: "/org/freedesktop/DBus",
    interface: "org.freedesktop.DBus",
  };
  const [owned] = await call(
    { ...bus, member: "NameHasOwner", signature: "s", body: ["org.freedesktop.resolve1"] },
    signal,
  );
  if (owned === true) return true;
  const [names] = await call({ ...bus, member: "ListActivatableNames", signature: "", body: [] }, signal);
  return Array.isArray(names) && names.includes("org.freedesktop.resolve1");
}
