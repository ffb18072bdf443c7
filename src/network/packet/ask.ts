/** What the kernel itself does with a packet. The only file here that waits. */
import { errnoOf, ModemError } from "../../runtime/error.js";
import { addressBits, formatAddress, parseAddress } from "../ip-text.js";
import { type Kernel, type RouteEntry, type RuleEntry, WWAND_PROTOCOL } from "../kernel.js";
import { MAIN_TABLE } from "../routing/tables.js";
import { fits } from "./match.js";
import type { KernelAnswer, KernelWay, Packet } from "./types.js";
import { LOCAL_TABLE, wayOf } from "./way.js";

/** What is asked about one packet. */
export interface RouteQuery extends Omit<Packet, "inInterface"> {
  readonly inIfindex?: number;
}

export interface PacketKernel extends Pick<Kernel, "link" | "addresses" | "rules" | "routes"> {
  /**
   * The route by which the packet goes, as `ip route get` has it: the table's own prefix and metric, the gateway and
   * interface that it takes, and as `preferredSource` the address that it leaves with. A refusal is an Error with the errno
   * as `code`: ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL, EXDEV.
   */
  routeOf(query: RouteQuery, signal?: AbortSignal): Promise<RouteEntry>;
}

/** @throws ModemError `invalid` where there is no such interface; whatever else the kernel does not answer with */
export async function askKernel(kernel: PacketKernel, packet: Packet, signal?: AbortSignal): Promise<KernelAnswer> {
  const { query, remarks } = await queryFor(kernel, packet, signal);
  const rules = await kernel.rules(packet.family, signal);
  if (rules.length === 0) return { way: { is: "no-family" }, rules, routes: [], remarks };
  const way = await wayBy(kernel, query, signal);
  const routes = await routesFor(kernel, packet, way, rules, signal);
  const told = [...remarks, ...(await refusalRemarks(kernel, query, way, signal))];
  return { way, rules, routes, remarks: told };
}

/** Answers of the kernel; everything else is a failure to ask. */
const refusals = new Set(["ENETUNREACH", "EHOSTUNREACH", "EACCES", "EINVAL", "EXDEV"]);

/** Older kernels answer with the IPv6 route that refuses, instead of its errno. */
const errnoOfRoute: Readonly<Partial<Record<RouteEntry["type"], string>>> = {
  unreachable: "EHOSTUNREACH",
  prohibit: "EACCES",
  blackhole: "EINVAL",
};

async function wayBy(kernel: PacketKernel, query: RouteQuery, signal: AbortSignal | undefined): Promise<KernelWay> {
  try {
    const route = await kernel.routeOf(query, signal);
    const errno = errnoOfRoute[route.type];
    return errno === undefined ? { is: "routed", route } : { is: "refused", errno, route };
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "EAFNOSUPPORT" || errno === "EOPNOTSUPP") return { is: "no-family" };
    if (errno === undefined || !refusals.has(errno)) throw error;
    return { is: "refused", errno };
  }
}

interface Question {
  readonly query: RouteQuery;
  readonly remarks: readonly string[];
}

async function queryFor(kernel: PacketKernel, packet: Packet, signal: AbortSignal | undefined): Promise<Question> {
  const { inInterface, ...rest } = packet;
  if (inInterface === undefined) return { query: rest, remarks: [] };
  const link = await kernel.link(inInterface, signal);
  if (link === undefined) throw new ModemError("invalid", `interface: there is no "${inInterface}"`);
  const query = { ...rest, inIfindex: link.ifindex };
  // IPv4 drops what comes in without a source.
  if (packet.family === 6 || packet.from !== undefined) return { query, remarks: [] };
  const own = (await kernel.addresses(link.ifindex, signal)).find(({ family }) => family === 4);
  const from = own && neighbourOf(own.address, own.prefixLength);
  if (from === undefined)
    throw new ModemError("invalid", `from: say where it comes from; ${inInterface} has no network`);
  return { query: { ...query, from }, remarks: [`taken to come from ${from}`] };
}

/** Another host of the network, as a packet of one would have it; undefined: there is no room for one. */
function neighbourOf(address: string, prefixLength: number): string | undefined {
  const hostMask = 2 ** (addressBits[4] - prefixLength) - 1;
  const own = parseAddress(address, 4).readUInt32BE();
  const isHost = (host: number) => hostMask === 1 || (host !== 0 && host !== hostMask);
  const found = [1, 2, 3]
    .filter((bits) => bits <= hostMask)
    .map((bits) => (own ^ bits) >>> 0)
    .find((other) => isHost((other & hostMask) >>> 0));
  if (found === undefined) return undefined;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(found);
  return formatAddress(bytes);
}

/** What wwand's own decision has to be made from. A table may be long: it is read only where the answer does not tell. */
async function routesFor(
  kernel: PacketKernel,
  packet: Packet,
  way: KernelWay,
  rules: readonly RuleEntry[],
  signal: AbortSignal | undefined,
): Promise<readonly RouteEntry[]> {
  if (way.is === "no-family") return [];
  const { route } = way;
  if (route !== undefined) {
    if (route.table === LOCAL_TABLE || route.table === MAIN_TABLE) return [route];
    // Before ours main was asked, and had nothing.
    if (wayOf(rules, [route], packet).rule?.protocol === WWAND_PROTOCOL) return [];
  }
  const fitting = rules.filter((rule) => rule.action === "lookup" && fits(rule, packet)).map(({ table }) => table);
  const tables = route === undefined ? [...new Set(fitting)] : [LOCAL_TABLE, MAIN_TABLE];
  const found: RouteEntry[] = [];
  for (const table of tables) found.push(...(await kernel.routes({ family: packet.family, table }, signal)));
  return found;
}

/** A socket can only be bound to an address of the machine. */
async function refusalRemarks(
  kernel: PacketKernel,
  { family, from, inIfindex, ipProtocol }: RouteQuery,
  way: KernelWay,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  if (from === undefined || inIfindex !== undefined || way.is === "no-family") return [];
  const own = await wayBy(kernel, { family, to: from, ipProtocol, mark: 0, uid: 0 }, signal);
  if (own.is === "routed" && own.route.type === "local") return [];
  return [`${from} is no address of this machine; of a packet that is forwarded say where it came in (interface)`];
}
