import { readU32, writeU32 } from "netlink/dist/structs.js";
import { afOf, familyOf, formatPrefix, parsePrefix } from "../network/ip-text.js";
import type { NumberRange, RuleEntry } from "../network/kernel.js";
import type { IpFamily } from "../network/types.js";
import { cString, optionalU8, optionalU32, Payload, readAttributes } from "./message.js";

/** @see linux/fib_rules.h FRA_* */
const fra = {
  dst: 1,
  src: 2,
  iifname: 3,
  goto: 4,
  priority: 6,
  fwmark: 10,
  suppressPrefixLength: 14,
  table: 15,
  fwmask: 16,
  oifname: 17,
  uidRange: 20,
  protocol: 21,
  ipProtocol: 22,
  sourcePorts: 23,
  destinationPorts: 24,
} as const;
const invertFlag = 0x2;
const actions = {
  lookup: 1,
  goto: 2,
  nop: 3,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
} as const satisfies Record<RuleEntry["action"], number>;
/** What the kernel sends where `suppress_prefixlength` is not set. */
const suppressNothing = 0xffff_ffff;

/** struct fib_rule_hdr. A table above 255 goes into FRA_TABLE alone. */
function ruleHeader(
  family: IpFamily,
  fields: { to?: number; from?: number; table?: number; action?: number; flags?: number },
): Buffer {
  const table = fields.table ?? 0;
  const header = Buffer.alloc(12);
  header.set([afOf(family), fields.to ?? 0, fields.from ?? 0, 0, table > 255 ? 0 : table, 0, 0, fields.action ?? 0]);
  writeU32.call(header, fields.flags ?? 0, 8);
  return header;
}

export const ruleDump = (family: IpFamily): Buffer => ruleHeader(family, {});

/** @throws RangeError for text that is no prefix */
export function encodeRule(rule: RuleEntry): Buffer {
  const from = rule.from === undefined ? undefined : parsePrefix(rule.from, rule.family);
  const to = rule.to === undefined ? undefined : parsePrefix(rule.to, rule.family);
  const header = ruleHeader(rule.family, {
    to: to?.prefixLength ?? 0,
    from: from?.prefixLength ?? 0,
    table: rule.table,
    action: actions[rule.action],
    flags: rule.invert ? invertFlag : 0,
  });
  return new Payload(header)
    .bytes(fra.dst, to?.prefixLength ? to.bytes : undefined)
    .bytes(fra.src, from?.prefixLength ? from.bytes : undefined)
    .text(fra.iifname, rule.inInterface)
    .u32(fra.goto, rule.target)
    .u32(fra.priority, rule.priority)
    .u32(fra.fwmark, rule.mark)
    .u32(fra.fwmask, rule.markMask)
    .u32(fra.suppressPrefixLength, rule.suppressPrefixLength)
    .u32(fra.table, rule.action === "lookup" ? rule.table : undefined)
    .text(fra.oifname, rule.outInterface)
    .bytes(fra.uidRange, rule.uids && uidRange(rule.uids))
    .u8(fra.protocol, rule.protocol)
    .u8(fra.ipProtocol, rule.ipProtocol)
    .bytes(fra.sourcePorts, rule.localPorts && portRange(rule.localPorts))
    .bytes(fra.destinationPorts, rule.remotePorts && portRange(rule.remotePorts))
    .toBuffer();
}

/** Undefined for other address families and actions that this kernel has and we do not know. */
export function decodeRule(data: Buffer): RuleEntry | undefined {
  const family = familyOf(data[0] ?? 0);
  const action = actionName(data[7] ?? 0);
  if (family === undefined || action === undefined || data.length < 12) return undefined;
  const attributes = readAttributes(data.subarray(12));
  const suppress = optionalU32(attributes.get(fra.suppressPrefixLength));
  return {
    family,
    priority: optionalU32(attributes.get(fra.priority)) ?? 0,
    action,
    table: action === "lookup" ? (optionalU32(attributes.get(fra.table)) ?? data[4] ?? 0) : 0,
    protocol: optionalU8(attributes.get(fra.protocol)) ?? 0,
    invert: (readU32.call(data, 8) & invertFlag) !== 0,
    ...present("target", action === "goto" ? optionalU32(attributes.get(fra.goto)) : undefined),
    ...present("from", prefixOf(attributes.get(fra.src), data[2] ?? 0)),
    ...present("to", prefixOf(attributes.get(fra.dst), data[1] ?? 0)),
    ...present("inInterface", textOf(attributes.get(fra.iifname))),
    ...present("outInterface", textOf(attributes.get(fra.oifname))),
    ...markOf(attributes),
    ...present("uids", uidsOf(attributes.get(fra.uidRange))),
    ...present("ipProtocol", optionalU8(attributes.get(fra.ipProtocol)) || undefined),
    ...present("localPorts", portsOf(attributes.get(fra.sourcePorts))),
    ...present("remotePorts", portsOf(attributes.get(fra.destinationPorts))),
    ...(suppress === undefined || suppress === suppressNothing ? {} : { suppressPrefixLength: suppress }),
  };
}

/** The kernel names a mask where there is a mark; without a mark neither means anything. */
function markOf(attributes: Map<number, Buffer>): { mark?: number; markMask?: number } {
  const mark = optionalU32(attributes.get(fra.fwmark));
  const markMask = optionalU32(attributes.get(fra.fwmask));
  if (mark === undefined) return markMask === undefined || markMask === 0 ? {} : { mark: 0, markMask };
  return markMask === undefined ? { mark } : { mark, markMask };
}

/** struct fib_rule_uid_range. */
function uidRange({ from, to }: NumberRange): Buffer {
  const bytes = Buffer.alloc(8);
  writeU32.call(bytes, from, 0);
  writeU32.call(bytes, to, 4);
  return bytes;
}

/** Every rule of a kernel that knows ranges has one: all users, where nobody asked for any. */
function uidsOf(bytes: Buffer | undefined): NumberRange | undefined {
  if (bytes === undefined || bytes.length < 8) return undefined;
  const [from, to] = [readU32.call(bytes, 0), readU32.call(bytes, 4)];
  return from === 0 && to === everyUid ? undefined : { from, to };
}
const everyUid = 0xffff_ffff;

/** struct fib_rule_port_range: in the machine's byte order, unlike ports elsewhere. */
const portRange = ({ from, to }: NumberRange): Buffer => Buffer.from(new Uint16Array([from, to]).buffer);

function portsOf(bytes: Buffer | undefined): NumberRange | undefined {
  if (bytes === undefined || bytes.length < 4) return undefined;
  const [from = 0, to = 0] = new Uint16Array(Uint8Array.from(bytes.subarray(0, 4)).buffer);
  return from === 0 ? undefined : { from, to };
}

function actionName(number: number): RuleEntry["action"] | undefined {
  switch (number) {
    case actions.lookup:
      return "lookup";
    case actions.goto:
      return "goto";
    case actions.nop:
      return "nop";
    case actions.blackhole:
      return "blackhole";
    case actions.unreachable:
      return "unreachable";
    case actions.prohibit:
      return "prohibit";
    default:
      return undefined;
  }
}

const prefixOf = (bytes: Buffer | undefined, prefixLength: number): string | undefined =>
  bytes === undefined || prefixLength === 0 ? undefined : formatPrefix(bytes, prefixLength);
const textOf = (bytes: Buffer | undefined): string | undefined => (bytes === undefined ? undefined : cString(bytes));

function present<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  const found: { [P in K]?: V } = {};
  if (value !== undefined) found[key] = value;
  return found;
}
