/** What the kernel is asked, and what is read beside its answer. */
import t from "tap";
import type { AddressEntry, RouteEntry, RuleEntry } from "../../../src/network/kernel.js";
import { askKernel, type PacketKernel, type RouteQuery } from "../../../src/network/packet/ask.js";
import { packetFrom } from "../../../src/network/packet/packet.js";

const rule = (priority: number, table: number, protocol: number, more: Partial<RuleEntry> = {}): RuleEntry => ({
  ...{ family: 4, priority, action: "lookup", table, protocol, invert: false },
  ...more,
});
const rules = [rule(0, 255, 2), rule(32_000, 51_820, 3, { mark: 7 }), rule(32_765, 20_000, 200), rule(32_766, 254, 2)];
const route = (table: number, more: Partial<RouteEntry> = {}): RouteEntry => ({
  ...{ family: 4, table, type: "unicast", destination: "default", ifindex: 2, metric: 0, protocol: 3 },
  ...{ scope: "global", onLink: false, linkDown: false },
  ...more,
});

/** Answers with a route or an errno, and remembers what it was asked. */
function kernelWith(answer: RouteEntry | string, more: Partial<PacketKernel> = {}) {
  const queries: RouteQuery[] = [];
  const tables: (number | undefined)[] = [];
  const kernel: PacketKernel = {
    link: async () => undefined,
    addresses: async () => [],
    rules: async () => rules,
    routes: async ({ table } = {}) => {
      tables.push(table);
      return [];
    },
    routeOf: async (query) => {
      queries.push(query);
      if (typeof answer !== "string") return answer;
      throw Object.assign(new Error(answer), { code: answer });
    },
    ...more,
  };
  return { kernel, queries, tables };
}

const to = "203.0.113.9";
const plain = packetFrom({ to });

t.test("tables are read only where the answer does not tell what they have", async (t) => {
  const read = async (answer: RouteEntry | string, words = {}) => {
    const { kernel, tables } = kernelWith(answer);
    await askKernel(kernel, packetFrom({ to, ...words }));
    return tables;
  };
  t.strictSame(await read(route(20_000)), [], "wwand's: main had nothing");
  t.strictSame(await read(route(254)), [], "that is main's");
  t.strictSame(await read(route(51_820), { mark: "7" }), [255, 254], "a rule of others did not ask them");
  t.strictSame(await read(route(777)), [255, 254], "nor did one that cannot be read");
  t.strictSame(await read("ENETUNREACH"), [255, 20_000, 254], "who refuses is not told: all that were asked");
});

t.test("refusals are answers, in words of errno; everything else is a failure to ask", async (t) => {
  const way = async (answer: RouteEntry | string) => (await askKernel(kernelWith(answer).kernel, plain)).way;
  t.match(await way("EACCES"), { is: "refused", errno: "EACCES" });
  t.match(await way(route(20_000, { type: "unreachable" })), { is: "refused", errno: "EHOSTUNREACH" });
  t.match(await way("EAFNOSUPPORT"), { is: "no-family" });
  t.match((await askKernel(kernelWith(route(254), { rules: async () => [] }).kernel, plain)).way, { is: "no-family" });
  await t.rejects(askKernel(kernelWith("ETIMEDOUT").kernel, plain), { code: "ETIMEDOUT" });
});

t.test("a forwarded packet of IPv4 has a source: a host of the network that it came in from", async (t) => {
  const lan = { ifindex: 9, name: "br-lan", up: true, carrier: true, operState: "up", mtu: 1500, iflink: 9 } as const;
  const link = async () => ({ ...lan, noArp: false, loopback: false });
  const from = async (address: string, prefixLength: number, words = {}) => {
    const own: AddressEntry = {
      ...{ family: 4, ifindex: 9, address, prefixLength, scope: "global", tentative: false, dadFailed: false },
      permanent: true,
    };
    const { kernel, queries } = kernelWith(route(20_000), { link, addresses: async () => [own] });
    const { remarks } = await askKernel(kernel, packetFrom({ to, interface: "br-lan", ...words }));
    return [queries[0]?.inIfindex, queries[0]?.from, ...remarks];
  };
  t.strictSame(await from("192.168.8.1", 24), [9, "192.168.8.3", "taken to come from 192.168.8.3"]);
  t.strictSame((await from("192.168.8.6", 30))[1], "192.168.8.5");
  t.strictSame((await from("10.0.0.0", 31))[1], "10.0.0.1");
  t.strictSame((await from("128.0.0.2", 1))[1], "128.0.0.3");
  t.strictSame(await from("192.168.8.1", 24, { from: "192.168.8.77" }), [9, "192.168.8.77"], "said is said");
  await t.rejects(from("192.168.8.1", 32), { code: "invalid", message: /^from: say where it comes from/ });
  await t.rejects(askKernel(kernelWith(route(254)).kernel, packetFrom({ to, interface: "br-lan" })), {
    ...{ code: "invalid", message: 'interface: there is no "br-lan"' },
  });
});

t.test("a socket is bound to an address that the machine does not have", async (t) => {
  const bound = packetFrom({ to, from: "198.51.100.9" });
  const { remarks } = await askKernel(kernelWith("EINVAL").kernel, bound);
  t.match(remarks, [/^198\.51\.100\.9 is no address of this machine; of a packet that is forwarded say where/]);
  const own = await askKernel(kernelWith(route(255, { type: "local" })).kernel, bound);
  t.strictSame(own.remarks, []);
});
