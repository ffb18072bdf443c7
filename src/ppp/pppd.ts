/**
 * The one place that starts pppd. It needs uid 0: holding capabilities is not enough for pppd. Nothing but a serial port's
 * path and an option file goes in, nothing but lines and an end come out, so that a helper with that right could do it.
 */
import { existsSync } from "node:fs";
import { closeFd, openPipe, writeFd } from "../native/index.js";
import { ModemError } from "../runtime/error.js";
import { findProgram, Program } from "../runtime/program.js";
import { pppdOptions } from "./options.js";
import type { PppRequest } from "./request.js";

/**
 * In a mount namespace of its own with an empty /etc/ppp: no options, secrets or scripts of the system, and no resolv.conf
 * written there. It has no /dev/log either: pppd sends syslog what it sends us, user names and CHAP responses included.
 * Where namespaces may not be made (containers) it runs with the system's.
 */
const launch = `
apart='mount -t tmpfs -o mode=0755 wwand /etc/ppp || exit
[ ! -e /dev/log ] || mount --bind /dev/null /dev/log
exec "$0" "$@"'
unshare --mount sh -c 'mount -t tmpfs wwand /etc/ppp' 2>/dev/null && exec unshare --mount sh -c "$apart" "$0" "$@"
exec "$0" "$@"`;

/**
 * Starts pppd on a port in data mode.
 * @throws ModemError `unsupported` where it is not installed or may not run, `unplugged` without the port, `invalid` for
 *   credentials that it cannot take
 */
export function startPppd(request: PppRequest, onLine: (line: string) => void): Program {
  const pppd = findProgram("pppd");
  if (pppd === undefined) throw new ModemError("unsupported", "pppd is not installed: Debian's package is ppp");
  if (process.getuid?.() !== 0) throw new ModemError("unsupported", "pppd needs root (uid 0)");
  // A path that is none would be taken for an option.
  if (!existsSync(request.ttyPath)) throw new ModemError("unplugged", `there is no port ${request.ttyPath}`);
  const options = pppdOptions(request);
  const { readFd, writeFd: into } = openPipe();
  try {
    // A pipe has room for 16 pages at once; what was read once is gone.
    writeFd(into, options);
    closeFd(into);
    return new Program({
      command: ["/bin/sh", "-c", launch, pppd, "file", "/proc/self/fd/3"],
      descriptors: { 3: readFd },
      onLine,
    });
  } finally {
    closeFd(readFd);
  }
}
