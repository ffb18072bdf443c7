import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Child, start } from "../../src/demo/command.js";
import type { Scope } from "../../src/runtime/scope.js";

const busConf = (address: string, policy: string): string => `<busconfig>
  <type>system</type>
  <listen>${address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true"/>
    <allow receive_type="method_call"/>
    <allow receive_type="signal"/>
    <allow receive_requested_reply="true"/>
  </policy>
  <include>${policy}</include>
</busconfig>
`;

/** A message bus of a peer's own, with the policy file of its package. Resolves with the bus's address. */
export async function startPeerBus(scope: Scope, folder: string, policy: string): Promise<string> {
  const address = `unix:path=${join(folder, "bus")}`;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "bus.conf"), busConf(address, policy));
  const daemon = start("dbus-daemon", [`--config-file=${join(folder, "bus.conf")}`, "--nofork", "--print-address=1"]);
  scope.own(daemon, (child) => child.stop());
  await daemon.line("unix:");
  return address;
}

/** @throws Error when it could not be started */
export function pidOf(daemon: Child | undefined): number {
  if (daemon?.process.pid === undefined) throw new Error("the daemon is not running");
  return daemon.process.pid;
}
