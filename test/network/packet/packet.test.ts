/** What a packet is, in words of the policy's classes. */
import t from "tap";
import { packetFrom, packetText } from "../../../src/network/packet/packet.js";

const said = (words: Readonly<Record<string, string>>) => packetText(packetFrom(words));

t.test("the words of a class, and what they mean", async (t) => {
  t.match(packetFrom({ to: "203.0.113.10" }), { family: 4, to: "203.0.113.10", ipProtocol: 17, uid: 0, mark: 0 });
  t.match(packetFrom({ to: "203.0.113.10", "local-port": "22" }), { ipProtocol: 6, localPort: 22 }, "as in a class");
  t.match(packetFrom({ to: "2001:DB8:0::1", protocol: "icmp" }), { family: 6, to: "2001:db8::1", ipProtocol: 58 });
  t.match(packetFrom({ to: "192.0.2.1", mark: "0xca6c", uid: "1000" }), { mark: 0xca6c, uid: 1000 });
  const forwarded = packetFrom({ to: "192.0.2.1", interface: "br-lan", from: "192.168.8.2" });
  t.match(forwarded, { inInterface: "br-lan", from: "192.168.8.2" });
  t.notOk("uid" in forwarded, "nobody here has sent it");
  t.match(packetFrom({ to: "::ffff:192.0.2.1" }), { family: 4, to: "192.0.2.1" }, "what such a socket sends is IPv4");
});

t.test("and the other way round", async (t) => {
  t.equal(said({ to: "203.0.113.10" }), "IPv4 to 203.0.113.10");
  t.equal(
    said({ to: "203.0.113.10", from: "192.0.2.7", "local-port": "22", port: "50000", uid: "7", mark: "0x10" }),
    "IPv4 tcp from 192.0.2.7 port 22 to 203.0.113.10 port 50000 of user 7 with mark 0x10",
  );
  t.equal(said({ to: "2001:db8::1", interface: "br-lan" }), "IPv6 to 2001:db8::1 that came in by br-lan");
});

t.test("what cannot be meant says which word, and what would be right", async (t) => {
  const refused: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
    [{}, "to which address? (to)"],
    [{ to: "example.com" }, 'to: "example.com" is not an IP address'],
    [{ to: "203.0.113.300" }, 'to: "203.0.113.300" is not an IP address'],
    [{ to: "" }, 'to: "" is not an IP address'],
    [{ to: "2001:db8::1%eth0" }, 'to: "2001:db8::1%eth0": only a link-local address has a zone'],
    [{ to: "fe80::1%eth0" }, "to: fe80::1 is link-local: it stays on the link that its zone names, no policy moves it"],
    [{ to: "192.0.2.1", from: "2001:db8::1" }, "from: 2001:db8::1 is IPv6, and it goes to an address of IPv4"],
    [{ to: "192.0.2.1", "local-port": "0" }, 'local-port: a number from 1 to 65535, not "0"'],
    [{ to: "192.0.2.1", port: "22-24" }, 'port: a number from 1 to 65535, not "22-24"'],
    [{ to: "192.0.2.1", port: "22", protocol: "icmp" }, "port: ICMP has no ports"],
    [{ to: "192.0.2.1", protocol: "sctp" }, 'protocol: tcp, udp or icmp, not "sctp"'],
    [{ to: "192.0.2.1", protocol: "toString" }, 'protocol: tcp, udp or icmp, not "toString"'],
    [{ to: "192.0.2.1", uid: "-1" }, 'uid: a number from 0 to 4294967294, not "-1"'],
    [{ to: "192.0.2.1", mark: "0x1ffffffff" }, 'mark: a number from 0 to 4294967295, not "0x1ffffffff"'],
    [
      { to: "192.0.2.1", interface: "br-lan", uid: "7" },
      "uid: what came in by an interface and is forwarded has no user",
    ],
    [{ to: "192.0.2.1", interface: "../lan" }, 'interface: "../lan" is no name of an interface'],
    [
      { to: "192.0.2.1", via: "eth0" },
      '"via" is nothing of a packet; there are to, from, local-port, port, protocol, uid, mark, interface',
    ],
  ];
  for (const [words, message] of refused) t.throws(() => packetFrom(words), { code: "invalid", message });
});
