/**
 * The small world of the demo: this machine, an ISP behind its ethernet, a mobile carrier behind its modem, and an
 * internet that both lead to. Addresses are documentation prefixes (RFC 5737, RFC 3849).
 *
 *   host eth0 ---- isp ------- internet (203.0.113.10: web server)
 *   host wwan0 --- carrier --'
 */
import { Rtnetlink } from "../netlink/rtnetlink.js";
import { ip, run } from "./command.js";

export const webServer = { ipv4: "203.0.113.10", ipv6: "2001:db8:feed::10", port: 80 } as const;

/** Makes a namespace a router. */
export const makeRouter = (netns: string): Promise<string> =>
  run(
    "ip",
    ..."netns exec".split(" "),
    netns,
    "sh",
    "-c",
    // keep_addr_on_down: setting the ISP's end down stands for a pulled cable, which would not take its IPv6 addresses.
    [
      "/proc/sys/net/ipv4/ip_forward",
      "/proc/sys/net/ipv6/conf/all/forwarding",
      "/proc/sys/net/ipv6/conf/all/keep_addr_on_down",
    ]
      .map((file) => `echo 1 >${file}`)
      .join(" && "),
  );

/** Two namespaces joined by a cable. An empty netns (of `a` only) is this one. */
export async function cable(a: CableEnd, b: CableEnd): Promise<void> {
  const inside = ({ netns }: CableEnd) => (netns === "" ? "" : `-n ${netns} `);
  // Different indexes on both ends, as on real hardware: equal ones make the kernel report carrier loss late.
  const peer = `peer name ${b.name} index ${b.index} netns ${b.netns}`;
  await ip(`${inside(a)}link add ${a.name} index ${a.index} type veth ${peer}`);
  for (const end of [a, b]) {
    for (const address of end.addresses) {
      const nodad = address.includes(":") ? " nodad" : "";
      await ip(`${inside(end)}address add ${address} dev ${end.name}${nodad}`);
    }
    await ip(`${inside(end)}link set ${end.name} up`);
  }
}

export interface CableEnd {
  readonly netns: string;
  readonly name: string;
  readonly index: number;
  readonly addresses: readonly string[];
}

/** Builds everything but the modem. The ethernet is configured as a DHCP client would: a default route of metric 0. */
export async function buildWorld(): Promise<void> {
  for (const netns of ["isp", "carrier", "internet"]) {
    await ip(`netns add ${netns}`);
    await ip(`-n ${netns} link set lo up`);
    await makeRouter(netns);
  }
  await cable(
    { netns: "", name: "eth0", index: 10, addresses: ["192.0.2.10/24", "2001:db8:1::10/64"] },
    { netns: "isp", name: "lan0", index: 21, addresses: ["192.0.2.1/24", "2001:db8:1::1/64"] },
  );
  await cable(
    { netns: "isp", name: "up0", index: 31, addresses: ["198.51.100.1/30", "2001:db8:f1::1/64"] },
    { netns: "internet", name: "isp0", index: 32, addresses: ["198.51.100.2/30", "2001:db8:f1::2/64"] },
  );
  await cable(
    { netns: "carrier", name: "up0", index: 41, addresses: ["198.51.100.5/30", "2001:db8:f2::1/64"] },
    { netns: "internet", name: "carrier0", index: 42, addresses: ["198.51.100.6/30", "2001:db8:f2::2/64"] },
  );
  for (const line of [
    `-n internet address add ${webServer.ipv4}/32 dev lo`,
    `-n internet address add ${webServer.ipv6}/128 dev lo`,
    "-n internet route add 192.0.2.0/24 via 198.51.100.1",
    "-n internet route add 2001:db8:1::/64 via 2001:db8:f1::1",
    "-n internet route add default via 198.51.100.5",
    "-n internet route add default via 2001:db8:f2::1",
    "-n isp route add default via 198.51.100.2",
    "-n isp route add default via 2001:db8:f1::2",
    "-n carrier route add default via 198.51.100.6",
    "-n carrier route add default via 2001:db8:f2::2",
    "route add default via 192.0.2.1 dev eth0",
    "route add default via 2001:db8:1::1 dev eth0",
  ])
    await ip(line);
}

/** The cable between eth0 and the ISP, pulled and plugged at the far end, without the delay of starting a program. */
export async function moveCable(plugged: boolean): Promise<void> {
  const isp = Rtnetlink.open({ netns: "/run/netns/isp" });
  try {
    const end = await isp.link("lan0");
    if (!end) throw new Error("the ISP has no lan0");
    await isp.setLink(end.ifindex, { up: plugged });
  } finally {
    isp.close();
  }
}
