/** QMAP as bytes. */
import t from "tap";
import { parseQmap, QmapBuilder } from "../../../src/virtual/usb/functions/qmap.js";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ""), "hex");

/** Laid out by hand after the kernel's rmnet documentation: a packet of five bytes and three of padding, one without. */
const two = hex("03 01 0008 4500000501 000000   00 02 0004 60000000");

t.test("packets of two channels in one transfer, as the kernel describes them", async (t) => {
  t.strictSame(parseQmap(two), [
    { muxId: 1, packet: hex("4500000501") },
    { muxId: 2, packet: hex("60000000") },
  ]);
  const builder = new QmapBuilder({ maxBytes: 100, maxDatagrams: 10 });
  t.ok(builder.isEmpty);
  t.ok(builder.add(1, hex("4500000501")) && builder.add(2, hex("60000000")));
  t.equal(builder.finish().toString("hex"), two.toString("hex"));
});

t.test("as Linux 6.1 sends: one packet, no padding", async (t) => {
  t.strictSame(parseQmap(hex("00 01 0005 4500000501")), [{ muxId: 1, packet: hex("4500000501") }]);
});

t.test("control packets are left out, lies are refused", async (t) => {
  t.strictSame(parseQmap(hex("80 01 0004 01000000")), []);
  for (let length = 1; length < two.length; length++)
    if (length !== 12) t.throws(() => parseQmap(two.subarray(0, length)), RangeError, `${length} bytes`);
  t.throws(() => parseQmap(hex("04 01 0004 45000000")), RangeError, "nothing but padding");
  for (let at = 0; at < two.length; at++) {
    const flipped = Buffer.from(two);
    flipped[at] = (flipped[at] ?? 0) ^ 0xff;
    try {
      parseQmap(flipped);
    } catch (error) {
      t.type(error, RangeError, `byte ${at} flipped`);
    }
  }
});

t.test("no more than the host has room for", async (t) => {
  const byCount = new QmapBuilder({ maxBytes: 100, maxDatagrams: 1 });
  t.strictSame([byCount.add(1, hex("45")), byCount.add(1, hex("45"))], [true, false]);
  const byBytes = new QmapBuilder({ maxBytes: 15, maxDatagrams: 9 });
  t.strictSame([byBytes.add(1, hex("45")), byBytes.add(1, hex("45"))], [true, false], "header and padding count");
  t.equal(byBytes.finish().length, 8);
});
