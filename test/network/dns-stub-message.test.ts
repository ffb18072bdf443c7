import t from "tap";
import { FramedMessages, framed } from "../../src/network/dns/stub/framing.js";
import { errorAnswer, isAnswerTo, receivedFrom, withId } from "../../src/network/dns/stub/message.js";

/** `dig www.example.net` with EDNS: id 0x1234, RD and AD, one question, one OPT record of 1232 bytes. */
const question = Buffer.from("03777777076578616d706c65036e65740000010001", "hex");
const opt = Buffer.from("00002904d0000000000000", "hex");
const header = (fields: string) => Buffer.from(fields.replaceAll(" ", ""), "hex");
const query = Buffer.concat([header("1234 0120 0001 0000 0000 0001"), question, opt]);
const answerRecord = Buffer.from("c00c00010001000000780004cb007101", "hex");
const answer = Buffer.concat([header("1234 8180 0001 0001 0000 0000"), question, answerRecord]);

const asked = (bytes: Buffer) => {
  const received = receivedFrom(bytes);
  if (received.is !== "query") throw new Error(`no query but ${received.is}`);
  return received.query;
};

t.test("a query is taken as it is: id, question, and the whole message to be passed on", async (t) => {
  const taken = asked(query);
  t.equal(taken.id, 0x1234);
  t.strictSame(taken.question, question);
  t.equal(taken.bytes, query);
});

t.test("cut at any byte before the end of its question it is refused, or not worth an answer", async (t) => {
  for (let length = 0; length < 12; length++)
    t.strictSame(receivedFrom(query.subarray(0, length)), { is: "nothing" }, `${length} bytes`);
  for (let length = 12; length < 12 + question.length; length++) {
    const received = receivedFrom(query.subarray(0, length));
    t.strictSame(received, { is: "refusal", answer: header("1234 8181 0000 0000 0000 0000") }, `${length} bytes`);
  }
});

t.test("what a forwarder does not do is told in the words of RFC 1035", async (t) => {
  const told = (bytes: Buffer) => {
    const received = receivedFrom(bytes);
    return received.is === "refusal" ? received.answer.readUInt16BE(2) & 0xf : received.is;
  };
  const changed = (at: number, value: number) => {
    const bytes = Buffer.from(query);
    bytes.writeUInt16BE(value, at);
    return bytes;
  };
  t.equal(told(answer), "nothing", "an answer is never answered: two such programs would talk for ever");
  t.equal(told(changed(2, 0x2800)), 4, "an update: not implemented");
  t.equal(told(changed(4, 2)), 1, "two questions: format error");
  t.equal(told(changed(12 + question.length - 4, 252)), 4, "a zone transfer: not implemented");
  t.equal(told(changed(12, 0xc00c)), 1, "a name that points to itself: format error");
  const longName = Buffer.concat([query.subarray(0, 12), Buffer.alloc(1024, Buffer.from("01", "hex"))]);
  t.equal(told(longName), 1, "a name without end: format error");
});

t.test("an answer is one to our id and our question, whatever the case of its letters", async (t) => {
  const taken = asked(query);
  t.ok(isAnswerTo(taken, 0x1234, answer));
  const shouted = Buffer.from(answer);
  shouted.write("EXAMPLE", 17, "latin1");
  t.ok(isAnswerTo(taken, 0x1234, shouted));
  t.notOk(isAnswerTo(taken, 0x1235, answer), "another id");
  t.notOk(isAnswerTo(taken, 0x1234, query), "our own question come back");
  const other = Buffer.from(answer);
  other.write("wwx", 13, "latin1");
  t.notOk(isAnswerTo(taken, 0x1234, other), "another name");
  const https = Buffer.from(answer);
  https.writeUInt16BE(0x41, 12 + question.length - 4);
  const small = Buffer.from(answer);
  small.writeUInt16BE(0x61, 12 + question.length - 4);
  const askedHttps = asked(Buffer.concat([query.subarray(0, 12), https.subarray(12, 12 + question.length)]));
  t.notOk(isAnswerTo(askedHttps, 0x1234, small), "a type is no letter: HTTPS is 65, which is A");
  t.ok(isAnswerTo(taken, 0x1234, header("1234 8185 0000 0000 0000 0000")), "a bare REFUSED");
  t.notOk(isAnswerTo(taken, 0x1234, header("1234 8180 0000 0000 0000 0000")), "a bare NOERROR says nothing");
  for (let length = 0; length < 12 + question.length; length++)
    t.notOk(isAnswerTo(taken, 0x1234, answer.subarray(0, length)), `cut after ${length} bytes`);
});

t.test("an error of our own is never longer than the question", async (t) => {
  const refusal = errorAnswer(query, 2);
  t.strictSame(refusal, Buffer.concat([header("1234 8182 0001 0000 0000 0000"), question]));
  t.ok(refusal.length <= query.length);
  t.strictSame(withId(query, 0xbeef).subarray(2), query.subarray(2));
  t.equal(query.readUInt16BE(0), 0x1234, "the original keeps its id");
});

t.test("messages over TCP, cut wherever the network likes", async (t) => {
  const stream = Buffer.concat([framed(query), framed(answer), framed(query)]);
  for (let pieceBytes = 1; pieceBytes <= stream.length; pieceBytes++) {
    const messages = new FramedMessages();
    const got: Buffer[] = [];
    for (let at = 0; at < stream.length; at += pieceBytes)
      got.push(...messages.push(stream.subarray(at, at + pieceBytes)));
    t.strictSame(got, [query, answer, query], `${pieceBytes} bytes at a time`);
  }
});
