/**
 * The record of decisions on the disk: pieces with running numbers, readable for the owner only, the oldest goes first. Not
 * synced: a record is worth less than the life of flash memory, and what is torn by a power cut is noticed when it is read.
 */
import { type FileHandle, mkdir, open, readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { RecordSink } from "../network/record/recorder.js";
import type { Clock } from "../runtime/clock.js";
import { errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";

export interface RecordLimits {
  /** Of all pieces together, the one that is being written not counted. */
  readonly bytes: number;
  readonly pieces: number;
  /** What may wait for a disk that is slow; beyond it the rest of the piece is lost. */
  readonly waitingBytes: number;
}

/** After the disk has failed. */
const againMs = 60_000;

const usualLimits: RecordLimits = { bytes: 4 << 20, pieces: 200, waitingBytes: 1 << 20 };

interface Waiting {
  readonly isNew: boolean;
  text: string;
}

/** `000042-20261126T091033Z.record`: the clock may stand in 1970, the number always grows. */
const namePattern = /^(\d{6,})-.*\.record$/;
const numberDigits = 6;

export class RecordFiles implements RecordSink {
  #waiting: Waiting[] = [];
  #waitingLength = 0;
  /** Since when the piece is lost; undefined: it is not. */
  #lostAtMs: number | undefined;
  #isTold = false;
  #file: FileHandle | undefined;
  #working: Promise<void> | undefined;

  constructor(
    private readonly folder: string,
    private readonly log: Log,
    private readonly clock: Clock,
    private readonly limits: RecordLimits = usualLimits,
  ) {}

  begin(): void {
    this.#lostAtMs = undefined;
    this.#waiting.push({ isNew: true, text: "" });
  }

  add(line: string): boolean {
    if (this.#lostAtMs !== undefined) return this.clock.nowMs() - this.#lostAtMs < againMs;
    const last = this.#waiting.at(-1);
    if (last === undefined) this.#waiting.push({ isNew: false, text: line });
    else last.text += line;
    this.#waitingLength += line.length;
    if (this.#waitingLength > this.limits.waitingBytes) this.#lose("the disk is too slow");
    this.#working ??= this.#work();
    return true;
  }

  /** Resolves when what was added is written. */
  async close(): Promise<void> {
    await this.#working;
    await this.#file?.close();
    this.#file = undefined;
  }

  async #work(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#waitingLength -= next.text.length;
      try {
        if (next.isNew) await this.#openNext();
        await this.#file?.appendFile(next.text);
        this.#isTold = false;
      } catch (error) {
        this.#lose(errorText(error));
        await this.#file?.close().catch(() => undefined); // the disk's failure has been told
        this.#file = undefined;
      }
    }
    this.#working = undefined;
  }

  #lose(cause: string): void {
    this.#lostAtMs ??= this.clock.nowMs();
    this.#waiting = [];
    this.#waitingLength = 0;
    if (this.#isTold) return;
    this.#isTold = true;
    this.log.warning("decisions are not recorded for a while", { cause });
  }

  async #openNext(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const names = await this.#names();
    await this.#makeRoom(names);
    const number = numberOf(names.at(-1) ?? "") + 1;
    const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
    const name = `${String(number).padStart(numberDigits, "0")}-${time}.record`;
    this.#file = await open(join(this.folder, name), "ax", 0o600);
  }

  async #names(): Promise<readonly string[]> {
    const names = (await readdir(this.folder)).filter((name) => namePattern.test(name));
    return names.sort((a, b) => numberOf(a) - numberOf(b));
  }

  async #makeRoom(names: readonly string[]): Promise<void> {
    let [count, total] = [0, 0];
    for (const name of [...names].reverse()) {
      const path = join(this.folder, name);
      count += 1;
      total += (await stat(path)).size;
      if (count >= this.limits.pieces || total > this.limits.bytes) await unlink(path);
    }
  }
}

const numberOf = (name: string): number => Number(namePattern.exec(name)?.[1] ?? 0);
