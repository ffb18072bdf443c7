/** Devices in words: what wwand drives, and what keeps it from driving the others. */
import { isDict, type ObjectSnapshot, type Plain, type PlainDict, type Snapshot, text, texts } from "./snapshot.js";
import { table } from "./table.js";

const dicts = (value: Plain | undefined): readonly PlainDict[] => (Array.isArray(value) ? value.filter(isDict) : []);

export const findingsOf = ({ properties }: ObjectSnapshot): readonly PlainDict[] => dicts(properties.Findings);

const hasSeverity = (device: ObjectSnapshot, severity: string): boolean =>
  findingsOf(device).some((finding) => text(finding, "severity") === severity);

/** Something keeps wwand from driving it at all. */
export const isBlocked = (device: ObjectSnapshot): boolean => hasSeverity(device, "blocks");

/** Somebody may miss it: it is or could be a modem. A serial gadget that nobody called a modem is in order as it is. */
export const isTrouble = (device: ObjectSnapshot): boolean =>
  isBlocked(device) && !["serial", "ignored"].includes(text(device.properties, "Verdict"));

/** Devices of which no modem was made, one sentence each: the list below the modems. */
export const rejectedDevices = ({ devices }: Snapshot): readonly string[] =>
  devices
    .filter(({ properties }) => text(properties, "Modem") === "")
    .map(({ properties }) => rejectedText(properties));

function rejectedText(properties: PlainDict): string {
  const summary = text(properties, "Summary");
  const certainty = text(properties, "Certainty");
  if (certainty === "settling") return `${summary} (the kernel is still adding to it)`;
  return certainty === "asking" ? `${summary} (being asked who it is)` : summary;
}

function findingLines(finding: PlainDict): readonly string[] {
  const remedy = text(finding, "remedy");
  const line = `  ${text(finding, "severity")}: ${text(finding, "text")}`;
  return remedy === "" ? [line] : [line, `    do: ${remedy}`];
}

const interfaceRow = (one: PlainDict): readonly string[] => {
  const missing = [text(one, "module"), text(one, "config")].filter((part) => part !== "").join(", ");
  return [
    text(one, "number"),
    text(one, "triple"),
    text(one, "kind"),
    text(one, "driver") || (missing === "" ? "none" : `none (${missing})`),
    texts(one, "ports").join(" ") || "-",
  ];
};

function interfaceLines({ properties }: ObjectSnapshot): readonly string[] {
  const rows = dicts(properties.Interfaces).map(interfaceRow);
  if (rows.length === 0) return [];
  return table(["IF", "CLASS", "WHAT", "DRIVER", "PORTS"], rows)
    .split("\n")
    .map((line) => `  ${line}`);
}

function compositionLines({ properties }: ObjectSnapshot): readonly string[] {
  const others = dicts(properties.OtherCompositions);
  if (others.length === 0) return [];
  return [
    `  composition: ${text(properties, "Composition")}; it also has:`,
    ...others.map(
      (other) => `    ${text(other, "name")} (${text(other, "ids")}): ${texts(other, "commands").join(", then ")}`,
    ),
    `    mind: ${text(properties, "CompositionRisk")}`,
  ];
}

/** Everything about one device. */
export const deviceLines = (device: ObjectSnapshot): readonly string[] => [
  text(device.properties, "Summary"),
  ...findingsOf(device).flatMap(findingLines),
  ...interfaceLines(device),
  ...compositionLines(device),
];
