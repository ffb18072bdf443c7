/** Framing: messages to bytes and back, in fragments, over links that cut and merge, with garbage in between. */
import t from "tap";
import { decodeMessage, encodeFrames, type MbimMessage } from "../../src/mbim/frame.js";
import { fragmentTimeoutMs, MbimReceiver } from "../../src/mbim/receive.js";
import { VirtualClock } from "../fakes/clock.js";
import { cutUp, seeded } from "./random.js";

const service = "a289cc33-bcbb-8b4f-b6b0-133ec2aae6df";
const address = { service, cid: 12 };

const examples: readonly MbimMessage[] = [
  { type: "open", transaction: 1, maxControlTransfer: 4096 },
  { type: "close", transaction: 2 },
  { type: "command", transaction: 3, action: "query", ...address, payload: Buffer.alloc(0) },
  { type: "command", transaction: 4, action: "set", ...address, payload: Buffer.from("01020304", "hex") },
  { type: "hostError", transaction: 5, error: 7 },
  { type: "openDone", transaction: 1, status: 0 },
  { type: "closeDone", transaction: 2, status: 2 },
  { type: "commandDone", transaction: 4, status: 9, ...address, payload: Buffer.from("aabbccdd", "hex") },
  { type: "functionError", transaction: 6, error: 5 },
  { type: "indicateStatus", transaction: 0, ...address, payload: Buffer.from("cafe", "hex") },
];

interface Heard {
  readonly messages: MbimMessage[];
  readonly faults: string[];
  garbage: number;
}

function receiver(clock = new VirtualClock(), kind: "bytes" | "frames" = "bytes") {
  const heard: Heard = { messages: [], faults: [], garbage: 0 };
  const receiving = new MbimReceiver(kind, clock, {
    message: (message) => heard.messages.push(message),
    fault: (transaction, error) => heard.faults.push(`${transaction} ${error}`),
    garbage: (bytes) => {
      heard.garbage += bytes;
    },
  });
  return { receiving, heard, clock };
}

const wire = (message: MbimMessage, maxFrameBytes = 4096): Buffer =>
  Buffer.concat(encodeFrames(message, maxFrameBytes));

t.test("libmbim's OPEN of 4096 bytes and its answer, as they stand on the cable", async (t) => {
  // Layout of MBIM 1.0 9.3.1 and 9.4.1: type, length, transaction, MaxControlTransfer or status.
  t.equal(
    wire({ type: "open", transaction: 1, maxControlTransfer: 4096 }).toString("hex"),
    "01000000100000000100000000100000",
  );
  t.strictSame(decodeMessage(Buffer.from("01000080100000000100000000000000", "hex")), {
    type: "openDone",
    transaction: 1,
    status: 0,
  });
});

for (const message of examples) {
  t.test(`${message.type} #${message.transaction}: same after a trip, refused when cut anywhere`, async (t) => {
    const bytes = wire(message);
    t.strictSame(decodeMessage(bytes), message);
    for (let length = 0; length < bytes.length; length++)
      t.throws(() => decodeMessage(bytes.subarray(0, length)), RangeError, `${length} bytes`);
  });
}

t.test("every message in fragments of any size, the bytes cut and merged at random, arrives as it was", async (t) => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = seeded(seed);
    const sent = Array.from({ length: 8 }, (_, index): MbimMessage => {
      const payload = Buffer.from(Array.from({ length: random(3000) }, () => random(256)));
      const maxStatus = { transaction: index + 1, ...address, payload };
      if (index % 3 === 0) return { type: "command", action: "set", ...maxStatus };
      return index % 3 === 1
        ? { type: "commandDone", status: 0, ...maxStatus }
        : { type: "indicateStatus", ...maxStatus, transaction: 0 };
    });
    const bytes = Buffer.concat(sent.map((message) => wire(message, 64 + random(500))));
    const { receiving, heard } = receiver();
    for (const piece of cutUp(bytes, random, 1 + random(700))) receiving.feed(piece);
    t.strictSame(heard.messages, sent, `seed ${seed}`);
    t.strictSame({ faults: heard.faults, garbage: heard.garbage }, { faults: [], garbage: 0 }, `seed ${seed}`);
    receiving.close();
  }
});

