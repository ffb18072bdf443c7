/** How much has gone through a network interface. @see Documentation/ABI/testing/sysfs-class-net-statistics of the kernel */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PacketStatistics } from "../modem/types.js";
import { errnoOf, ModemError } from "../runtime/error.js";

/** @throws ModemError `notReady` when there is no such interface */
export async function interfaceCounters(interfaceName: string, root = "/sys/class/net"): Promise<PacketStatistics> {
  const read = async (file: string): Promise<number> =>
    Number(await readFile(join(root, interfaceName, "statistics", file), "utf8"));
  try {
    return {
      rxBytes: await read("rx_bytes"),
      txBytes: await read("tx_bytes"),
      rxPackets: await read("rx_packets"),
      txPackets: await read("tx_packets"),
      rxErrors: await read("rx_errors"),
      txErrors: await read("tx_errors"),
      rxDrops: await read("rx_dropped"),
      txDrops: await read("tx_dropped"),
    };
  } catch (cause) {
    if (errnoOf(cause) !== "ENOENT" && errnoOf(cause) !== "EINVAL") throw cause;
    throw new ModemError("notReady", `${interfaceName} is gone`, { cause });
  }
}
