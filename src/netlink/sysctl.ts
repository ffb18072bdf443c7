import { inNetns, type Netns } from "../native/index.js";
import { procSysctl, type SysctlFiles } from "../network/link/sysctl.js";

/** `/proc/sys/net` of a network namespace; without one, of this process's own. */
export function netnsSysctl(netns?: Netns): SysctlFiles {
  if (netns === undefined) return procSysctl();
  return procSysctl(<T>(access: () => T): T => {
    const results: T[] = [];
    inNetns(netns, () => {
      results.push(access());
    });
    const [result] = results;
    if (results.length === 0) throw new Error("the namespace was not entered");
    return result as T;
  });
}
