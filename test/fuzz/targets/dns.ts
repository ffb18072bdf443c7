/** What any program on the machine may send to the stub, and any host on the internet may answer. */
import { FramedMessages } from "../../../src/network/dns/stub/framing.js";
import { errorAnswer, isAnswerTo, rcodeOf, rcodes, receivedFrom } from "../../../src/network/dns/stub/message.js";

const query = Buffer.from("123401000001000000000000037777770000010001", "hex");
const asked = receivedFrom(query);

export function fuzz(data: Buffer): void {
  for (const message of [data, ...new FramedMessages().push(data)]) {
    const received = receivedFrom(message);
    if (received.is === "refusal") isRefusal(message, received.answer);
    if (received.is === "query") isRefusal(message, errorAnswer(message, rcodes.serverFailure));
    if (asked.is === "query" && isAnswerTo(asked.query, 0x1234, message)) rcodeOf(message);
    // Two that answer each other's answers would never stop.
    if (received.is !== "nothing" && asked.is === "query" && isAnswerTo(asked.query, 0x1234, message))
      throw new Error("a question that is an answer");
  }
}

function isRefusal(message: Buffer, answer: Buffer): void {
  if (answer.length > message.length) throw new Error("an error that is longer than the question");
  if (receivedFrom(answer).is !== "nothing") throw new Error("an error that would be answered");
  if (answer.readUInt16BE(0) !== message.readUInt16BE(0)) throw new Error("an error to somebody else");
}
