/** `INTERFACE=FAULT` as people write it. */
import type { PortFault } from "./model/profile.js";

const faults: ReadonlySet<string> = new Set<PortFault>([
  ...(["silent", "garbage", "hang", "halts", "noise", "truncated", "oversized", "misnumbered"] as const),
]);
const isFault = (text: string): text is PortFault => faults.has(text);

export type PortFaults = Readonly<Record<number, PortFault>>;

/** These faults with one more, or one less for `none`. @throws Error that says what was expected */
export function withPortFault(before: PortFaults, text: string): PortFaults {
  const [, number = "", fault = ""] = /^([0-9]{1,3})=([a-z]+)$/.exec(text) ?? [];
  if (number === "" || (fault !== "none" && !isFault(fault)))
    throw new Error(`expected INTERFACE=FAULT with ${[...faults].join(", ")} or none, found "${text}"`);
  const { [Number(number)]: _ended, ...others } = before;
  return isFault(fault) ? { ...others, [Number(number)]: fault } : others;
}
