/** What a command has to say: for a person, for a program, and for a shell script. */
import type { Call, Plain } from "./snapshot.js";

export interface Answer {
  readonly text: string;
  readonly json: Plain;
  /** The answer itself is bad news (nothing is online, no such uplink): exit code 1. */
  readonly bad: boolean;
}

/** Asks, prints the answer, and remembers the exit code. */
export type Run = (ask: (call: Call) => Promise<Answer>) => Promise<void>;
