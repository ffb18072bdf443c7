/** A record once more: by its own policy, to see the same decided again, or by another one on the same history. Pure. */
import { isDeepStrictEqual } from "node:util";
import { noMemory } from "../plan/memory.js";
import type { DecisionBasis, PlanMemory } from "../plan/types.js";
import { decisions } from "../plan.js";
import type { DecidingPolicy } from "../policy/types.js";
import { dayMinuteIn } from "../uplinks/day-minute.js";
import { movesOf } from "./moves.js";
import { seenAfter, standingOf, unseen } from "./seen.js";
import type { Moved, RecordLine, SeenUplink, TurnLine } from "./types.js";

/** What was decided at one moment of a record. */
export interface Replayed {
  /** Of the record, from 1; absent: by the passing of time, between two lines. */
  readonly line?: number;
  /** The clock on the wall, in milliseconds since 1970. */
  readonly wallMs: number;
  readonly moved: readonly Moved[];
}

export interface Reproduction {
  /** Decisions that came out as recorded. */
  readonly same: readonly Replayed[];
  /** The first that did not: what was recorded and what comes out now. */
  readonly difference?: { readonly line: number; readonly recorded: readonly Moved[]; readonly made: readonly Moved[] };
}

/** Makes every decision again, by the policies of the record. Stops at the first difference: what follows rests on it. */
export function reproduce(lines: readonly RecordLine[]): Reproduction {
  const same: Replayed[] = [];
  let at: Replay | undefined;
  for (const [index, line] of lines.entries()) {
    if (line.is === "policy") at = new Replay(line.policy, line.memory, line);
    if (line.is !== "turn" || at === undefined) continue;
    at.see(line);
    const [made, recorded] = [at.decide(line, line), line.moved ?? []];
    if (!isDeepStrictEqual(made, recorded)) return { same, difference: { line: index + 1, recorded, made } };
    if (made.length > 0) same.push({ line: index + 1, wallMs: line.at, moved: made });
  }
  return { same };
}

/** Verdicts are those of the record, whatever the checks of `policy`. Begins without a memory. */
export function replayBy(policy: DecidingPolicy, lines: readonly RecordLine[]): readonly Replayed[] {
  const decided: Replayed[] = [];
  const note = (wallMs: number, moved: readonly Moved[], line?: number) => {
    if (moved.length > 0) decided.push({ ...(line !== undefined && { line }), wallMs, moved });
  };
  let at: Replay | undefined;
  for (const [index, line] of lines.entries()) {
    at ??= new Replay(policy, noMemory, line);
    for (let due = at.due(); due.ms < line.ms; due = at.due()) note(due.at, at.decide(due));
    if (line.is !== "turn") continue;
    at.see(line);
    note(line.at, at.decide(line, line.recalled ? { recalled: true } : {}), index + 1);
  }
  return decided;
}

interface Moment {
  readonly ms: number;
  readonly at: number;
}

type Said = Pick<TurnLine, "recalled" | "reloaded">;

class Replay {
  readonly #seen = new Map<string, SeenUplink>();
  #againInMs: number | undefined;

  constructor(
    private readonly policy: DecidingPolicy,
    private memory: PlanMemory,
    private last: Moment,
  ) {}

  see({ seen = {} }: TurnLine): void {
    for (const [name, change] of Object.entries(seen))
      this.#seen.set(name, seenAfter(this.#seen.get(name) ?? unseen, change));
  }

  /** When time alone may bring another decision. */
  due(): Moment {
    const inMs = this.#againInMs ?? Number.POSITIVE_INFINITY;
    return { ms: this.last.ms + inMs, at: this.last.at + inMs };
  }

  decide(now: Moment, said: Said = {}): readonly Moved[] {
    const decided = decisions(this.policy, this.#basis(now, said), this.memory);
    const moved = movesOf(this.memory, decided);
    this.memory = decided.next;
    this.last = { ms: now.ms, at: now.at };
    this.#againInMs = decided.againInMs;
    return moved;
  }

  #basis({ ms, at }: Moment, { recalled, reloaded }: Said): DecisionBasis {
    const { mode } = this.policy.failback;
    const dayMinute = mode.is === "window" ? dayMinuteIn(mode.window.zone, new Date(at)) : undefined;
    return {
      uplinks: this.policy.uplinks.map(({ name }) => standingOf(name, this.#seen.get(name) ?? unseen, ms)),
      elapsedMs: ms - this.last.ms,
      ...(dayMinute !== undefined && { dayMinute }),
      ...(recalled && { isRecalled: true }),
      ...(reloaded && { isNewPolicy: true }),
    };
  }
}
