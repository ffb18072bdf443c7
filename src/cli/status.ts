import { ageText } from "../network/policy/durations.js";
import type { Answer } from "./answer.js";
import { rejectedDevices } from "./device.js";
import { modemTable, modemTroubles } from "./modem.js";
import { isDict, type PlainDict, type Snapshot, text, texts } from "./snapshot.js";
import { carries, uplinkTable, usageIn } from "./uplink.js";

function headline(snapshot: Snapshot): string {
  const ipv4 = text(snapshot.failover, "Ipv4Uplink");
  const ipv6 = text(snapshot.failover, "Ipv6Uplink");
  if (ipv4 === "" && ipv6 === "") return "OFFLINE: no uplink carries traffic";
  if (ipv4 === ipv6) return `online by ${ipv4}${sinceText(snapshot, ipv4)}`;
  return `online: IPv4 by ${ipv4 || "none"}, IPv6 by ${ipv6 || "none"}`;
}

/** When traffic came to it; nothing where another switch was the last. */
function sinceText({ failover: { LastSwitch: last } }: Snapshot, carrier: string): string {
  if (!isDict(last) || text(last, "to") !== carrier) return "";
  const from = text(last, "from");
  return ` since ${text(last, "at").replace(/\.\d+/, "")}${from === "" ? "" : `, before that by ${from}`}`;
}

const actuatingWords: Readonly<Record<string, string>> = {
  steer: "steering ConnMan",
  observe: "observing only",
};

/** Nothing where wwand moves routes itself, as it does everywhere else. */
function actuatingBlock({ failover }: Snapshot): readonly string[] {
  const words = actuatingWords[text(failover, "Actuating")];
  return words === undefined ? [] : [words, ...texts(failover, "ActuatingBecause").map((line) => `  ${line}`)];
}

/** Where wwand tells the system its name servers, or would and cannot. */
function resolverBlock({ daemon, failover }: Snapshot): readonly string[] {
  const [resolver, stub] = [text(daemon, "Resolver"), text(daemon, "ResolverStub")];
  if (resolver === "" || text(failover, "Actuating") !== "self") return [];
  const how = resolver === "none" ? "left alone" : `by ${resolver}${stub === "" ? "" : `, stub at ${stub}`}`;
  return [`name servers: ${how} (${text(daemon, "ResolverBecause")})`];
}

/** Whether there is somewhere to go when the carrying uplink fails; nothing where there is one uplink only. */
function backupBlock(snapshot: Snapshot): readonly string[] {
  const others = snapshot.uplinks.filter(({ properties }) => carries(snapshot, text(properties, "Name")) === "");
  if (others.length === 0 || snapshot.uplinks.length < 2) return [];
  const good = others.filter(({ properties }) => isBackup(properties));
  if (good.length > 0)
    return good.map(
      ({ properties }) =>
        `backup: ${text(properties, "Name")} is good, asked ${ageText(Number(text(properties, "VerdictAgeMs")))} ago`,
    );
  const why = others.map(({ properties }) => `${text(properties, "Name")}: ${notGoodText(properties)}`);
  return [`NO BACKUP: ${why.join("; ")}`];
}

/** What uplinks with a cap have transferred. */
const usageBlock = ({ uplinks }: Snapshot): readonly string[] =>
  uplinks.flatMap(({ properties }) => {
    const used = usageIn(properties);
    return used === "" ? [] : [`data: ${text(properties, "Name")} has used ${used}`];
  });

const isBackup = (uplink: PlainDict): boolean =>
  text(uplink, "Presence") === "present" &&
  text(uplink, "Eligibility") === "ok" &&
  ["Verdict4", "Verdict6"].some((verdict) => text(uplink, verdict) === "up");

function notGoodText(uplink: PlainDict): string {
  if (text(uplink, "Eligibility") !== "ok") return text(uplink, "Eligibility");
  const presence = text(uplink, "Presence");
  return presence === "present" ? `IPv4 ${text(uplink, "Verdict4")}, IPv6 ${text(uplink, "Verdict6")}` : presence;
}

/** The whole picture: what carries traffic and why, every uplink, every modem. */
export function statusAnswer(snapshot: Snapshot): Answer {
  const policyError = text(snapshot.daemon, "PolicyError");
  const blocks = [
    [headline(snapshot), ...texts(snapshot.failover, "Because").map((reason) => `  ${reason}`)],
    backupBlock(snapshot),
    usageBlock(snapshot),
    actuatingBlock(snapshot),
    resolverBlock(snapshot),
    policyError === "" ? [] : [`the policy on disk was not taken: ${policyError}`],
    snapshot.uplinks.length > 0 ? [uplinkTable(snapshot)] : ["no uplinks"],
    snapshot.modems.length > 0
      ? [modemTable(snapshot), ...modemTroubles(snapshot)]
      : ["no modem", ...rejectedDevices(snapshot)],
  ];
  return {
    text: blocks
      .filter((block) => block.length > 0)
      .map((block) => block.join("\n"))
      .join("\n\n"),
    json: {
      daemon: snapshot.daemon,
      failover: snapshot.failover,
      uplinks: snapshot.uplinks.map(({ properties }) => properties),
      modems: snapshot.modems.map(({ properties }) => properties),
    },
    bad: text(snapshot.failover, "Ipv4Uplink") === "" && text(snapshot.failover, "Ipv6Uplink") === "",
  };
}
