/** The programs of the demo: a private bus, the web server, the virtual modem and wwand, each a process as in real life. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Child, start } from "./command.js";
import { webServer } from "./topology.js";

export interface Places {
  /** The checkout or installation: where bin/, policy/ and packaging/ are. */
  readonly root: string;
  /** A folder of the demo's own, below /run. */
  readonly runtime: string;
}

export const busAddress = ({ runtime }: Places): string => `unix:path=${join(runtime, "bus")}`;
export const modemControl = ({ runtime }: Places): string => join(runtime, "modem.control");
/** Where the modem listens for wwand. */
export const modemSocket = ({ runtime }: Places): string => join(runtime, "modem");
const wwandFolder = ({ runtime }: Places): string => join(runtime, "wwand");

/** A message bus with wwand's own D-Bus policy file, on a socket of the demo's. */
export async function startBus(places: Places): Promise<Child> {
  const file = join(places.runtime, "bus.conf");
  await writeFile(
    file,
    `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>${busAddress(places)}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
  </policy>
  <include>${join(places.root, "packaging/dbus/net.wwand.conf")}</include>
</busconfig>
`,
  );
  const bus = start("dbus-daemon", [`--config-file=${file}`, "--nofork", "--print-address=1"]);
  await bus.line("unix:");
  return bus;
}

export async function startWebServer(netns: string): Promise<Child> {
  const script = process.argv[1] ?? "";
  const server = start("ip", ["netns", "exec", netns, process.execPath, script, "--serve-web", String(webServer.port)]);
  await server.line("serving on");
  return server;
}

export async function startModem(places: Places): Promise<Child> {
  const modem = start(join(places.root, "bin/wwand-virtual"), [
    ...["run", "mbim-generic", "--unix", modemSocket(places), "--net", "wwan0"],
    ...["--carrier-netns", "carrier", "--control", modemControl(places)],
  ]);
  await modem.line("ready");
  return modem;
}

const daemonConfig = (places: Places): string => `# The demo's wwand.toml: one modem, kept connected by wwand itself.
[[modem]]
match   = { url = "mbim+unix:${modemSocket(places)}?net=wwan0" }
connect = true

[[sim]]
imsi = "001010123456789"
apn  = "internet"
`;

/** The shipped policy asks hosts of the real internet; the demo's internet has one host. */
const demoPolicy = (failbackSeconds: number): string => `# Laid over the shipped ethernet-first.toml.
failback = { mode = "steady", spanning = "${failbackSeconds}s" }

[check.internet]
targets = ["icmp://${webServer.ipv4}", "icmp://[${webServer.ipv6}]"]
pass    = 1

[check.frugal]
targets = ["icmp://${webServer.ipv4}", "icmp://[${webServer.ipv6}]"]
`;

export async function startWwand(
  places: Places,
  failbackSeconds: number,
  onLine: (line: string) => void,
): Promise<Child> {
  const folder = wwandFolder(places);
  const policies = join(folder, "policy.d");
  await mkdir(policies, { recursive: true });
  const shipped = await readFile(join(places.root, "policy/ethernet-first.toml"), "utf8");
  await writeFile(join(policies, "10-ethernet-first.toml"), shipped);
  await writeFile(join(policies, "50-demo.toml"), demoPolicy(failbackSeconds));
  await writeFile(join(folder, "wwand.toml"), daemonConfig(places), { mode: 0o600 });
  return spawnWwand(places, policies, onLine);
}

/** With the demo's wwand.toml, which is there since the first start, and this policy folder; resolves when it is ready. */
export async function spawnWwand(
  places: Places,
  policies: string,
  onLine: (line: string) => void = () => undefined,
): Promise<Child> {
  const folder = wwandFolder(places);
  const daemon = start(
    join(places.root, "bin/wwand"),
    [
      ...["--config", join(folder, "wwand.toml"), "--policy-dir", policies, "--state-dir", join(folder, "state")],
      ...["--runtime-dir", join(folder, "run"), "--bus", busAddress(places)],
    ],
    onLine,
  );
  await daemon.line("wwand is ready");
  return daemon;
}
