/** Whether a rule, or a class of the policy, is about a packet: as the kernel compares them. Pure. */
import { isWithin } from "../ip-text.js";
import type { NumberRange, RuleEntry } from "../kernel.js";
import { matchOf } from "../plan/groups.js";
import type { ClassPolicy, ClassSelector } from "../policy/types.js";
import type { ClassMatch } from "../routing/types.js";
import type { Packet } from "./types.js";

/** What rules say where packets of the machine itself come in. */
const ownPackets = "lo";
/** INVALID_UID: of what is forwarded. */
const nobody = 0xffff_ffff;
const everyBit = 0xffff_ffff;

/** @see fib_rule_match in the kernel */
export const fits = (rule: RuleEntry, packet: Packet): boolean =>
  rule.family === packet.family && keysFit(rule, packet) !== rule.invert;

type Keys = Omit<ClassMatch, "family"> & Pick<RuleEntry, "from" | "outInterface">;

const keysFit = (keys: Keys, packet: Packet): boolean =>
  isFrom(keys.from, packet.from) &&
  isFrom(keys.to, packet.to) &&
  (keys.inInterface === undefined || keys.inInterface === (packet.inInterface ?? ownPackets)) &&
  // Only sockets that are bound to an interface.
  keys.outInterface === undefined &&
  markFits(keys, packet) &&
  isIn(keys.uids, packet.uid ?? nobody) &&
  (keys.ipProtocol === undefined || keys.ipProtocol === packet.ipProtocol) &&
  isIn(keys.localPorts, packet.localPort) &&
  isIn(keys.remotePorts, packet.remotePort);

const isFrom = (network: string | undefined, address: string | undefined): boolean =>
  network === undefined || network === "default" || (address !== undefined && isWithin(address, network));

const isIn = (range: NumberRange | undefined, number: number | undefined): boolean =>
  range === undefined || (number !== undefined && number >= range.from && number <= range.to);

const markFits = ({ mark = 0, markMask }: Keys, packet: Packet): boolean =>
  ((mark ^ packet.mark) & (markMask ?? (mark === 0 ? 0 : everyBit))) === 0;

/** A class that the packet is of, and the table of its list that fits. */
export interface ClassFit {
  readonly name: string;
  readonly group: string;
  /** In the order of the policy's classes. */
  readonly at: number;
  readonly row: number;
  readonly key: string;
}

/** Every class that fits, in order; which of them is asked at all depends on what is before it. */
export const fittingClasses = (classes: readonly ClassPolicy[], packet: Packet): readonly ClassFit[] =>
  classes.flatMap(({ name, any, group }, at) => {
    const row = any.findIndex((selector) => selectorFits(selector, packet));
    const selector = any[row];
    return selector === undefined ? [] : [{ name, group, at, row, key: selectorText(selector) }];
  });

function selectorFits(selector: ClassSelector, packet: Packet): boolean {
  const { family, ...keys } = matchOf(selector);
  return (family === undefined || family === packet.family) && keysFit(keys, packet);
}

/** In the words of the policy: `local-port 22-24, protocol tcp`. */
function selectorText({ localPorts, remotePorts, protocol, uids, mark, inInterface, to }: ClassSelector): string {
  const hex = (number: number) => `0x${number.toString(16)}`;
  const parts = [
    localPorts && `local-port ${rangeText(localPorts)}`,
    remotePorts && `port ${rangeText(remotePorts)}`,
    protocol && `protocol ${protocol}`,
    uids && `uid ${rangeText(uids)}`,
    mark && `mark ${hex(mark.value)}${mark.mask === everyBit ? "" : `/${hex(mark.mask)}`}`,
    inInterface && `interface ${inInterface}`,
    to && `to ${to.prefix}`,
  ];
  return parts.filter((part) => part !== undefined).join(", ");
}

const rangeText = ({ from, to }: NumberRange): string => (from === to ? String(from) : `${from}-${to}`);
