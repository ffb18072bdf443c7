import t from "tap";
import { FrameStream } from "../../src/codec/frame-stream.js";
import { decodeFrame, encodeFrame, judgeQmux, type QmiMessage } from "../../src/qmi/frame.js";
import { encodeResult, errorOf, qmiError, qmiErrors } from "../../src/qmi/result.js";
import { services } from "../../src/qmi/services.js";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

/** What ModemManager 1.20.4 asks an EC25 first (CTL 0x0021), and a DMS answer; laid out by hand from the frame's definition. */
const examples: readonly { readonly what: string; readonly bytes: Buffer; readonly message: QmiMessage }[] = [
  {
    what: "CTL Get Version Info, transaction in one byte",
    bytes: hex("01 0b00 00 00 00  00 05 2100 0000"),
    message: { kind: "request", service: 0, client: 0, transaction: 5, id: 0x21, tlvs: Buffer.alloc(0) },
  },
  {
    what: "DMS Get Model answered",
    bytes: hex("01 1800 80 02 03  02 0100 2200 0c00  02 0400 0000 0000  01 0200 4543"),
    message: {
      kind: "response",
      service: services.dms,
      client: 3,
      transaction: 1,
      id: 0x22,
      tlvs: hex("02 0400 0000 0000 01 0200 4543"),
    },
  },
  {
    what: "NAS Serving System told to everybody",
    bytes: hex("01 0c00 80 03 ff  04 0000 2400 0000"),
    message: {
      kind: "indication",
      service: services.nas,
      client: 255,
      transaction: 0,
      id: 0x24,
      tlvs: Buffer.alloc(0),
    },
  },
];

for (const { what, bytes, message } of examples)
  t.test(`${what}: both ways, and cut at every length`, async (t) => {
    t.strictSame(decodeFrame(bytes), message);
    t.equal(encodeFrame(message).toString("hex"), bytes.toString("hex"));
    for (let length = 0; length < bytes.length; length++) {
      t.equal(judgeQmux(bytes.subarray(0, length), 0).is, "short", `${length} bytes`);
      t.throws(() => decodeFrame(bytes.subarray(0, length)), RangeError);
    }
    t.throws(() => decodeFrame(Buffer.concat([bytes, Buffer.from([1])])), RangeError, "one byte too many");
  });

t.test("every bit flipped: a message or a RangeError", async (t) => {
  for (const { bytes } of examples)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      try {
        t.type(decodeFrame(flipped).tlvs, Buffer);
      } catch (error) {
        t.type(error, RangeError);
      }
    }
});

t.test("frames are found in a stream whatever its cuts, and again after garbage", async (t) => {
  const whole = Buffer.concat(examples.map(({ bytes }) => bytes));
  const noise = hex("01 ff ff 7e 00 01 41 54 0d 01 0b00 55");
  for (const cut of [1, 2, 3, 5, 7, 11, 1000]) {
    const stream = new FrameStream(judgeQmux);
    const frames: Buffer[] = [];
    const all = Buffer.concat([whole, noise, whole]);
    for (let at = 0; at < all.length; at += cut) frames.push(...stream.feed(all.subarray(at, at + cut)));
    t.equal(frames.length, 2 * examples.length, `cut every ${cut} bytes`);
    t.equal(stream.skippedBytes, noise.length);
    t.equal(stream.pendingBytes, 0);
  }
});

t.test("a result is success, or an error that keeps its number and its meaning", async (t) => {
  t.equal(errorOf(encodeResult(0)), 0);
  t.equal(errorOf(encodeResult(qmiErrors.invalidQmiCommand)), 71);
  t.throws(() => errorOf(Buffer.alloc(0)), RangeError);
  t.match(qmiError("DMS GET_MODEL", 71), {
    code: "unsupported",
    message: "DMS GET_MODEL: invalidQmiCommand",
    failure: { domain: "qmi", code: 71 },
  });
  t.match(qmiError("UIM VERIFY_PIN", 12), { code: "badPin" });
  t.match(qmiError("WDS START_NETWORK", 4711), { code: "refused", failure: { name: "error 4711" } });
});
