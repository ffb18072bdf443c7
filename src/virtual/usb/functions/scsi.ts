/** A small read-only disc as SCSI sees it: the driver CD that modems pretend to be. Pure. @see SPC-4, MMC-6 */
import type { ModeSwitch } from "../description/composition.js";

/** Why a command failed, for REQUEST SENSE: sense key, additional code, qualifier. */
export type Sense = readonly [key: number, code: number, qualifier: number];

export const senses = {
  none: [0, 0, 0],
  noMedium: [2, 0x3a, 0],
  unknownCommand: [5, 0x20, 0],
  outOfRange: [5, 0x21, 0],
} as const satisfies Readonly<Record<string, Sense>>;

export interface Disc {
  readonly vendor: string;
  readonly label: string;
  /** Whole blocks. */
  readonly content: Buffer;
  readonly isIn: boolean;
}

export const blockBytes = 2048;

export type ScsiResult =
  | { readonly is: "data"; readonly data: Buffer }
  | { readonly is: "done" }
  | { readonly is: "failed"; readonly sense: Sense }
  /** Carried out, and a reason for some devices to leave the bus and come back as modems. */
  | { readonly is: "switched"; readonly by: ModeSwitch["by"] };

const failed = (sense: Sense): ScsiResult => ({ is: "failed", sense });
const data = (bytes: Buffer): ScsiResult => ({ is: "data", data: bytes });
const done: ScsiResult = { is: "done" };

const operations = {
  testUnitReady: 0x00,
  requestSense: 0x03,
  huawei: 0x11,
  inquiry: 0x12,
  modeSense6: 0x1a,
  startStopUnit: 0x1b,
  preventRemoval: 0x1e,
  readCapacity: 0x25,
  read10: 0x28,
  modeSense10: 0x5a,
} as const;

/** SPACE (6) means nothing on a disc; the vendor gave its second byte a meaning. */
const huaweiMark = 0x06;
/** The third byte: 0x20 is what Linux hosts say, 0x30 or a command without parameters asks for serial ports. */
const fallbackForm = 0x30;

function huawei(command: Buffer): ScsiResult {
  if (command.length < 6 || command.readUInt8(1) !== huaweiMark) return failed(senses.unknownCommand);
  const form = command.readUInt8(2);
  const isBare = command.subarray(2).every((byte) => byte === 0);
  return { is: "switched", by: form === fallbackForm || isBare ? "huaweiFallback" : "huawei" };
}

/** `lastSense` is what the command before failed with. */
export function runScsi(command: Buffer, disc: Disc, lastSense: Sense): ScsiResult {
  switch (command.readUInt8(0)) {
    case operations.testUnitReady:
      return disc.isIn ? done : failed(senses.noMedium);
    case operations.requestSense:
      return data(senseData(lastSense));
    case operations.huawei:
      return huawei(command);
    case operations.inquiry:
      return data(inquiryData(disc));
    case operations.modeSense6:
      return data(modeSense6(command));
    case operations.modeSense10:
      return data(modeSense10(command));
    case operations.startStopUnit:
      return startStop(command);
    case operations.preventRemoval:
      return done;
    case operations.readCapacity:
      return disc.isIn ? data(capacityData(disc)) : failed(senses.noMedium);
    case operations.read10:
      return disc.isIn ? read(command, disc) : failed(senses.noMedium);
    default:
      return failed(senses.unknownCommand);
  }
}

const allPages = 0x3f;
/** It has a tray that opens, and plays at one speed. @see MMC-3 5.5.10, the page of capabilities */
const capabilitiesPage = Buffer.from([
  0x2a,
  0x12,
  0,
  0,
  0,
  0,
  0x28,
  0,
  ...[0x02, 0xc2, 0, 0, 0, 0, 0x02, 0xc2, 0, 0, 0, 0],
]);
const writeProtected = 0x80;

function pagesFor(command: Buffer): Buffer {
  const page = command.length > 2 ? command.readUInt8(2) & 0x3f : 0;
  return page === allPages || page === capabilitiesPage.readUInt8(0) ? capabilitiesPage : Buffer.alloc(0);
}

function modeSense6(command: Buffer): Buffer {
  const pages = pagesFor(command);
  return Buffer.concat([Buffer.from([3 + pages.length, 0, writeProtected, 0]), pages]);
}

function modeSense10(command: Buffer): Buffer {
  const pages = pagesFor(command);
  return Buffer.concat([Buffer.from([0, 6 + pages.length, 0, writeProtected, 0, 0, 0, 0]), pages]);
}

/** LoEj without Start ejects. @see MMC-6 6.42 */
const startStop = (command: Buffer): ScsiResult =>
  command.length > 4 && (command.readUInt8(4) & 0x03) === 0x02 ? { is: "switched", by: "eject" } : done;

function read(command: Buffer, { content }: Disc): ScsiResult {
  if (command.length < 10) return failed(senses.unknownCommand);
  const from = command.readUInt32BE(2) * blockBytes;
  const bytes = command.readUInt16BE(7) * blockBytes;
  return from + bytes > content.length ? failed(senses.outOfRange) : data(content.subarray(from, from + bytes));
}

function senseData([key, code, qualifier]: Sense): Buffer {
  const bytes = Buffer.alloc(18);
  bytes.set([0x70, 0, key], 0);
  bytes.writeUInt8(10, 7);
  bytes.set([code, qualifier], 12);
  return bytes;
}

function inquiryData({ vendor, label }: Disc): Buffer {
  const text = `${vendor.slice(0, 8).padEnd(8)}${label.slice(0, 16).padEnd(16)}2.31`;
  // A removable CD-ROM, SPC-2, additional length 31.
  return Buffer.concat([Buffer.from([0x05, 0x80, 0x02, 0x02, 31, 0, 0, 0]), Buffer.from(text, "latin1")]);
}

function capacityData({ content }: Disc): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(Math.max(0, content.length / blockBytes - 1), 0);
  bytes.writeUInt32BE(blockBytes, 4);
  return bytes;
}
