/** The daemons, each with the virtual modem's AT port where it looks for it. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PortPlace } from "../../src/virtual/types.js";
import { ofonodCommand, phonesimTcpPort } from "../../test/lab/phonesim.js";
import { Program } from "../../test/lab/program.js";
import { root } from "../../test/lab/world.js";

export type Daemon = "wwand" | "ofonod";

export interface Contestant {
  port(folder: string): PortPlace;
  /** Whether it comes with the modem's interface: ofonod's plugin has one of its own imagination. */
  readonly net: string | undefined;
  start(folder: string, busAddress: string): Promise<Program>;
  /** How often it meets the modem: what it remembers shows the second time. */
  readonly meetings: number;
}

const socketIn = (folder: string): string => join(folder, "modem");
const net = "wwan0";

export const contestants: Readonly<Record<Daemon, Contestant>> = {
  wwand: {
    port: (folder) => ({ kind: "unix", path: socketIn(folder) }),
    net,
    start: startWwand,
    meetings: 2,
  },
  ofonod: {
    port: () => ({ kind: "tcp", tcpPort: phonesimTcpPort }),
    net: undefined,
    start: startOfonod,
    meetings: 1,
  },
};

const inOwnMounts = (command: readonly string[], environment: NodeJS.ProcessEnv): ChildProcess =>
  spawn("unshare", ["--mount", "setpriv", "--pdeathsig", "KILL", ...command], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, ...environment },
  });

/** Without a policy and without wishes of its own: a client asks for everything, as it does of ofonod. */
async function startWwand(folder: string, busAddress: string): Promise<Program> {
  const [config, policy] = [join(folder, "wwand.toml"), join(folder, "policy.d")];
  await mkdir(policy, { recursive: true });
  await writeFile(config, "", { mode: 0o600 });
  const places = ["--config", config, "--policy-dir", policy, "--state-dir", join(folder, "state")];
  const modem = `at+unix:${socketIn(folder)}?net=${net}`;
  const own = ["--runtime-dir", join(folder, "run"), "--bus", busAddress, "--modem", modem];
  const daemon = new Program("wwand", inOwnMounts([join(root, "bin/wwand"), ...places, ...own], {}));
  await daemon.line(/wwand is ready/);
  return daemon;
}

async function startOfonod(folder: string, busAddress: string): Promise<Program> {
  const { command, args, environment } = await ofonodCommand(folder, busAddress);
  return new Program("ofonod", inOwnMounts([command, ...args], environment));
}
