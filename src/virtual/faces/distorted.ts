/** One message of the modem as a broken line or firmware would let it out. QMI and MBIM are told apart by their headers. */

import { typeOf } from "../../mbim/frame.js";
import { judgeMbim } from "../../mbim/stream.js";
import { decodeFrame, encodeFrame, judgeQmux } from "../../qmi/frame.js";

export type Distortion = "noise" | "truncated" | "oversized" | "misnumbered";

/** Begins as messages of both protocols do, and is none. */
const noise = Buffer.from("0300008001ff00ff0141542b", "hex");
/** What an oversized message claims to have beyond its end. */
const excessBytes = 16;

type Framing = {
  /** A response under a transaction that nobody began. */
  misnumbered(message: Buffer): Buffer;
  /** The same bytes, said to be more. */
  oversized(message: Buffer): Buffer;
};

const qmi: Framing = {
  misnumbered: (bytes) => {
    const message = decodeFrame(bytes);
    return message.kind === "response" ? encodeFrame({ ...message, transaction: message.transaction ^ 0x80 }) : bytes;
  },
  oversized: (bytes) => {
    const longer = Buffer.from(bytes);
    longer.writeUInt16LE(bytes.readUInt16LE(1) + excessBytes, 1);
    return longer;
  },
};

const mbim: Framing = {
  misnumbered: (bytes) => {
    if (typeOf(bytes.readUInt32LE(0)) === "indicateStatus") return bytes;
    const other = Buffer.from(bytes);
    other.writeUInt32LE((bytes.readUInt32LE(8) ^ 0x40000000) >>> 0, 8);
    return other;
  },
  oversized: (bytes) => {
    const longer = Buffer.from(bytes);
    longer.writeUInt32LE(bytes.readUInt32LE(4) + excessBytes, 4);
    return longer;
  },
};

/** AT has neither numbers nor lengths. */
const none: Framing = { misnumbered: (bytes) => bytes, oversized: (bytes) => bytes };

function framingOf(bytes: Buffer): Framing {
  if (judgeQmux(bytes, 0).is === "frame") return qmi;
  return judgeMbim(bytes, 0).is === "frame" ? mbim : none;
}

/** What the host gets of `message`. */
export function distorted(message: Buffer, how: Distortion): Buffer {
  switch (how) {
    case "noise":
      return Buffer.concat([noise, message]);
    case "truncated":
      return message.subarray(0, Math.ceil(message.length / 2));
    case "oversized":
      return framingOf(message).oversized(message);
    case "misnumbered":
      return framingOf(message).misnumbered(message);
  }
}
