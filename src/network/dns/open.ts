/** Looks at the machine and opens the backend that fits it. */
import { lstat, readFile, readlink, realpath } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Clock } from "../../runtime/clock.js";
import { errnoOf } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import { chooseDns, type DnsChoice, isOfResolvconf, type ResolverSigns } from "./choose.js";
import { DnsmasqDns, dnsmasqName } from "./dnsmasq.js";
import { clearDnsmasqCaches, upstreamFiles } from "./dnsmasq-file.js";
import { ResolvFile } from "./file.js";
import { HostsCacheFlushed } from "./hosts-cache.js";
import { ResolvconfDns, resolvconfFlavour } from "./resolvconf.js";
import { ResolvedDns } from "./resolved.js";
import { DnsStub } from "./stub/stub.js";
import { StubbedDns } from "./stubbed.js";
import { type BusCall, type DnsBackend, type DnsConfig, type ListedServers, noDns } from "./types.js";

const resolvedName = "org.freedesktop.resolve1";
/** Whoever owns one of these newly knows nothing of what it was told. */
export const resolverNames: readonly string[] = [resolvedName, dnsmasqName];

export interface OpenDnsOptions {
  /** Usually /etc/resolv.conf. */
  readonly file: string;
  /** Where the original of `file` and other notes are kept; must outlive a restart of the machine, as `file` does. */
  readonly stateDir: string;
  readonly config: DnsConfig;
  /** Where a dnsmasq that is not on the bus may find its servers. Default: OpenWrt's places. */
  readonly upstreamFiles?: readonly string[];
  /** Absent: there is no bus. */
  readonly call?: BusCall;
  readonly clock: Clock;
  readonly log: Log;
}

export interface OpenedDns {
  readonly backend: DnsBackend;
  readonly choice: DnsChoice;
  /** The choice as it has come about: the stub may have found its port taken. */
  readonly current: () => DnsChoice;
}

export async function openDns(options: OpenDnsOptions, signal: AbortSignal): Promise<OpenedDns> {
  const signs = await readSigns(options, signal);
  const choice = chooseDns(signs, options.config);
  if (choice.backend === "dnsmasq-file") return { choice, current: () => choice, backend: upstreamOf(signs, options) };
  const servers = listedServers(choice, signs, options);
  if (servers !== undefined) return openListed(servers, choice, options);
  return { choice, current: () => choice, backend: backendOnBus(choice, options) };
}

/** dnsmasq is itself what programs old and new go on asking: no stub stands before it. */
function upstreamOf({ upstreamFile: file }: ResolverSigns, { stateDir }: OpenDnsOptions): DnsBackend {
  if (file === undefined) return noDns;
  const servers = new ResolvFile({ file, original: join(stateDir, "dnsmasq.original") });
  return new HostsCacheFlushed(servers, clearDnsmasqCaches);
}

function listedServers(
  { backend }: DnsChoice,
  { resolvconf }: ResolverSigns,
  { file, stateDir }: OpenDnsOptions,
): ListedServers | undefined {
  if (backend === "file") return new ResolvFile({ file, original: join(stateDir, "resolv.conf.original") });
  if (backend !== "resolvconf" || resolvconf === undefined) return undefined;
  return new ResolvconfDns({ flavour: resolvconf, file });
}

function backendOnBus(choice: DnsChoice, { call, stateDir }: OpenDnsOptions): DnsBackend {
  if (call === undefined) return noDns;
  if (choice.backend === "resolved") return new ResolvedDns(call);
  return choice.backend === "dnsmasq" ? new DnsmasqDns(call, join(stateDir, "dnsmasq.servers")) : noDns;
}

/** What programs read for themselves: glibc may have a cache of it, and most read it only once. */
function openListed(servers: ListedServers, choice: DnsChoice, { clock, log }: OpenDnsOptions): OpenedDns {
  const { stub, ...without } = choice;
  if (stub === undefined) return { choice, current: () => choice, backend: new HostsCacheFlushed(servers) };
  const stubbed = new StubbedDns(servers, new DnsStub({ address: stub, clock }), log);
  const current = (): DnsChoice =>
    stubbed.refusal === undefined ? choice : { ...without, because: `${choice.because}, no stub: ${stubbed.refusal}` };
  return { choice, current, backend: new HostsCacheFlushed(stubbed) };
}

async function readSigns(
  { file, call, config, upstreamFiles: places }: OpenDnsOptions,
  signal: AbortSignal,
): Promise<ResolverSigns> {
  const resolvConf = await resolvConfAt(file);
  const upstreamFile = await firstThere(places ?? upstreamFiles);
  const isAsked = config.backend === "resolvconf" || isOfResolvconf(resolvConf);
  const resolvconf = isAsked ? await resolvconfFlavour(signal) : undefined;
  return {
    resolvConf,
    resolvedOnBus: await isOnBus(call, resolvedName, signal),
    dnsmasqOnBus: await isOwned(call, dnsmasqName, signal),
    ...(upstreamFile !== undefined && { upstreamFile }),
    ...(resolvconf !== undefined && { resolvconf }),
  };
}

async function firstThere(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) if ((await resolvConfAt(file)).is === "file") return file;
  return undefined;
}

async function resolvConfAt(file: string): Promise<ResolverSigns["resolvConf"]> {
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

const bus = {
  destination: "org.freedesktop.DBus",
  path: "/org/freedesktop/DBus",
  interface: "org.freedesktop.DBus",
};

async function isOwned(call: BusCall | undefined, name: string, signal: AbortSignal): Promise<boolean> {
  const [owned] = (await call?.({ ...bus, member: "NameHasOwner", signature: "s", body: [name] }, signal)) ?? [];
  return owned === true;
}

/** Owned, or started by whoever asks for it. */
async function isOnBus(call: BusCall | undefined, name: string, signal: AbortSignal): Promise<boolean> {
  if (call === undefined) return false;
  if (await isOwned(call, name, signal)) return true;
  const [names] = await call({ ...bus, member: "ListActivatableNames", signature: "", body: [] }, signal);
  return Array.isArray(names) && names.includes(name);
}
