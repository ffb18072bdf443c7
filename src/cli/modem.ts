import type { Answer } from "./answer.js";
import { deviceLines, portTexts, rejectedInDetail } from "./device.js";
import { isDict, type ObjectSnapshot, type Plain, type PlainDict, type Snapshot, text, texts } from "./snapshot.js";
import { table } from "./table.js";

/** The modem's short name: the last element of its oFono path. */
const nameOf = ({ properties }: ObjectSnapshot): string => text(properties, "OfonoPath").replace(/^\//, "");

function part(modem: ObjectSnapshot, name: string): PlainDict {
  const value = modem.properties[name];
  return isDict(value) ? value : {};
}

function signalText(modem: ObjectSnapshot): string {
  const strength = text(part(modem, "NetworkRegistration"), "Strength");
  return strength === "" ? "-" : `${strength} %`;
}

const levels = [
  ["rssiDbm", "RSSI", "dBm"],
  ["rsrpDbm", "RSRP", "dBm"],
  ["rscpDbm", "RSCP", "dBm"],
  ["rsrqDb", "RSRQ", "dB"],
  ["ecioDb", "Ec/Io", "dB"],
  ["snrDb", "SNR", "dB"],
] as const;

/** One line for each radio that serves. */
function measuredText({ Signal: signal }: PlainDict): readonly string[] {
  return (Array.isArray(signal) ? signal.filter(isDict) : []).map((one) =>
    [
      text(one, "generation"),
      ...levels.flatMap(([key, name, unit]) => (key in one ? [`${name} ${text(one, key)} ${unit}`] : [])),
    ].join(" "),
  );
}

function cellText(network: PlainDict): string {
  const [area, cell] = [text(network, "LocationAreaCode"), text(network, "CellId")];
  return cell === "" ? "" : `${cell} in area ${area || "unknown"}`;
}

const row = (modem: ObjectSnapshot): readonly string[] => [
  nameOf(modem),
  text(modem.properties, "Interface") || "-",
  text(modem.properties, "Level"),
  text(part(modem, "NetworkRegistration"), "Status") || "-",
  text(part(modem, "NetworkRegistration"), "Name") || "-",
  text(part(modem, "NetworkRegistration"), "Technology") || "-",
  signalText(modem),
  text(part(modem, "Modem"), "Model") || "-",
];

export const modemTable = (snapshot: Snapshot): string =>
  table(["MODEM", "INTERFACE", "LEVEL", "STATUS", "OPERATOR", "TECH", "SIGNAL", "MODEL"], snapshot.modems.map(row));

/** Why it is off although it is wanted: the step says what failed in our own words where the modem said none. */
const isOffInVain = ({ properties }: ObjectSnapshot): boolean =>
  text(properties, "Level") === "off" && !text(properties, "Stage").startsWith("1/");

/** Lines that say what is wrong. */
export const modemTroubles = (snapshot: Snapshot): readonly string[] =>
  snapshot.modems.flatMap((modem) => {
    const [stage, cause] = [text(modem.properties, "Stage"), text(modem.properties, "Cause")];
    if (cause !== "") return [`${nameOf(modem)}: ${stage}: ${cause}`];
    return isOffInVain(modem) ? [`${nameOf(modem)}: ${stage}`] : [];
  });

/** With what gave it its address where that is not the modem itself. */
function interfaceText({ properties }: ObjectSnapshot): string {
  const [name, method] = [text(properties, "Interface"), text(properties, "AddressMethod")];
  return name === "" || method === "" ? name : `${name} (address: ${addressMethods[method] ?? method})`;
}

const addressMethods: Readonly<Record<string, string>> = {
  static: "static, told by the modem",
  dhcp: "by DHCP",
  ppp: "by PPP",
};

function apnText({ properties }: ObjectSnapshot): string {
  const source = text(properties, "ApnSource");
  return source === "" ? "" : `${text(properties, "Apn") || "none"} (${source})`;
}

/** The device that a modem was made of; undefined for one that was named by URL. */
const deviceOf = ({ devices }: Snapshot, { properties }: ObjectSnapshot): ObjectSnapshot | undefined =>
  devices.find((device) => text(device.properties, "Modem") === text(properties, "OfonoPath"));

function placeFacts(device: ObjectSnapshot | undefined): readonly (readonly [string, string])[] {
  if (device === undefined) return [];
  const { properties } = device;
  const place = `${text(properties, "Bus")} ${text(properties, "Address")} (${text(properties, "Ids")})`;
  return [["plugged in", place], ...portTexts(device).map((port): readonly [string, string] => ["port", port])];
}

/** What `--json` shows of a modem: `Name` and `Path` (on net.wwand) first, `Device` where it was found. */
function modemJson(snapshot: Snapshot, modem: ObjectSnapshot): Plain {
  const device = deviceOf(snapshot, modem);
  const { Bus = "", Address = "", Ids = "", Ports = [] } = device?.properties ?? {};
  const place = device === undefined ? {} : { Device: { Path: device.path, Bus, Address, Ids, Ports } };
  return { Name: nameOf(modem), Path: modem.path, ...modem.properties, ...place };
}

/** Those of its own; what they mean only the operator knows, e.g. that the data volume is used up. */
function operatorOptions({ properties }: ObjectSnapshot): readonly string[] {
  const { ProtocolOptions: told } = properties;
  return (Array.isArray(told) ? told : []).flatMap((option) => {
    const [id, plmn, content] = Array.isArray(option) ? option : [];
    return plmn ? [`${content} (${plmn}, PCO 0x${Number(id).toString(16)})`] : [];
  });
}

function detail(snapshot: Snapshot, modem: ObjectSnapshot): string {
  const device = part(modem, "Modem");
  const sim = part(modem, "SimManager");
  const network = part(modem, "NetworkRegistration");
  const packet = part(modem, "ConnectionManager");
  const plmn = `${text(network, "MobileCountryCode")}${text(network, "MobileNetworkCode")}`;
  const facts: readonly (readonly [string, string])[] = [
    [
      "device",
      [text(device, "Manufacturer"), text(device, "Model"), text(device, "Revision")].filter(Boolean).join(" "),
    ],
    ["driver", `${text(modem.properties, "Driver")} ${text(modem.properties, "Port")}`.trim()],
    ["IMEI", text(modem.properties, "Imei")],
    ...placeFacts(deviceOf(snapshot, modem)),
    ["level", text(modem.properties, "Level")],
    ["step", text(modem.properties, "Stage")],
    ["last failure", text(modem.properties, "Cause")],
    [
      "SIM",
      text(sim, "Present") === "true"
        ? `ICCID ${text(sim, "CardIdentifier")}, IMSI ${text(sim, "SubscriberIdentity")}`
        : "",
    ],
    ["PIN required", text(sim, "PinRequired") === "none" ? "" : text(sim, "PinRequired")],
    [
      "network",
      [text(network, "Status"), text(network, "Name"), plmn, text(network, "Technology")].filter(Boolean).join(" "),
    ],
    ["signal", signalText(modem)],
    ...measuredText(part(modem, "Radio")).map((line): readonly [string, string] => ["measured", line]),
    ["cell", cellText(network)],
    ["packet service", text(packet, "Attached") === "true" ? "attached" : text(packet, "Attached") && "detached"],
    ["interface", interfaceText(modem)],
    ["APN", apnText(modem)],
    ...texts(modem.properties, "ApnPassedOver").map((apn): readonly [string, string] => ["APN refused before", apn]),
    ...operatorOptions(modem).map((option): readonly [string, string] => ["told by the operator", option]),
    ...texts(modem.properties, "WhoHoldsRadioOff").map((who): readonly [string, string] => ["radio held off by", who]),
  ];
  return [nameOf(modem), ...facts.filter(([, value]) => value !== "").map(([key, value]) => `  ${key}: ${value}`)].join(
    "\n",
  );
}

/** A modem that was found and has no driver here: what there is to say of the device. */
function undriven(snapshot: Snapshot, name: string): Answer | undefined {
  const device = snapshot.devices.find(({ properties }) => text(properties, "Name") === name);
  if (device === undefined) return undefined;
  return { text: deviceLines(device).join("\n"), json: { Path: device.path, ...device.properties }, bad: true };
}

/** All modems, or everything about one. */
export function modemAnswer(snapshot: Snapshot, name: string | undefined): Answer {
  if (name === undefined) {
    const lines = snapshot.modems.length > 0 ? [modemTable(snapshot), ...modemTroubles(snapshot)] : ["no modem"];
    const rejected = rejectedInDetail(snapshot);
    const below = rejected.length === 0 ? [] : ["", "not driven (wwanctl doctor says more):", ...rejected];
    return {
      text: [...lines, ...below].join("\n"),
      json: snapshot.modems.map((modem) => modemJson(snapshot, modem)),
      bad: snapshot.modems.length === 0,
    };
  }
  const wanted = name.replace(/^\//, "");
  const found = snapshot.modems.find((modem) => nameOf(modem) === wanted);
  if (found)
    return {
      text: detail(snapshot, found),
      json: modemJson(snapshot, found),
      bad: text(found.properties, "Cause") !== "",
    };
  const others = snapshot.devices.map(({ properties }) => text(properties, "Name")).filter((one) => one !== "");
  const names = [...new Set([...snapshot.modems.map(nameOf), ...others])].join(", ");
  return (
    undriven(snapshot, wanted) ?? { text: `no modem "${name}"; there are: ${names || "none"}`, json: null, bad: true }
  );
}
