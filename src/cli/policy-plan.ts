/** `wwanctl policy plan`: what a policy would change in the kernel, were it in force now. Changes nothing. */
import { isIPv4 } from "node:net";
import { loadPolicy } from "../config/policy.js";
import { Rtnetlink } from "../netlink/rtnetlink.js";
import type { Bearer } from "../network/observe.js";
import type { Plan, Verdict } from "../network/plan/types.js";
import type { Policy } from "../network/policy/types.js";
import { type Known, type Preview, preview } from "../network/preview.js";
import { itemText } from "../network/routing/item.js";
import type { RoutingItem } from "../network/routing/types.js";
import type { IpFamily, IpSettings } from "../network/types.js";
import type { Answer } from "./answer.js";
import { blocksText } from "./blocks.js";
import { refusalAnswer } from "./policy-refusal.js";
import { type Call, type OnlineSnapshot, type PlainDict, readOnline, text, texts } from "./snapshot.js";

/** Takes bearers, holds and verdicts from the daemon, where one runs. Bad news: the files are refused. */
export async function policyPlanAnswer(places: readonly string[], call: Call): Promise<Answer> {
  let policy: Policy;
  try {
    policy = loadPolicy(places);
  } catch (error) {
    return refusalAnswer(error);
  }
  const online = await readOnline(call).catch(() => undefined);
  const kernel = Rtnetlink.open();
  try {
    return planAnswer(policy, await preview(policy, kernel, knownFrom(policy, online)), online);
  } finally {
    kernel.close();
  }
}

/** @param online Of the daemon; undefined where none runs. */
export function planAnswer(policy: Policy, made: Preview, online: OnlineSnapshot | undefined): Answer {
  const textsOf = (items: readonly RoutingItem[]) => items.map((item) => itemText(item, made.nameOf));
  const [put, remove] = [textsOf(made.put), textsOf(made.remove)];
  const kept = made.kept.length;
  const [names, filter] = [namesText(made.plan), made.plan.firewall.map(({ interfaceName }) => interfaceName)];
  const assumed = assumptionsOf(policy, online);
  const changes = [...put.map((item) => `+ ${item}`), ...remove.map((item) => `- ${item}`)];
  const blocks = [
    changes.length > 0 ? [...changes, `${kept} routes and rules stay`] : [`no route or rule changes, ${kept} stay`],
    [
      names,
      filter.length === 0 ? "packet filter: nothing" : `packet filter: table inet wwand for ${filter.join(", ")}`,
    ],
    made.plan.because.map((line) => `because ${line}`),
    assumed.map((line) => `not known: ${line}`),
  ];
  return {
    text: blocksText(blocks),
    json: {
      ...{ generation: policy.generation, put, remove, kept, names, packetFilter: filter },
      ...{ because: made.plan.because, notKnown: assumed },
    },
    bad: false,
  };
}

function namesText({ dns: { links, foreign } }: Plan): string {
  const ours = links.map(({ uplink, servers }) => `${servers.join(", ")} of ${uplink}`);
  if (ours.length > 0) return `name servers: ${ours.join("; ")}`;
  return `name servers: left alone${foreign === undefined ? "" : `, ${foreign}'s are set by another program`}`;
}

function assumptionsOf({ uplinks }: Policy, online: OnlineSnapshot | undefined): readonly string[] {
  const resolver = "what the resolver and the packet filter have now; what they would get is said above";
  const waits = "how long a return would wait (failback): it is taken as over";
  if (online === undefined)
    return [
      "verdicts: no daemon runs; what is there is taken for up",
      ...uplinks.flatMap(({ name, address: { method } }) =>
        method === "bearer" || method === "dhcp" ? `${name}: its connection, which only a daemon has` : [],
      ),
      ...[waits, resolver],
    ];
  const told = new Set(online.uplinks.map(({ properties }) => text(properties, "Name")));
  const actuating = text(online.failover, "Actuating");
  return [
    ...(actuating === "self" ? [] : [`whether any of it would be done: the daemon is in the mode "${actuating}"`]),
    ...uplinks.flatMap(({ name }) => (told.has(name) ? [] : `${name}: the daemon has no such uplink; taken for up`)),
    ...uplinks.flatMap(({ name, roaming }) =>
      roaming === "any" ? [] : `${name}: where its modem is, unless the daemon bars it for that; taken for allowed`,
    ),
    ...[waits, resolver],
  ];
}

const verdicts: readonly Verdict[] = ["up", "suspect", "degraded", "unverified", "down", "portal"];
const verdictIn = (word: string): Verdict => verdicts.find((verdict) => verdict === word) ?? "unverified";

/** What only the daemon knows, from what it shows on the bus. */
export function knownFrom(policy: Policy, online: OnlineSnapshot | undefined): Known {
  const connected = policy.uplinks.filter(({ address: { method } }) => method === "bearer" || method === "dhcp");
  const names = connected.map(({ name }) => name);
  const uplinks = (online?.uplinks ?? []).map(({ properties }) => ({ name: text(properties, "Name"), properties }));
  return {
    bearers: new Map(
      uplinks.flatMap(({ name, properties }) => (names.includes(name) ? bearersIn(name, properties) : [])),
    ),
    holds: new Map(
      uplinks.flatMap(({ name, properties }) => {
        const eligibility = text(properties, "Eligibility");
        return eligibility.startsWith(held) ? [[name, eligibility.slice(held.length)] as const] : [];
      }),
    ),
    waiting: new Set(
      uplinks.flatMap(({ name, properties }) => (text(properties, "Presence") === "standby" ? [name] : [])),
    ),
    networks: new Map(
      uplinks.flatMap(({ name, properties }) => {
        const [, plmn] = text(properties, "Eligibility").match(roamingOn) ?? [];
        return plmn === undefined ? [] : [[name, { plmn, isHome: false }] as const];
      }),
    ),
    verdicts: new Map(
      uplinks.map(({ name, properties }) => [
        name,
        { 4: verdictIn(text(properties, "Verdict4")), 6: verdictIn(text(properties, "Verdict6")) },
      ]),
    ),
  };
}

const held = "held: ";
const roamingOn = /^roaming on (\d+)/;

function bearersIn(name: string, uplink: PlainDict): readonly (readonly [string, Bearer])[] {
  const interfaceName = text(uplink, "Interface");
  if (interfaceName === "") return [];
  const of = (family: IpFamily) => {
    const [address, length] =
      texts(uplink, "Addresses")
        .map((one) => one.split("/"))
        .find(([one = ""]) => isIPv4(one) === (family === 4)) ?? [];
    const gateway = text(uplink, `Gateway${family}`);
    const dns = texts(uplink, "DomainNameServers").filter((server) => isIPv4(server) === (family === 4));
    if (address === undefined) return undefined;
    return { address, prefixLength: Number(length), dns, ...(gateway !== "" && { gateway }) };
  };
  const [ipv4, ipv6] = [of(4), of(6)];
  if (ipv4 === undefined && ipv6 === undefined) return [];
  const settings: IpSettings = { ...(ipv4 && { ipv4: { method: "static", ...ipv4 } }), ...(ipv6 && { ipv6 }) };
  return [[name, { interfaceName, settings }]];
}
