/** WireGuard between this machine and the internet of a world, as wg(8) and wg-quick(8) leave it. */
import type { World } from "../../lab/world.js";
import type { Guest } from "./guest.js";

export interface Tunnel {
  /** On both ends. */
  readonly name: string;
  /** The first three octets of its addresses: `.1` is the far end, `.2` this machine. */
  readonly net: string;
  /** Of the far end, as wg(8) writes it. */
  readonly endpoint: string;
  readonly more?: readonly string[];
}

/** Makes it, and never touches it again. Gone with the scenario. */
export async function layTunnel(g: Guest, world: World, { name, net, endpoint, more = [] }: Tunnel): Promise<void> {
  const [near, far] = [world.file(`${name}.near`), world.file(`${name}.far`)];
  const inFar = `ip netns exec ${world.internet.name}`;
  const script = `set -e
    umask 077
    wg genkey >${near}; wg genkey >${far}
    nearKey=$(wg pubkey <${near}); farKey=$(wg pubkey <${far})
    ip link add ${name} type wireguard
    ip -n ${world.internet.name} link add ${name} type wireguard
    wg set ${name} private-key ${near} peer "$farKey" endpoint ${endpoint} allowed-ips 0.0.0.0/0
    ${inFar} wg set ${name} listen-port ${endpoint.replace(/.*:/, "")} private-key ${far} peer "$nearKey" allowed-ips ${net}.2/32
    ip address add ${net}.2/24 dev ${name}; ip link set ${name} up
    ip -n ${world.internet.name} address add ${net}.1/24 dev ${name}; ip -n ${world.internet.name} link set ${name} up
    ${more.join("\n")}`;
  g.atEnd(() => g.run("ip", ["link", "delete", name]));
  await g.must("sh", ["-c", script]);
}

/** From where the far end hears the tunnel; empty before the first packet. */
export async function heardFrom(world: World, { name }: Tunnel): Promise<string> {
  const told = await world.internet.run("wg", "show", name, "endpoints");
  return /\t\[?([\d.a-f:]+)\]?:\d+$/.exec(told)?.[1] ?? "";
}
