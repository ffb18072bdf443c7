/** Kernel picture, bearers, holds and probe reports merged into what the plan sees. Pure. */
import type { LinkState } from "./kernel.js";
import { defaultOf, gatewayBesides, type Picture, usableAddresses } from "./picture.js";
import { eligibilityOf } from "./plan/eligibility.js";
import { groupMembers } from "./plan/groups.js";
import type { FamilyObservation, PerFamily, Presence, UplinkObservation } from "./plan/types.js";
import type { Policy, UplinkPolicy } from "./policy/types.js";
import { targetsOf } from "./policy/worst-case.js";
import { isJudged, verdictOf } from "./probe/judge.js";
import type { ProbeReport } from "./probe/prober.js";
import type { StandbyState } from "./standby/types.js";
import type { IpFamily, IpSettings, ServingNetwork } from "./types.js";
import { levelOf, pastText, type Usage } from "./usage/usage.js";
import { isVpn } from "./vpn.js";

/** A modem's connection as an uplink has it. */
export interface Bearer {
  readonly interfaceName: string;
  readonly settings: IpSettings;
}

export interface Sources {
  readonly picture: Picture;
  readonly bearers: ReadonlyMap<string, Bearer>;
  /** Who does not want an uplink to carry traffic, by uplink. */
  readonly holds: ReadonlyMap<string, string>;
  /** Where the modem of an uplink is, or was last. */
  readonly networks: ReadonlyMap<string, ServingNetwork>;
  report(uplink: string, family: IpFamily): ProbeReport | undefined;
  /** When the family of the uplink became present; undefined while it is not. */
  presentSinceMs(uplink: string, family: IpFamily): number | undefined;
  /** What it carries; absent or undefined: not known. */
  bytesPerS?(uplink: string): number | undefined;
  /** The interface that an uplink matched by name had before. */
  previousInterface(uplink: string): string | undefined;
  /** Of one that waits without a connection, or was waiting. */
  standby?(uplink: string): StandbyState | undefined;
  /** A modem of it is there, as far up as its standby says. */
  isReady?(uplink: string): boolean;
  /** Of one that has a cap. */
  usage(uplink: string): Usage | undefined;
  readonly nowMs: number;
  /** A program that keeps the default route of one uplink only: the others' gateways are found without. */
  readonly oneDefaultOnly: boolean;
}

/** In the order of the tiers, so that the preferred uplink has first claim to an interface. */
export function observe(policy: Policy, sources: Sources): readonly UplinkObservation[] {
  const links = interfacesOf(policy, sources);
  return policy.uplinks.map((uplink) => {
    const link = links.get(uplink.name);
    const usage = sources.usage(uplink.name);
    const families = { 4: seen(uplink, 4, link, sources), 6: seen(uplink, 6, link, sources) };
    const bytesPerS = sources.bytesPerS?.(uplink.name);
    return {
      name: uplink.name,
      ...(link && { interfaceName: link.name, ifindex: link.ifindex }),
      families: shared(uplink, families),
      eligibility: eligibilityOf(uplink.roaming, {
        held: sources.holds.get(uplink.name),
        network: sources.networks.get(uplink.name),
        usage,
      }),
      ...(usage && levelOf(usage) === "soft" && { pastSoftCap: pastText(usage, "soft") }),
      dns: dnsOf(uplink, sources.bearers.get(uplink.name)),
      ...(bytesPerS !== undefined && { bytesPerS }),
    };
  });
}

