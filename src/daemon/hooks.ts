/** Programs of the administrator's that hear what happens: one after the other, each with a deadline, never in the way. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../runtime/clock.js";
import { errnoOf, errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { Program } from "../runtime/program.js";
import type { HookEvent } from "./hook-events.js";

/** For one program; then it is ended. */
export const hookTimeoutMs = 30_000;
/** From SIGTERM to SIGKILL. */
const graceMs = 1_000;
/** What waits while a program takes its time; beyond it the oldest event is dropped. */
const mostWaiting = 32;
/** Of one program's output; the rest is left out of the log. */
const mostLines = 50;
const mostCharacters = 500;

const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface HooksRoom {
  /** Asked at every event: the configuration may be read again. */
  folder(): string;
  readonly clock: Clock;
  readonly log: Log;
}

export class Hooks {
  /** Why a program was left out when that was told, by name. */
  readonly #told = new Map<string, string>();
  #waiting: readonly HookEvent[] = [];
  #running: Program | undefined;
  #turn: Promise<void> | undefined;
  #isClosed = false;

  constructor(private readonly room: HooksRoom) {}

  /** Returns at once. */
  tell(event: HookEvent): void {
    if (this.#isClosed) return;
    const dropped = this.#waiting.length - mostWaiting + 1;
    if (dropped > 0) this.room.log.warning("hooks are too slow: the oldest event is dropped", { event: event.name });
    this.#waiting = [...this.#waiting.slice(Math.max(dropped, 0)), event];
    this.#turn ??= this.#work().finally(() => {
      this.#turn = undefined;
    });
  }

  /** Ends the program that runs; what waits is not told any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#waiting = [];
    await this.#running?.stop(this.room.clock, graceMs);
    await this.#turn;
  }

  async #work(): Promise<void> {
    for (let [event] = this.#waiting; event !== undefined; [event] = this.#waiting) {
      this.#waiting = this.#waiting.slice(1);
      for (const file of this.#files()) if (!this.#isClosed) await this.#run(file, event);
    }
  }

  /** In name order. A program that others may write would run with wwand's rights. */
  #files(): readonly string[] {
    const { log } = this.room;
    const folder = this.room.folder();
    try {
      const names = readdirSync(folder).filter((name) => !name.startsWith(".") && !name.endsWith("~"));
      return names.sort().flatMap((name) => {
        const problem = problemOf(join(folder, name));
        if (problem === undefined) return [join(folder, name)];
        if (problem !== notExecutable) this.#tellOnce(name, problem);
        return [];
      });
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") log.warning(`hooks cannot be read: ${errorText(error)}`, { folder });
      return [];
    }
  }

  /** Not at every event, until it is another problem. */
  #tellOnce(name: string, problem: string): void {
    if (this.#told.get(name) === problem) return;
    this.#told.set(name, problem);
    this.room.log.warning(`hook ${name} is left out: ${problem}`);
  }

  async #run(file: string, { name, about }: HookEvent): Promise<void> {
    const { clock, log } = this.room;
    const own = log.child(file.split("/").at(-1) ?? file);
    const variables = Object.entries(about).map(([key, value]) => [`WWAND_${key}`, value] as const);
    let lines = 0;
    const program = new Program({
      command: [file],
      env: { PATH: path, WWAND_EVENT: name, ...Object.fromEntries(variables) },
      onLine: (line) => {
        lines += 1;
        if (lines <= mostLines) own.info(line.slice(0, mostCharacters));
      },
    });
    this.#running = program;
    let isLate = false;
    const cancel = clock.after(hookTimeoutMs, () => {
      isLate = true;
      void program.stop(clock, graceMs);
    });
    const { exitCode, signal, error } = await program.ended;
    cancel();
    this.#running = undefined;
    if (isLate) own.warning(`ended after ${hookTimeoutMs / 1_000} s`, { event: name });
    else if (error) own.warning(`could not be started: ${errorText(error)}`, { event: name });
    else if (exitCode !== 0 && !this.#isClosed) own.warning("failed", { event: name, exitCode, signal });
    if (lines > mostLines) own.warning(`${lines - mostLines} lines of output are left out`, { event: name });
  }
}

/** Somebody's notes beside the hooks, or one that is switched off. */
const notExecutable = "it is not executable";

/** Why it is not run. Of each by itself: a link that leads nowhere is no reason to leave the others out. */
function problemOf(file: string): string | undefined {
  try {
    const { mode, uid } = statSync(file);
    if ((mode & 0o111) === 0) return notExecutable;
    const isOurs = (uid === 0 || uid === process.getuid?.()) && (mode & 0o022) === 0;
    return isOurs ? undefined : "others than root may change it (chown root, chmod go-w)";
  } catch (error) {
    return errorText(error);
  }
}
