/** Bytes as Linux 6.18 (x86-64) sent them to a NETLINK_ROUTE socket on 2026-11-21, while the quoted command ran. */
import t from "tap";
import { decodeEvents } from "../../src/netlink/events.js";

const captured = {
  // ip link set dev <peer of eth0> down; statistics and inet configuration cut out, attributes as they came
  linkDown:
    "e00000001000000000000000000000000000010" +
    "00a00000003100000000000000900030065746830000000000800" +
    "0400dc05000005001000020000000500210000000000" +
    "0a00010062dd781cad330000" +
    "10001200090001007665746800000000" +
    "0800250000000000" +
    "0800050014000000",
  // ip address add 198.51.100.7/29 dev eth0
  addressV4:
    "50000000140000009806016b806d0000021d80000a00000008000100c633640708000200c6336407090003006574683000000000" +
    "080008008000000014000600ffffffffffffffffad8b0400ad8b0400",
  // fe80::a:b:c:d/64 with IFA_F_NODAD and IFA_PROTO 200, put by ourselves
  addressV6:
    "500000001400000000000000000000000a4082fd0a00000014000100fe80000000000000000a000b000c000d" +
    "14000600ffffffffffffffffc38b0400c38b0400080008008200000005000b00c8000000",
  // ip route add default via 192.0.2.1 dev eth0 table 20000 metric 1024 proto 200
  routeV4:
    "3c000000180000069806016b816d000002000000fcc800010000000008000f00204e0000080006000004000008000500c0000201" +
    "080004000a000000",
  // ip -6 route add default via fe80::1 dev eth0 table 20000 metric 1024 proto 200
  routeV6:
    "74000000180000069906016b826d00000a000000fcc800010000000008000f00204e00000800060000040000" +
    "14000500fe800000000000000000000000000001080004000a000000" +
    "24000c0000000000000000000000000000000000000000000000000000000000000000000500140000000000",
  // ip rule add from all lookup main suppress_prefixlength 0 priority 32763 proto 200
  rule:
    "3c000000200000009906016b836d000002000000fe0000010000000008000f00fe00000008000e0000000000" +
    "05001500c800000008000600fb7f0000",
  // ip -6 rule add from 2001:db8::/64 oif eth0 fwmark 7/0xff lookup 20010 priority 5 proto 200
  ruleV6:
    "6c000000200000009906016b846d00000a004000fc0000010000000008000f002a4e000008000e00ffffffff05001500c8000000" +
    "090011006574683000000000080006000500000008000a000700000008001000ff000000" +
    "1400020020010db8000000000000000000000000",
  // ip neigh add 192.0.2.9 lladdr 02:00:5e:10:00:01 dev eth0 nud permanent
  neighbour:
    "4c0000001c00000000000000856d0000020000000a0000008000000108000100c00002090a00020002005e1000010000" +
    "08000400000000001400030000000000000000000000000001000000",
};

const bytesOf = (hex: string): Buffer => {
  const bytes = Buffer.from(hex, "hex");
  bytes.writeUInt32LE(bytes.length, 0);
  return bytes;
};

const meant = {
  linkDown: {
    type: "link",
    change: "new",
    link: {
      ifindex: 10,
      name: "eth0",
      up: true,
      carrier: false,
      operState: "down",
      mtu: 1500,
      iflink: 20,
      noArp: false,
      loopback: false,
      kind: "veth",
      mac: "62:dd:78:1c:ad:33",
    },
  },
  addressV4: {
    type: "address",
    change: "new",
    address: {
      family: 4,
      ifindex: 10,
      address: "198.51.100.7",
      prefixLength: 29,
      scope: "global",
      tentative: false,
      dadFailed: false,
      permanent: true,
    },
  },
  addressV6: {
    type: "address",
    change: "new",
    address: {
      family: 6,
      ifindex: 10,
      address: "fe80::a:b:c:d",
      prefixLength: 64,
      scope: "link",
      tentative: false,
      dadFailed: false,
      permanent: true,
      noDad: true,
      protocol: 200,
    },
  },
  routeV4: {
    type: "route",
    change: "new",
    route: {
      family: 4,
      table: 20_000,
      type: "unicast",
      destination: "default",
      metric: 1024,
      protocol: 200,
      scope: "global",
      onLink: false,
      linkDown: false,
      ifindex: 10,
      gateway: "192.0.2.1",
    },
  },
  routeV6: {
    type: "route",
    change: "new",
    route: {
      family: 6,
      table: 20_000,
      type: "unicast",
      destination: "default",
      metric: 1024,
      protocol: 200,
      scope: "global",
      onLink: false,
      linkDown: false,
      ifindex: 10,
      gateway: "fe80::1",
    },
  },
  rule: {
    type: "rule",
    change: "new",
    rule: {
      family: 4,
      priority: 32_763,
      action: "lookup",
      table: 254,
      protocol: 200,
      invert: false,
      suppressPrefixLength: 0,
    },
  },
  ruleV6: {
    type: "rule",
    change: "new",
    rule: {
      family: 6,
      priority: 5,
      action: "lookup",
      table: 20_010,
      protocol: 200,
      invert: false,
      from: "2001:db8::/64",
      outInterface: "eth0",
      mark: 7,
      markMask: 255,
    },
  },
  neighbour: {
    type: "neighbour",
    change: "new",
    neighbour: { family: 4, ifindex: 10, address: "192.0.2.9", state: "permanent", mac: "02:00:5e:10:00:01" },
  },
} as const;

for (const name of Object.keys(captured) as (keyof typeof captured)[]) {
  t.test(`${name}: read as captured, told as lost when cut anywhere, unknown attributes skipped`, async (t) => {
    const bytes = bytesOf(captured[name]);
    t.strictSame(decodeEvents(bytes), [meant[name]]);
    for (let length = 1; length < bytes.length; length++)
      t.match(decodeEvents(bytes.subarray(0, length)), [{ type: "resync" }], `${length} bytes`);
    const longer = bytesOf(`${captured[name]}08007e0001020304`);
    t.strictSame(decodeEvents(longer), [meant[name]]);
    t.strictSame(decodeEvents(Buffer.concat([bytes, bytes])), [meant[name], meant[name]], "two in one datagram");
  });
}

t.test("attributes cut inside a whole message are told as lost too", async (t) => {
  for (const name of Object.keys(captured) as (keyof typeof captured)[]) {
    const bytes = bytesOf(captured[name]);
    // The last attribute claims four bytes more than there are.
    const claims = Buffer.from(bytes.subarray(0, bytes.length - 4));
    claims.writeUInt32LE(claims.length, 0);
    const events = decodeEvents(claims);
    t.equal(events.length, 1, name);
    t.equal(events[0]?.type, "resync", name);
  }
});

t.test("what is not about an interface as such is no link event", async (t) => {
  const asBridgePort = bytesOf(captured.linkDown);
  asBridgePort[16] = 7; // AF_BRIDGE: a port left its bridge, the interface lives on
  asBridgePort[4] = 17; // RTM_DELLINK
  t.strictSame(decodeEvents(asBridgePort), []);
  const wireless = bytesOf(`${captured.linkDown}08000b0001020304`);
  t.strictSame(decodeEvents(wireless), []);
});

t.test("messages of other kinds and families are passed over", async (t) => {
  const unknownType = bytesOf(captured.rule);
  unknownType.writeUInt16LE(0x68, 4);
  t.strictSame(decodeEvents(unknownType), []);
  const mpls = bytesOf(captured.routeV4);
  mpls[16] = 28;
  t.strictSame(decodeEvents(mpls), []);
  t.strictSame(decodeEvents(Buffer.alloc(0)), []);
});
