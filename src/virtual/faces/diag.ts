/**
 * Qualcomm's diagnostic port as a host meets it that only wants to know whether it is one: command 0 says the version, all
 * others are refused as bad commands. Frames end with 7e, 7d escapes, a CRC-16 guards them (RFC 1662 without a header).
 * The version's fields are those that libqcdm (ModemManager) reads.
 */
import type { Face, FaceContext, HostLine } from "./face.js";

const flag = 0x7e;
const escapeByte = 0x7d;
const escapeBit = 0x20;
const crcBytes = 2;
/** No command that a host sends is longer; what is, is noise. */
const maxFrameBytes = 4096;

const versionCommand = 0x00;
const badCommand = 0x13;

export function openDiag(line: HostLine, { machine }: Pick<FaceContext, "machine">): Face {
  const version = versionOf(machine.profile.device.model);
  let rest = Buffer.alloc(0);
  const answer = (frame: Buffer) => {
    const request = unframed(frame);
    if (request === undefined) return;
    line.send(framed(request[0] === versionCommand ? version : Buffer.concat([Buffer.from([badCommand]), request])));
  };
  return {
    feed: (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      for (let end = rest.indexOf(flag); end >= 0; end = rest.indexOf(flag)) {
        answer(rest.subarray(0, end));
        rest = rest.subarray(end + 1);
      }
      if (rest.length > maxFrameBytes) rest = Buffer.alloc(0);
    },
    hostLeft: () => {
      rest = Buffer.alloc(0);
    },
    close: () => undefined,
  };
}

/** Compiled and released when, for which model; then eight bytes of station class, revisions and hardware. */
function versionOf(model: string): Buffer {
  const text = (value: string, bytes: number) => Buffer.from(value.padEnd(bytes, "\0").slice(0, bytes), "latin1");
  const [date, time] = [text("Jan 01 2020", 11), text("00:00:00", 8)];
  return Buffer.concat([Buffer.from([versionCommand]), date, time, date, time, text(model, 8), Buffer.alloc(8)]);
}

/** The payload; undefined for what is none: flags in a row, a wrong checksum. */
function unframed(frame: Buffer): Buffer | undefined {
  const bytes: number[] = [];
  let isEscaped = false;
  for (const byte of frame) {
    if (byte === escapeByte) isEscaped = true;
    else {
      bytes.push(isEscaped ? byte ^ escapeBit : byte);
      isEscaped = false;
    }
  }
  const payload = Buffer.from(bytes.slice(0, -crcBytes));
  if (bytes.length <= crcBytes || !Buffer.from(bytes.slice(-crcBytes)).equals(crcOf(payload))) return undefined;
  return payload;
}

const framed = (payload: Buffer): Buffer =>
  Buffer.from([
    ...[...payload, ...crcOf(payload)].flatMap((byte) =>
      byte === flag || byte === escapeByte ? [escapeByte, byte ^ escapeBit] : [byte],
    ),
    flag,
  ]);

/** CRC-16 of RFC 1662 C.2, least significant byte first. */
function crcOf(payload: Buffer): Buffer {
  let crc = 0xffff;
  for (const byte of payload) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x8408 : crc >> 1;
  }
  const bytes = Buffer.alloc(crcBytes);
  bytes.writeUInt16LE(crc ^ 0xffff);
  return bytes;
}
