import { inNetns, type Netns } from "../native/index.js";
import { type SysctlFiles, sysctlFiles } from "../network/link/sysctl.js";

/** `/proc/sys/net` of a network namespace; without one, of this process's own. */
export function netnsSysctl(netns?: Netns): SysctlFiles {
  if (netns === undefined) return sysctlFiles();
  return sysctlFiles(<T>(access: () => T): T => {
    const results: T[] = [];
    inNetns(netns, () => {
      results.push(access());
    });
    const [result] = results;
    if (results.length === 0) throw new Error("the namespace was not entered");
    return result as T;
  });
}
