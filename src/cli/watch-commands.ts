/** Commands that stay: until something is true, or until somebody ends them. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { parseDurationMs } from "../config/units.js";
import type { Answer } from "./answer.js";
import type { LiveBus } from "./live.js";
import { type MonitorEvent, monitor } from "./monitor.js";
import { waitOnline } from "./wait-online.js";

/** An answer at the end, or nothing: all was said meanwhile. */
type RunLive = (ask: (bus: LiveBus) => Promise<Answer | undefined>) => Promise<void>;

interface WaitFlags {
  readonly timeout: number;
  readonly uplink?: string;
  readonly verified?: boolean;
}

function duration(words: string): number {
  const ms = parseDurationMs(words);
  if (ms === undefined) throw new InvalidArgumentError('It is a duration with its unit, e.g. "30s" or "2m".');
  return ms;
}

export function watchCommands(program: Command, run: RunLive, out: (line: string) => void): void {
  program
    .command("wait-online")
    .description("waits until an uplink carries traffic; exit 1 and the reason when it takes too long")
    .addOption(new Option("--timeout <duration>", "how long").argParser(duration).default(120_000, "2m"))
    .option("--uplink <name>", "until this one could carry traffic, whether it does or not")
    .option("--verified", "until an answer has come back through it")
    .action(({ timeout, uplink, verified = false }: WaitFlags) =>
      run((bus) =>
        waitOnline(bus, { timeoutMs: timeout, isVerified: verified, ...(uplink !== undefined && { uplink }) }),
      ),
    );
  program
    .command("monitor")
    .description("switches, verdicts, modems, a line for each as it happens; with --json an object for each")
    .action(() =>
      run(async (bus) => {
        const ended = new AbortController();
        for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => ended.abort());
        const { json = false } = program.opts<{ json?: boolean }>();
        await monitor(bus, (event) => out(lineOf(event, json)), ended.signal);
        return undefined;
      }),
    );
}

function lineOf({ event, text, json }: MonitorEvent, asJson: boolean): string {
  const at = new Date().toISOString();
  return asJson ? JSON.stringify({ at, event, ...json }) : `${at} ${text}`;
}
