/**
 * A dnsmasq that is not on the bus, as OpenWrt ships it: it takes its servers from a file in resolv.conf's form that another
 * program (netifd) writes, and reads it anew when it changes. @see dnsmasq(8), --resolv-file
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "../../runtime/error.js";

/** Where OpenWrt's netifd writes the servers of its interfaces; the second one before 19.07. */
export const upstreamFiles: readonly string[] = ["/tmp/resolv.conf.d/resolv.conf.auto", "/tmp/resolv.conf.auto"];

/** One `*.pid` for each instance that serves this machine, as OpenWrt and Debian start them. */
const pidFolder = "/run/dnsmasq";

/** SIGHUP does it. What is read anew with it (hosts, /etc/ethers) is what the instance has already. @see dnsmasq(8), NOTES */
export async function clearDnsmasqCaches(): Promise<void> {
  for (const pid of await instances()) {
    try {
      process.kill(pid, "SIGHUP");
    } catch (error) {
      if (errnoOf(error) !== "ESRCH") throw error;
    }
  }
}

/** A pid file may outlive its process: the number may be another program's by now. */
async function instances(): Promise<readonly number[]> {
  const found: number[] = [];
  for (const file of (await entriesOf(pidFolder)).filter((name) => name.endsWith(".pid"))) {
    const pid = Number(await textOf(join(pidFolder, file)));
    if (pid > 1 && (await textOf(`/proc/${pid}/comm`)).trim() === "dnsmasq") found.push(pid);
  }
  return found;
}

const entriesOf = (folder: string): Promise<readonly string[]> => readdir(folder).catch(absent([]));
const textOf = (file: string): Promise<string> => readFile(file, "utf8").catch(absent(""));

const absent =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ESRCH") return instead;
    throw error;
  };
