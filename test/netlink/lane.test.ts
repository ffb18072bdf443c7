import t from "tap";
import { NetlinkError } from "../../src/netlink/error.js";
import { RequestLane } from "../../src/netlink/lane.js";
import { encodeMessage } from "../../src/netlink/message.js";
import type { Clock } from "../../src/runtime/clock.js";

/** Time that a test moves by hand. */
class TestClock implements Clock {
  #now = 0;
  readonly #due = new Set<{ at: number; run: () => void }>();
  nowMs = (): number => this.#now;
  after = (delayMs: number, run: () => void): (() => void) => {
    const timer = { at: this.#now + delayMs, run };
    this.#due.add(timer);
    return () => {
      this.#due.delete(timer);
    };
  };
  pass(ms: number): void {
    this.#now += ms;
    for (const timer of [...this.#due])
      if (timer.at <= this.#now) {
        this.#due.delete(timer);
        timer.run();
      }
  }
  get pending(): number {
    return this.#due.size;
  }
}

const done = 3;
const error = 2;
const sequenceOf = (bytes: Buffer): number => bytes.readUInt32LE(8);
const typeOf = (bytes: Buffer): number => bytes.readUInt16LE(4);
const ack = (seq: number): Buffer => encodeMessage(error, 0, seq, Buffer.alloc(20));

function rig(): { lane: RequestLane; sent: Buffer[]; clock: TestClock } {
  const sent: Buffer[] = [];
  const clock = new TestClock();
  return { lane: new RequestLane({ send: (bytes) => sent.push(bytes) }, clock), sent, clock };
}
const request = (type: number) => ({ what: `request ${type}`, type, flags: 0, payload: Buffer.alloc(4) });
const seqAt = (sent: readonly Buffer[], at: number): number => sequenceOf(sent[at] ?? Buffer.alloc(16));

// ip route add default via 203.0.113.1, refused by Linux 6.18 on 2026-11-21: the request quoted whole, then the text
const refusal = Buffer.from(
  "7000000002000002070000009ecc138c9bffffff3c0000001800050507000000000000000200000000c8000100000000" +
    "08000f00204e0000080006000004000008000500cb007101080004000a000000" +
    "200001004e657874686f702068617320696e76616c6964206761746577617900",
  "hex",
);

t.test(
  "a refusal as captured: errno name and the kernel's words; cut anywhere it ends the request all the same",
  async (t) => {
    for (let length = refusal.length; length >= 36; length--) {
      const { lane, sent } = rig();
      const asked = lane.request(request(24));
      const answer = Buffer.from(refusal.subarray(0, length));
      answer.writeUInt32LE(length, 0);
      answer.writeUInt32LE(seqAt(sent, 0), 8);
      lane.receive(answer);
      const kernelText = length === refusal.length ? { kernelText: "Nexthop has invalid gateway" } : {};
      await t.rejects(asked, { code: "ENETUNREACH", request: "request 24", ...kernelText });
    }
  },
);

t.test("one at a time; an urgent one goes at once, ahead of what waits", async (t) => {
  const { lane, sent } = rig();
  const first = lane.request(request(18));
  const second = lane.request(request(19));
  const urgent = lane.request({ ...request(24), urgent: true });
  t.strictSame(sent.map(typeOf), [18, 24]);
  lane.receive(ack(seqAt(sent, 1)));
  await urgent;
  t.strictSame(sent.map(typeOf), [18, 24], "the wire is still the first one's");
  lane.receive(ack(seqAt(sent, 0)));
  await first;
  t.strictSame(sent.map(typeOf), [18, 24, 19]);
  lane.receive(ack(seqAt(sent, 2)));
  await second;
});

t.test("a dump over several datagrams is one answer; interruption by a change is told", async (t) => {
  const { lane, sent } = rig();
  const dump = lane.request({ ...request(26), decode: (data) => data.toString("latin1") });
  const seq = seqAt(sent, 0);
  lane.receive(
    Buffer.concat([encodeMessage(24, 2, seq, Buffer.from("aaaa")), encodeMessage(24, 2, seq, Buffer.from("bbbb"))]),
  );
  lane.receive(encodeMessage(24, 2 | 0x10, seq, Buffer.from("cccc")));
  lane.receive(encodeMessage(done, 2, seq, Buffer.alloc(4)));
  t.strictSame(await dump, { values: ["aaaa", "bbbb", "cccc"], interrupted: true });
});

t.test("no answer within two seconds; the late one disturbs nobody", async (t) => {
  const { lane, sent, clock } = rig();
  const mute = lane.request(request(18));
  const next = lane.request(request(19));
  clock.pass(2_000);
  await t.rejects(mute, { code: "ETIMEDOUT", request: "request 18" });
  await t.rejects(next, { code: "ETIMEDOUT" });
  const later = lane.request(request(20));
  for (const bytes of sent.slice(0, 2)) lane.receive(ack(sequenceOf(bytes)));
  lane.receive(ack(seqAt(sent, sent.length - 1)));
  await later;
  t.equal(clock.pending, 0, "no timer is left");
});

t.test("the answer was lost in an overrun: that request fails, the next goes on", async (t) => {
  const { lane, sent } = rig();
  const lost = lane.request(request(18));
  const next = lane.request(request(19));
  lane.lost(Object.assign(new Error("recvmsg: ENOBUFS"), { code: "ENOBUFS" }));
  await t.rejects(lost, { code: "ENOBUFS" });
  lane.receive(ack(seqAt(sent, 1)));
  await next;
});

t.test("aborted while waiting or in flight: the caller is free, the others go on", async (t) => {
  const { lane, sent, clock } = rig();
  const abort = new AbortController();
  const inFlight = lane.request(request(18), abort.signal);
  const waiting = lane.request(request(19), abort.signal);
  const other = lane.request(request(20));
  abort.abort(new Error("unplugged"));
  await t.rejects(inFlight, { message: "unplugged" });
  await t.rejects(waiting, { message: "unplugged" });
  t.strictSame(sent.map(typeOf), [18], "the kernel still answers it: a second dump would get EBUSY");
  lane.receive(ack(seqAt(sent, 0)));
  t.strictSame(sent.map(typeOf), [18, 20], "what was aborted while waiting was never sent");
  lane.receive(ack(seqAt(sent, 1)));
  await other;
  t.equal(clock.pending, 0);
});

t.test("aborted in flight, and the kernel never ends its answer: the others go on after the deadline", async (t) => {
  const { lane, sent, clock } = rig();
  const abort = new AbortController();
  const inFlight = lane.request(request(18), abort.signal);
  abort.abort(new Error("unplugged"));
  await t.rejects(inFlight, { message: "unplugged" });
  clock.pass(1_000);
  const other = lane.request(request(20));
  clock.pass(999);
  t.strictSame(sent.map(typeOf), [18]);
  clock.pass(1);
  t.strictSame(sent.map(typeOf), [18, 20]);
  lane.receive(ack(seqAt(sent, 1)));
  await other;
  t.equal(clock.pending, 0);
});

t.test("closed: everything open and everything later fails", async (t) => {
  const { lane } = rig();
  const open = [lane.request(request(18)), lane.request(request(19))];
  lane.close();
  for (const one of open) await t.rejects(one, { code: "ESHUTDOWN" });
  await t.rejects(lane.request(request(20)), { code: "ESHUTDOWN" });
});

t.test("the kernel does not take the message, or the answer cannot be read", async (t) => {
  const full = new RequestLane(
    {
      send: () => {
        throw Object.assign(new Error("full"), { code: "EAGAIN" });
      },
    },
    new TestClock(),
  );
  await t.rejects(full.request(request(18)), { code: "EAGAIN" });
  const { lane, sent } = rig();
  const unreadable = lane.request({
    ...request(18),
    decode: () => {
      throw new RangeError("attribute of 3 bytes");
    },
  });
  lane.receive(encodeMessage(16, 0, seqAt(sent, 0), Buffer.alloc(16)));
  await t.rejects(unreadable, { code: "EBADMSG", cause: { message: "attribute of 3 bytes" } });
  const garbled = lane.request(request(19));
  lane.receive(Buffer.from("garbage"));
  await t.rejects(garbled, NetlinkError);
});

t.test(
  "this process stood still: an answer that lies in the socket counts, and silence ends all the same",
  async (t) => {
    const { lane, sent, clock } = rig();
    const answered = lane.request(request(18));
    clock.pass(5_000);
    lane.receive(ack(seqAt(sent, 0)));
    t.strictSame((await answered).values, []);
    const mute = lane.request(request(19));
    clock.pass(5_000);
    clock.pass(1_000);
    await t.rejects(mute, { code: "ETIMEDOUT" });
    t.equal(clock.pending, 0);
  },
);
