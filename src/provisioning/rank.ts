/** Which of a network's access points is the internet's, best first. A function of the database's entries. */
import { isApn } from "../modem/context-settings.js";
import type { ProviderApn } from "./provider-database.js";

export interface RankWishes {
  /** What the card calls its operator: it tells the customers of a virtual operator from those of its host. */
  readonly serviceProviderName?: string | undefined;
}

interface UsageRow {
  readonly usage: string | undefined;
  /** Smaller is better. */
  readonly rank: number;
  readonly because: string;
}

/** Usages that carry the internet; any other (mms, wap, ia, ims) does not, or not for everybody. */
const internetUsages: readonly UsageRow[] = [
  { usage: "internet", rank: 0, because: "says so" },
  { usage: "mms-internet-hipri", rank: 0, because: "one access point for everything, the internet first" },
  { usage: "mms-internet-hipri-fota", rank: 0, because: "the same, and for the operator's updates" },
  { usage: undefined, rank: 1, because: "most entries without a usage are older internet ones" },
];

interface WordRow {
  readonly word: RegExp;
  readonly rank: number;
  readonly because: string;
}

/** Words in the APN or its name; an entry without any ranks 0. The first row that fits counts. */
const words: readonly WordRow[] = [
  { word: /\bdefault\b/i, rank: -1, because: "the operator's own first choice" },
  {
    word: /\b(wap|mms|ims|xcap|supl|fota)\b|^wap|^mms/i,
    rank: 3,
    because: "made for something else, whatever its usage",
  },
  { word: /\b(iot|m2m|telemetry)\b/i, rank: 2, because: "for machines with a contract of their own" },
  { word: /\b(vpn|corporate|business|company|static|fixed ip)\b/i, rank: 2, because: "for contracts of companies" },
  { word: /\b(black ?berry|iphone|tether\w*|hotspot)\b/i, rank: 2, because: "for one kind of device or an option" },
  { word: /\b(test|beta|deprecated|old|legacy)\b/i, rank: 2, because: "not meant to last" },
  { word: /\bipv6[- ]only\b/i, rank: 2, because: "needs a host without IPv4" },
  { word: /\b(day|event|session|sessions|websessions|pass)\b/i, rank: 1, because: "sold by the day" },
];

const usageRank = ({ usage }: ProviderApn): number | undefined =>
  internetUsages.find((row) => row.usage === usage)?.rank;

const wordRank = ({ apn, name = "" }: ProviderApn): number =>
  words.find(({ word }) => word.test(apn) || word.test(name))?.rank ?? 0;

const folded = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");

function namesOperator({ provider, name }: ProviderApn, serviceProviderName: string): boolean {
  const wanted = folded(serviceProviderName);
  return wanted !== "" && [provider, name ?? ""].some((known) => folded(known) === wanted);
}

/** One number for each rule, the weightiest first. */
const ranksOf = (apn: ProviderApn, { serviceProviderName = "" }: RankWishes): readonly number[] => [
  namesOperator(apn, serviceProviderName) ? 0 : 1,
  usageRank(apn) ?? 0,
  // Contract over prepaid; who sells one thing only does not say which.
  apn.plans.length > 0 && !apn.plans.includes("postpaid") ? 1 : 0,
  apn.primary ? 0 : 1,
  -apn.networks,
  apn.providerIndex,
  wordRank(apn),
];

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((rank, index) => rank !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

const keyOf = ({ apn, username, password }: ProviderApn): string =>
  JSON.stringify([apn.toLowerCase(), username, password]);

/** Access points for the internet, best first, each once. Equal ones keep the order of the database. */
export function rankInternet(apns: readonly ProviderApn[], wishes: RankWishes = {}): readonly ProviderApn[] {
  const usable = apns.filter((apn) => usageRank(apn) !== undefined && isApn(apn.apn));
  const ranked = usable
    .map((apn) => ({ apn, ranks: ranksOf(apn, wishes) }))
    .sort((a, b) => compare(a.ranks, b.ranks))
    .map(({ apn }) => apn);
  const seen = new Set<string>();
  return ranked.filter((apn) => seen.size !== seen.add(keyOf(apn)).size);
}

/** The access point for MMS that belongs to `internet`, where its provider has exactly one with a message center. */
export function mmsBeside(internet: ProviderApn, apns: readonly ProviderApn[]): ProviderApn | undefined {
  const own = apns.filter(
    ({ usage, providerIndex, mmsc, apn }) =>
      usage === "mms" && providerIndex === internet.providerIndex && mmsc !== "" && isApn(apn),
  );
  const different = new Map(own.map((apn) => [JSON.stringify([apn.apn, apn.mmsc, apn.mmsProxy]), apn]));
  return different.size === 1 ? own[0] : undefined;
}
