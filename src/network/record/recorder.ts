/** Follows the decisions of the runner and tells a sink the lines of their record. */
import { createHash } from "node:crypto";
import type { Decided, DecisionBasis, PlanMemory } from "../plan/types.js";
import type { Policy } from "../policy/types.js";
import { sumOf } from "./lines.js";
import { isOnlyLater, movesOf } from "./moves.js";
import { changeOf, matters, seenOf } from "./seen.js";
import { type RecordedPolicy, type RecordLine, recordVersion, type SeenChange, type SeenUplink } from "./types.js";

/** Where a record goes: piece by piece, each whole in itself. */
export interface RecordSink {
  /** What follows is of a new piece. */
  begin(): void;
  /** One line, its end included. False: this piece is lost, another one may begin. */
  add(line: string): boolean;
}

/** One decision and all that it was made from. */
export interface DecidedTurn {
  readonly policy: Policy;
  readonly basis: DecisionBasis;
  readonly previous: PlanMemory;
  readonly decided: Decided;
  readonly nowMs: number;
  /** The clock on the wall, in milliseconds since 1970. */
  readonly wallMs: number;
}

export interface RecorderOptions {
  /** Version of the daemon. */
  readonly wwand: string;
  /** A piece that is larger than this ends. Default: 256 KiB, some thousand decisions. */
  readonly pieceBytes?: number;
}

const usualPieceBytes = 256 << 10;

export class Recorder {
  #generation: string | undefined;
  #seen: ReadonlyMap<string, SeenUplink> = new Map();
  #sum = "";
  /** Of this piece; undefined: none has begun. */
  #bytes: number | undefined;

  constructor(
    private readonly sink: RecordSink,
    private readonly options: RecorderOptions,
  ) {}

  /** Of turns in which nothing but time has passed, and nothing moved or began, nothing is recorded: they decide the same again. */
  turn(turn: DecidedTurn): void {
    const { policy, basis, previous, decided, nowMs, wallMs } = turn;
    if (this.#bytes === undefined || policy.generation !== this.#generation) this.#beginPolicy(turn);
    const seen = new Map(basis.uplinks.map((one) => [one.name, seenOf(one, nowMs, this.#seen.get(one.name))]));
    const changes = Object.entries(this.#changes(seen));
    const moved = movesOf(previous, decided);
    const isNews =
      changes.some(([, change]) => matters(change)) || !isOnlyLater(previous, decided.next, basis.elapsedMs);
    if (!isNews && moved.length === 0 && !basis.isRecalled) return;
    this.#seen = seen;
    this.#add({
      ...{ is: "turn", ms: nowMs, at: wallMs },
      ...(changes.length > 0 && { seen: Object.fromEntries(changes) }),
      ...(basis.isRecalled && { recalled: true }),
      ...(basis.isNewPolicy && { reloaded: true }),
      ...(moved.length > 0 && { moved }),
    });
    if ((this.#bytes ?? 0) > (this.options.pieceBytes ?? usualPieceBytes)) this.end(nowMs, wallMs);
  }

  /** The piece is whole; a turn after this begins another one. */
  end(nowMs: number, wallMs: number): void {
    if (this.#bytes !== undefined) this.#add({ is: "end", ms: nowMs, at: wallMs });
    this.#bytes = undefined;
  }

  #beginPolicy({ policy, basis, previous, nowMs, wallMs }: DecidedTurn): void {
    if (this.#bytes === undefined) {
      this.sink.begin();
      this.#sum = "";
      this.#bytes = 0;
    }
    this.#generation = policy.generation;
    this.#seen = new Map();
    this.#add({
      ...{ is: "policy", record: recordVersion, wwand: this.options.wwand },
      // What is remembered is of the turn before.
      ...{ ms: nowMs - basis.elapsedMs, at: wallMs - basis.elapsedMs },
      ...{ generation: policy.generation, policy: recordedPolicy(policy), memory: previous },
    });
  }

  #changes(seen: ReadonlyMap<string, SeenUplink>): Readonly<Record<string, SeenChange>> {
    return Object.fromEntries(
      [...seen].flatMap(([name, now]) => {
        const change = changeOf(this.#seen.get(name), now);
        return change === undefined ? [] : [[name, change]];
      }),
    );
  }

  #add(line: RecordLine): void {
    const json = JSON.stringify(line);
    this.#sum = sumOf(this.#sum, json);
    const text = `${this.#sum} ${json}\n`;
    const isKept = this.sink.add(text);
    this.#bytes = isKept ? (this.#bytes ?? 0) + Buffer.byteLength(text) : undefined;
  }
}

const hashDigits = 12;

/** Equal checks have equal hashes. */
export const checkHash = (check: unknown): string =>
  createHash("sha256").update(JSON.stringify(check)).digest("hex").slice(0, hashDigits);

const recordedPolicy = ({ failback, group, groups, uplinks }: Policy): RecordedPolicy => ({
  ...{ failback, group, groups },
  uplinks: uplinks.map(({ name, steadyMs, cost, address: { method }, check }) => ({
    ...{ name, steadyMs, cost, address: { method } },
    ...(check && { check: { name: check.name, hash: checkHash(check) } }),
  })),
});
