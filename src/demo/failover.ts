/** Waits for the kernel to move wwand's default route, and for wwand to say that an uplink is verified. */
import type { Bus } from "../dbus/bus.js";
import type { Kernel } from "../network/kernel.js";
import { WWAND_TABLE } from "../network/routing/tables.js";
import type { IpFamily } from "../network/types.js";

/** Rejects with `what` unless `wait` settles within `timeoutMs`. */
export async function within<T>(timeoutMs: number, what: string, wait: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${timeoutMs / 1000} s`)), timeoutMs);
  });
  try {
    return await Promise.race([wait, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves with the time (performance.now) at which the kernel told that `family` leaves by `ifindex` now. */
export function defaultMoved(kernel: Kernel, family: IpFamily, ifindex: number): Promise<number> {
  return new Promise((resolve) => {
    const stop = kernel.watch((event) => {
      if (event.type !== "route" || event.change !== "new") return;
      const { table, family: moved, ifindex: to } = event.route;
      if (table !== WWAND_TABLE || moved !== family || to !== ifindex) return;
      stop();
      resolve(performance.now());
    });
  });
}

/** Resolves when net.wwand shows `property` of the uplink as `wanted`. */
export async function uplinkShows(bus: Bus, uplink: string, property: string, wanted: string): Promise<void> {
  const path = `/net/wwand/uplink/${uplink}`;
  const standard = "org.freedesktop.DBus.Properties";
  await new Promise<void>((resolve) => {
    const look = () => {
      bus
        .call("net.wwand", path, standard, "Get", "ss", ["net.wwand.Uplink1", property])
        .then(([value]) => {
          if (!String(Object(value).value).startsWith(wanted)) return;
          stop();
          resolve();
        })
        // Not there yet: its coming is announced.
        .catch(() => undefined);
    };
    const stops = [
      bus.subscribe({ path, interface: standard, member: "PropertiesChanged" }, look),
      bus.subscribe({ interface: "org.freedesktop.DBus.ObjectManager", member: "InterfacesAdded" }, look),
    ];
    const stop = () => {
      for (const one of stops) one();
    };
    look();
  });
}
