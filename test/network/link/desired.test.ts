import t from "tap";
import { desiredLink } from "../../../src/network/link/desired.js";
import type { IpSettings } from "../../../src/network/types.js";

const rawIp = { noArp: true };
const dual: IpSettings = {
  mtu: 1430,
  ipv4: { method: "static", address: "198.51.100.7", prefixLength: 29, dns: [] },
  ipv6: { address: "2001:DB8:2::A:B:C:D", prefixLength: 64, dns: [] },
};
const shown = (
  settings: IpSettings,
  owner: "self" | "client" = "self",
  link = rawIp,
  advertisements: "held" | "heard" = "heard",
) => {
  const { mtu, addrGenMode, addresses, sysctls } = desiredLink(settings, owner, link, advertisements);
  return [
    `mtu ${mtu ?? "as it is"}`,
    `addrgenmode ${addrGenMode ?? "as it is"}`,
    ...addresses.map(({ address, prefixLength, scope }) => `${address}/${prefixLength} ${scope}`),
    ...sysctls.map(({ family, name, value }) => `${family} ${name}=${value}`),
  ];
};

t.test("self: everything; link-local before the rest; addresses in the kernel's spelling", async (t) => {
  t.strictSame(shown(dual), [
    "mtu 1430",
    "addrgenmode none",
    "fe80::a:b:c:d/64 link",
    "198.51.100.7/29 global",
    "2001:db8:2:0:a:b:c:d/64 global",
    "ipv4 rp_filter=2",
    "ipv6 accept_ra=2",
    "ipv6 accept_ra_defrtr=0",
  ]);
});

t.test("client: as oFono would, link and interface identifier; advertisements count from when it asks", async (t) => {
  const link = ["mtu 1430", "addrgenmode none", "fe80::a:b:c:d/64 link"];
  t.strictSame(shown(dual, "client", rawIp, "held"), [...link, "ipv6 accept_ra=0"]);
  t.strictSame(shown(dual, "client", rawIp, "heard"), [...link, "ipv6 accept_ra=2"]);
  const { ipv6: _, ...ipv4Only } = dual;
  t.strictSame(shown(ipv4Only, "client"), ["mtu 1430", "addrgenmode none"]);
});

t.test("with neighbour resolution the router's default is wanted: its gateway is in it", async (t) => {
  t.ok(shown(dual, "self", { noArp: false }).includes("ipv6 accept_ra_defrtr=1"));
});

t.test("DHCP's address is not ours to put", async (t) => {
  t.strictSame(shown({ ipv4: { method: "dhcp" } }), ["mtu as it is", "addrgenmode none", "ipv4 rp_filter=2"]);
});

t.test(
  "IPv6 of which nobody knows the identifier: the kernel makes one, the prefix comes by advertisement",
  async (t) => {
    const kernelsChoice = ["mtu as it is", "addrgenmode as it is", "ipv6 accept_ra=2"];
    t.strictSame(shown({ ipv6: { dns: [] } }, "client"), kernelsChoice);
    t.strictSame(shown({ ipv6: { address: "2001:db8::", dns: [] } }, "client"), kernelsChoice);
  },
);

t.test("a modem that names its link-local address means the identifier", async (t) => {
  t.strictSame(shown({ ipv6: { address: "fe80::1234:0:0:1", dns: [] } }).slice(1, 3), [
    "addrgenmode none",
    "fe80::1234:0:0:1/64 link",
  ]);
});

t.test("an MTU below what IPv6 needs would switch it off", async (t) => {
  t.equal(shown({ ...dual, mtu: 1200 })[0], "mtu 1280");
  const { ipv6: _, ...ipv4Only } = dual;
  t.equal(shown({ ...ipv4Only, mtu: 1200 })[0], "mtu 1200");
});

t.test("an address that is none is refused", async (t) => {
  t.throws(() => shown({ ipv6: { address: "2001:db8::1%wwan0", dns: [] } }), RangeError);
  t.throws(() => shown({ ipv4: { method: "static", address: "198.51.100", prefixLength: 24, dns: [] } }), RangeError);
});
