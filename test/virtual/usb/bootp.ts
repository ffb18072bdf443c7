/** Frames of a host that wants an address. */
import { frameHeader } from "../../../src/virtual/usb/ethernet/frame.js";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/[\s:]/g, ""), "hex");
const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);

export const hostMac = hex("d6:0a:73:76:e8:7e");

/** A BOOTREQUEST as ethernet frame; options in hexadecimal without the end, the client's address in ciaddr. */
export function bootRequest(options: string, clientAddress = "00000000"): Buffer {
  const message = Buffer.concat([
    hex("01010600 11223344 0000 8000"),
    hex(clientAddress),
    Buffer.alloc(12),
    hostMac,
    Buffer.alloc(10 + 64 + 128),
    hex(`63825363 ${options} ff`),
  ]);
  const udp = Buffer.concat([hex("0044 0043"), u16(8 + message.length), hex("0000"), message]);
  const ip = Buffer.concat([hex("4500"), u16(20 + udp.length), hex("00000000 40110000 00000000 ffffffff"), udp]);
  return Buffer.concat([frameHeader(hex("ffffffffffff"), hostMac, 0x0800), ip]);
}

/** What a BOOTREPLY frame says. */
export function bootReply(frame: Buffer) {
  const message = frame.subarray(14 + 28);
  return {
    yours: message.readUInt32BE(16),
    transaction: message.readUInt32BE(4),
    options: message.toString("hex", 240),
  };
}
