import t from "tap";
import { ipv6Bytes } from "../../src/codec/address.js";
import { dnsAnswer } from "../../src/virtual/carrier/dns.js";
import { bearersOf, judgeDown, judgeUp } from "../../src/virtual/data/packet.js";
import { Relay } from "../../src/virtual/data/relay.js";
import { leaseAt } from "../../src/virtual/model/pool.js";
import type { Session } from "../../src/virtual/model/session.js";
import type { Pdn } from "../../src/virtual/model/words.js";
import { mbimGeneric as profile } from "../../src/virtual/profiles/mbim-generic.js";
import type { Faults } from "../../src/virtual/types.js";
import { VirtualClock } from "../fakes/clock.js";

const session = (pdn: Pdn = "ipv4v6", number = 0): Session => ({
  is: "active",
  id: number,
  apn: "internet",
  pdn,
  cause: undefined,
  lease: leaseAt(profile.pool, number),
});
const lease = leaseAt(profile.pool, 0);

function v4(source: string, destination: string): Buffer {
  const packet = Buffer.alloc(28);
  packet.writeUInt8(0x45, 0);
  Buffer.from(source.split(".").map(Number)).copy(packet, 12);
  Buffer.from(destination.split(".").map(Number)).copy(packet, 16);
  return packet;
}

function v6(source: string, destination: string, next = 17, hopLimit = 64, body = Buffer.alloc(8)): Buffer {
  const head = Buffer.alloc(40);
  head.writeUInt8(0x60, 0);
  head.writeUInt16BE(body.length, 4);
  head.writeUInt8(next, 6);
  head.writeUInt8(hopLimit, 7);
  ipv6Bytes(source).copy(head, 8);
  ipv6Bytes(destination).copy(head, 24);
  return Buffer.concat([head, body]);
}

const solicitation = (source: string, hopLimit = 255) =>
  v6(source, "ff02::2", 58, hopLimit, Buffer.from([133, 0, 0, 0, 0, 0, 0, 0]));
const ownLinkLocal = `fe80::${lease.interfaceId.replace(/(....)(?=.)/g, "$1:")}`;

function rig(faults: Partial<Faults> = {}, random = 0.5) {
  const clock = new VirtualClock();
  const now: { faults: Faults } = {
    faults: { silence: false, mute: false, delayMs: 0, lossPercent: 0, dhcp: "answers", ppp: {}, ports: {}, ...faults },
  };
  const relay = new Relay({ clock, pool: profile.pool, faults: () => now.faults, random: () => random });
  const toHost: Buffer[] = [];
  const toCarrier: Buffer[] = [];
  relay.plugIn((packet) => toHost.push(packet) > 0);
  relay.connectCarrier((packet) => toCarrier.push(packet) > 0);
  return { clock, now, relay, toHost, toCarrier };
}

t.test("which packets pass, by address, direction and kind of PDN", async (t) => {
  const outside = "192.0.2.9";
  const outside6 = "2001:db8:ffff::9";
  const verdicts = (pdn: Pdn) => {
    const bearers = bearersOf([session(pdn)]);
    const all = [
      judgeUp(v4(lease.ipv4, outside), bearers),
      judgeUp(v4("10.64.0.99", outside), bearers),
      judgeUp(v6(lease.ipv6, outside6), bearers),
      judgeUp(v6(`${lease.ipv6Prefix}77`, outside6), bearers),
      judgeUp(v6(outside6, "2001:db8::1"), bearers),
      judgeDown(v4(outside, lease.ipv4), bearers),
      judgeDown(v6(outside6, lease.ipv6), bearers),
      judgeDown(v4(outside, "10.64.0.99"), bearers),
    ];
    return all.map((verdict) => (verdict === bearers[0] ? "pass" : verdict)).join(" ");
  };
  t.equal(verdicts("ipv4v6"), "pass foreign pass pass foreign pass pass foreign");
  t.equal(verdicts("ipv4"), "pass foreign foreign foreign foreign pass foreign foreign");
  t.equal(verdicts("ipv6"), "foreign foreign pass pass foreign foreign pass foreign");
  const bearers = bearersOf([session()]);
  t.equal(judgeUp(v4(lease.ipv4, "224.0.0.251"), bearers), "local", "multicast ends at the modem");
  t.equal(judgeUp(v6(lease.ipv6, "ff02::fb"), bearers), "local");
  t.equal(judgeUp(v6("fe80::5", outside6), bearers), "local");
  for (const packet of [v4(lease.ipv4, outside), v6(lease.ipv6, outside6)]) {
    const head = packet.readUInt8(0) >> 4 === 4 ? 20 : 40;
    for (let length = 0; length < head; length++)
      for (const judge of [judgeUp, judgeDown])
        t.equal(judge(packet.subarray(0, length), bearers), "junk", `${length} bytes`);
  }
});

