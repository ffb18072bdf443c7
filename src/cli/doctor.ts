import type { Answer } from "./answer.js";
import { deviceLines, findingsOf, isTrouble } from "./device.js";
import { modemTroubles } from "./modem.js";
import { type Snapshot, text } from "./snapshot.js";

interface Trouble {
  /** What it is about: a device's address, a modem's name, a file. */
  readonly about: string;
  readonly text: string;
  readonly remedy: string;
}

const deviceTroubles = ({ devices }: Snapshot): readonly Trouble[] =>
  devices.filter(isTrouble).flatMap((device) =>
    findingsOf(device)
      .filter((finding) => text(finding, "severity") === "blocks")
      .map((finding) => ({
        about: `${text(device.properties, "Bus")} ${text(device.properties, "Address")}`,
        text: text(finding, "text"),
        remedy: text(finding, "remedy"),
      })),
  );

/** Names do not follow the traffic, and nobody has asked for that. */
function resolverTroubles({ daemon, failover }: Snapshot): readonly Trouble[] {
  const because = text(daemon, "ResolverBecause");
  const isMeant = because.endsWith("by [dns] backend") || text(failover, "Actuating") !== "self";
  if (text(daemon, "Resolver") !== "none" || isMeant) return [];
  const remedy =
    'say how in [dns] of wwand.toml (policy/README.md, Name servers); backend = "none" where it is right so';
  return [{ about: "name servers", text: `they do not follow the traffic: ${because}`, remedy }];
}

function troublesOf(snapshot: Snapshot): readonly Trouble[] {
  const policyError = text(snapshot.daemon, "PolicyError");
  const policy = policyError === "" ? [] : [{ about: "policy", text: `not taken: ${policyError}`, remedy: "" }];
  const modems = modemTroubles(snapshot).map((line) => ({ about: "modem", text: line, remedy: "" }));
  const nothing =
    snapshot.devices.length + snapshot.modems.length === 0
      ? [
          {
            about: "modem",
            text: "no device here looks like a modem",
            remedy: "look at lsusb: is it plugged in and powered?",
          },
        ]
      : [];
  return [...policy, ...resolverTroubles(snapshot), ...nothing, ...deviceTroubles(snapshot), ...modems];
}

/** Every device with all that was found out about it, then what is wrong and what to do. */
export function doctorAnswer(snapshot: Snapshot): Answer {
  const troubles = troublesOf(snapshot);
  const blocks = snapshot.devices.map((device) => deviceLines(device).join("\n"));
  const verdict =
    troubles.length === 0
      ? "nothing is wrong"
      : troubles
          .map(({ about, text: what, remedy }) => `${about}: ${what}${remedy === "" ? "" : `\n  do: ${remedy}`}`)
          .join("\n");
  return {
    text: [...blocks, verdict].join("\n\n"),
    json: {
      devices: snapshot.devices.map(({ properties }) => properties),
      troubles: troubles.map((trouble) => ({ ...trouble })),
    },
    bad: troubles.length > 0,
  };
}
