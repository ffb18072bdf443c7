/** RNDIS messages as Linux' rndis_host says and expects them. */
import t from "tap";
import {
  indicateStatus,
  initializeComplete,
  packetHead,
  parsePackets,
  parseRndis,
  queryComplete,
} from "../../../src/virtual/usb/functions/rndis-message.js";
import { rndisObject } from "../../../src/virtual/usb/functions/rndis-objects.js";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ""), "hex");

const requests: Readonly<Record<string, readonly [Buffer, object]>> = {
  initialize: [
    hex("02000000 18000000 01000000 01000000 00000000 00400000"),
    { is: "initialize", id: 1, maxTransferBytes: 0x4000 },
  ],
  query: [
    hex("04000000 1c000000 02000000 01010101 00000000 14000000 00000000"),
    { is: "query", id: 2, oid: 0x01010101 },
  ],
  set: [
    hex("05000000 20000000 03000000 0e010100 04000000 14000000 00000000 2d000000"),
    { is: "set", id: 3, oid: 0x0001010e, value: hex("2d000000") },
  ],
  keepalive: [hex("08000000 0c000000 04000000"), { is: "keepalive", id: 4 }],
};

t.test("requests of a host, whole and cut anywhere", async (t) => {
  for (const [name, [bytes, expected]] of Object.entries(requests)) {
    t.match(parseRndis(bytes), expected, name);
    for (let length = 0; length < bytes.length; length++)
      t.throws(() => parseRndis(bytes.subarray(0, length)), RangeError, `${name}: ${length} bytes`);
  }
  t.throws(() => parseRndis(hex("09000000 08000000")), RangeError, "an unknown message");
  t.throws(
    () => parseRndis(hex("05000000 20000000 03000000 0e010100 04000000 ffffffff 00000000 2d000000")),
    RangeError,
  );
  t.throws(() => parseRndis(hex("04000000 08000000")), RangeError, "shorter than its own fields");
});

t.test("answers", async (t) => {
  t.strictSame(
    initializeComplete(1, 2048),
    hex(`02000080 34000000 01000000 00000000 01000000 00000000 01000000 00000000 01000000 00080000
         00000000 00000000 00000000`),
  );
  const facts = { mac: hex("02aabbccddee"), connected: true, vendor: "SIMCOM" };
  t.strictSame(
    queryComplete(2, rndisObject(0x01010101, facts)),
    hex("04000080 1e000000 02000000 00000000 06000000 10000000 02aabbccddee"),
  );
  t.strictSame(
    queryComplete(9, rndisObject(0x0d010101, facts)),
    hex("04000080 18000000 09000000 bb0000c0 00000000 00000000"),
  );
  t.strictSame(rndisObject(0x00010114, { ...facts, connected: false }), hex("01000000"), "disconnected");
  t.equal(rndisObject(0x00010101, facts)?.readUInt32LE(0), 0x00010101, "the list of objects names itself");
  t.strictSame(indicateStatus(0x4001000b), hex("07000000 14000000 0b000140 00000000 00000000"));
});

t.test("frames in a transfer: one, two, and ones that lie", async (t) => {
  const [one, two] = [Buffer.alloc(60, 1), Buffer.alloc(61, 2)];
  const framed = (frame: Buffer) => Buffer.concat([packetHead(frame.length), frame]);
  t.strictSame(parsePackets(framed(one)), [one]);
  t.strictSame(parsePackets(Buffer.concat([framed(one), framed(two)])), [one, two]);
  t.strictSame(parsePackets(Buffer.concat([framed(one), Buffer.alloc(1)])), [one], "a byte of padding, as usbnet adds");
  for (const at of [4, 8, 12]) {
    const lying = framed(one);
    lying.writeUInt32LE(0xffffffff, at);
    t.throws(() => parsePackets(lying), RangeError, `field at ${at}`);
  }
  const own = framed(one);
  own.writeUInt32LE(8, 4);
  t.throws(() => parsePackets(own), RangeError, "shorter than its head");
});
