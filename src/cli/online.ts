/** Whether the machine is online, by what, since when, and what is behind that: the first lines of `status`. Pure. */
import { ageText } from "../network/policy/durations.js";
import { isDict, type OnlineSnapshot, type PlainDict, text, texts } from "./snapshot.js";

const families = [
  { word: "ipv4", name: "IPv4", carrier: "Ipv4Uplink", verdict: "Verdict4" },
  { word: "ipv6", name: "IPv6", carrier: "Ipv6Uplink", verdict: "Verdict6" },
] as const;
type Family = (typeof families)[number];

/** One family's way out. */
interface Way {
  readonly family: Family;
  readonly uplink: string;
  /** Of the uplink; empty where the daemon shows no such uplink. */
  readonly verdict: string;
  /** Since it was asked last. */
  readonly askedAgoMs: number;
  /** The switch that brought traffic there; empty where it is not known. */
  readonly move: PlainDict;
}

const deadTexts: Readonly<Record<string, string>> = {
  down: "where nothing answers",
  portal: "which leads to a login page",
};
const isDead = ({ verdict }: Way): boolean => verdict in deadTexts;

const waysOf = (snapshot: OnlineSnapshot): readonly Way[] =>
  families.flatMap((family) => {
    const uplink = text(snapshot.failover, family.carrier);
    if (uplink === "") return [];
    const found = snapshot.uplinks.find(({ properties }) => text(properties, "Name") === uplink);
    const properties = found?.properties ?? {};
    const [verdict, askedAgoMs] = [text(properties, family.verdict), Number(text(properties, "VerdictAgeMs"))];
    return [{ family, uplink, verdict, askedAgoMs, move: moveTo(snapshot, family, uplink) }];
  });

/** None where another program has moved it since. */
function moveTo({ failover: { LastSwitches: told } }: OnlineSnapshot, { word }: Family, uplink: string): PlainDict {
  const moves = Array.isArray(told) ? told.filter(isDict) : [];
  const last = moves.find((move) => text(move, "family") === word) ?? {};
  return text(last, "to") === uplink ? last : {};
}

const atMs = ({ move }: Way): number => Date.parse(text(move, "at")) || 0;

/** One reason moves both families, a moment apart. */
const oneMoveMs = 60_000;

const isSameWay = (a: Way, b: Way): boolean =>
  a.uplink === b.uplink &&
  a.verdict === b.verdict &&
  text(a.move, "from") === text(b.move, "from") &&
  Math.abs(atMs(a) - atMs(b)) < oneMoveMs;

function sinceText({ move }: Way): string {
  const [at, from] = [text(move, "at").replace(/\.\d+/, ""), text(move, "from")];
  return at === "" ? "" : ` since ${at}${from === "" ? "" : `, before that by ${from}`}`;
}

function wayText(way: Way): string {
  if (isDead(way)) return `by ${way.uplink}, ${deadTexts[way.verdict]}`;
  return `by ${way.uplink}${sinceText(way)}${noteText(way)}`;
}

/** What somebody has to know who takes it for online: a metered uplink is asked seldom. */
function noteText({ verdict, askedAgoMs }: Way): string {
  if (verdict === "unverified") return ", not verified: nothing has answered yet";
  return askedAgoMs < longAgoMs ? "" : `, as of ${ageText(askedAgoMs)} ago`;
}

const longAgoMs = 10_000;

/** Not where nothing answers, though the route may have stayed there; what nobody could verify may be fine. */
export function isOnline(snapshot: OnlineSnapshot): boolean {
  const ways = waysOf(snapshot);
  const isVerified = (way: Way) => !isDead(way) && way.verdict !== "unverified";
  return ways.some(isVerified) || (ways.length > 0 && !ways.some(isDead));
}

export function headline(snapshot: OnlineSnapshot): string {
  if (snapshot.uplinks.length === 0)
    return "no policy is in force: nothing is checked, routes and name servers are left alone";
  const [first, second] = waysOf(snapshot);
  if (first === undefined) return "OFFLINE: no uplink carries traffic";
  const head = isOnline(snapshot) ? "online" : "OFFLINE: traffic goes";
  if (second === undefined) return `${head} ${wayText(first)} (${first.family.name} only)`;
  if (isSameWay(first, second)) return `${head} ${wayText(first)}`;
  return `${head}: ${[first, second].map((way) => `${way.family.name} ${wayText(way)}`).join("; ")}`;
}

const carries = (snapshot: OnlineSnapshot, uplink: PlainDict): boolean =>
  families.some(({ carrier }) => text(snapshot.failover, carrier) === text(uplink, "Name"));

/** Whether there is somewhere to go when the carrying uplink fails; nothing where there is one uplink only. */
export function backupLines(snapshot: OnlineSnapshot): readonly string[] {
  const inTiers = snapshot.uplinks.map(({ properties }) => properties).filter((one) => Number(text(one, "Tier")) > 0);
  const others = inTiers.filter((one) => !carries(snapshot, one));
  if (others.length === 0 || inTiers.length < 2) return [];
  const usable = others.flatMap((one) => backupText(one) ?? []);
  if (usable.length > 0) return usable.map((line) => `backup: ${line}`);
  return [`NO BACKUP: ${others.map((one) => `${text(one, "Name")} is ${unfitText(one)}`).join("; ")}`];
}

/** Undefined: it is none. */
function backupText(uplink: PlainDict): string | undefined {
  const [name, presence] = [text(uplink, "Name"), text(uplink, "Presence")];
  if (text(uplink, "Eligibility") !== "ok") return undefined;
  if (presence === "standby") return `${name} ${texts(uplink, "Because").join("; ")}`;
  if (presence !== "present") return undefined;
  const verdicts = families.map(({ verdict }) => text(uplink, verdict));
  const isAsked = Array.isArray(uplink.Targets) && uplink.Targets.length > 0;
  if (verdicts.includes("up"))
    return isAsked ? `${name} is good, asked ${askedText(uplink)} ago` : `${name} is there; nothing checks it`;
  const worse = ["suspect", "degraded"].find((verdict) => verdicts.includes(verdict));
  if (worse) return `${name} answers, but is ${worse}`;
  return verdicts.every((verdict) => verdict === "unverified")
    ? `${name} is not verified: nothing has answered there yet`
    : undefined;
}

const askedText = (uplink: PlainDict): string => ageText(Number(text(uplink, "VerdictAgeMs")));

function unfitText(uplink: PlainDict): string {
  if (text(uplink, "Eligibility") !== "ok") return text(uplink, "Eligibility");
  const presence = text(uplink, "Presence");
  if (presence !== "present") return presence;
  const [ipv4 = "", ipv6 = ""] = families.map(({ verdict }) => text(uplink, verdict));
  return ipv4 === ipv6 ? ipv4 : `${ipv4} by IPv4, ${ipv6} by IPv6`;
}
