/** A LAN whose packets this machine forwards to a modem's carrier. */
import { labFor, type Namespace } from "../lab/netns.js";

/** `br0` and `wwan0` are the host's interfaces. */
export async function lanBehindModem(
  t: Parameters<typeof labFor>[0],
): Promise<{ readonly lan: Namespace; readonly host: Namespace; readonly carrier: Namespace }> {
  const lab = labFor(t);
  const [lan, host, carrier] = [
    await lab.namespace("lan"),
    await lab.namespace("host"),
    await lab.namespace("carrier"),
  ];
  await lab.veth(
    { in: lan, name: "lan0", addresses: ["192.168.7.2/24"] },
    { in: host, name: "br0", addresses: ["192.168.7.1/24"] },
  );
  await lab.veth(
    { in: host, name: "wwan0", addresses: ["198.51.100.5/24"] },
    { in: carrier, name: "pgw0", addresses: ["198.51.100.1/24"] },
  );
  await lan.ip("route add default via 192.168.7.1");
  await host.sysctl("net/ipv4/ip_forward", 1);
  // The carrier answers whatever address a packet has: only what leaves the machine decides.
  await carrier.ip("route add 192.168.7.0/24 via 198.51.100.5");
  return { lan, host, carrier };
}
