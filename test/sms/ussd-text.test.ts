import fc from "fast-check";
import t from "tap";
import { alphabetOf, decodeUssd, encodeUssd, gsmCoding, ucs2Coding } from "../../src/sms/ussd-text.js";

const hex = (text: string): Buffer => Buffer.from(text, "hex");

// What people send with AT+CUSD in packed form, as public threads about Huawei sticks have it.
const known = { "*100#": "aa180c3602", "*101#": "aa182c3602", "*111#": "aa582c3602" };

t.test("codes as sticks are asked for them", async (t) => {
  for (const [text, octets] of Object.entries(known)) {
    t.strictSame(encodeUssd(text), { codingScheme: gsmCoding, octets: hex(octets) }, text);
    t.equal(decodeUssd({ codingScheme: gsmCoding, octets: hex(octets) }), text);
  }
});

t.test("seven spare bits are a carriage return, and no @", async (t) => {
  const seven = encodeUssd("*100*1#");
  t.equal(seven.octets.length, 7);
  t.equal((seven.octets[6] ?? 0) >> 1, 0x0d);
  t.equal(decodeUssd(seven), "*100*1#");
  const meant = encodeUssd("1234567\r");
  t.equal(meant.octets.length, 8, "a carriage return that is meant is doubled");
  t.equal(decodeUssd(meant), "1234567\r\r", "and returns twice, as 6.1.2.3.1 has it");
  t.equal(decodeUssd(encodeUssd("12345678")), "12345678");
});

t.test("what the default alphabet lacks travels as UCS2; what the extension has does not", async (t) => {
  t.match(encodeUssd("Баланс: 5 ₽"), { codingScheme: ucs2Coding });
  t.equal(decodeUssd(encodeUssd("Баланс: 5 ₽")), "Баланс: 5 ₽");
  t.match(encodeUssd("12,50 € [rest]"), { codingScheme: gsmCoding });
  t.equal(decodeUssd(encodeUssd("12,50 € [rest]")), "12,50 € [rest]");
  t.equal(decodeUssd({ codingScheme: ucs2Coding, octets: hex("00410042f0") }), "AB", "an odd octet is no character");
});

t.test("coding schemes by group", async (t) => {
  const rows = { 0: "gsm", 15: "gsm", 16: "gsm", 17: "ucs2", 32: "gsm", 64: "gsm", 68: "octets" } as const;
  for (const [scheme, alphabet] of Object.entries(rows)) t.equal(alphabetOf(Number(scheme)), alphabet, scheme);
  const more = { 72: "ucs2", 88: "ucs2", 148: "octets", 152: "ucs2", 240: "gsm", 244: "octets" } as const;
  for (const [scheme, alphabet] of Object.entries(more)) t.equal(alphabetOf(Number(scheme)), alphabet, scheme);
});

t.test("160 octets and no more", async (t) => {
  t.equal(encodeUssd("1".repeat(182)).octets.length, 160);
  t.throws(() => encodeUssd("1".repeat(183)), RangeError);
  t.throws(() => encodeUssd("Б".repeat(81)), RangeError);
});

t.test("anything is a text", async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(255), (octets, codingScheme) => {
      decodeUssd({ codingScheme, octets: Buffer.from(octets) });
    }),
    { numRuns: 300, seed: 2 },
  );
  t.pass("never an error");
});
