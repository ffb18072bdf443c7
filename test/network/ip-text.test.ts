import { isIPv6 } from "node:net";
import t from "tap";
import { canonicalAddress, formatPrefix, linkLocalOf, parseAddress, parsePrefix } from "../../src/network/ip-text.js";

t.test("IPv6 text is RFC 5952, whatever came", async (t) => {
  for (const [given, canonical] of [
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
  ] as const)
    t.equal(canonicalAddress(given, 6), canonical, given);
});

t.test("what is no address, or of the other family, is refused", async (t) => {
  for (const text of ["", "1.2.3", "1.2.3.4.5", "fe80::1%eth0", "::g", "1::2::3", "192.0.2.1/24", "localhost"])
    t.throws(() => parseAddress(text), RangeError, text);
  t.throws(() => parseAddress("192.0.2.1", 6), RangeError);
  t.throws(() => parseAddress("::1", 4), RangeError);
  for (const text of ["192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/x"])
    t.throws(() => parsePrefix(text, 4), RangeError, text);
});

t.test("what is an IPv6 address is what Node takes for one", async (t) => {
  const pieces = [
    "::",
    ":",
    ":",
    ":",
    "0",
    "1",
    "ab",
    "F00D",
    "12345",
    "g",
    "192.0.2.1",
    "256.1.1.1",
    "1.2.3",
    ".",
    "%1",
    " ",
  ];
  // A generator of its own (Lehmer), so that a failure can be repeated.
  let seed = 20_261_125;
  const next = (below: number) => {
    seed = (seed * 48_271) % 0x7fffffff;
    return seed % below;
  };
  const isTaken = (text: string) => {
    try {
      return parseAddress(text, 6).length === 16;
    } catch {
      return false;
    }
  };
  let taken = 0;
  for (let round = 0; round < 20_000; round++) {
    const text = Array.from({ length: 1 + next(16) }, () => pieces[next(pieces.length)]).join("");
    const expected = isIPv6(text) && !text.includes("%");
    if (expected) taken++;
    if (isTaken(text) !== expected) t.fail(`${JSON.stringify(text)}: expected ${expected}`);
  }
  for (const groups of [6, 7, 8, 9])
    for (const text of [
      Array(groups).fill("1").join(":"),
      `${Array(groups).fill("1").join(":")}::`,
      `::${Array(groups).fill("1").join(":")}`,
    ])
      t.equal(isTaken(text), isIPv6(text), text);
  t.ok(taken > 20, `${taken} of them were addresses`);
});

t.test("prefixes as ip prints them", async (t) => {
  t.equal(formatPrefix(parseAddress("192.0.2.0"), 24), "192.0.2.0/24");
  t.equal(formatPrefix(undefined, 0), "default");
  t.same(parsePrefix("default", 6), { bytes: Buffer.alloc(16), prefixLength: 0 });
  t.equal(parsePrefix("192.0.2.7", 4).prefixLength, 32);
});

t.test("the link-local address of an interface identifier", async (t) => {
  t.equal(linkLocalOf("2001:db8::a:b:c:d"), "fe80::a:b:c:d");
  t.equal(linkLocalOf("2001:db8:1:2:1:0:0:0"), "fe80::1:0:0:0");
  t.equal(linkLocalOf("2001:db8:1:2::"), undefined);
});
