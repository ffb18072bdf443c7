/** What an MBIM frame looks like in a byte stream. Pure. */
import type { Verdict } from "../codec/frame-stream.js";
import { addressBytes, fixedBytes, fragmentStart, headerBytes, minControlTransfer, typeOf } from "./frame.js";

/** No frame is longer, whatever its length field says. */
const maxFrameBytes = 0x10000;

/** Whether an MBIM frame stands at `at`. @see MBIM 1.0 9.1 */
export function judgeMbim(bytes: Buffer, at: number): Verdict {
  const left = bytes.length - at;
  const garbage: Verdict = { is: "garbage" };
  if (left < 4) return { is: "short" };
  const type = typeOf(bytes.readUInt32LE(at));
  if (type === undefined) return garbage;
  if (left < headerBytes) return { is: "short" };
  const length = bytes.readUInt32LE(at + 4);
  const fixed = fixedBytes[type];
  if (fixed !== undefined) {
    if (length !== fixed) return garbage;
    return left < length ? { is: "short" } : { is: "frame", bytes: length };
  }
  if (length < fragmentStart || length > maxFrameBytes) return garbage;
  if (left < fragmentStart) return { is: "short" };
  const total = bytes.readUInt32LE(at + headerBytes);
  const current = bytes.readUInt32LE(at + headerBytes + 4);
  if (total === 0 || current >= total || total > maxFrameBytes) return garbage;
  if (total > 1 && current < total - 1 && length < minControlTransfer) return garbage;
  if (left < length) return { is: "short" };
  const bodyBytes = length - fragmentStart;
  if (current === 0 && (type === "command" || type === "commandDone" || type === "indicateStatus"))
    if (bodyBytes < addressBytes[type]) return garbage;
  return { is: "frame", bytes: length };
}
