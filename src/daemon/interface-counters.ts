/** How much has gone through a network interface. @see Documentation/ABI/testing/sysfs-class-net-statistics of the kernel */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { PacketStatistics } from "../modem/types.js";
import { errnoOf, ModemError } from "../runtime/error.js";

const files = {
  rxBytes: "rx_bytes",
  txBytes: "tx_bytes",
  rxPackets: "rx_packets",
  txPackets: "tx_packets",
  rxErrors: "rx_errors",
  txErrors: "tx_errors",
  rxDrops: "rx_dropped",
  txDrops: "tx_dropped",
} as const satisfies Record<keyof PacketStatistics, string>;

/** @throws ModemError `notReady` when there is no such interface */
export async function interfaceCounters(interfaceName: string, root = "/sys/class/net"): Promise<PacketStatistics> {
  const read = async (file: string): Promise<number> =>
    Number(await readFile(join(root, interfaceName, "statistics", file), "utf8"));
  try {
    const entries = Object.entries(files).map(async ([key, file]) => [key, await read(file)] as const);
    return Object.fromEntries(await Promise.all(entries)) as unknown as PacketStatistics;
  } catch (cause) {
    if (errnoOf(cause) !== "ENOENT" && errnoOf(cause) !== "EINVAL") throw cause;
    throw new ModemError("notReady", `${interfaceName} is gone`, { cause });
  }
}
