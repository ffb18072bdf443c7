import t from "tap";
import { foreignServers } from "../../src/network/uplinks/foreign-servers.js";
import { eth, up } from "./story.js";

const uplink = eth(up());

t.test("systemd-networkd: by interface index, with ports and server names that nobody here needs", async (t) => {
  const root = t.testdir({
    run: {
      systemd: {
        netif: {
          links: { "2": "ADMIN_STATE=configured\nDNS=192.0.2.53 2001:DB8::53#dns.example\nNTP=192.0.2.123\n" },
          leases: { "2": "ADDRESS=192.0.2.7\nDNS=192.0.2.53 192.0.2.54\n", "3": "DNS=198.51.100.53\n" },
        },
      },
    },
  });
  t.strictSame(foreignServers(uplink, root), ["192.0.2.53", "2001:db8::53", "192.0.2.54"]);
});

t.test("resolvconf: what any program recorded for this interface, and no other", async (t) => {
  const root = t.testdir({
    run: {
      resolvconf: {
        interface: {
          "eth0.dhclient": "search example.net\nnameserver 192.0.2.53\n",
          "eth0.ra": "nameserver fe80::1%eth0\n",
          "eth01.dhclient": "nameserver 198.51.100.1\n",
          "wwan0.wwand": "nameserver 198.51.100.53\n",
        },
      },
    },
  });
  t.strictSame(foreignServers(uplink, root), ["192.0.2.53", "fe80::1"]);
});

t.test("one resolv.conf for the whole machine: only the uplink's router is certainly its own", async (t) => {
  const root = t.testdir({
    etc: { "resolv.conf": "nameserver 127.0.0.53\nnameserver 198.51.100.53\nnameserver 192.0.2.1\n" },
  });
  t.strictSame(foreignServers(uplink, root), ["192.0.2.1"]);
});

t.test("nothing is known, or it is not to be read: no servers", async (t) => {
  t.strictSame(foreignServers(uplink, t.testdir({})), []);
  t.strictSame(foreignServers(uplink, t.testdir({ etc: { "resolv.conf": { a: "folder" } }, run: "a file" })), []);
  t.strictSame(
    foreignServers(uplink, t.testdir({ etc: { "resolv.conf": "nameserver not-an-address\nnameserver\n" } })),
    [],
  );
});
