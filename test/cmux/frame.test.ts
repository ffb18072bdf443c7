/** Frames by bytes that others have published, cut, flipped, and with rubbish in between. */
import fc from "fast-check";
import t from "tap";
import { encodeFrame, type Frame, type FrameKind, mostDlci } from "../../src/cmux/frame.js";
import { FrameReader, type MuxToken } from "../../src/cmux/frame-reader.js";

const none: Buffer = Buffer.alloc(0);
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const frame = (dlci: number, kind: FrameKind, cr: boolean, info = none, pf = kind !== "UIH"): Frame => ({
  dlci,
  kind,
  cr,
  pf,
  info,
});

/** What the frame means, its bytes, and who has published them. */
const published: readonly (readonly [string, Frame, string])[] = [
  ["f9 03 3f 01 1c f9", frame(0, "SABM", true), "Linux, n_gsm's log of a host"],
  ["f9 03 73 01 d7 f9", frame(0, "UA", true), "Linux, n_gsm's answer to it"],
  ["f9 23 3f 01 c9 f9", frame(8, "SABM", true), "Sony Ericsson phone to its MCA-25 camera"],
  ["f9 23 73 01 02 f9", frame(8, "UA", true), "MCA-25 camera"],
  ["f9 03 ef 09 e3 05 23 8d fb f9", frame(0, "UIH", true, hex("e305238d")), "Sony Ericsson phone: MSC"],
  ["f9 01 ef 0b e3 07 23 0c 01 79 f9", frame(0, "UIH", false, hex("e307230c01")), "MCA-25 camera: MSC"],
  ["f9 01 ef 09 e1 05 23 8d 9a f9", frame(0, "UIH", false, hex("e105238d")), "MCA-25 camera: MSC answered"],
  ["f9 07 53 01 3f f9", frame(1, "DISC", true), "Zephyr, tests/subsys/modem/modem_cmux"],
  ["f9 0b 73 01 92 f9", frame(2, "UA", true), "Zephyr"],
  ["f9 07 ef 05 41 54 30 f9", frame(1, "UIH", true, Buffer.from("AT")), "Zephyr"],
  ["f9 03 ef 05 c3 01 f2 f9", frame(0, "UIH", true, hex("c301")), "Zephyr: CLD"],
  [
    "f9 01 ff 05 63 01 86 f9",
    frame(0, "UIH", false, hex("6301"), true),
    "u-blox SARA-R4 in Zephyr's tests: FCoff, P set",
  ],
  ["f9 03 ef 03 c3 16 f9", frame(0, "UIH", true, hex("c3")), "Linux, Documentation/driver-api/tty/n_gsm.rst: CLD"],
];

const tokens = (...pieces: readonly Buffer[]): readonly MuxToken[] => {
  const reader = new FrameReader();
  return pieces.flatMap((bytes) => reader.feed(bytes, 0));
};
const framesOf = (heard: readonly MuxToken[]): readonly Frame[] =>
  heard.flatMap((token) => (token.is === "frame" ? [token.frame] : []));

t.test("published frames are written and read as published", async (t) => {
  for (const [text, value, source] of published) {
    t.equal(encodeFrame(value).toString("hex"), text.replaceAll(" ", ""), source);
    t.strictSame(framesOf(tokens(hex(text))), [value], source);
  }
});

t.test("a row of frames is read however it is cut, also where one flag ends one and begins the next", async (t) => {
  const all = published.map(([, value]) => value);
  const whole = Buffer.concat(published.map(([text]) => hex(text)));
  const shared = Buffer.concat(published.map(([text], at) => hex(text).subarray(at === 0 ? 0 : 1)));
  for (const bytes of [whole, shared])
    for (let cut = 0; cut <= bytes.length; cut++)
      t.strictSame(framesOf(tokens(bytes.subarray(0, cut), bytes.subarray(cut))), all, `cut at ${cut}`);
});

t.test("no flipped bit of a header makes another frame, and the next frame is read all the same", async (t) => {
  const next = frame(1, "UIH", false, Buffer.from("OK"));
  for (const [text, value] of published)
    for (let at = 1; at < 4; at++)
      for (let bit = 0; bit < 8; bit++) {
        const bytes = hex(text);
        bytes.writeUInt8((bytes[at] ?? 0) ^ (1 << bit), at);
        const reader = new FrameReader();
        const heard = [...reader.feed(bytes, 0), ...reader.feed(encodeFrame(next), 2_000)];
        t.strictSame(framesOf(heard), [next], `${value.kind}: byte ${at}, bit ${bit}`);
      }
});

t.test("a length that noise made too large holds nothing back for long", async (t) => {
  const long = hex("f9 07 ef 00 10 41 54");
  const next = encodeFrame(frame(1, "UIH", false, Buffer.from("OK")));
  const reader = new FrameReader();
  t.strictSame(framesOf(reader.feed(Buffer.concat([long, next]), 0)), []);
  t.strictSame(framesOf(reader.feed(next, 1_500)).length, 2, "the one that was swallowed, and the next");
});

t.test("text of a modem that speaks AT again is rubbish as it comes; flags alone are told", async (t) => {
  t.strictSame(tokens(Buffer.from("\r\nRDY\r\n")), [{ is: "rubbish", bytes: Buffer.from("\r\nRDY\r\n") }]);
  t.strictSame(tokens(hex("f9f9f9f9")), [{ is: "flags" }]);
  const [rubbish, found] = tokens(Buffer.concat([Buffer.from("ERROR\r\n"), hex("f903730 1d7f9")]));
  t.match([rubbish, found], [{ is: "rubbish" }, { is: "frame" }]);
});

const anyFrame = fc.record({
  dlci: fc.integer({ min: 0, max: mostDlci }),
  kind: fc.constantFrom<FrameKind>("SABM", "UA", "DM", "DISC", "UIH", "UI"),
  cr: fc.boolean(),
  pf: fc.boolean(),
  info: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

t.test("every frame is read as it was written, behind rubbish of any kind", async () => {
  const noise = fc
    .uint8Array({ maxLength: 20 })
    .map((bytes) => Buffer.from(bytes).map((byte) => (byte === 0xf9 ? 0 : byte)));
  fc.assert(
    fc.property(fc.array(fc.tuple(noise, anyFrame), { maxLength: 6 }), fc.nat(50), (rows, size) => {
      const bytes = Buffer.concat(rows.flatMap(([rubbish, value]) => [Buffer.from(rubbish), encodeFrame(value)]));
      const reader = new FrameReader();
      const heard: MuxToken[] = [];
      for (let at = 0; at < bytes.length; at += size + 1)
        heard.push(...reader.feed(bytes.subarray(at, at + size + 1), 0));
      // Noise that begins as a frame keeps those behind it until it is known to be none.
      heard.push(...reader.feed(Buffer.of(0xf9), 2_000));
      const found = framesOf(heard);
      const wanted = rows.map(([, value]) => value);
      return wanted.every((value) => found.some((one) => encodeFrame(one).equals(encodeFrame(value))));
    }),
  );
});
