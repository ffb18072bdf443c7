/** Command and status wrappers of mass storage. Pure. @see USB Mass Storage Class, Bulk-Only Transport 1.0 5 */

const commandSignature = 0x43425355;
const statusSignature = 0x53425355;
const commandBytes = 31;
const maxCommandLength = 16;

export interface CommandWrapper {
  readonly tag: number;
  /** What the host wants to move at most. */
  readonly transferBytes: number;
  readonly direction: "in" | "out";
  readonly lun: number;
  /** The command descriptor block of SCSI, 1 to 16 bytes. */
  readonly command: Buffer;
}

/** Undefined: not a valid command wrapper, after which a device stalls until it is reset. */
export function parseCommand(bytes: Buffer): CommandWrapper | undefined {
  if (bytes.length !== commandBytes || bytes.readUInt32LE(0) !== commandSignature) return undefined;
  // Zero is what the messages of mode switching tools say, and their devices take it for all sixteen.
  const commandLength = bytes.readUInt8(14) & 0x1f || maxCommandLength;
  if (commandLength > maxCommandLength) return undefined;
  return {
    tag: bytes.readUInt32LE(4),
    transferBytes: bytes.readUInt32LE(8),
    direction: (bytes.readUInt8(12) & 0x80) === 0 ? "out" : "in",
    lun: bytes.readUInt8(13) & 0xf,
    command: bytes.subarray(15, 15 + commandLength),
  };
}

/** `residue`: of what the host wanted to move, what was not. */
export function encodeStatus(tag: number, residue: number, passed: boolean): Buffer {
  const bytes = Buffer.alloc(13);
  bytes.writeUInt32LE(statusSignature, 0);
  bytes.writeUInt32LE(tag, 4);
  bytes.writeUInt32LE(residue, 8);
  bytes.writeUInt8(passed ? 0 : 1, 12);
  return bytes;
}
