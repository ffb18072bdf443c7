import t from "tap";
import { i8, u8, u16, u32 } from "../../src/codec/scalar.js";
import { identifying, listWith, restText, secretly, textWith } from "../../src/codec/sized.js";
import { nested } from "../../src/codec/struct.js";
import { decodeTlvs, elementsOf, encodeTlv, encodeTlvs, may, must, showTlvs } from "../../src/codec/tlv.js";

/** The shape of NAS Get Serving System with what it has in one message: a list of bytes, numbers, text with its length. */
const serving = {
  state: must(0x01, nested({ registration: u8, radios: listWith(i8) })),
  plmn: may(0x12, nested({ mcc: u16, mnc: u16, name: textWith(u8) })),
  cellId: may(0x1d, u32),
} as const;

const bytes = Buffer.from("010300010108 120b00 0600 0100 06 57696e642031".replaceAll(" ", ""), "hex");

t.test("declared elements come out by name, in whatever order they came", async (t) => {
  const swapped = Buffer.concat([bytes.subarray(6), bytes.subarray(0, 6)]);
  for (const order of [bytes, swapped])
    t.strictSame(decodeTlvs(serving, order), {
      state: { registration: 1, radios: [8] },
      plmn: { mcc: 6, mnc: 1, name: "Wind 1" },
    });
});

t.test("what newer firmware adds is skipped: other elements, and more bytes behind a known value", async (t) => {
  const newer = Buffer.concat([
    encodeTlv(0x1d, Buffer.from("7856341299", "hex")),
    encodeTlv(0xee, Buffer.from("ff")),
    bytes,
  ]);
  t.equal(decodeTlvs(serving, newer).cellId, 0x12345678);
});

t.test("of an element that comes twice the first counts", async (t) => {
  const twice = Buffer.concat([
    bytes,
    encodeTlv(0x1d, Buffer.from([1, 0, 0, 0])),
    encodeTlv(0x1d, Buffer.from([2, 0, 0, 0])),
  ]);
  t.equal(decodeTlvs(serving, twice).cellId, 1);
});

t.test("cut anywhere it is refused with the place, or complete up to a whole element", async (t) => {
  for (let length = 0; length < bytes.length; length++) {
    const cut = bytes.subarray(0, length);
    if (length === 6) t.strictSame(decodeTlvs(serving, cut), { state: { registration: 1, radios: [8] } });
    else t.throws(() => decodeTlvs(serving, cut), RangeError, `${length} bytes`);
  }
  t.throws(() => decodeTlvs(serving, Buffer.alloc(0)), { message: "state is missing" });
  t.throws(() => decodeTlvs(serving, encodeTlv(0x01, Buffer.from([1, 9, 8]))), { message: /^state/ });
});

t.test("every byte flipped: a value or a RangeError, never anything else", async (t) => {
  for (let at = 0; at < bytes.length; at++)
    for (let bit = 0; bit < 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << bit), at);
      try {
        t.type(decodeTlvs(serving, flipped), "object");
      } catch (error) {
        t.type(error, RangeError);
      }
    }
});

t.test("written in the order of the declaration, absent options left out, and read back the same", async (t) => {
  const values = { state: { registration: 1, radios: [8, -1] }, cellId: 7 };
  const written = encodeTlvs(serving, values);
  t.equal(written.toString("hex"), "01040001" + "0208ff" + "1d0400" + "07000000");
  t.strictSame(decodeTlvs(serving, written), values);
  t.strictSame(
    [...elementsOf(written)].map(({ type }) => type),
    [0x01, 0x1d],
  );
  t.throws(() => encodeTlv(1, Buffer.alloc(65_536)), RangeError);
});

t.test("a log shows names, covers secrets and identities, and gives the size of what it does not know", async (t) => {
  const login = {
    user: may(0x17, restText),
    password: may(0x18, secretly(restText)),
    imei: may(0x11, identifying(restText)),
  };
  const shown = showTlvs(
    login,
    Buffer.concat([
      encodeTlvs(login, { user: "me", password: "hunter2", imei: "490154203237518" }),
      encodeTlv(0x2a, Buffer.alloc(3)),
    ]),
  );
  t.match(shown, 'user="me" password=***');
  t.notMatch(shown, /hunter2|490154203237518/);
  t.match(shown, "0x2a=3 bytes");
});
