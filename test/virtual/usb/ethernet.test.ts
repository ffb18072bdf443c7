/** The modem as the one neighbour on its host's ethernet: ARP, neighbour discovery, DHCP, padding, group addresses. */
import t from "tap";
import { ipv6Bytes } from "../../../src/codec/address.js";
import { icmpv6Packet } from "../../../src/virtual/data/icmpv6.js";
import type { DhcpLease, DhcpManner } from "../../../src/virtual/usb/ethernet/dhcp.js";
import { EthernetEdge } from "../../../src/virtual/usb/ethernet/edge.js";
import { frameHeader, groupMac } from "../../../src/virtual/usb/ethernet/frame.js";
import { bootReply, bootRequest, hostMac } from "./bootp.js";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/[\s:]/g, ""), "hex");
const modem = hex("02:50:f3:00:00:00");
const host = hostMac;
const [own, router] = [0x0a400002, 0x0a400001];
const lease: DhcpLease = { address: own, router, resolver: router, prefixLength: 24, mtu: 1430, leaseS: 3600 };

function rig(granted: DhcpLease | "none" = lease, dhcp: DhcpManner = "answers") {
  const packets: Buffer[] = [];
  const frames: Buffer[] = [];
  const edge = new EthernetEdge({
    mac: modem,
    lease: () => (granted === "none" ? undefined : granted),
    dhcp: () => dhcp,
    packet: (packet) => packets.push(packet),
    reply: (header, packet) => frames.push(Buffer.concat([header, packet])),
  });
  return { edge, packets, frames };
}

const ask = (target: string, sender = "0a400002"): Buffer =>
  Buffer.concat([
    hex("ffffffffffff"),
    host,
    hex(`0806 0001 0800 06 04 0001 ${host.toString("hex")} ${sender} 000000000000 ${target}`),
  ]);

t.test("ARP: the modem stands for everybody but the host", async (t) => {
  const { edge, frames, packets } = rig();
  edge.fromHost(ask("0a400001"));
  t.strictSame(
    frames.pop(),
    Buffer.concat([host, modem, hex(`0806 0001 0800 06 04 0002`), modem, hex("0a400001"), host, hex("0a400002")]),
  );
  edge.fromHost(ask("08080808"));
  t.equal(frames.splice(0).length, 1, "for strangers, too");
  edge.fromHost(ask("0a400002", "00000000"));
  edge.fromHost(ask("0a400002"));
  t.equal(frames.length, 0, "a host that asks whether its own address is free hears nothing");
  const refusing = rig(lease, "refuses");
  refusing.edge.fromHost(bootRequest("350103 32040a400002"));
  t.match(bootReply(refusing.frames.pop() ?? Buffer.alloc(300)), { yours: 0, options: /^350106/ }, "made to refuse");
  const silent = rig(lease, "silent");
  silent.edge.fromHost(bootRequest("350101"));
  t.equal(silent.frames.length, 0, "made to be silent");
  const without = rig("none");
  without.edge.fromHost(ask("0a400001"));
  t.equal(without.frames.length, 0, "without a session there is nobody");
  for (let length = 0; length < ask("0a400001").length; length++) edge.fromHost(ask("0a400001").subarray(0, length));
  t.strictSame([frames.length, packets.length], [0, 0], "what is cut off is dropped");
});

t.test("packets lose the padding of short frames; what claims more than there is, is dropped", async (t) => {
  const { edge, packets } = rig();
  const packet = hex("45000014 00000000 40010000 0a400002 0a400001");
  const frame = Buffer.concat([frameHeader(modem, host, 0x0800), packet]);
  edge.fromHost(Buffer.concat([frame, Buffer.alloc(26)]));
  t.strictSame(packets, [packet]);
  edge.fromHost(frame.subarray(0, frame.length - 1));
  edge.fromHost(Buffer.concat([frameHeader(modem, host, 0x88cc), packet]));
  t.equal(packets.length, 1);
  t.strictSame(edge.headerFor(packet), Buffer.concat([host, modem, hex("0800")]), "the host's address is known now");
  edge.forget();
  t.strictSame(edge.headerFor(packet).subarray(0, 6), hex("ffffffffffff"));
  t.strictSame(groupMac(hex("45000014 00000000 40010000 0a400002 e08000fb")), hex("01005e0000fb"));
  t.strictSame(groupMac(Buffer.concat([hex("60000000"), Buffer.alloc(20), ipv6Bytes("ff02::1")])), hex("333300000001"));
});

t.test("neighbour discovery: the router has an address, nobody else", async (t) => {
  const { edge, frames, packets } = rig();
  const linkLocal = ipv6Bytes("fe80::d40a:73ff:fe76:e87e");
  const solicit = (target: string, source = linkLocal): Buffer => {
    const body = Buffer.concat([hex("8700 0000 00000000"), ipv6Bytes(target), hex("0101"), host]);
    const packet = icmpv6Packet(source, ipv6Bytes("ff02::1:ff00:1"), body);
    return Buffer.concat([frameHeader(hex("3333ff000001"), host, 0x86dd), packet]);
  };
  edge.fromHost(solicit("fe80::1"));
  const answer = frames.pop() ?? Buffer.alloc(0);
  t.strictSame(answer.subarray(0, 14), Buffer.concat([host, modem, hex("86dd")]));
  const advertisement = Buffer.concat([hex("8800 0000 e0000000"), ipv6Bytes("fe80::1"), hex("0201"), modem]);
  t.strictSame(answer.subarray(14), icmpv6Packet(ipv6Bytes("fe80::1"), linkLocal, advertisement));
  edge.fromHost(solicit("fe80::1", Buffer.alloc(16)));
  edge.fromHost(solicit("2001:db8:64:1::5"));
  t.equal(frames.length, 0);
  t.equal(packets.length, 2, "what is not for the modem goes on");
});

t.test("DHCP: the host gets the bearer's address and no other", async (t) => {
  const { edge, frames, packets } = rig();
  const said = () => bootReply(frames.pop() ?? Buffer.alloc(300));
  edge.fromHost(bootRequest("350101"));
  t.match(said(), {
    yours: own,
    transaction: 0x11223344,
    options: /^35010236040a400001|^3501023604.*0104ffffff00.*03040a400001.*06040a400001.*1a020596.*ff$/,
  });
  edge.fromHost(bootRequest("350103 32040a400002"));
  t.match(said(), { yours: own, options: /^350105/ }, "ACK");
  edge.fromHost(bootRequest("350103", "0a400002"));
  t.match(said(), { options: /^350105/ }, "renewal");
  edge.fromHost(bootRequest("350103 32040a400063"));
  t.match(said(), { yours: 0, options: /^350106/ }, "NAK for the address of another session");
  edge.fromHost(bootRequest("350107"));
  t.equal(frames.length, 0, "RELEASE is not answered");
  const without = rig("none");
  without.edge.fromHost(bootRequest("350101"));
  t.equal(without.frames.length, 0, "without a session there is no server");
  const whole = bootRequest("350101");
  for (let length = 14; length < whole.length; length += 3) edge.fromHost(whole.subarray(0, length));
  t.strictSame([frames.length, packets.length], [0, 0]);
});