t.test("no fragment is longer than the far end takes, and a short message is not cut", async (t) => {
  const payload = Buffer.alloc(1000, 7);
  const frames = encodeFrames({ type: "commandDone", transaction: 9, status: 0, ...address, payload }, 256);
  t.strictSame(
    frames.map((frame) => [frame.length, frame.readUInt32LE(12), frame.readUInt32LE(16)]),
    [
      [256, 5, 0],
      [256, 5, 1],
      [256, 5, 2],
      [256, 5, 3],
      [104, 5, 4],
    ],
  );
  t.equal(
    encodeFrames({ type: "command", transaction: 1, action: "query", ...address, payload: Buffer.alloc(0) }, 64).length,
    1,
  );
});

const long = (transaction: number, fill: number): Buffer[] =>
  encodeFrames({ type: "commandDone", transaction, status: 0, ...address, payload: Buffer.alloc(300, fill) }, 128);

t.test("fragments of two transactions in turn: both arrive", async (t) => {
  const { receiving, heard } = receiver();
  const [a, b] = [long(1, 0xa), long(2, 0xb)];
  for (const [index, frame] of a.entries()) {
    receiving.feed(frame);
    receiving.feed(b[index] ?? Buffer.alloc(0));
  }
  t.strictSame(
    heard.messages.map((message) => [message.transaction, "payload" in message && message.payload[299]]),
    [
      [1, 0xa],
      [2, 0xb],
    ],
  );
  receiving.close();
});

const spoilt: Readonly<Record<string, (frames: Buffer[]) => (Buffer | undefined)[]>> = {
  "out of order": ([a, b, c, d]) => [a, c, b, d],
  "twice the same": ([a, b, c, d]) => [a, b, b, c, d],
  "one missing": ([a, , c, d]) => [a, c, d],
  "first missing": ([, b, c, d]) => [b, c, d],
};
for (const [what, spoil] of Object.entries(spoilt)) {
  t.test(`fragments ${what}: one fault, that message is dropped, its neighbours are not`, async (t) => {
    const { receiving, heard } = receiver();
    receiving.feed(wire({ type: "openDone", transaction: 1, status: 0 }));
    for (const frame of spoil(long(7, 1))) if (frame) receiving.feed(frame);
    for (const frame of long(8, 2)) receiving.feed(frame);
    t.strictSame(heard.faults, ["7 fragmentOutOfSequence"]);
    t.strictSame(
      heard.messages.map(({ transaction }) => transaction),
      [1, 8],
    );
    receiving.close();
  });
}

t.test("a message that begins anew replaces its unfinished self", async (t) => {
  const { receiving, heard } = receiver();
  receiving.feed(long(7, 1)[0] ?? Buffer.alloc(0));
  for (const frame of long(7, 2)) receiving.feed(frame);
  t.strictSame(heard.faults, ["7 fragmentOutOfSequence"]);
  t.match(heard.messages, [{ transaction: 7 }]);
  receiving.close();
});

t.test("the rest of the fragments never comes: told after 1250 ms, and a late rest does no harm", async (t) => {
  const { receiving, heard, clock } = receiver();
  const [first, second, ...rest] = long(7, 1);
  receiving.feed(Buffer.concat([first ?? Buffer.alloc(0), second ?? Buffer.alloc(0)]));
  await clock.advance(fragmentTimeoutMs - 1);
  t.strictSame(heard.faults, []);
  await clock.advance(1);
  t.strictSame(heard.faults, ["7 timeoutFragment"]);
  for (const frame of rest) receiving.feed(frame);
  t.strictSame([heard.messages, heard.faults.length, clock.armed], [[], 1, 0]);
  receiving.close();
});

