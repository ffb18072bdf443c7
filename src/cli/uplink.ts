import { ageText } from "../network/policy/durations.js";
import type { Answer } from "./answer.js";
import {
  type Call,
  isDict,
  type ObjectSnapshot,
  type PlainDict,
  plain,
  type Snapshot,
  text,
  texts,
} from "./snapshot.js";
import { table } from "./table.js";

/** Which families' default route this uplink carries: `v4`, `v6`, `v4 v6` or nothing. */
export function carries(snapshot: Snapshot, name: string): string {
  const families: readonly (readonly [string, string])[] = [
    ["v4", "Ipv4Uplink"],
    ["v6", "Ipv6Uplink"],
  ];
  return families
    .filter(([, property]) => text(snapshot.failover, property) === name)
    .map(([family]) => family)
    .join(" ");
}

/** `3.9 of 5 GB this month, until 5 December`; empty: it has no cap. */
export const usageIn = ({ Usage: usage }: PlainDict): string => (isDict(usage) ? text(usage, "Text") : "");

/** As `policy check` numbers them. */
const tierText = (properties: PlainDict): string => (text(properties, "Tier") === "0" ? "-" : text(properties, "Tier"));

const row = (snapshot: Snapshot, { properties }: ObjectSnapshot): readonly string[] => [
  text(properties, "Name"),
  text(properties, "Interface") || "-",
  text(properties, "Presence"),
  text(properties, "Verdict4"),
  text(properties, "Verdict6"),
  text(properties, "Eligibility"),
  tierText(properties),
  carries(snapshot, text(properties, "Name")) || "-",
];

export const uplinkTable = (snapshot: Snapshot): string =>
  table(
    ["UPLINK", "INTERFACE", "PRESENCE", "IPV4", "IPV6", "ELIGIBLE", "TIER", "CARRIES"],
    snapshot.uplinks.map((uplink) => row(snapshot, uplink)),
  );

function detail(snapshot: Snapshot, { properties }: ObjectSnapshot): string {
  const seconds = (key: string): string => `${(Number(text(properties, key)) / 1000).toFixed(1)} s`;
  const isPresent = text(properties, "Presence") === "present";
  const isChecked = text(properties, "WorstCaseDetectionMs") !== "0";
  const gateways = [text(properties, "Gateway4"), text(properties, "Gateway6")].filter(Boolean).join(", ");
  const facts: readonly (readonly [string, string])[] = [
    ["interface", `${text(properties, "Interface") || "none"} (${text(properties, "Kind")})`],
    ["presence", text(properties, "Presence")],
    ["verdict", `IPv4 ${text(properties, "Verdict4")}, IPv6 ${text(properties, "Verdict6")}`],
    ["verdict age", isChecked ? seconds("VerdictAgeMs") : "nothing is asked"],
    ["eligibility", text(properties, "Eligibility")],
    ["carries", carries(snapshot, text(properties, "Name")) || "nothing"],
    ["addresses", texts(properties, "Addresses").join(", ") || "none"],
    ["gateway", gateways || (isPresent ? "on-link" : "none")],
    ["DNS", texts(properties, "DomainNameServers").join(", ") || "none"],
    ["metered", text(properties, "Metered") === "true" ? "yes" : "no"],
    ["data", usageIn(properties) || "not counted: it has no cap"],
    ["a blackhole is noticed within", isChecked ? seconds("WorstCaseDetectionMs") : "never: it has no check"],
    ...texts(properties, "Because").map((reason): readonly [string, string] => ["because", reason]),
  ];
  const lines = [text(properties, "Name"), ...facts.map(([name, value]) => `  ${name}: ${value}`)];
  return [...lines, ...targetBlock(properties)].join("\n");
}

/** Every target of its check with its last answer and its last failure; nothing where nothing is asked. */
function targetBlock({ Targets: listed }: PlainDict): readonly string[] {
  const targets = Array.isArray(listed) ? listed.filter(isDict) : [];
  if (targets.length === 0) return [];
  const ago = (target: PlainDict, key: string): string =>
    key in target ? `${ageText(Number(text(target, key)))} ago` : "never";
  const rows = targets.map((target) => [
    text(target, "Family") === "ipv4" ? "IPv4" : "IPv6",
    text(target, "Target"),
    ago(target, "AnsweredAgoMs"),
    "RoundTripMs" in target ? `${text(target, "RoundTripMs")}ms` : "-",
    ago(target, "FailedAgoMs"),
    text(target, "Why") || "-",
  ]);
  return ["", table(["FAMILY", "TARGET", "ANSWERED", "RTT", "FAILED", "WHY"], rows)];
}

/** All uplinks, or everything about one. */
export function uplinkAnswer(snapshot: Snapshot, name: string | undefined): Answer {
  if (name === undefined)
    return {
      text: snapshot.uplinks.length > 0 ? uplinkTable(snapshot) : "no uplinks: the policy names none",
      json: snapshot.uplinks.map(({ properties }) => properties),
      bad: snapshot.uplinks.length === 0,
    };
  const found = snapshot.uplinks.find(({ properties }) => text(properties, "Name") === name);
  const names = snapshot.uplinks.map(({ properties }) => text(properties, "Name")).join(", ");
  if (!found) return { text: `no uplink "${name}"; there are: ${names || "none"}`, json: null, bad: true };
  return {
    text: detail(snapshot, found),
    json: found.properties,
    bad: !["present", "standby"].includes(text(found.properties, "Presence")),
  };
}

/** Bad news where the traffic could not return, or not all of it. */
export async function failbackAnswer(call: Call): Promise<Answer> {
  const [told] = await call("net.wwand", "/net/wwand/failover", "net.wwand.Failover1", "Failback", "", []);
  const lines = plain(told);
  const because = Array.isArray(lines) ? lines.map(String) : [];
  return { text: because.join("\n"), json: { because }, bad: because.some((line) => / is preferred /.test(line)) };
}
