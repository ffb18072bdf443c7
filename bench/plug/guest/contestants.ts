/** The daemons as they are shipped, each with a bus and files of its own for one turn. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startModemManager, startOfonod } from "../../../test/kernel/guest/daemons.js";
import type { Guest } from "../../../test/kernel/guest/guest.js";
import type { PrivateBus } from "../../../test/lab/dbus.js";
import type { Program } from "../../../test/lab/program.js";
import { root } from "../../../test/lab/world.js";
import type { Daemon } from "../rows.js";
import { type Client, modemManager, ofono } from "./clients.js";

export interface Contestant {
  readonly client: Client;
  /** Resolves when it serves its name. */
  start(g: Guest, bus: PrivateBus): Promise<Program>;
}

export const contestants: Readonly<Record<Daemon, Contestant>> = {
  wwand: { client: ofono, start: startWwand },
  ModemManager: { client: modemManager, start: (g, bus) => startModemManager(g, bus, "as shipped") },
  ofonod: { client: ofono, start: (g, bus) => startOfonod(g, bus, "as shipped") },
};

let turns = 0;

/** Without a policy and without wishes of its own: a client asks for everything, as it does of the others. */
async function startWwand(g: Guest, { address }: PrivateBus): Promise<Program> {
  turns += 1;
  const folder = `/run/wwand-bench-${turns}`;
  const [config, policy] = [join(folder, "wwand.toml"), join(folder, "policy.d")];
  await mkdir(policy, { recursive: true });
  await writeFile(config, "", { mode: 0o600 });
  const places = ["--config", config, "--policy-dir", policy, "--state-dir", join(folder, "state")];
  const daemon = g.start(join(root, "bin/wwand"), [...places, "--runtime-dir", join(folder, "run"), "--bus", address]);
  await daemon.line(/wwand is ready/);
  return daemon;
}