t.test("an advertisement answers the bearer's own link-local address, and no other", async (t) => {
  const { relay, toHost } = rig();
  relay.setSessions([session()]);
  for (const packet of [
    solicitation("fe80::1234:5678:9abc:def0"),
    solicitation("::"),
    solicitation(ownLinkLocal, 64),
    v6(ownLinkLocal, "ff02::2", 58, 255, Buffer.from([135, 0, 0, 0, 0, 0, 0, 0])),
    solicitation(ownLinkLocal).subarray(0, 44),
  ])
    relay.fromHost([packet]);
  t.equal(toHost.length, 0);
  relay.fromHost([solicitation(ownLinkLocal)]);
  t.equal(toHost.length, 1);
  const [advertisement = Buffer.alloc(0)] = toHost;
  t.strictSame(advertisement.subarray(8, 24), ipv6Bytes("fe80::1"));
  t.strictSame(advertisement.subarray(24, 40), ipv6Bytes(ownLinkLocal));
  t.equal(advertisement.readUInt8(40), 134);
  t.equal(onesComplementSum(advertisement), 0xffff, "the checksum is right");
  const options = optionsOf(advertisement.subarray(56));
  t.equal(options.get(3)?.readUInt8(3), 0x40, "autonomous, not on-link");
  t.strictSame(options.get(3)?.subarray(16), ipv6Bytes(lease.ipv6Prefix));
  t.equal(options.get(5)?.readUInt32BE(4), 1500);
  t.strictSame(options.get(25)?.subarray(8), ipv6Bytes("2001:db8:64::1"));
});

t.test("a new bearer is announced a few times; another prefix replaces the old one", async (t) => {
  const { relay, clock, toHost } = rig();
  relay.setSessions([session()]);
  await clock.advance(10_000);
  const announced = toHost.splice(0);
  t.equal(announced.length, 7);
  t.strictSame(announced[0]?.subarray(24, 40), ipv6Bytes("ff02::1"));
  relay.setSessions([{ ...session(), lease: leaseAt(profile.pool, 1) } as Session]);
  await clock.advance(0);
  const [farewell, hello] = toHost.map((packet) => ({
    prefix: optionsOf(packet.subarray(56)).get(3)?.subarray(16),
    lifetimeS: packet.readUInt16BE(46),
  }));
  t.match(farewell, { lifetimeS: 0 });
  t.strictSame(farewell?.prefix, ipv6Bytes(lease.ipv6Prefix));
  t.strictSame(hello?.prefix, ipv6Bytes(leaseAt(profile.pool, 1).ipv6Prefix));
  relay.setSessions([]);
  t.equal(clock.armed, 0, "nobody is told any more");
});

t.test("delay keeps the order and outlives its own end; loss and silence are counted", async (t) => {
  const { relay, clock, now, toCarrier } = rig({ delayMs: 100 });
  relay.setSessions([session("ipv4")]);
  const numbered = (n: number) => {
    const packet = v4(lease.ipv4, "192.0.2.9");
    packet.writeUInt8(n, 27);
    return packet;
  };
  relay.fromHost([numbered(1)]);
  await clock.advance(50);
  now.faults = { ...now.faults, delayMs: 0 };
  relay.fromHost([numbered(2)]);
  t.equal(toCarrier.length, 0, "the second does not overtake the first");
  await clock.advance(49);
  t.equal(toCarrier.length, 0);
  await clock.advance(1);
  t.strictSame(
    toCarrier.map((packet) => packet[27]),
    [1, 2],
  );
  now.faults = { ...now.faults, lossPercent: 51 };
  relay.fromHost([numbered(3)]);
  now.faults = { ...now.faults, lossPercent: 50 };
  relay.fromHost([numbered(4)]);
  now.faults = { ...now.faults, silence: true };
  relay.fromHost([numbered(5)]);
  relay.fromCarrier([v4("192.0.2.9", lease.ipv4)]);
  t.strictSame(
    toCarrier.map((packet) => packet[27]),
    [1, 2, 4],
  );
  t.match(relay.counters, { upPackets: 5, downPackets: 0, swallowed: 3 });
  relay.setSessions([]);
  relay.fromHost([numbered(6)]);
  t.match(relay.counters, { withoutSession: 1 });
  relay.unplug();
  t.equal(clock.armed, 0);
});

