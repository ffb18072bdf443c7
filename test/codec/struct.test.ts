/** The structure engine: layouts by hand, every cut, what is unknown, and what must not be seen. */
import t from "tap";
import { ipv4, ipv6, ipv6Bytes, ipv6Text } from "../../src/codec/address.js";
import {
  bytes,
  countOf,
  elements,
  elementsAt,
  identity,
  identityText,
  maybeAt,
  pairsTo,
  secret,
  text,
} from "../../src/codec/reference.js";
import { enumOf, flagsOf, guid, u8, u16, u32, u64 } from "../../src/codec/scalar.js";
import {
  coverStruct,
  decodeStruct,
  encodeStruct,
  nested,
  showStruct,
  structure,
  type Values,
} from "../../src/codec/struct.js";

const everything = {
  octet: u8,
  half: u16,
  filler: u8,
  word: u32,
  long: u64,
  id: guid,
  kind: enumOf({ none: 0, some: 1 }),
  mask: flagsOf({ first: 1, second: 2, top: 0x80000000 }),
  point: nested({ x: u32, y: u32 }),
  name: text,
  blob: bytes,
  peopleCount: countOf("people"),
  gap: u32,
  people: pairsTo(structure({ name: text, ageCount: countOf("ages"), ages: elements(u32) })),
  addressCount: countOf("addresses"),
  addresses: elementsAt(nested({ prefix: u32, address: ipv4 })),
  gateway: maybeAt(ipv6),
  missing: maybeAt(ipv4),
} as const;

const example: Values<typeof everything> = {
  octet: 0xfe,
  half: 0x1234,
  filler: 0,
  word: 0xdeadbeef,
  long: 0x1122334455667788n,
  id: "a289cc33-bcbb-8b4f-b6b0-133ec2aae6df",
  kind: "some",
  mask: ["second", "top"],
  point: { x: 1, y: 2 },
  name: "Ünïcode",
  blob: Buffer.from("c0ffee", "hex"),
  people: [
    { name: "Ada", ages: [36, 37] },
    { name: "", ages: [] },
  ],
  gap: 7,
  addresses: [
    { prefix: 24, address: "192.0.2.1" },
    { prefix: 32, address: "198.51.100.7" },
  ],
  gateway: "2001:db8::1",
  missing: undefined,
};

t.test("every kind of field, there and back", async (t) => {
  t.strictSame(decodeStruct(everything, encodeStruct(everything, example)), example);
});

t.test("cut anywhere: refused by RangeError with the field's name, never read beyond", async (t) => {
  const whole = encodeStruct(everything, example);
  const named = new Set<string>();
  for (let length = 0; length < whole.length; length++) {
    try {
      decodeStruct(everything, whole.subarray(0, length));
      t.fail(`${length} bytes were accepted`);
    } catch (error) {
      t.ok(error instanceof RangeError, `${length} bytes`);
      named.add(String(error).split(":")[1]?.trim() ?? "");
    }
  }
  for (const field of ["octet", "point.x", "name", "people[0]", "people[1]", "addresses[1].address", "gateway"])
    t.ok(named.has(field), `${field} is named among ${[...named].join(" ")}`);
});

t.test("what newer firmware appends is left alone", async (t) => {
  const longer = Buffer.concat([encodeStruct(everything, example), Buffer.from("00ff00ff00", "hex")]);
  t.strictSame(decodeStruct(everything, longer), example);
});

t.test("layout: references count from the structure's start, data is padded to four bytes", async (t) => {
  const fields = { number: u32, first: text, none: text, second: text } as const;
  const encoded = encodeStruct(fields, { number: 1, first: "abc", none: "", second: "d" });
  t.equal(
    encoded.toString("hex"),
    ["01000000", "1c00000006000000", "0000000000000000", "2400000002000000", "6100620063000000", "64000000"].join(""),
  );
});

t.test("a terminating NUL that the length counts in is no part of the text", async (t) => {
  const fields = { name: text } as const;
  t.strictSame(decodeStruct(fields, Buffer.from("08000000060000006100620000000000", "hex")), { name: "ab" });
});

const hostile: Readonly<Record<string, string>> = {
  "an offset beyond the end": "ff000000" + "04000000",
  "a size beyond the end": "08000000" + "ffffffff" + "61006200",
  "offset and size that overflow together": "ffffffff" + "ffffffff",
  "an odd number of bytes": "08000000" + "03000000" + "61006200",
};
for (const [what, hex] of Object.entries(hostile))
  t.test(`text with ${what}`, async (t) => {
    t.throws(() => decodeStruct({ name: text }, Buffer.from(hex, "hex")), RangeError);
  });

