/** QMUX streams, every row of the QMI tables, and the line that a log shows of each message. */
import { isDeepStrictEqual } from "node:util";
import { FrameStream } from "../../../src/codec/frame-stream.js";
import { decodeTlvs, encodeTlvs, showTlvs, type Tlvs } from "../../../src/codec/tlv.js";
import { decodeFrame, encodeFrame, judgeQmux } from "../../../src/qmi/frame.js";
import { messageText } from "../../../src/qmi/frame-log.js";
import { indications, messages } from "../../../src/qmi/services/all.js";
import { ignoring } from "../ignoring.js";

const tables: readonly Tlvs[] = [
  ...messages.flatMap(({ request, response, failure = {} }) => [request, response, failure]),
  ...indications.map(({ indication }) => indication),
].filter((fields) => Object.keys(fields).length > 0);

/** What could be read is written back and read the same. */
function table(fields: Tlvs, bytes: Buffer): void {
  const values = ignoring(RangeError, () => decodeTlvs(fields, bytes));
  if (values === undefined) return;
  showTlvs(fields, bytes);
  const written = ignoring(RangeError, () => encodeTlvs(fields, values));
  if (written !== undefined && !isDeepStrictEqual(decodeTlvs(fields, written), values))
    throw new Error("what was written is read otherwise");
}

function stream(bytes: Buffer): void {
  for (const frame of new FrameStream(judgeQmux).feed(bytes)) {
    const message = ignoring(RangeError, () => decodeFrame(frame));
    if (message === undefined) continue;
    if (messageText(message).includes("\n")) throw new Error("more than one line for a log");
    if (!isDeepStrictEqual(decodeFrame(encodeFrame(message)), message)) throw new Error("another frame than it was");
  }
}

/** The first two bytes choose a table, ffff the stream. */
export function fuzz(data: Buffer): void {
  if (data.length < 2) return;
  const choice = data.readUInt16BE();
  const fields = tables[choice % tables.length];
  if (choice === 0xffff || fields === undefined) stream(data.subarray(2));
  else table(fields, data.subarray(2));
}
