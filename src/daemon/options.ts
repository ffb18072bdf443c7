/** The command line of `wwand`. What it sets wins over wwand.toml. */
import { Command, Option } from "commander";
import { type LogLevel, logLevels } from "../runtime/log.js";
import { version } from "../runtime/version.js";

/** sysexits.h where it has a word; systemd shows these numbers. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  config: 78,
} as const;

export interface DaemonOptions {
  /** Absent: /etc/wwand/wwand.toml where it exists, else defaults. */
  readonly config?: string;
  readonly policyDir?: readonly string[];
  readonly stateDir?: string;
  readonly runtimeDir?: string;
  readonly bus?: string;
  readonly modem?: readonly string[];
  readonly logLevel?: LogLevel;
  readonly logFrames?: boolean;
}

const collect = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

/** Parses `argv` (without node and script). Prints help or the complaint itself and throws CommanderError then. */
export function parseOptions(argv: readonly string[]): DaemonOptions {
  const program = new Command("wwand")
    .description(
      "Keeps a Linux machine online over its modem and ethernet: org.ofono on D-Bus, wwan interfaces, failover.",
    )
    .version(version)
    .option("--config <file>", "daemon configuration (default: /etc/wwand/wwand.toml, if there)")
    .option(
      "--policy-dir <dir>",
      "failover policy files, instead of policy.d in /usr/lib/wwand, /etc/wwand and /run/wwand; may be repeated",
      collect,
    )
    .option("--state-dir <dir>", "what is remembered per SIM (default: /var/lib/wwand)")
    .option("--runtime-dir <dir>", "what is forgotten at boot (default: /run/wwand)")
    .option("--bus <address>", "D-Bus address, e.g. unix:path=/run/bus (default: the system bus)")
    .option(
      "--modem <url>",
      "a modem that discovery does not find, e.g. mbim+dev:/dev/cdc-wdm0?net=wwan0; may be repeated",
      collect,
    )
    .addOption(new Option("--log-level <level>", "how much to log").choices(Object.keys(logLevels)))
    .option("--log-frames", "log every message to and from modems, secrets masked (implies debug)")
    .addHelpText(
      "after",
      `
Signals: SIGHUP reads configuration and policy again, SIGTERM ends in order within 2 s.
Exit codes: 0 ended in order, 1 failed, 2 usage, 78 bad configuration or policy.`,
    )
    .exitOverride();
  return program.parse([...argv], { from: "user" }).opts<DaemonOptions>();
}
