/** What modems pass on of the card's answers, as people have published it. */
import t from "tap";
import { channelCommand, openChannel, rawCommand } from "../../src/at/replies/ccho.js";
import { fileContent, fileParameters, isDone, sizeIn, writtenFile } from "../../src/at/replies/crsm.js";

const hex = (text: string): Buffer => Buffer.from(text, "hex");

t.test("+CRSM: status words in decimal, octets with and without quotation marks", async (t) => {
  const forbidden = fileContent(0x6f7b, 0, 12);
  t.equal(forbidden.text, "AT+CRSM=176,28539,0,0,12");
  t.strictSame(forbidden.read(['+CRSM: 144,0,"FFFFFFFFFFFFFFFFFFFFFFFF"']), {
    ...{ status: 0x9000, data: Buffer.alloc(12, 0xff) },
  });
  t.match(forbidden.read(["+CRSM: 144,0,00000002"]), { data: hex("00000002") });
  t.match(forbidden.read(["+CRSM: 106,130"]), { status: 0x6a82, data: Buffer.alloc(0) }, "no such file");
  t.ok(isDone({ status: 0x910f, data: hex("") }), "done, and the card wants to say something beside");
  t.notOk(isDone({ status: 0x6982, data: hex("") }));
  t.throws(() => forbidden.read(['+CRSM: 144,0,"no octets"']), RangeError);
  t.equal(fileContent(0x6f60, 300, 55).text, "AT+CRSM=176,28512,1,44,55", "an offset of more than one octet");
  t.equal(writtenFile(0x6f7b, hex("ffff")).text, 'AT+CRSM=214,28539,0,0,2,"FFFF"');
});

t.test("how long a file is: in a template, in the fixed form of older cards, cut anywhere", async (t) => {
  const whole = hex("621E82054221004C0283024F30A5038001718A01058B036F0605800200988800");
  t.equal(sizeIn(whole), 0x98, "an EF of 0x98 octets; another tag 80 stands inside of A5");
  t.equal(sizeIn(hex("620680020004FFFF")), 4, "EF_AD, with nothing else");
  t.equal(sizeIn(hex("0000000C6F7B040014001401020000")), 12, "a card of GSM");
  for (let length = 0; length < whole.length; length++)
    t.ok([undefined, 0x98].includes(sizeIn(whole.subarray(0, length))), `cut at ${length}`);
  t.equal(fileParameters(0x6fad).text, "AT+CRSM=192,28589,0,0,15");
});

t.test("+CCHO, +CGLA, +CSIM: named and bare; what is no answer of a card", async (t) => {
  const open = openChannel(hex("a0000005591010ffffffff8900000100"));
  t.equal(open.text, 'AT+CCHO="A0000005591010FFFFFFFF8900000100"');
  t.equal(open.read(["+CCHO: 2"]), 2);
  t.equal(open.read(["1"]), 1, "Intel's T700, MediaTek's FM350");
  const getEid = channelCommand(2, hex("82e2910006bf3e035c015a"));
  t.equal(getEid.text, 'AT+CGLA=2,22,"82E2910006BF3E035C015A"');
  t.equal(getEid.secret, true);
  t.strictSame(getEid.read(['+CGLA: 16,"BF41038101059000"']), hex("BF41038101059000"));
  t.strictSame(rawCommand(hex("0070000001")).read(['+CSIM: 6,"019000"']), hex("019000"));
  for (const wrong of ['+CGLA: 4,"9000FF"', '+CGLA: 2,"90"', "+CGLA: 0", '+CGLA: 4,"words"'])
    t.throws(() => getEid.read([wrong]), RangeError, wrong);
});