t.test("what is held back is a copy: the reader's buffer is used again", async (t) => {
  const { relay, clock, toCarrier } = rig({ delayMs: 10 });
  relay.setSessions([session("ipv4")]);
  const packet = v4(lease.ipv4, "192.0.2.9");
  relay.fromHost([packet]);
  packet.fill(0);
  await clock.advance(10);
  t.equal(toCarrier[0]?.readUInt8(0), 0x45);
});

t.test("the resolver: addresses, no such name, no such type, and nonsense", async (t) => {
  const query = (name: string, type: number) =>
    Buffer.concat([
      Buffer.from("abcd01000001000000000000", "hex"),
      ...name.split(".").map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
      Buffer.from([0, 0, type, 0, 1]),
    ]);
  const names = profile.names;
  const asked = (message: Buffer) => {
    const answer = dnsAnswer(message, names);
    return answer && `code ${answer.readUInt8(3) & 0xf} answers ${answer.readUInt16BE(6)}`;
  };
  t.equal(asked(query("www.carrier.test", 1)), "code 0 answers 1");
  t.equal(asked(query("WWW.Carrier.TEST", 28)), "code 0 answers 1");
  t.equal(asked(query("v4.carrier.test", 28)), "code 0 answers 0", "the name is there, the type is not");
  t.equal(asked(query("example.org", 1)), "code 3 answers 0");
  t.strictSame(dnsAnswer(query("v6.carrier.test", 28), names)?.subarray(-16), ipv6Bytes("2001:db8:64::1"));
  const whole = query("www.carrier.test", 1);
  for (let length = 0; length < 12; length++) t.equal(dnsAnswer(whole.subarray(0, length), names), undefined);
  for (let length = 12; length < whole.length; length++)
    t.equal(asked(whole.subarray(0, length)), "code 1 answers 0", `cut at ${length}`);
  const answer = dnsAnswer(whole, names) ?? Buffer.alloc(0);
  t.equal(dnsAnswer(answer, names), undefined, "an answer is not a question");
  const update = Buffer.from(whole);
  update.writeUInt8(0x28, 2);
  t.equal(asked(update), "code 4 answers 0");
});

function optionsOf(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const options = new Map<number, Buffer>();
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readUInt8(at + 1) * 8;
    options.set(bytes.readUInt8(at), bytes.subarray(at, at + size));
    at += size;
  }
  return options;
}

/** 0xffff for a valid ICMPv6 packet. @see RFC 1071 */
function onesComplementSum(packet: Buffer): number {
  const words = Buffer.concat([packet.subarray(8, 40), Buffer.from([0, 0, 0, 58]), packet.subarray(40)]);
  let sum = packet.length - 40;
  for (let at = 0; at < words.length; at += 2) sum += words.readUInt16BE(at);
  return (sum & 0xffff) + (sum >>> 16);
}

t.test(
  "two sessions: each has packets of its own and counts them, and what is meant for one is not the other's",
  async (t) => {
    const { relay, toCarrier } = rig();
    relay.setSessions([session("ipv4", 0), session("ipv4", 1)]);
    const second = leaseAt(profile.pool, 1);
    relay.fromHost([v4(lease.ipv4, "192.0.2.9"), v4(second.ipv4, "192.0.2.9"), v4(second.ipv4, "192.0.2.9")]);
    relay.fromHost([v4(lease.ipv4, "192.0.2.9")], (id) => id === 1);
    t.equal(toCarrier.length, 3, "the first one's address in the second one's channel is foreign there");
    relay.fromCarrier([v4("192.0.2.9", second.ipv4)]);
    t.match(relay.countersOf(0), { upPackets: 1, upBytes: 28, downPackets: 0 });
    t.match(relay.countersOf(1), { upPackets: 2, upBytes: 56, downPackets: 1, downBytes: 28 });
    t.match(relay.counters, { upPackets: 3, downPackets: 1, foreignAddress: 1 });
    relay.setSessions([session("ipv4", 0)]);
    t.match(relay.countersOf(1), { upPackets: 0 }, "the next session of that number counts from zero");
  },
);
