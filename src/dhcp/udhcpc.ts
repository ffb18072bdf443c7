/** The one place that starts udhcpc (busybox): it asks on an interface that is up, and configures nothing itself. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ModemError } from "../runtime/error.js";
import { findProgram, Program } from "../runtime/program.js";
import { type DhcpEvent, Reports } from "./report.js";

/** Beside this file in the sources, beside the bundle where wwand is installed. */
const script = ["./report.sh", "./udhcpc-report.sh"];

/** In seconds: three questions 2 s apart, then a rest of 3 s, without end. */
const patience = ["-t", "3", "-T", "2", "-A", "3"];
const asked = ["subnet", "router", "dns", "mtu", "lease"].flatMap((option) => ["-O", option]);

const scriptPath = (): string | undefined =>
  script.map((name) => fileURLToPath(new URL(name, import.meta.url))).find((path) => existsSync(path));

/** udhcpc of its own, or busybox that has it inside. */
function client(): readonly [path: string, ...args: string[]] {
  const udhcpc = findProgram("udhcpc");
  if (udhcpc !== undefined) return [udhcpc];
  const busybox = findProgram("busybox");
  if (busybox !== undefined) return [busybox, "udhcpc"];
  throw new ModemError("unsupported", "udhcpc is not installed: Debian's package is udhcpc");
}

export interface UdhcpcListener {
  onEvent(event: DhcpEvent): void;
  onLine(line: string): void;
}

/** @throws ModemError `unsupported` where it is not installed */
export function startUdhcpc(interfaceName: string, listener: UdhcpcListener): Program {
  const reports = new Reports();
  const path = scriptPath();
  if (path === undefined)
    throw new ModemError("unsupported", "udhcpc-report.sh is missing: wwand is not installed whole");
  const hear = (bytes: Buffer) => {
    for (const event of reports.feed(bytes)) listener.onEvent(event);
  };
  return new Program({
    // -R: the server hears that the address is free again.
    command: [...client(), "-f", "-R", "-i", interfaceName, "-s", path, ...patience, "-o", ...asked],
    // As in report.sh. 3 and 4 are udhcpc's own, for its signals.
    descriptors: { 5: hear },
    onLine: listener.onLine,
  });
}
