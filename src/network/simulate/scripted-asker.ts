/** Questions of checks, answered as the timeline says. */
import type { Clock } from "../../runtime/clock.js";
import { questionBytes } from "../policy/probe-bytes.js";
import type { Answer, OpenAsker } from "../probe/ask.js";
import type { IpFamily } from "../types.js";
import type { Answers } from "./types.js";

/** What becomes of questions now. */
export interface Answering {
  answering(uplink: string, family: IpFamily): { readonly answers: Answers; readonly loss: number };
}

/** Of a login page. */
const portalMs = 20;

/** An unanswered question costs as much data as an answered one: a budget is spent sooner here than it would be. */
export function scriptedAsker(world: Answering, clock: Clock, seed: number): OpenAsker {
  const chances = new Map<string, () => number>();
  return (family, { uplink, spent }) => {
    // Each has its own, which goes on when its prober is made anew: what one uplink loses changes nothing for another.
    const key = `${uplink} ${family}`;
    const chance = chances.get(key) ?? chanceOf(seed, key);
    chances.set(key, chance);
    return {
      ask: (target, signal) => {
        spent(questionBytes(target, family));
        const { answers, loss } = world.answering(uplink, family);
        if (answers === "none" || (loss > 0 && chance() < loss)) return answered(clock, undefined, signal);
        const portal = { roundTripMs: portalMs, portal: "a login page, by the timeline" };
        return answered(clock, answers === "portal" ? portal : { roundTripMs: answers }, signal);
      },
      close: () => undefined,
    };
  };
}

function answered(clock: Clock, answer: Answer | undefined, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const cancel = answer ? clock.after(answer.roundTripMs, () => resolve(answer)) : () => undefined;
    const abort = () => {
      cancel();
      reject(signal.reason);
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}

/** mulberry32, begun at another place for each key. Values from 0 up to 1. */
function chanceOf(seed: number, key: string): () => number {
  let state = [...key].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), seed) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
