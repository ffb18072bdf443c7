/** Messages of the control channel and what they say. */
import fc from "fast-check";
import t from "tap";
import { decodeMessages, encodeMessage, type MessageName, typeOctet } from "../../src/cmux/message.js";
import { negotiationAnswer, portAnswer, type Signals, signalsOf, signalsValue } from "../../src/cmux/values.js";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

const names = ["PN", "PSC", "CLD", "TEST", "FCon", "FCoff", "MSC", "NSC", "RPN", "RLS", "SNC"] as const;

/** 3GPP TS 27.010 5.4.6.3.1 to 5.4.6.3.11, as commands. */
const octets = [0x83, 0x43, 0xc3, 0x23, 0xa3, 0x63, 0xe3, 0x13, 0x93, 0x53, 0xd3];

t.test("type octets are those of the specification", async (t) => {
  t.strictSame(
    names.map((name) => typeOctet(name, true)),
    octets,
  );
  t.strictSame(
    names.map((name) => typeOctet(name, false)),
    octets.map((octet) => octet & ~0x02),
  );
});

t.test("messages are read as written; what is cut off is an error, never another message", async (t) => {
  const value = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom<MessageName>(...names), fc.boolean(), value)), (rows) => {
      const bytes = Buffer.concat(rows.map(([name, isCommand, content]) => encodeMessage(name, isCommand, content)));
      const read = decodeMessages(bytes).map((one) => [one.name, one.isCommand, one.value]);
      return JSON.stringify(read) === JSON.stringify(rows);
    }),
  );
  const bytes = encodeMessage("MSC", true, hex("070d"));
  for (let cut = 2; cut < bytes.length; cut++) t.throws(() => decodeMessages(bytes.subarray(0, cut)), RangeError);
});

t.test("a CLD of one octet, as Linux' documentation has it, is one", async (t) => {
  t.match(decodeMessages(hex("c3")), [{ name: "CLD", isCommand: true }]);
});

t.test("a type that nobody knows keeps its octet, for the answer", async (t) => {
  t.strictSame(decodeMessages(hex("07 03 55")), [{ name: undefined, type: 0x07, isCommand: true, value: hex("55") }]);
});

t.test("lines of MSC: Quectel's example, a camera's, and each alone", async (t) => {
  const idle: Signals = { holdsBack: false, ready: false, willReceive: false, ring: false, carrier: false };
  t.strictSame(signalsOf(hex("07 0d")), { ...idle, ready: true, willReceive: true });
  t.strictSame(signalsOf(hex("23 8d")), { ...idle, ready: true, willReceive: true, carrier: true });
  t.strictSame(signalsOf(hex("23 0c 01")), { ...idle, ready: true, willReceive: true }, "with a break behind");
  t.equal(signalsOf(hex("07")), undefined);
  for (const name of ["holdsBack", "ready", "willReceive", "ring", "carrier"] as const)
    t.strictSame(signalsOf(signalsValue(5, { ...idle, [name]: true })), { ...idle, [name]: true }, name);
});

t.test("PN is answered by UIH frames no larger than ours, RPN by what was asked, or by what is", async (t) => {
  t.strictSame(negotiationAnswer(hex("01 10 07 0a e505 03 02"), 127), hex("01 00 07 0a 7f00 03 02"));
  t.strictSame(negotiationAnswer(hex("01 00 07 0a 1f00 03 02"), 127), hex("01 00 07 0a 1f00 03 02"));
  t.equal(negotiationAnswer(hex("01 00"), 127), undefined);
  t.strictSame(portAnswer(hex("07 07 03 00 11 13 ff ff")), hex("07 07 03 00 11 13 ff ff"));
  t.strictSame(portAnswer(hex("07")), hex("07 08 03 00 11 13 ff ff"));
});
