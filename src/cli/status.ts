import type { Answer } from "./answer.js";
import { blocksText } from "./blocks.js";
import { rejectedDevices } from "./device.js";
import { modemTable, modemTroubles } from "./modem.js";
import { backupLines, headline, isOnline } from "./online.js";
import { type Snapshot, text, texts } from "./snapshot.js";
import { uplinkTable, usageIn } from "./uplink.js";

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
function resolverBlock({ daemon, failover, uplinks }: Snapshot): readonly string[] {
  const [resolver, stub] = [text(daemon, "Resolver"), text(daemon, "ResolverStub")];
  if (resolver === "" || text(failover, "Actuating") !== "self" || uplinks.length === 0) return [];
  const how = resolver === "none" ? "left alone" : `by ${resolver}${stub === "" ? "" : `, stub at ${stub}`}`;
  return [`name servers: ${how} (${text(daemon, "ResolverBecause")})`];
}

/** Where there is no policy, that is all there is to say. */
const reasons = ({ failover, uplinks }: Snapshot): readonly string[] =>
  uplinks.length === 0 ? [] : texts(failover, "Because").map((reason) => `  ${reason}`);

/** What uplinks with a cap have transferred. */
const usageBlock = ({ uplinks }: Snapshot): readonly string[] =>
  uplinks.flatMap(({ properties }) => {
    const used = usageIn(properties);
    return used === "" ? [] : [`data: ${text(properties, "Name")} has used ${used}`];
  });

/** What a person who has just installed wwand has to know. */
const noUplinks = ({ daemon }: Snapshot): readonly string[] => {
  const folders = texts(daemon, "PolicyFolders");
  return folders.length === 0
    ? ["no uplinks"]
    : [`no uplinks: copy a policy to one of ${folders.join(", ")} and reload`];
};

/** The whole picture: what carries traffic and why, every uplink, every modem. */
export function statusAnswer(snapshot: Snapshot): Answer {
  const policyError = text(snapshot.daemon, "PolicyError");
  const blocks = [
    [headline(snapshot), ...reasons(snapshot)],
    backupLines(snapshot),
    usageBlock(snapshot),
    actuatingBlock(snapshot),
    resolverBlock(snapshot),
    policyError === "" ? [] : [`the policy on disk was not taken, the last good one stays: ${policyError}`],
    snapshot.uplinks.length > 0 ? [uplinkTable(snapshot)] : noUplinks(snapshot),
    snapshot.modems.length > 0
      ? [modemTable(snapshot), ...modemTroubles(snapshot)]
      : ["no modem", ...rejectedDevices(snapshot)],
  ];
  return {
    text: blocksText(blocks),
    json: {
      daemon: snapshot.daemon,
      failover: snapshot.failover,
      uplinks: snapshot.uplinks.map(({ properties }) => properties),
      modems: snapshot.modems.map(({ properties }) => properties),
    },
    bad: !isOnline(snapshot),
  };
}
