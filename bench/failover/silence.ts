/** An ISP whose router drops everything for the internet without a word; link and gateway stay. */
import type { Rtnetlink } from "../../src/netlink/rtnetlink.js";
import type { RouteEntry } from "../../src/network/kernel.js";
import { MAIN_TABLE } from "../../src/network/routing/tables.js";
import { monotonicMs } from "../clock.js";

/** @param during gets the moment (`monotonicMs`) from which packets could be dropped; when it has ended they are not any more */
export async function whileSilent<T>(isp: Rtnetlink, during: (droppedMs: number) => Promise<T>): Promise<T> {
  const defaults = (await isp.routes({ table: MAIN_TABLE })).filter(({ destination }) => destination === "default");
  if (defaults.length === 0) throw new Error("the ISP has no way to the internet");
  const droppedMs = monotonicMs();
  await Promise.all(defaults.map((route) => isp.putRoute(blackholed(route))));
  try {
    return await during(droppedMs);
  } finally {
    for (const route of defaults) {
      await isp.removeRoute(blackholed(route));
      await isp.putRoute(route);
    }
  }
}

const blackholed = (route: RouteEntry): RouteEntry => {
  const { ifindex: _, gateway: __, ...rest } = route;
  return { ...rest, type: "blackhole" };
};
