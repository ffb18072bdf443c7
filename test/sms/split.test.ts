/** Texts in parts and back, as ModemManager's tests have their lengths (src/tests/test-sms-part-3gpp.c). */
import t from "tap";
import { textOfSeptets } from "../../src/sms/alphabet.js";
import { type Deliver, decodeReceived, encodeDeliver } from "../../src/sms/pdu.js";
import { type Fragment, fragmentLifeMs, joinedText, withFragment, withoutExpired } from "../../src/sms/reassembly.js";
import { splitText, type TextPart } from "../../src/sms/split.js";
import { validityOctet } from "../../src/sms/validity.js";

const textOf = ({ header, written }: TextPart): string =>
  written.is === "septets"
    ? textOfSeptets(written.septets, header)
    : Buffer.from(written.octets).swap16().toString("utf16le");

const lengths = (text: string, language?: "turkish" | "spanish" | "portuguese"): readonly number[] =>
  splitText(text, 1, language).map((part) => [...textOf(part)].length);

t.test("a part is as long as one can be", async (t) => {
  t.strictSame(lengths(""), [0]);
  t.strictSame(lengths("0".repeat(160)), [160]);
  t.strictSame(lengths("0".repeat(161)), [153, 8]);
  t.strictSame(lengths("你".repeat(70)), [70]);
  t.strictSame(lengths("你".repeat(71)), [67, 4]);
  t.strictSame(lengths("😀".repeat(35)), [35]);
  t.strictSame(lengths(`${"😀".repeat(35)}a`), [33, 3], "no character is cut in two");
  t.strictSame(lengths(`${"0".repeat(152)}€${"0".repeat(20)}`), [152, 21], "nor an escape from what it escapes");
  t.throws(() => splitText("0".repeat(153 * 255 + 1), 1), RangeError);
});

t.test("a language's own letters need no UTF-16 where its tables may be used", async (t) => {
  for (const [language, text] of [
    ["turkish", "Işık söndü, şoför geç"],
    ["spanish", "¿Dónde está él, allí?"],
    ["portuguese", "Não há ônibus às três, avô"],
  ] as const) {
    const [part] = splitText(text, 1, language);
    t.equal(part?.written.is, "septets", language);
    t.equal(part && textOf(part), text);
    t.equal(splitText(text, 1)[0]?.written.is, "ucs2", "not used unasked: old phones lack them");
  }
});

const sentAt = { atMs: Date.UTC(2026, 0, 1), offsetMinutes: 0 };

function fragmentsOf(text: string, reference: number, sender = "+491511234567", receivedAtMs = 0): readonly Fragment[] {
  return splitText(text, reference).map((part) => {
    const pdu = encodeDeliver({ serviceCentre: "", sender, sentAt, ...part });
    const message = decodeReceived(pdu) as Deliver;
    const { concatenation } = message.header;
    if (concatenation === undefined) throw new Error("one part is no fragment");
    return { pdu, message, part: concatenation, receivedAtMs };
  });
}

const long = "The quick brown fox jumps over the lazy dog. ".repeat(9);

t.test("parts in any order, between those of others, twice", async (t) => {
  const [a, b] = [fragmentsOf(long, 7), fragmentsOf(long.toUpperCase(), 7, "+4477")];
  const order = [a[2], b[0], a[0], a[0], b[1], a[1], b[2]];
  let waiting: readonly Fragment[] = [];
  const told: string[] = [];
  for (const fragment of order) {
    if (fragment === undefined) throw new Error("three parts each");
    const assembled = withFragment(waiting, fragment);
    waiting = assembled.waiting;
    if (assembled.whole) told.push(joinedText(assembled.whole));
  }
  t.strictSame(told, [long, long.toUpperCase()]);
  t.strictSame(waiting, []);
});

t.test("what never became whole shows where it has holes, once its time is over", async (t) => {
  const [, second] = fragmentsOf(long, 9);
  const waiting = second === undefined ? [] : [second];
  t.strictSame(withoutExpired(waiting, fragmentLifeMs), { waiting, incomplete: [] });
  const { incomplete, waiting: left } = withoutExpired(waiting, fragmentLifeMs + 1);
  t.strictSame(left, []);
  t.strictSame(incomplete.map(joinedText), [`…${second?.message.text}…`]);
});

t.test("validity", async (t) => {
  const day = 24 * 60;
  for (const [minutes, octet] of [
    [1, 0],
    [5, 0],
    [12 * 60, 143],
    [day, 167],
    [2 * day, 168],
    [30 * day, 196],
    [31 * day, 197],
    [9_999 * day, 255],
  ] as const)
    t.equal(validityOctet(minutes), octet, `${minutes} minutes`);
});
