/** The carrier's side in its own network namespace: a TUN towards the modem, addresses, resolver and web server. */
import { existsSync } from "node:fs";
import type { Server } from "node:http";
import { DatagramChannel } from "../../native/channel.js";
import { inNetns, listenTcp, openUdp } from "../../native/index.js";
import { Rtnetlink } from "../../netlink/rtnetlink.js";
import type { AddressEntry } from "../../network/kernel.js";
import { WWAND_PROTOCOL } from "../../network/kernel.js";
import { errnoOf } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import { Scope } from "../../runtime/scope.js";
import { openTunDevice, type Tun } from "../data/tun.js";
import type { PoolProfile, VirtualProfile } from "../model/profile.js";
import { dnsAnswer } from "./dns.js";
import { carrierWeb } from "./http.js";

export interface CarrierNetwork {
  /** Packets from the host, with addresses that are the session's own. */
  readonly send: (packet: Buffer) => boolean;
  readonly close: () => Promise<void>;
}

/** `NAME` of `ip netns`, or a path. @throws when there is no such namespace */
export function netnsPath(nameOrPath: string): string {
  const path = nameOrPath.includes("/") ? nameOrPath : `/run/netns/${nameOrPath}`;
  if (!existsSync(path)) {
    throw new Error(`network namespace ${nameOrPath} is not there: make it with "ip netns add ${nameOrPath}"`);
  }
  return path;
}

/** Builds all of it, or nothing. */
export async function openCarrierNetwork(
  netns: string,
  profile: VirtualProfile,
  packets: (packets: readonly Buffer[]) => void,
  log: Log,
): Promise<CarrierNetwork> {
  const scope = new Scope();
  try {
    const path = netnsPath(netns);
    const tun = openTunDevice("pgw%d", path, {
      packets,
      gone: (reason) => log.warning("the carrier's device is gone", { reason: String(reason) }),
    });
    scope.own(tun, (it) => it.close());
    await addressCarrier(path, tun, profile.pool);
    for (const address of [profile.pool.ipv4Router, profile.pool.ipv6Router]) {
      serveNames(scope, path, address, profile, log);
      await serveWeb(scope, path, address);
    }
    return { send: (packet) => tun.write(packet), close: () => scope.close() };
  } catch (error) {
    await scope.close();
    if (errnoOf(error) !== "EADDRINUSE") throw error;
    throw new Error(`a carrier is in ${netns} already: each wwand-virtual needs a namespace of its own`, {
      cause: error,
    });
  }
}

async function addressCarrier(netns: string, tun: Tun, pool: PoolProfile): Promise<void> {
  const kernel = Rtnetlink.open({ netns });
  try {
    const loopback = await kernel.link("lo");
    if (loopback !== undefined && !loopback.up) await kernel.setLink(loopback.ifindex, { up: true });
    const link = await kernel.link(tun.name);
    if (link === undefined) throw new Error(`${tun.name} vanished from ${netns}`);
    // No link-local address of its own: the modem, not this host, is the router on a bearer.
    await kernel.setLink(link.ifindex, { addrGenMode: "none", mtu: pool.mtu });
    await kernel.setLink(link.ifindex, { up: true });
    // The prefixes bring the routes to all sessions with them.
    await kernel.putAddress(entry(link.ifindex, 4, pool.ipv4Router, 24));
    await kernel.putAddress(entry(link.ifindex, 6, pool.ipv6Router, 48));
  } finally {
    kernel.close();
  }
}

const entry = (ifindex: number, family: 4 | 6, address: string, prefixLength: number): AddressEntry => ({
  family,
  ifindex,
  address,
  prefixLength,
  scope: "global",
  protocol: WWAND_PROTOCOL,
  tentative: false,
  dadFailed: false,
  permanent: true,
  noDad: true,
});

const familyOf = (address: string): "inet" | "inet6" => (address.includes(":") ? "inet6" : "inet");

function serveNames(scope: Scope, netns: string, address: string, profile: VirtualProfile, log: Log): void {
  const fd = inNetns(netns, () =>
    openUdp({ family: familyOf(address), sourceAddress: address, sourcePort: 53, reuseAddress: true }),
  );
  const channel: DatagramChannel = new DatagramChannel(
    fd,
    {},
    {
      onDatagrams: (datagrams) => {
        for (const { data, source } of datagrams) {
          const answer = dnsAnswer(data, profile.names);
          // An answer that cannot be sent is asked for again.
          if (answer !== undefined && source !== undefined) channel.send(answer, source).catch(() => undefined);
        }
      },
      onEnd: (error) => log.warning("the carrier's resolver ended", { reason: String(error) }),
    },
  );
  scope.own(channel, (it) => it.close());
}

async function serveWeb(scope: Scope, netns: string, address: string): Promise<void> {
  const fd = inNetns(netns, () => listenTcp({ family: familyOf(address), sourceAddress: address, sourcePort: 80 }));
  const server = scope.own(carrierWeb(), stopWeb);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ fd }, resolve);
  });
}

function stopWeb(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
