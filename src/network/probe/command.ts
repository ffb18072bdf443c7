/** A program as a question: exit code 0 is the answer. No shell, no input, and nothing of it outlives its deadline. */
import { type ChildProcess, spawn } from "node:child_process";
import type { IpFamily } from "../types.js";
import type { Via } from "./ask.js";

type Command = readonly [path: string, ...args: string[]];

/** Of what a program complains about, so much is shown. */
const complaintBytes = 200;

export class Commands {
  readonly #running = new Map<string, ChildProcess>();

  constructor(
    private readonly family: IpFamily,
    private readonly via: Via,
  ) {}

  /** Rejects with the first line of its standard error, or how it ended; at once where its last run has not ended yet. */
  async run(command: Command, signal: AbortSignal): Promise<object> {
    const key = command.join("\0");
    if (this.#running.has(key)) throw new Error("its last run does not end");
    const child = start(command, environment(this.family, this.via));
    this.#running.set(key, child);
    child.once("close", () => this.#running.delete(key));
    const kill = () => killGroup(child);
    signal.addEventListener("abort", kill, { once: true });
    try {
      await Promise.race([ended(child), abortOf(signal)]);
      return {};
    } finally {
      signal.removeEventListener("abort", kill);
    }
  }

  close(): void {
    for (const child of this.#running.values()) killGroup(child);
  }
}

/** What it may know of the uplink; a PATH, and nothing of the daemon's own. */
function environment(family: IpFamily, { uplink, interfaceName, sourceAddress }: Via): NodeJS.ProcessEnv {
  return {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    WWAND_UPLINK: uplink,
    WWAND_INTERFACE: interfaceName,
    WWAND_FAMILY: String(family),
    ...(sourceAddress !== undefined && { WWAND_SOURCE: sourceAddress }),
  };
}

/** In a process group of its own, so that its children end with it. */
const start = ([path, ...args]: Command, env: NodeJS.ProcessEnv): ChildProcess =>
  spawn(path, args, { env, detached: true, stdio: ["ignore", "ignore", "pipe"] });

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It ended a moment ago.
  }
}

function ended(child: ChildProcess): Promise<void> {
  let complaint = "";
  child.stderr?.on("data", (bytes: Buffer) => {
    if (complaint.length < complaintBytes) complaint += bytes.toString("utf8");
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, killedBy) => {
      if (code === 0) return resolve();
      const line = complaint.trim().split("\n", 1)[0]?.slice(0, complaintBytes);
      reject(new Error(line || (code === null ? `ended by ${killedBy}` : `exit code ${code}`)));
    });
  });
}

const abortOf = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