/** Which interface is which uplink. A bearer's interface, or a VPN's, is never taken for an uplink that is matched by name. */
function interfacesOf(policy: Policy, sources: Sources): ReadonlyMap<string, LinkState> {
  const order = groupMembers(policy);
  const rank = ({ name }: UplinkPolicy) => (order.includes(name) ? order.indexOf(name) : order.length);
  const claimed = new Map<string, LinkState>();
  const all = [...sources.picture.links.values()].filter((link) => !link.loopback);
  for (const [uplink, { interfaceName }] of sources.bearers) {
    const link = all.find(({ name }) => name === interfaceName);
    if (link) claimed.set(uplink, link);
  }
  for (const uplink of [...policy.uplinks].sort((a, b) => rank(a) - rank(b))) {
    if (claimed.has(uplink.name) || uplink.match.by !== "name" || uplink.address.method === "bearer") continue;
    const free = all.filter((link) => !isVpn(link) && ![...claimed.values()].includes(link));
    const link = matching(uplink.match.patterns, free, sources.previousInterface(uplink.name));
    if (link) claimed.set(uplink.name, link);
  }
  return claimed;
}

/** The one it was, as long as that has carrier; else the first with carrier; else the first. Earlier patterns come first. */
function matching(
  patterns: readonly string[],
  links: readonly LinkState[],
  previous: string | undefined,
): LinkState | undefined {
  const fitting = patterns.flatMap((pattern) =>
    links
      .filter(({ name }) => (pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern))
      .sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true })),
  );
  const before = fitting.find(({ name }) => name === previous);
  return before?.carrier ? before : (fitting.find(({ carrier }) => carrier) ?? before ?? fitting[0]);
}

const wholeMs = Math.floor;

type Seen = Pick<FamilyObservation, "presence" | "addresses" | "gateway" | "onLink"> & { readonly evidence: string };

function seen(
  uplink: UplinkPolicy,
  family: IpFamily,
  link: LinkState | undefined,
  sources: Sources,
): FamilyObservation {
  const found = presenceOf(uplink, family, link, sources);
  const report = sources.report(uplink.name, family);
  const steadySinceMs = sources.presentSinceMs(uplink.name, family);
  // Whole milliseconds, so that a moment later all have grown by the same, which a record of them rests on.
  const since = (ms: number | undefined): number => (ms === undefined ? 0 : wholeMs(sources.nowMs) - wholeMs(ms));
  if (found.presence !== "present") return { ...found, verdict: "unverified", judged: false, steadyForMs: 0 };
  if (uplink.check === undefined)
    return { ...found, verdict: "up", judged: true, evidence: "not checked", steadyForMs: since(steadySinceMs) };
  if (report === undefined)
    return {
      ...found,
      verdict: "unverified",
      judged: false,
      evidence: "not asked yet",
      steadyForMs: since(steadySinceMs),
    };
  const { judgement, evidence, quality, targets, bySilence = false } = report;
  const judged = isJudged(judgement.state, uplink.check.verdict);
  const verdict = verdictOf(judgement.state);
  const answersForMs = since(judgement.steadySinceMs);
  const answeredAtMs = targets.flatMap(({ lastOk }) => lastOk?.atMs ?? []);
  const answered = answeredAtMs.length > 0 && { answeredAgoMs: since(Math.max(...answeredAtMs)) };
  if (verdict === "up" && quality?.isDegraded)
    return {
      ...found,
      verdict: "degraded",
      judged,
      evidence: quality.evidence,
      steadyForMs: answersForMs,
      ...answered,
    };
  const steadyForMs = quality ? Math.min(answersForMs, since(quality.sinceMs)) : answersForMs;
  return { ...found, verdict, judged, evidence, steadyForMs, ...answered, ...(bySilence && { bySilence }) };
}

/** A family without targets of its own rides on the other one's verdict: it is the same cable. */
function shared({ check }: UplinkPolicy, families: PerFamily<FamilyObservation>): PerFamily<FamilyObservation> {
  if (check === undefined) return families;
  const lending = (family: IpFamily, other: IpFamily): FamilyObservation => {
    const [own, lender] = [families[family], families[other]];
    if (targetsOf(check, family).length > 0 || own.presence !== "present" || lender.presence !== "present") return own;
    const { verdict, judged, evidence, steadyForMs } = lender;
    return {
      ...own,
      verdict,
      judged,
      steadyForMs,
      evidence: `as IPv${other}, it has no IPv${family} target: ${evidence}`,
    };
  };
  return { 4: lending(4, 6), 6: lending(6, 4) };
}

