/** IP addresses of fixed width as canonical text. */
import { isIPv4, isIPv6 } from "node:net";
import type { Field } from "./struct.js";

/** @see RFC 5952 section 4: lower case, the longest run of two or more zero groups shortened, the first among equals */
export function ipv6Text(bytes: Buffer): string {
  let best = { at: 0, length: 0 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && bytes.readUInt16BE(2 * (at + length)) === 0) length++;
    if (length > best.length) best = { at, length };
  }
  const groups = (from: number, to: number): string => {
    let text = "";
    for (let at = from; at < to; at++) text += `${at === from ? "" : ":"}${bytes.readUInt16BE(2 * at).toString(16)}`;
    return text;
  };
  return best.length < 2 ? groups(0, 8) : `${groups(0, best.at)}::${groups(best.at + best.length, 8)}`;
}

const v4Groups = (v4: Buffer): string[] => [v4.readUInt16BE(0).toString(16), v4.readUInt16BE(2).toString(16)];

const groupsOf = (part: string): string[] =>
  part === "" ? [] : part.split(":").flatMap((group) => (group.includes(".") ? v4Groups(ipv4Bytes(group)) : [group]));

/** @throws RangeError when `text` is no IPv6 address */
export function ipv6Bytes(text: string): Buffer {
  if (!isIPv6(text) || text.includes("%")) throw new RangeError(`${text} is no IPv6 address`);
  const [head = "", tail] = text.split("::");
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const zeros = new Array<string>(8 - before.length - after.length).fill("0");
  const bytes = Buffer.alloc(16);
  for (const [index, group] of [...before, ...zeros, ...after].entries())
    bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2);
  return bytes;
}

/** @throws RangeError when `text` is no IPv4 address */
export function ipv4Bytes(text: string): Buffer {
  if (!isIPv4(text)) throw new RangeError(`${text} is no IPv4 address`);
  return Buffer.from(text.split(".").map(Number));
}

/** Four bytes as `192.0.2.7`. */
export const ipv4: Field<string> = {
  read: (from) => `${from.u8()}.${from.u8()}.${from.u8()}.${from.u8()}`,
  write: (to, value) => to.put(ipv4Bytes(value)),
  show: String,
};

/** Sixteen bytes as RFC 5952 text. */
export const ipv6: Field<string> = {
  read: (from) => ipv6Text(from.take(16)),
  write: (to, value) => to.put(ipv6Bytes(value)),
  show: String,
};
