/** What the kernel's main table says, as soon as it says it. */
import type { Kernel } from "../../src/network/kernel.js";
import type { IpFamily } from "../../src/network/types.js";

const mainTable = 254;

/**
 * Resolves with the time (performance.now) at which a default of `family` by the interface came to stay: it was there
 * `standsMs` later too.
 */
export function mainDefaultMoved(kernel: Kernel, family: IpFamily, ifindex: number, standsMs = 200): Promise<number> {
  return new Promise((resolve) => {
    let standing: NodeJS.Timeout | undefined;
    const stop = kernel.watch((event) => {
      if (event.type !== "route" || event.route.table !== mainTable || event.route.destination !== "default") return;
      const isHere = event.route.ifindex === ifindex;
      if (event.route.family !== family || (event.change === "del" && !isHere)) return;
      clearTimeout(standing);
      if (event.change === "del" || !isHere) return;
      const atMs = performance.now();
      standing = setTimeout(() => {
        stop();
        resolve(atMs);
      }, standsMs);
    });
  });
}
