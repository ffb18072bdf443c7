/** A packet in words of the policy's classes, and the other way round. Pure. */
import { isIP } from "node:net";
import { ModemError } from "../../runtime/error.js";
import { canonicalAddress, isWithin } from "../ip-text.js";
import type { IpFamily } from "../types.js";
import type { Packet } from "./types.js";

/** What may be said of a packet: the keys of a class (policy/README.md), and where it comes from. */
export const packetKeys = ["to", "from", "local-port", "port", "protocol", "uid", "mark", "interface"] as const;
type PacketKey = (typeof packetKeys)[number];
export type PacketWords = Readonly<Partial<Record<PacketKey, string>>>;

const protocols = { tcp: { 4: 6, 6: 6 }, udp: { 4: 17, 6: 17 }, icmp: { 4: 1, 6: 58 } } as const;
type Protocol = keyof typeof protocols;
const isProtocol = (word: string): word is Protocol => Object.hasOwn(protocols, word);
const isPacketKey = (key: string): key is PacketKey => packetKeys.some((known) => known === key);

const everyBit = 0xffff_ffff;
/** IFNAMSIZ without its NUL. */
const interfaceNameBytes = 15;
const linkLocal6 = "fe80::/10";
const mapped4 = "::ffff:";

const invalid = (why: string): ModemError => new ModemError("invalid", why);

/** @throws ModemError `invalid` that says what is wrong with which word */
export function packetFrom(given: Readonly<Record<string, string>>): Packet {
  const unknown = Object.keys(given).find((key) => !isPacketKey(key));
  if (unknown !== undefined) throw invalid(`"${unknown}" is nothing of a packet; there are ${packetKeys.join(", ")}`);
  const words: PacketWords = given;
  if (words.to === undefined) throw invalid("to which address? (to)");
  const [family, to] = addressOf("to", words.to);
  const [localPort, remotePort] = [portOf("local-port", words), portOf("port", words)];
  const inInterface = interfaceOf(words);
  return {
    family,
    to,
    ipProtocol: protocolOf(words, family),
    mark: words.mark === undefined ? 0 : numberOf("mark", words.mark, 0, everyBit),
    ...(words.from !== undefined && { from: sourceOf(words.from, family) }),
    ...(localPort !== undefined && { localPort }),
    ...(remotePort !== undefined && { remotePort }),
    ...(inInterface === undefined ? { uid: numberOf("uid", words.uid ?? "0", 0, everyBit - 1) } : { inInterface }),
  };
}

function addressOf(key: PacketKey, text: string): readonly [IpFamily, string] {
  const [address = "", ...zone] = text.split("%");
  const family = isIP(address);
  if (family !== 4 && family !== 6) throw invalid(`${key}: "${text}" is not an IP address`);
  const canonical = canonicalAddress(address, family);
  if (family === 6 && isWithin(canonical, linkLocal6))
    throw invalid(`${key}: ${canonical} is link-local: it stays on the link that its zone names, no policy moves it`);
  if (zone.length > 0) throw invalid(`${key}: "${text}": only a link-local address has a zone`);
  // A socket of IPv6 that is given such an address sends IPv4.
  const is4 = family === 6 && canonical.startsWith(mapped4) && isIP(canonical.slice(mapped4.length)) === 4;
  return is4 ? [4, canonical.slice(mapped4.length)] : [family, canonical];
}

function sourceOf(text: string, family: IpFamily): string {
  const [its, address] = addressOf("from", text);
  if (its !== family) throw invalid(`from: ${address} is IPv${its}, and it goes to an address of IPv${family}`);
  return address;
}

function portOf(key: "local-port" | "port", words: PacketWords): number | undefined {
  const text = words[key];
  if (text === undefined) return undefined;
  if (words.protocol === "icmp") throw invalid(`${key}: ICMP has no ports`);
  return numberOf(key, text, 1, 65_535);
}

/** As in a class: a port without a protocol is one of TCP. With neither what `ip route get` asks: UDP, no ports. */
function protocolOf({ protocol, port, "local-port": localPort }: PacketWords, family: IpFamily): number {
  const word = protocol ?? (port === undefined && localPort === undefined ? "udp" : "tcp");
  if (!isProtocol(word)) throw invalid(`protocol: tcp, udp or icmp, not "${word}"`);
  return protocols[word][family];
}

function interfaceOf({ interface: name, uid }: PacketWords): string | undefined {
  if (name === undefined) return undefined;
  if (uid !== undefined) throw invalid("uid: what came in by an interface and is forwarded has no user");
  if (name === "" || Buffer.byteLength(name) > interfaceNameBytes || /[/\s]/.test(name))
    throw invalid(`interface: "${name}" is no name of an interface`);
  return name;
}

function numberOf(key: PacketKey, text: string, least: number, most: number): number {
  const number = /^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least && number <= most)) throw invalid(`${key}: a number from ${least} to ${most}, not "${text}"`);
  return number;
}

/** `IPv4 tcp from port 22 to 203.0.113.10`. */
export function packetText(packet: Packet): string {
  const { family, to, from, localPort, remotePort, uid, mark, inInterface } = packet;
  const isForwarded = inInterface !== undefined;
  const parts = [
    `IPv${family}`,
    localPort === undefined && remotePort === undefined ? "" : protocolName(packet),
    from === undefined && localPort === undefined ? "" : `from ${endText(from, localPort)}`,
    `to ${endText(to, remotePort)}`,
    uid === undefined || uid === 0 ? "" : `of user ${uid}`,
    mark === 0 ? "" : `with mark 0x${mark.toString(16)}`,
    isForwarded ? `that came in by ${inInterface}` : "",
  ];
  return parts.filter((part) => part !== "").join(" ");
}

const endText = (address: string | undefined, port: number | undefined): string =>
  [address ?? "", port === undefined ? "" : `port ${port}`].filter((part) => part !== "").join(" ");

const protocolName = ({ family, ipProtocol }: Packet): string =>
  Object.entries(protocols).find(([, numbers]) => numbers[family] === ipProtocol)?.[0] ?? String(ipProtocol);
