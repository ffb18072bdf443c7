import t from "tap";
import { decodeProtocolOptions, encodeProtocolOptions } from "../../src/codec/protocol-options.js";

const hex = (text: string): Buffer => Buffer.from(text, "hex");

// As 3GPP TS 24.008 10.5.6.3 draws it: DNS servers of IPv4 (000d), the link's MTU (0010), one of an operator (ff00).
const body = "80" + "000d0408080808" + "00100205dc" + "ff000413001405";

t.test("with or without its identifier and length in front", async (t) => {
  const options = [
    { id: 0x000d, content: hex("08080808") },
    { id: 0x0010, content: hex("05dc") },
    { id: 0xff00, content: hex("13001405") },
  ];
  t.strictSame(decodeProtocolOptions(hex(body)), options);
  const element = encodeProtocolOptions(options);
  t.equal(element.toString("hex"), `27${(body.length / 2).toString(16)}${body}`);
  t.strictSame(decodeProtocolOptions(element), options);
});

t.test("cut anywhere, what is whole is there; anything is a list", async (t) => {
  for (let length = 0; length <= body.length / 2; length++)
    t.equal(
      decodeProtocolOptions(hex(body).subarray(0, length)).length,
      length < 8 ? 0 : length < 13 ? 1 : length < 20 ? 2 : 3,
      `${length} bytes`,
    );
  for (const first of [0x27, 0x80, 0x00]) decodeProtocolOptions(Buffer.alloc(300, first));
  t.strictSame(decodeProtocolOptions(Buffer.alloc(0)), []);
  t.throws(() => encodeProtocolOptions([{ id: 1, content: Buffer.alloc(251) }]), RangeError);
});
