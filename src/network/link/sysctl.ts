import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errnoOf } from "../../runtime/error.js";

/** `/proc/sys/net/<family>/conf/<interface>/<name>` of one network namespace. */
export interface SysctlFiles {
  /** Undefined: there is no such key (no IPv6, older kernel, interface gone). */
  read(family: "ipv4" | "ipv6", interfaceName: string, name: string): number | undefined;
  /** False: there is no such key. @throws Error with the errno as `code`, e.g. EROFS in a container */
  write(family: "ipv4" | "ipv6", interfaceName: string, name: string, value: number): boolean;
}

/**
 * The files below `/proc/sys`. They show the network namespace of the thread that opens them: `within` runs the access in
 * another one (`inNetns`).
 */
export function procSysctl(within: <T>(run: () => T) => T = (run) => run(), root = "/proc/sys/net"): SysctlFiles {
  const path = (family: string, interfaceName: string, name: string): string => {
    // The kernel's own rule for interface names; anything else could leave the folder.
    if (interfaceName.includes("/") || interfaceName === "." || interfaceName === "..")
      throw new RangeError(`${JSON.stringify(interfaceName)} is no interface name`);
    return join(root, family, "conf", interfaceName, name);
  };
  const unlessMissing = <T>(access: () => T, missing: T): T => {
    try {
      return within(access);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return missing;
      throw error;
    }
  };
  return {
    read: (family, interfaceName, name) => {
      const file = path(family, interfaceName, name);
      return unlessMissing<number | undefined>(() => Number(readFileSync(file, "latin1")), undefined);
    },
    write: (family, interfaceName, name, value) => {
      const file = path(family, interfaceName, name);
      return unlessMissing(() => {
        writeFileSync(file, `${value}\n`);
        return true;
      }, false);
    },
  };
}
