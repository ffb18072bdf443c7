/** NCM transfer blocks. */
import t from "tap";
import {
  ethernetSignature,
  ipSignature,
  NtbBuilder,
  parseNtb,
  sessionOf,
} from "../../../src/virtual/usb/functions/ntb.js";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ""), "hex");
const none = Buffer.alloc(0);

/** As Linux' cdc_mbim writes it: table at 12, one datagram of four bytes at 32, then padding. */
const fromLinux = hex(`
  4e434d48 0c00 0100 2800 0c00
  49505300 1400 0000 2000 0400 0000 0000 00000000
  45000102 00000000`);

t.test("a block from Linux", async (t) => {
  t.strictSame(parseNtb(fromLinux), [{ signature: ipSignature(0), datagrams: [hex("45000102")] }]);
  const cut = (length: number) => {
    try {
      return parseNtb(fromLinux.subarray(0, length)).length;
    } catch (error) {
      return error instanceof RangeError ? "refused" : error;
    }
  };
  for (let length = 0; length < fromLinux.length; length++) t.equal(cut(length), "refused", `${length} bytes`);
  t.match(
    parseNtb(Buffer.concat([fromLinux, hex("ffffffff")])),
    [{ datagrams: [hex("45000102")] }],
    "behind it is nothing",
  );
  t.equal(sessionOf(ipSignature(255)), 255);
  t.equal(sessionOf(ethernetSignature), undefined);
});

t.test("blocks that lie are refused, and end", async (t) => {
  const changed = (at: number, value: number): Buffer => {
    const copy = Buffer.from(fromLinux);
    copy.writeUInt16LE(value, at);
    return copy;
  };
  const refused: Readonly<Record<string, Buffer>> = {
    "a length beyond the transfer": changed(8, 41),
    "a table beyond the block": changed(10, 38),
    "a table longer than the block": changed(16, 0xfff0),
    "a table shorter than its head": changed(16, 4),
    "a table that is its own successor": changed(18, 12),
    "a datagram beyond the block": changed(22, 60),
    "another kind of header": changed(0, 0),
  };
  for (const [what, block] of Object.entries(refused)) t.throws(() => parseNtb(block), RangeError, what);
  t.match(parseNtb(changed(8, 0)), [{ datagrams: [hex("45000102")] }], "length 0: the block ends with the transfer");
  t.strictSame(parseNtb(changed(10, 0)), [], "no table, no datagrams");
});

t.test("what is built is what is parsed: several sessions, aligned, in order", async (t) => {
  const builder = new NtbBuilder(2048);
  const datagrams: (readonly [number, string])[] = [
    [0, "aa"],
    [0, "bbbbbbbbbb"],
    [5, "cccccccc"],
    [0, "dddddd"],
  ];
  for (const [session, text] of datagrams)
    t.ok(builder.add(ipSignature(session), hex(text.slice(0, 2)), hex(text.slice(2))));
  const block = builder.finish(0x12345);
  t.equal(block.readUInt16LE(6), 0x2345, "the sequence number wraps");
  t.equal(block.readUInt16LE(8), block.length);
  t.strictSame(
    parseNtb(block).map(({ signature, datagrams }) => [
      sessionOf(signature),
      ...datagrams.map((it) => it.toString("hex")),
    ]),
    [
      [0, "aa", "bbbbbbbbbb"],
      [5, "cccccccc"],
      [0, "dddddd"],
    ],
  );
  for (let at = block.readUInt16LE(10); at !== 0; at = block.readUInt16LE(at + 6)) {
    t.equal(at % 4, 0, "tables are aligned");
    for (let entry = at + 8; block.readUInt16LE(entry) !== 0; entry += 4) t.equal(block.readUInt16LE(entry) % 4, 0);
  }
  t.strictSame(parseNtb(new NtbBuilder(64).finish(0)), [], "an empty block is a block");
});

t.test("a block is never longer than the host's buffer", async (t) => {
  for (const size of [64, 100, 1500, 16_384]) {
    const builder = new NtbBuilder(size);
    let count = 0;
    while (builder.add(ipSignature(count % 3), none, Buffer.alloc(1 + ((count * 37) % 40), count))) count++;
    const block = builder.finish(1);
    t.ok(block.length <= size, `${block.length} of ${size} bytes`);
    t.equal(parseNtb(block).flatMap(({ datagrams }) => datagrams).length, count);
  }
  t.notOk(new NtbBuilder(64).add(ipSignature(0), none, Buffer.alloc(64)), "no room for its table");
});
