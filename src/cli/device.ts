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

/** `huawei MS2372h-153, IMEI 00499********09`: what a modem said of itself; empty for what did not say anything. */
function identityText(properties: PlainDict): string {
  const name = [text(properties, "ModemManufacturer"), text(properties, "ModemModel")].filter(Boolean).join(" ");
  const imei = text(properties, "Imei");
  return [name, imei === "" ? "" : `IMEI ${imei}`].filter(Boolean).join(", ");
}

/** `/dev/ttyUSB1 primary` */
export const portTexts = ({ properties }: ObjectSnapshot): readonly string[] =>
  dicts(properties.Ports).map((port) => `${text(port, "path")} ${text(port, "role")}`);

/** Who a modem without a driver here is, and what its ports are for: a line below the sentence about it. */
function whoItIs(device: ObjectSnapshot): readonly string[] {
  const [name, identity] = [text(device.properties, "Name"), identityText(device.properties)];
  const facts = [identity, ...portTexts(device)].filter(Boolean).join(", ");
  return name === "" || facts === "" ? [] : [`  ${name}: ${facts}`];
}

/** Devices of which no modem was made, one sentence each: the list below the modems. */
export const rejectedDevices = (snapshot: Snapshot): readonly string[] =>
  rejected(snapshot).map(({ properties }) => rejectedText(properties));

/** The same, with a line more for each that said who it is. */
export const rejectedInDetail = (snapshot: Snapshot): readonly string[] =>
  rejected(snapshot).flatMap((device) => [rejectedText(device.properties), ...whoItIs(device)]);

const rejected = ({ devices }: Snapshot): readonly ObjectSnapshot[] =>
  devices.filter(({ properties }) => text(properties, "Modem") === "");

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

const moduleStates: Readonly<Record<string, string>> = {
  live: "loaded",
  coming: "being loaded",
  loadable: "not loaded",
  missing: "not in this kernel",
};

const interfaceRow = (one: PlainDict): readonly string[] => {
  const state = moduleStates[text(one, "moduleState")] ?? "";
  const missing = [text(one, "module"), text(one, "config"), state].filter((part) => part !== "").join(", ");
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
  return inset(table(["IF", "CLASS", "WHAT", "DRIVER", "PORTS"], rows));
}

const inset = (lines: string): readonly string[] => lines.split("\n").map((line) => `  ${line}`);

function portLines({ properties }: ObjectSnapshot): readonly string[] {
  const rows = dicts(properties.Ports).map((port) => [text(port, "path"), text(port, "role"), text(port, "because")]);
  return rows.length === 0 ? [] : inset(table(["PORT", "FOR", "BECAUSE"], rows));
}

function identityLines({ properties }: ObjectSnapshot): readonly string[] {
  const [name, identity] = [text(properties, "Name"), identityText(properties)];
  return name === "" && identity === "" ? [] : [`  it is ${[name, identity].filter(Boolean).join(": ")}`];
}

function compositionLines({ properties }: ObjectSnapshot): readonly string[] {
  const now = text(properties, "Composition");
  const others = dicts(properties.OtherCompositions);
  if (others.length === 0) return now === "" ? [] : [`  composition: ${now}`];
  return [
    `  composition: ${now}; it also has:`,
    ...others.map(
      (other) => `    ${text(other, "name")} (${text(other, "ids")}): ${texts(other, "commands").join(", then ")}`,
    ),
    `    mind: ${text(properties, "CompositionRisk")}`,
    `    source: ${text(properties, "CompositionSource")}`,
  ];
}

/** Everything about one device. */
export const deviceLines = (device: ObjectSnapshot): readonly string[] => [
  text(device.properties, "Summary"),
  ...identityLines(device),
  ...findingsOf(device).flatMap(findingLines),
  ...interfaceLines(device),
  ...portLines(device),
  ...compositionLines(device),
];
