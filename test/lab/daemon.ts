/** wwand itself as a user starts it, with files of its own, on a world's host. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Program } from "./program.js";
import { internetHost, root, type World } from "./world.js";

export interface DaemonFiles {
  /** wwand.toml. */
  readonly config?: string;
  /** Further files of the policy folder, by name; `undefined` for the shipped one leaves it out. */
  readonly policy?: Readonly<Record<string, string | undefined>>;
  /** Of wwand.toml. */
  readonly mode?: number;
}

const shipped = "10-ethernet-first.toml";

/** The shipped policy asks hosts of the real internet; this world has one host. Nothing else differs. */
export const targets = `[check.internet]
targets = ["icmp://${internetHost.ipv4}", "icmp://[${internetHost.ipv6}]"]

[check.frugal]
targets = ["icmp://${internetHost.ipv4}", "icmp://[${internetHost.ipv6}]"]
`;

/** wwand.toml for one modem that wwand keeps connected by itself. */
export const standing = (url: string, sim = 'apn = "internet"'): string => `[[modem]]
match   = { url = "${url}" }
connect = true

[[sim]]
imsi = "001010123456789"
${sim}
`;

/** The same for one of which wwand.toml says nothing: the policy decides how it waits. */
export const byPolicy = (url: string): string => standing(url).replace("connect = true\n", "");

/** wwand.toml that leaves every modem to whoever asks for it, whatever the policy says. */
export const leftToClients = "[[modem]]\nmatch = { any = true }\nconnect = false\n";

const folderOf = (world: World): string => world.file("wwand");
export const stateFolder = (world: World): string => join(folderOf(world), "state");
export const policyFile = (world: World, name: string): string => join(folderOf(world), "policy.d", name);
export const configFile = (world: World): string => join(folderOf(world), "wwand.toml");

/** Writes what wwand reads: the shipped policy, the targets of this world, wwand.toml. */
export async function writeFiles(world: World, files: DaemonFiles = {}): Promise<void> {
  await mkdir(join(folderOf(world), "policy.d"), { recursive: true });
  const { [shipped]: replaced, ...more } = files.policy ?? {};
  await writeFile(policyFile(world, shipped), replaced ?? (await shippedPolicy()));
  const named = { "50-targets.toml": targets, ...more };
  for (const [name, text] of Object.entries(named))
    if (text !== undefined) await writeFile(policyFile(world, name), text);
  const { config, mode = 0o600 } = files;
  if (config !== undefined) await writeFile(configFile(world), config, { mode });
}

const shippedPolicy = (): Promise<string> => readFile(join(root, "policy/ethernet-first.toml"), "utf8");

/** `bin/wwand` with the files of `writeFiles`. */
export function wwandCommand(world: World): readonly string[] {
  const folder = folderOf(world);
  return [
    ...[join(root, "bin/wwand"), "--config", configFile(world), "--policy-dir", join(folder, "policy.d")],
    ...["--state-dir", stateFolder(world), "--runtime-dir", join(folder, "run"), "--bus", world.bus.address],
  ];
}

/** Starts it. */
export function spawnWwand(world: World, ...args: readonly string[]): Program {
  const [command = "", ...own] = wwandCommand(world);
  return world.start(command, [...own, ...args]);
}

/** The same, and resolves when it says that it is ready. */
export async function startWwand(world: World, ...args: readonly string[]): Promise<Program> {
  const daemon = spawnWwand(world, ...args);
  await daemon.line(/wwand is ready/);
  return daemon;
}

export interface Told {
  readonly code: number | null;
  readonly out: string;
}

/** Runs `bin/wwanctl` on the host's bus to its end. */
export async function wwanctl(world: World, ...args: readonly string[]): Promise<Told> {
  const program = world.start(join(root, "bin/wwanctl"), ["--bus", world.bus.address, ...args]);
  const { code } = await program.ended();
  return { code, out: program.text };
}

/** The same with `--json`, its answer opened. */
export async function wwanctlJson(
  world: World,
  ...args: readonly string[]
): Promise<{ code: number | null; json: unknown }> {
  const { code, out } = await wwanctl(world, "--json", ...args);
  return { code, json: JSON.parse(out) };
}
