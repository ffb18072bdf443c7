import { isIPv4 } from "node:net";
import type { IpFamily } from "./types.js";

/** AF_INET and AF_INET6 of Linux. */
const addressFamily = { 4: 2, 6: 10 } as const;

export const afOf = (family: IpFamily): number => addressFamily[family];
/** Undefined for every other address family (bridge, MPLS, ...). */
export const familyOf = (af: number): IpFamily | undefined =>
  af === addressFamily[4] ? 4 : af === addressFamily[6] ? 6 : undefined;

export const addressBytes = { 4: 4, 6: 16 } as const;
export const addressBits = { 4: 32, 6: 128 } as const;

/** Canonical text of 4 or 16 bytes. @see RFC 5952 @throws RangeError for another length */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) throw new RangeError(`an address has 4 or 16 bytes, not ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(2 * i));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return `::ffff:${bytes.subarray(12).join(".")}`;
  const [start, length] = longestZeroRun(groups);
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  return length < 2 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

function longestZeroRun(groups: readonly number[]): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > best[1]) best = [start, end - start];
  }
  return best;
}

/** The bytes of an address. @throws RangeError when `text` is none, or of the other family */
export function parseAddress(text: string, family?: IpFamily): Buffer {
  if (isIPv4(text) && family !== 6) return Buffer.from(text.split(".").map(Number));
  const bytes = family === 4 ? undefined : parseIpv6(text);
  if (bytes === undefined) throw new RangeError(`${JSON.stringify(text)} is no IPv${family ?? "4 or 6"} address`);
  return bytes;
}

/**
 * Undefined for what is no address. Node's `isIPv6` would say so, too, but compiles its regular expression at its first
 * use: several milliseconds in the middle of a first activation. @see RFC 4291 2.2
 */
function parseIpv6(text: string): Buffer | undefined {
  const [head = "", rest, ...more] = withoutDots(text).split("::");
  const groupsOf = (part: string) => (part === "" ? [] : part.split(":"));
  const before = groupsOf(head);
  const after = groupsOf(rest ?? "");
  const missing = 8 - before.length - after.length;
  const isComplete = more.length === 0 && (rest === undefined ? missing === 0 : missing > 0);
  if (!isComplete || ![...before, ...after].every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  const bytes = Buffer.alloc(16);
  const all = [...before, ...Array<string>(missing).fill("0"), ...after];
  for (const [i, group] of all.entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * i);
  return bytes;
}

/** An IPv4 address at the end as the two groups that it stands for. */
function withoutDots(text: string): string {
  const lastGroup = text.slice(text.lastIndexOf(":") + 1);
  if (lastGroup === text || !isIPv4(lastGroup)) return text;
  const hex = Buffer.from(lastGroup.split(".").map(Number)).toString("hex");
  return `${text.slice(0, -lastGroup.length)}${hex.slice(0, 4)}:${hex.slice(4)}`;
}

/** `192.0.2.0/24`, or `default` for a prefix length of 0. */
export function formatPrefix(bytes: Uint8Array | undefined, prefixLength: number): string {
  return bytes === undefined || prefixLength === 0 ? "default" : `${formatAddress(bytes)}/${prefixLength}`;
}

/** Reads `192.0.2.0/24`, `192.0.2.7` (a host) or `default`. @throws RangeError */
export function parsePrefix(text: string, family: IpFamily): { readonly bytes: Buffer; readonly prefixLength: number } {
  if (text === "default") return { bytes: Buffer.alloc(addressBytes[family]), prefixLength: 0 };
  const [address = "", length = String(addressBits[family])] = text.split("/");
  const prefixLength = Number(length);
  if (!Number.isInteger(prefixLength) || prefixLength < 0 || prefixLength > addressBits[family])
    throw new RangeError(`${JSON.stringify(text)} has no valid prefix length`);
  return { bytes: parseAddress(address, family), prefixLength };
}

/** The one spelling of an address that the kernel's answers are compared with. @throws RangeError */
export const canonicalAddress = (text: string, family: IpFamily): string => formatAddress(parseAddress(text, family));

/**
 * The link-local address with the interface identifier (the low 64 bits) of `address`; undefined for an identifier of zero,
 * which names nobody. @see RFC 4291 2.5.1 @throws RangeError
 */
export function linkLocalOf(address: string): string | undefined {
  const bytes = parseAddress(address, 6);
  if (bytes.subarray(8).every((byte) => byte === 0)) return undefined;
  bytes.set([0xfe, 0x80, 0, 0, 0, 0, 0, 0], 0);
  return formatAddress(bytes);
}

/** The network of that prefix length which `address` lies in, as `2001:db8::/64`. @throws RangeError for text that is no address */
export function networkOf(address: string, prefixLength: number): string {
  const bytes = parseAddress(address);
  for (let at = 0; at < bytes.length; at++) {
    const keptBits = Math.min(8, Math.max(0, prefixLength - at * 8));
    bytes.writeUInt8(bytes.readUInt8(at) & (0xff << (8 - keptBits)) & 0xff, at);
  }
  return `${formatAddress(bytes)}/${prefixLength}`;
}

/** Whether an address lies in a network; false for another family. @throws RangeError for text that is neither */
export function isWithin(address: string, network: string): boolean {
  const [text = "", length] = network.split("/");
  const [own, other] = [parseAddress(address), parseAddress(text)];
  if (own.length !== other.length) return false;
  const prefixLength = length === undefined ? own.length * 8 : Number(length);
  return networkOf(address, prefixLength) === networkOf(text, prefixLength);
}
