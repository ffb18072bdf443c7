/** The name servers of an uplink that another program configures, where that program has written them down. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { formatAddress, parseAddress } from "../ip-text.js";
import type { UplinkObservation } from "../plan/types.js";

type Uplink = Pick<UplinkObservation, "interfaceName" | "ifindex" | "families">;

/**
 * Read anew each time: small files in memory, asked for once a round at most. Empty where nothing is known; a resolver's file
 * for the whole machine counts only where it names the uplink's own router, since others may be another uplink's.
 * @param root Where /run and /etc are.
 */
export function foreignServers({ interfaceName, ifindex, families }: Uplink, root = "/"): readonly string[] {
  if (interfaceName === undefined || ifindex === undefined) return [];
  const own = [
    ...networkdFiles.flatMap((folder) => assigned(read(join(root, folder, String(ifindex))))),
    ...resolvconfFolders.flatMap((folder) => recorded(join(root, folder), interfaceName).flatMap(named)),
  ];
  const routers = [families[4].gateway, families[6].gateway];
  const shared = sharedFiles.flatMap((file) => named(read(join(root, file)))).filter((one) => routers.includes(one));
  return [...new Set(own.length > 0 ? own : shared)];
}

/** By interface index; `DNS=192.0.2.53 2001:db8::53`. @see systemd-networkd(8), its state is read by sd_network_link_get_dns */
const networkdFiles = ["run/systemd/netif/links", "run/systemd/netif/leases"];
/** One file for each interface and program, `eth0.dhclient`, in the form of resolv.conf. @see resolvconf(8) */
const resolvconfFolders = ["run/resolvconf/interface", "run/resolvconf/interfaces"];
const sharedFiles = ["run/NetworkManager/resolv.conf", "run/systemd/resolve/resolv.conf", "etc/resolv.conf"];

const assigned = (text: string): readonly string[] =>
  text.split("\n").flatMap((line) => (line.startsWith("DNS=") ? addresses(line.slice(4).split(/\s+/)) : []));

const named = (text: string): readonly string[] =>
  addresses(text.split("\n").flatMap((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? []));

/** `192.0.2.53:53`, `fe80::1%eth0` and server names (`#dns.example`) occur; only the address is wanted. */
const addresses = (words: readonly string[]): readonly string[] =>
  words.flatMap((word) => {
    try {
      return formatAddress(parseAddress(word.replace(/[%#].*$/, "")));
    } catch (error) {
      if (error instanceof RangeError) return [];
      throw error;
    }
  });

function recorded(folder: string, interfaceName: string): readonly string[] {
  try {
    const files = readdirSync(folder).filter((name) => name === interfaceName || name.startsWith(`${interfaceName}.`));
    return files.sort().map((name) => read(join(folder, name)));
  } catch {
    return []; // most machines have no such program
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
