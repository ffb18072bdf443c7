/** MBIM streams with their fragments, every structure of the tables, and what a log shows of each message. */
import { isDeepStrictEqual } from "node:util";
import { decodeStruct, encodeStruct, type Fields, showStruct } from "../../../src/codec/struct.js";
import { encodeFrames } from "../../../src/mbim/frame.js";
import { messageText, payloadHex } from "../../../src/mbim/frame-log.js";
import { MbimReceiver } from "../../../src/mbim/receive.js";
import { commands } from "../../../src/mbim/services/all.js";
import type { Clock } from "../../../src/runtime/clock.js";
import { ignoring } from "../ignoring.js";

const structures: readonly Fields[] = commands
  .flatMap(({ query = {}, set = {}, response, notify = {} }) => [query, set, response, notify])
  .filter((fields) => Object.keys(fields).length > 0);

/** What could be read is written back and read the same. */
function structure(fields: Fields, bytes: Buffer): void {
  const values = ignoring(RangeError, () => decodeStruct(fields, bytes));
  if (values === undefined) return;
  showStruct(fields, values);
  const written = ignoring(RangeError, () => encodeStruct(fields, values));
  if (written !== undefined && !isDeepStrictEqual(decodeStruct(fields, written), values))
    throw new Error("what was written is read otherwise");
}

const stopped: Clock = { nowMs: () => 0, after: () => () => undefined };

function stream(kind: "bytes" | "frames", bytes: Buffer): void {
  const receiver = new MbimReceiver(kind, stopped, {
    message: (message) => {
      payloadHex(message);
      if (messageText(message).includes("\n")) throw new Error("more than one line for a log");
      encodeFrames(message, 512);
    },
    fault: () => undefined,
    garbage: () => undefined,
  });
  receiver.feed(bytes);
  receiver.close();
}

/** The first two bytes choose a structure, fffe and ffff a stream. */
export function fuzz(data: Buffer): void {
  if (data.length < 2) return;
  const choice = data.readUInt16BE();
  const fields = structures[choice % structures.length];
  if (choice >= 0xfffe || fields === undefined)
    stream(choice === 0xfffe ? "frames" : "bytes", Buffer.from(data.subarray(2)));
  else structure(fields, data.subarray(2));
}
