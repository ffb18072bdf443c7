/** `wwanctl modem compositions|switch`: what a device is on USB, what else it can be, and making it that. */
import type { Answer } from "./answer.js";
import {
  type Call,
  isDict,
  type ObjectSnapshot,
  type PlainDict,
  readSnapshot,
  type Snapshot,
  text,
  texts,
} from "./snapshot.js";

/** The command, leaving the bus, coming back, being asked: the daemon's own deadlines end before. */
const switchTimeoutMs = 200_000;

type Action = (call: Call, name: string, words: readonly string[]) => Promise<Answer>;

/** By its name, the modem made of it, or where it is plugged in; every device that has a composition to speak of, without one. */
function devicesCalled({ devices }: Snapshot, name: string): readonly ObjectSnapshot[] {
  if (name === "") return devices.filter((device) => othersOf(device).length > 0);
  const wanted = name.replace(/^\//, "");
  return devices.filter(({ properties }) =>
    [text(properties, "Name"), text(properties, "Modem").slice(1), text(properties, "Address")].includes(wanted),
  );
}

const othersOf = ({ properties: { OtherCompositions: others } }: ObjectSnapshot): readonly PlainDict[] =>
  Array.isArray(others) ? others.filter(isDict) : [];

const calledOf = ({ properties }: ObjectSnapshot): string => text(properties, "Name") || text(properties, "Address");

const noSuch = (name: string): Answer => ({
  text: name === "" ? "no device with other compositions" : `no device "${name}" (see wwanctl doctor)`,
  json: null,
  bad: true,
});

function linesOf(device: ObjectSnapshot): readonly string[] {
  const { properties } = device;
  const others = othersOf(device);
  const now = `${calledOf(device)} (${text(properties, "Ids")}): ${text(properties, "Composition")}`;
  if (others.length === 0) return [`${now}; what else it could be is not known`];
  return [
    `${now}; it can be:`,
    ...others.map((one) => `  ${text(one, "name")} (${text(one, "ids")}): ${texts(one, "commands").join(", then ")}`),
    `  mind: ${text(properties, "CompositionRisk")}`,
    `  source: ${text(properties, "CompositionSource")}`,
    `  do: wwanctl modem switch ${calledOf(device)} ${others.map((one) => text(one, "name")).join("|")}`,
  ];
}

const jsonOf = (device: ObjectSnapshot): PlainDict => ({
  Name: calledOf(device),
  Path: device.path,
  Ids: device.properties.Ids ?? "",
  Composition: device.properties.Composition ?? "",
  OtherCompositions: [...othersOf(device)],
  CompositionRisk: device.properties.CompositionRisk ?? "",
  CompositionSource: device.properties.CompositionSource ?? "",
});

const compositions: Action = async (call, name) => {
  const found = devicesCalled(await readSnapshot(call), name);
  if (found.length === 0) return noSuch(name);
  return { text: found.flatMap(linesOf).join("\n"), json: found.map(jsonOf), bad: false };
};

/** Of a device that has no driver here now, or whose drivers lack something, it is not good news. */
function switchedAnswer([composition, ids, name, back, summary]: readonly string[]): Answer {
  const lines = [
    `it is ${composition} (${ids}) now${name === "" ? "" : `: ${name}`}`,
    ...(name === "" ? [summary] : []),
    back === "" ? "the way back is not known" : `back: wwanctl modem switch ${name === "" ? "NAME" : name} ${back}`,
  ];
  const json = {
    Composition: composition ?? "",
    Ids: ids ?? "",
    Name: name ?? "",
    Back: back ?? "",
    Summary: summary ?? "",
  };
  return { text: lines.join("\n"), json, bad: name === "" };
}

const switchTo: Action = async (call, name, [wanted, ...more]) => {
  if (wanted === undefined || more.length > 0)
    throw new Error("expected one composition, as wwanctl modem compositions lists them");
  const [device] = name === "" ? [] : devicesCalled(await readSnapshot(call), name);
  if (device === undefined) return noSuch(name);
  const ask = ["net.wwand", device.path, "net.wwand.Device1", "SwitchComposition", "s", [wanted]] as const;
  return switchedAnswer((await call(...ask, { timeoutMs: switchTimeoutMs })).map(String));
};

export const compositionActions = {
  compositions: { help: "what it is on USB, what else it can be, and how", takesWords: false, run: compositions },
  switch: { help: "makes it that and waits until it is back: switch NAME MBIM", takesWords: true, run: switchTo },
} satisfies Readonly<Record<string, { readonly help: string; readonly takesWords: boolean; run: Action }>>;