t.test("counts that no message can hold end at its end", async (t) => {
  const list = { count: countOf("items"), items: pairsTo(structure({ a: u32 })) } as const;
  t.throws(() => decodeStruct(list, Buffer.from("ffffffff0400000004000000", "hex")), /items\[\d\]/);
  const inline = { count: countOf("items"), items: elements(u32) } as const;
  t.throws(() => decodeStruct(inline, Buffer.from("ffffffff04000000", "hex")), /items\[1\]/);
  const apart = { count: countOf("items"), items: elementsAt(u32) } as const;
  t.throws(() => decodeStruct(apart, Buffer.from("ffffffff04000000", "hex")), /items\[1\]/);
  t.throws(() => decodeStruct(apart, Buffer.from("01000000ff000000", "hex")), /items/);
});

t.test("unknown values stay readable, and go back as they came", async (t) => {
  const fields = { kind: everything.kind, mask: everything.mask } as const;
  const raw = Buffer.from("1100000006000080", "hex");
  const values = decodeStruct(fields, raw);
  t.strictSame(values, { kind: "unknown(17)", mask: ["second", "top", "unknown(4)"] });
  t.strictSame(encodeStruct(fields, values), raw);
});

t.test("an enumeration refuses a word that it does not have", async (t) => {
  const fields: { readonly kind: typeof everything.kind } = { kind: everything.kind };
  const wrong: Values<typeof fields> = JSON.parse('{"kind":"other"}');
  t.throws(() => encodeStruct(fields, wrong), /other is not one of none, some/);
});

t.test("IPv6 as RFC 5952 has it, from every form it may be written in", async (t) => {
  const forms: Readonly<Record<string, readonly string[]>> = {
    "::": ["0:0:0:0:0:0:0:0", "::"],
    "::1": ["0::1"],
    "2001:db8::1": ["2001:0db8:0:0:0:0:0:1", "2001:DB8::0:1"],
    "2001:db8:0:1:1:1:1:1": ["2001:db8:0:1:1:1:1:1", "2001:db8::1:1:1:1:1"],
    "2001:0:0:1::1": ["2001:0:0:1:0:0:0:1"],
    "2001:db8::1:0:0:1": ["2001:db8:0:0:1:0:0:1"],
    "fe80::": ["fe80::"],
    "::ffff:c000:201": ["::ffff:192.0.2.1"],
  };
  for (const [canonical, written] of Object.entries(forms))
    for (const form of written) t.equal(ipv6Text(ipv6Bytes(form)), canonical, form);
  for (const wrong of ["", "1", "::1::", "fe80::1%eth0", "10.0.0.1"])
    t.throws(() => ipv6Bytes(wrong), RangeError, wrong);
});

t.test("secrets and identities: shown as stars, covered in place", async (t) => {
  const fields = {
    name: text,
    pin: secret,
    imsi: identity,
    numberCount: countOf("numbers"),
    numbers: pairsTo(identityText),
    contextCount: countOf("contexts"),
    contexts: pairsTo(structure({ password: secret })),
  } as const;
  const values = {
    name: "open",
    pin: "4711",
    imsi: "262019876543210",
    numbers: ["+491701234567"],
    contexts: [{ password: "hush" }],
  };
  const shown = showStruct(fields, values);
  t.equal(shown, 'name="open" pin=*** imsi="26201********10" numbers=["+4917******67"] contexts=[{password=***}]');
  const covered = coverStruct(fields, values);
  t.strictSame(covered, {
    name: "open",
    pin: "****",
    imsi: "26201********10",
    numbers: ["+4917******67"],
    contexts: [{ password: "****" }],
  });
  t.equal(coverStruct({ name: text }, { name: "open" }), undefined, "nothing to cover");
});

t.test(
  "thousands of references to all of a message are refused before they take the square of its length",
  async (t) => {
    const list = { count: countOf("items"), items: pairsTo(structure({ name: text })) } as const;
    const pairs = 4_000;
    const bytes = Buffer.alloc(4 + pairs * 8);
    bytes.writeUInt32LE(pairs);
    for (let at = 4; at < bytes.length; at += 8) bytes.writeUInt32LE(bytes.length, at + 4);
    t.throws(() => decodeStruct(list, bytes), { name: "RangeError", message: /^items\[4\]: references cover/ });
    const twice = { first: text, second: text } as const;
    const shared = Buffer.from("1000000004000000" + "1000000004000000" + "61006200", "hex");
    t.strictSame(decodeStruct(twice, shared), { first: "ab", second: "ab" }, "a text that is shared is read");
  },
);
