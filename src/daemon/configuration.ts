/** What the daemon runs by: the command line over wwand.toml over defaults, and the policy folder. */
import { isDeepStrictEqual } from "node:util";
import { loadDaemonConfig } from "../config/daemon.js";
import { loadPolicy } from "../config/policy.js";
import type { DaemonConfig } from "../config/types.js";
import type { Policy } from "../network/policy/types.js";
import type { DaemonOptions } from "./options.js";

export interface Configuration {
  readonly daemon: DaemonConfig;
  readonly policy: Policy;
}

const defaultFile = "/etc/wwand/wwand.toml";

/** wwand.toml with the command line laid over it. @throws ConfigError */
export function readDaemonConfig(options: DaemonOptions): DaemonConfig {
  const file = options.config ?? defaultFile;
  const read = loadDaemonConfig(file, { orDefaults: options.config === undefined });
  const { paths } = read;
  return {
    ...read,
    bus: options.bus ?? read.bus,
    logLevel: options.logLevel ?? read.logLevel,
    paths: {
      ...paths,
      policyDirs: options.policyDir ?? paths.policyDirs,
      stateDir: options.stateDir ?? paths.stateDir,
      runtimeDir: options.runtimeDir ?? paths.runtimeDir,
    },
  };
}

/** @throws ConfigError: file, line, key, what was expected */
export function readConfiguration(options: DaemonOptions): Configuration {
  const daemon = readDaemonConfig(options);
  return { daemon, policy: loadPolicy(daemon.paths.policyDirs) };
}

/** Keys that differ and that a running daemon does not take up. */
export function needRestart(before: DaemonConfig, after: DaemonConfig): readonly string[] {
  const fixed = {
    bus: [before.bus, after.bus],
    "paths.state-dir": [before.paths.stateDir, after.paths.stateDir],
    "paths.runtime-dir": [before.paths.runtimeDir, after.paths.runtimeDir],
    dns: [before.dns, after.dns],
    record: [before.record, after.record],
  } as const;
  return Object.entries(fixed).flatMap(([key, [old, now]]) => (isDeepStrictEqual(old, now) ? [] : [key]));
}
