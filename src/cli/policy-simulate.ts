/** `wwanctl policy simulate`: what a policy would decide as a timeline goes by. */
import { loadPolicy } from "../config/policy.js";
import { timelineFrom } from "../config/timeline.js";
import { packetAnswer } from "../network/packet/answer.js";
import { packetFrom } from "../network/packet/packet.js";
import type { PacketAnswer } from "../network/packet/types.js";
import { bytesText } from "../network/policy/bytes-text.js";
import { asDecided } from "../network/simulate/as-decided.js";
import { simulate } from "../network/simulate/simulate.js";
import type { SimulatedSwitch, Timeline, UplinkNews } from "../network/simulate/types.js";
import type { Answer } from "./answer.js";
import { inputText } from "./input-text.js";
import { refusalAnswer } from "./policy-refusal.js";
import type { Plain } from "./snapshot.js";

/**
 * Needs no daemon. Bad news: a mistake in the policy or in the timeline.
 * @param file `-`: standard input
 * @param words Of a packet: where it would go at the end
 */
export async function policySimulateAnswer(
  places: readonly string[],
  file: string,
  words?: Readonly<Record<string, string>>,
): Promise<Answer> {
  try {
    const policy = loadPolicy(places);
    const timeline = timelineFrom(file === "-" ? "standard input" : file, inputText(file), policy);
    const packet = words && packetFrom(words);
    const ways: PacketAnswer[] = [];
    const switches = await simulate(policy, timeline, (decisions) => {
      if (packet !== undefined) ways.push(packetAnswer(decisions, packet, asDecided(decisions, packet)));
    });
    return {
      text: [textOf(timeline, switches), ...ways.flatMap(({ because }) => ["", ...because])].join("\n"),
      json: {
        ...{ generation: policy.generation, untilMs: timeline.endMs, switches: switches.map(switchJson) },
        ...(packet && { packet: ways.map(wayJson)[0] ?? null }),
      },
      bad: false,
    };
  } catch (error) {
    return refusalAnswer(error);
  }
}

interface Line {
  readonly atMs: number;
  readonly text: string;
}

/** What happened and what was decided, in one column of time; at one moment what happened comes first. */
function textOf({ news, endMs }: Timeline, switches: readonly SimulatedSwitch[]): string {
  const lines: readonly Line[] = [
    ...news.map((one) => ({ atMs: one.atMs, text: newsText(one) })),
    ...switches.map((one) => ({ atMs: one.atMs, text: switchText(one) })),
    { atMs: endMs, text: "end" },
  ];
  return [...lines]
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, text }) => `${momentText(atMs)}  ${text}`)
    .join("\n");
}

const familyText = (family: string, told: object): string =>
  `${family} ${Object.entries(told)
    .map(([key, value]) => `${key} ${valueText(key, value)}`)
    .join(", ")}`;

function valueText(key: string, value: unknown): string {
  if (typeof value === "number") return key === "loss" ? `${Number((value * 100).toFixed(1))}%` : `${value}ms`;
  return value === true ? "yes" : value === false ? "no" : String(value);
}

function newsText({ uplink, link, families, hold, roaming, usedBytes }: UplinkNews): string {
  const parts = [
    ...(link === undefined ? [] : [`link ${link}`]),
    ...([4, 6] as const).flatMap((family) => (families[family] ? familyText(`IPv${family}`, families[family]) : [])),
    ...(hold === undefined ? [] : [hold === "" ? "no longer held" : `held: ${hold}`]),
    ...(usedBytes === undefined ? [] : [`${bytesText(usedBytes)} go through it`]),
    ...(roaming === undefined ? [] : [roaming === "" ? "its modem is at home" : `its modem roams on ${roaming}`]),
  ];
  return `* ${uplink}: ${parts.join("; ")}`;
}

const indent = " ".repeat("00:00:00.000  ".length);

function switchText({ group, family, from, to, because }: SimulatedSwitch): string {
  const head = `${group} IPv${family}: ${from ?? "none"} -> ${to ?? "none"}`;
  return [head, ...because.map((line) => `${indent}  ${line}`)].join("\n");
}

const wayJson = ({ uplink, next, trafficClass, key, place, group, because }: PacketAnswer): Plain => ({
  ...{ uplink: uplink ?? "", next: next ?? "", class: trafficClass ?? "", key: key ?? "", place: place ?? "" },
  ...{ group: group ?? "", because },
});

const switchJson = ({ atMs, group, family, from, to, because }: SimulatedSwitch): Plain => ({
  ...{ atMs, group, family: family === 4 ? "ipv4" : "ipv6", from: from ?? "", to: to ?? "" },
  because,
});

const hourMs = 3_600_000;
const padded = (amount: number, digits: number): string => String(Math.floor(amount)).padStart(digits, "0");

/** `00:01:30.250`; hours go on after a day. */
const momentText = (ms: number): string =>
  `${padded(ms / hourMs, 2)}:${padded((ms / 60_000) % 60, 2)}:${padded((ms / 1_000) % 60, 2)}.${padded(ms % 1_000, 3)}`;