t.test("garbage between messages is skipped and counted, whatever it looks like", async (t) => {
  const looksLike = [
    Buffer.from("AT+CFUN?\r\r\nOK\r\n"),
    Buffer.from("0300008000000000ffffffff", "hex"),
    Buffer.from("030000803000000001000000000000000000000000", "hex"),
    Buffer.from("01000000ffffffff", "hex"),
    Buffer.alloc(100, 0xff),
    Buffer.from([3]),
  ];
  for (let seed = 1; seed <= 40; seed++) {
    const random = seeded(seed);
    const parts = examples.flatMap((message) => [
      looksLike[random(looksLike.length)] ?? Buffer.alloc(0),
      wire(message),
    ]);
    const { receiving, heard } = receiver();
    for (const piece of cutUp(Buffer.concat(parts), random, 40)) receiving.feed(piece);
    t.strictSame(heard.messages, examples, `seed ${seed}`);
    const expected = parts.filter((_, index) => index % 2 === 0).reduce((sum, part) => sum + part.length, 0);
    t.equal(heard.garbage, expected, `seed ${seed}`);
    receiving.close();
  }
});

t.test("bytes lost inside a message cost that message, not the next", async (t) => {
  const damaged = wire({ type: "commandDone", transaction: 4, status: 1, ...address, payload: Buffer.alloc(60, 9) });
  const whole = examples.map((message) => wire(message));
  // Where the loss is as long as the next messages together, their end looks like the end of the damaged one.
  const swallowed = new Map(whole.map((_, n) => [Buffer.concat(whole.slice(0, n + 1)).length, n + 1]));
  for (let lost = 1; lost < damaged.length; lost++) {
    const { receiving, heard, clock } = receiver();
    receiving.feed(Buffer.concat([damaged.subarray(0, damaged.length - lost), ...whole]));
    await clock.advance(fragmentTimeoutMs * 80);
    const others = heard.messages.filter((message) => !("status" in message && message.status === 1));
    t.strictSame(others, examples.slice(swallowed.get(lost) ?? 0), `${lost} bytes lost`);
    receiving.close();
  }
});

t.test("a frame that never completes does not hold up what comes later", async (t) => {
  const { receiving, heard, clock } = receiver();
  receiving.feed(
    wire({ type: "commandDone", transaction: 4, status: 0, ...address, payload: Buffer.alloc(60) }).subarray(0, 50),
  );
  await clock.advance(fragmentTimeoutMs * 80);
  t.equal(clock.armed, 0, "nothing is waited for");
  receiving.feed(wire({ type: "openDone", transaction: 5, status: 0 }));
  t.match(heard.messages, [{ type: "openDone", transaction: 5 }]);
  receiving.close();
});

t.test("on a frame link the rest of a short read is dropped, two messages in one read are two", async (t) => {
  const { receiving, heard } = receiver(new VirtualClock(), "frames");
  const two = Buffer.concat([
    wire({ type: "openDone", transaction: 1, status: 0 }),
    wire({ type: "closeDone", transaction: 2, status: 0 }),
  ]);
  receiving.feed(two);
  receiving.feed(wire({ type: "openDone", transaction: 3, status: 0 }).subarray(0, 14));
  receiving.feed(wire({ type: "openDone", transaction: 4, status: 0 }));
  t.strictSame(
    heard.messages.map(({ transaction }) => transaction),
    [1, 2, 4],
  );
  t.equal(heard.garbage, 14);
});

t.test("an InformationBuffer longer than its message is a fault of that transaction", async (t) => {
  const { receiving, heard } = receiver();
  const bytes = wire({ type: "commandDone", transaction: 9, status: 0, ...address, payload: Buffer.alloc(8) });
  bytes.writeUInt32LE(1000, 44);
  receiving.feed(bytes);
  t.strictSame([heard.faults, heard.messages], [["9 lengthMismatch"], []]);
});