function presenceOf(uplink: UplinkPolicy, family: IpFamily, link: LinkState | undefined, sources: Sources): Seen {
  const { method } = uplink.address;
  // Its IPv6 comes by router advertisement, default route included.
  const isLearned = method === "foreign" || (method === "dhcp" && family === 6);
  const addresses = link ? usableAddresses(sources.picture, link.ifindex, family).map((entry) => entry.address) : [];
  const not = (presence: Presence, evidence: string): Seen => ({ presence, addresses, onLink: false, evidence });
  const bearer = sources.bearers.get(uplink.name);
  if (method === "bearer" && bearer === undefined) return not(...unconnected(uplink, sources));
  if (link === undefined) return not("absent", "no such interface");
  if (!link.up) return not("no-carrier", `${link.name} is set down`);
  if (!link.carrier) return not("no-carrier", `${link.name} has no carrier`);
  if (bearer && bearerFamily(bearer.settings, family) === undefined)
    return not("no-address", `the bearer has no IPv${family}`);
  if (addresses.length === 0) return not("no-address", `no IPv${family} address on ${link.name}`);
  if (method === "dhcp" && family === 4 && gatewayOf(uplink, family, bearer) === undefined)
    return not("no-address", `no DHCP server has named a router for ${link.name}`);
  const route = defaultOf(sources.picture, link.ifindex, family);
  const besides = method === "foreign" && family === 4 && sources.oneDefaultOnly;
  const kept = besides ? gatewayBesides(sources.picture, link.ifindex) : undefined;
  if (isLearned && route === undefined && kept === undefined)
    return not("no-address", `an IPv${family} address on ${link.name}, but no default route of it in table main`);
  const gateway = gatewayOf(uplink, family, bearer) ?? route?.gateway ?? kept;
  return {
    presence: "present",
    addresses,
    ...(gateway !== undefined && { gateway }),
    // A modem's gateway is often outside its prefix (a /32); RFC 4291 link-local ones are on every link.
    onLink:
      method === "bearer" || (method === "dhcp" && family === 4) ? gateway !== undefined : (route?.onLink ?? false),
    evidence: "",
  };
}

/** Without a connection: because nobody needs one, or although somebody does. */
function unconnected({ name, standby }: UplinkPolicy, sources: Sources): readonly [Presence, string] {
  const state = sources.standby?.(name);
  const isReady = sources.isReady?.(name) ?? false;
  if (state === undefined) return ["absent", "no bearer"];
  if (state.is !== "waiting") return ["absent", `no bearer (standby ${standby}, needed now)`];
  return isReady
    ? ["standby", `${standby}, connected when needed`]
    : ["absent", `no bearer (standby ${standby}), and no modem of it is ${standby === "warm" ? "attached" : "there"}`];
}

function bearerFamily(settings: IpSettings, family: IpFamily) {
  return family === 4 ? settings.ipv4 : settings.ipv6;
}

function gatewayOf({ address }: UplinkPolicy, family: IpFamily, bearer: Bearer | undefined): string | undefined {
  if (address.method === "static") return (family === 4 ? address.ipv4 : address.ipv6)?.gateway;
  const settings = bearer && bearerFamily(bearer.settings, family);
  return settings && "gateway" in settings ? settings.gateway : undefined;
}

/** Undefined: the program that configures a foreign uplink tells the resolver itself. */
function dnsOf(uplink: UplinkPolicy, bearer: Bearer | undefined): readonly string[] | undefined {
  if (uplink.dns.length > 0) return uplink.dns;
  if (uplink.address.method !== "bearer" && uplink.address.method !== "dhcp") return undefined;
  const { ipv4, ipv6 } = bearer?.settings ?? {};
  return [...(ipv4 && "dns" in ipv4 ? ipv4.dns : []), ...(ipv6?.dns ?? [])];
}
