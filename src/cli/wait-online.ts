/** `wwanctl wait-online`: for units and scripts that must not begin before there is a way out. */
import { systemClock } from "../runtime/clock.js";
import type { Answer } from "./answer.js";
import { Changes, type LiveBus, readIfThere } from "./live.js";
import { type OnlineSnapshot, type PlainDict, text, texts } from "./snapshot.js";

export interface WaitOptions {
  readonly timeoutMs: number;
  /** This one must be fit to carry traffic, whether it does or not. Absent: any that carries it. */
  readonly uplink?: string;
  /** An answer must have come back through it. */
  readonly isVerified: boolean;
}

/** Where there is no bus yet nothing is signalled. */
const lookAgainMs = 1_000;

/** Bad news: not in time, with the reason of the last look. */
export async function waitOnline(bus: LiveBus, options: WaitOptions): Promise<Answer> {
  const endMs = systemClock.nowMs() + options.timeoutMs;
  // Its failure is the end of the bus, which ends this, too.
  bus.connect(new AbortController().signal).catch(() => undefined);
  const changes = new Changes(bus);
  try {
    for (;;) {
      const standing = standingOf(await readIfThere(bus), options);
      const leftMs = endMs - systemClock.nowMs();
      if (standing.is === "online" || leftMs <= 0) return answerOf(standing);
      await changes.next(Math.min(leftMs, lookAgainMs));
    }
  } finally {
    changes.close();
  }
}

export type Standing =
  | { readonly is: "online"; readonly by: string }
  | { readonly is: "offline"; readonly because: string };

const answerOf = (standing: Standing): Answer =>
  standing.is === "online"
    ? { text: `online by ${standing.by}`, json: { online: true, by: standing.by }, bad: false }
    : { text: `not online: ${standing.because}`, json: { online: false, because: standing.because }, bad: true };

const families = [
  ["4", "Ipv4Uplink"],
  ["6", "Ipv6Uplink"],
] as const;

/** Pure: whether this is what was waited for. */
export function standingOf(snapshot: OnlineSnapshot | undefined, options: WaitOptions): Standing {
  const { uplink, isVerified } = options;
  if (snapshot === undefined) return { is: "offline", because: "wwand does not answer on the bus" };
  const uplinks = snapshot.uplinks.map(({ properties }) => properties);
  if (uplink !== undefined && !uplinks.some((one) => text(one, "Name") === uplink))
    return { is: "offline", because: `there is no uplink "${uplink}"` };
  if (uplinks.length === 0) return { is: "offline", because: "the policy has no uplinks" };
  const ways = families.flatMap(([family, property]) => {
    const wanted = uplink ?? text(snapshot.failover, property);
    const found = uplinks.find((one) => text(one, "Name") === wanted);
    return found ? [{ family, found }] : [];
  });
  const good = ways.find(({ family, found }) => isFit(found, family, options));
  if (good) return { is: "online", by: text(good.found, "Name") };
  return { is: "offline", because: reasonOf(ways[0]?.found, uplinks, isVerified) };
}

const answered = ["up", "suspect", "degraded"];

function isFit(found: PlainDict, family: string, { uplink, isVerified }: WaitOptions): boolean {
  const verdict = text(found, `Verdict${family}`);
  if (text(found, "Presence") !== "present") return false;
  // What carries traffic may: a group can ignore a cap, and other programs ask no policy.
  if (uplink !== undefined && text(found, "Eligibility") !== "ok") return false;
  return answered.includes(verdict) || (!isVerified && verdict === "unverified");
}

/** One sentence: of the uplink that it is about, or of all when none carries anything. */
function reasonOf(uplink: PlainDict | undefined, uplinks: readonly PlainDict[], isVerified: boolean): string {
  if (uplink === undefined) {
    const each = uplinks.map((one) => `${text(one, "Name")} is ${text(one, "Presence")}`);
    return `no uplink carries traffic (${each.join(", ")})`;
  }
  const unverified = isVerified && families.some(([family]) => text(uplink, `Verdict${family}`) === "unverified");
  const what = unverified ? "is not verified" : "is not fit for traffic";
  return `${text(uplink, "Name")} ${what} (${texts(uplink, "Because").join("; ")})`;
}
