/** What tests of names share: a backend, and networks with name servers behind interfaces of this machine. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type OpenDnsOptions, type OpenedDns, openDns } from "../../src/network/dns/open.js";
import { defaultDnsConfig } from "../../src/network/dns/types.js";
import type { DnsLink, DnsPlan } from "../../src/network/plan/types.js";
import { systemClock } from "../../src/runtime/clock.js";
import { silentLog } from "../../src/runtime/log.js";
import type { Lab, Namespace } from "../lab/netns.js";

const run = promisify(execFile);

/** The backend that fits what lies at `file`; without the stub unless `more` says otherwise. */
export const opened = (
  where: Pick<OpenDnsOptions, "file" | "stateDir">,
  more: Partial<OpenDnsOptions> = {},
  signal: AbortSignal = AbortSignal.timeout(10_000),
): Promise<OpenedDns> => {
  const config = { ...defaultDnsConfig, stub: false };
  return openDns({ ...where, config, clock: systemClock, log: silentLog, ...more }, signal);
};

/** A network behind an interface of this machine, whose name server is at `<net>.1`. */
export interface Network {
  readonly link: DnsLink;
  /** Where the name server belongs. */
  readonly far: Namespace;
}

/** @param net The first three bytes of its prefix. */
export async function network(lab: Lab, interfaceName: string, net: string): Promise<Network> {
  const far = await lab.namespace(interfaceName);
  await ip(`link add ${interfaceName} type veth peer name far netns ${far.name}`);
  await far.ip(`address add ${net}.1/24 dev far`);
  await far.ip("link set far up");
  await ip(`address add ${net}.2/24 dev ${interfaceName}`);
  await ip(`link set ${interfaceName} up`);
  const ifindex = Number((await ip(`-oneline link show ${interfaceName}`)).split(":")[0]);
  return { far, link: { uplink: interfaceName, interfaceName, ifindex, servers: [`${net}.1`] } };
}

const ip = async (args: string): Promise<string> => (await run("ip", args.split(" "))).stdout;

/** Traffic by this link, whose servers are wwand's; the others carry nothing. */
export const by = ({ link }: Network, ...idle: readonly Network[]): DnsPlan => ({
  links: [link],
  idle: idle.map((other) => other.link.ifindex),
});

/** Traffic by a link whose servers another program keeps. */
export const byForeign = ({ link }: Network, ...idle: readonly Network[]): DnsPlan => ({
  links: [],
  idle: idle.map((other) => other.link.ifindex),
  foreign: link.uplink,
});

/** A program that starts, asks glibc once, and ends. */
export const askGlibc = async (name: string): Promise<string> =>
  (await run("getent", ["ahostsv4", name])).stdout.split(/\s/)[0] ?? "";
