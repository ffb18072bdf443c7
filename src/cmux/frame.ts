/** Frames of the basic option as values and as bytes. @see 3GPP TS 27.010 5.2 */
import { frameCheck } from "./fcs.js";

/** Begins and ends every frame; a row of them wakes the far end up. */
export const flag = 0xf9;

/** Control field without its P/F bit. @see 3GPP TS 27.010 5.2.1.3, table 2 */
const controls = { SABM: 0x2f, UA: 0x63, DM: 0x0f, DISC: 0x43, UIH: 0xef, UI: 0x03 } as const;

export type FrameKind = keyof typeof controls;

const kinds = new Map<number, FrameKind>(
  (Object.keys(controls) as FrameKind[]).map((kind) => [controls[kind], kind] as const),
);

const pollFinalBit = 0x10;
const extensionBit = 0x01;
const commandBit = 0x02;

/** The longest information that a two-octet length can tell, in bytes. */
export const mostInfoBytes = 0x7fff;
/** Six bits; 62 would make an address that is a flag. @see 3GPP TS 27.010 5.6 */
export const mostDlci = 61;

export interface Frame {
  /** Data link connection identifier; 0 is the control channel. */
  readonly dlci: number;
  readonly kind: FrameKind;
  /** The C/R bit as it stands in the frame: set in the initiator's commands and in responses to them. */
  readonly cr: boolean;
  /** P in commands, F in responses. */
  readonly pf: boolean;
  /** At most `mostInfoBytes` bytes. */
  readonly info: Buffer;
}

/** @see 3GPP TS 27.010 5.2.1.5: one octet up to 127 bytes, else two */
const lengthField = (bytes: number): readonly number[] =>
  bytes < 0x80 ? [(bytes << 1) | extensionBit] : [(bytes & 0x7f) << 1, bytes >> 7];

/** With a flag at each end. */
export function encodeFrame({ dlci, kind, cr, pf, info }: Frame): Buffer {
  if (dlci > mostDlci || info.length > mostInfoBytes) throw new RangeError("no frame holds this");
  const address = (dlci << 2) | (cr ? commandBit : 0) | extensionBit;
  const header = Buffer.from([address, controls[kind] | (pf ? pollFinalBit : 0), ...lengthField(info.length)]);
  const checked = protectsInfo(kind) ? Buffer.concat([header, info]) : header;
  return Buffer.concat([Buffer.of(flag), header, info, Buffer.of(frameCheck(checked), flag)]);
}

/** The H of UIH: only the header is checked. */
const protectsInfo = (kind: FrameKind): boolean => kind !== "UIH";

/** `more`: not all of it is here yet. */
export type Parsed = { readonly frame: Frame; readonly bytes: number } | "more" | "broken";

/** The frame behind an opening flag; `bytes` counts up to, not with, its closing flag. */
export function parseFrame(bytes: Buffer, longestInfoBytes: number): Parsed {
  const [address, control, low, high] = bytes;
  if (address === undefined || control === undefined || low === undefined) return "more";
  const kind = kinds.get(control & ~pollFinalBit);
  if (kind === undefined || (address & extensionBit) === 0) return "broken";
  const isShort = (low & extensionBit) !== 0;
  if (!isShort && high === undefined) return "more";
  const infoBytes = isShort ? low >> 1 : (low >> 1) | ((high ?? 0) << 7);
  if (infoBytes > longestInfoBytes) return "broken";
  const start = isShort ? 3 : 4;
  const end = start + infoBytes;
  if (bytes.length < end + 2) return "more";
  const checked = bytes.subarray(0, protectsInfo(kind) ? end : start);
  if (bytes[end + 1] !== flag || bytes[end] !== frameCheck(checked)) return "broken";
  const info = Buffer.from(bytes.subarray(start, end));
  const pf = (control & pollFinalBit) !== 0;
  return { frame: { dlci: address >> 2, kind, cr: (address & commandBit) !== 0, pf, info }, bytes: end + 1 };
}
