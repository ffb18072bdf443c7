/**
 * A private dbus-daemon for tests: its own socket in a folder of its own, nothing of the host's buses. It dies with the
 * test process, also when that one is killed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface PrivateBusOptions {
  /** D-Bus policy files to load over the system bus's defaults (deny); without, everything is allowed. */
  readonly policyFiles?: readonly string[];
}

export interface PrivateBus {
  /** `unix:path=...`; the same after a restart. */
  readonly address: string;
  /** What the daemon printed on standard error so far, e.g. about an unknown group in a policy file. */
  readonly stderr: string;
  /** Kills the daemon: every client loses its connection. */
  stop(): Promise<void>;
  /** Starts it again on the same address. */
  start(): Promise<void>;
  /** Stops the daemon and removes the folder. */
  close(): Promise<void>;
}

const allowAll = `<policy context="default">
  <allow own="*"/> <allow send_destination="*" eavesdrop="true"/> <allow eavesdrop="true"/> <allow user="*"/>
</policy>`;

// The rules of the system bus as every distribution ships them: calls and names only where a policy file allows them.
const systemDefaults = `<policy context="default">
  <allow user="*"/>
  <deny own="*"/> <deny send_type="method_call"/>
  <allow send_type="signal"/>
  <allow send_requested_reply="true" send_type="method_return"/> <allow send_requested_reply="true" send_type="error"/>
  <allow receive_type="method_call"/> <allow receive_type="method_return"/>
  <allow receive_type="error"/> <allow receive_type="signal"/>
  <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus"/>
  <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Introspectable"/>
</policy>
<policy user="root">
  <allow send_destination="org.freedesktop.DBus" send_interface="org.freedesktop.DBus.Monitoring"/>
</policy>`;

const configOf = (socket: string, policyFiles: readonly string[]): string => `<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>${policyFiles.length > 0 ? "system" : "session"}</type>
  <listen>unix:path=${socket}</listen>
  <auth>EXTERNAL</auth>
  ${policyFiles.length > 0 ? systemDefaults : allowAll}
  ${policyFiles.map((file) => `<include>${file}</include>`).join("\n  ")}
</busconfig>
`;

/** Runs the daemon so that the kernel kills it with this process. */
function spawnDaemon(config: string): ChildProcess {
  const daemon = ["dbus-daemon", "--nofork", "--nopidfile", "--nosyslog", "--print-address", `--config-file=${config}`];
  const [command = "", ...args] = existsSync("/usr/bin/setpriv")
    ? ["/usr/bin/setpriv", "--pdeathsig", "KILL", ...daemon]
    : daemon;
  return spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
}

/** Starts a dbus-daemon and resolves when it accepts connections. Requires Debian's package `dbus-daemon`. */
export async function startPrivateBus(options: PrivateBusOptions = {}): Promise<PrivateBus> {
  const folder = await mkdtemp(join(tmpdir(), "wwand-bus-"));
  await chmod(folder, 0o755);
  const socket = join(folder, "bus");
  const config = join(folder, "bus.conf");
  await writeFile(config, configOf(socket, options.policyFiles ?? []));
  let child: ChildProcess | undefined;
  let stderr = "";
  const bus: PrivateBus = {
    address: `unix:path=${socket}`,
    get stderr() {
      return stderr;
    },
    async start() {
      await rm(socket, { force: true });
      const started = spawnDaemon(config);
      child = started;
      started.stderr?.on("data", (text: Buffer) => {
        stderr += text.toString();
      });
      const ready = once(started.stdout ?? started, "data");
      const failed = once(started, "exit").then(([code]) => {
        throw new Error(`dbus-daemon ended with ${code}: ${stderr}`);
      });
      await Promise.race([ready, failed]);
      failed.catch(() => undefined);
    },
    async stop() {
      const running = child;
      child = undefined;
      if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
      const ended = once(running, "exit");
      running.kill("SIGKILL");
      await ended;
    },
    async close() {
      await bus.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await bus.start();
  return bus;
}
