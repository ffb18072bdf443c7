/** What a host's USB drivers write to the virtual modem: transfer blocks, RNDIS, USB/IP. */
import { parseNtb } from "../../../src/virtual/usb/functions/ntb.js";
import { parsePackets, parseRndis } from "../../../src/virtual/usb/functions/rndis-message.js";
import { parseOperation, parseUrb } from "../../../src/virtual/usb/usbip/messages.js";
import { ignoring } from "../ignoring.js";

const parsers: readonly ((bytes: Buffer) => unknown)[] = [parseNtb, parseRndis, parsePackets, parseOperation, parseUrb];

/** The first byte chooses the parser. */
export function fuzz(data: Buffer): void {
  const parse = parsers[(data[0] ?? 0) % parsers.length];
  ignoring(RangeError, () => parse?.(data.subarray(1)));
}
