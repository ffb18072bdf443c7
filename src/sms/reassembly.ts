/** Parts of longer messages that wait for the others. Pure: memory in, memory out. */
import type { Concatenation } from "./header.js";
import type { Deliver } from "./pdu.js";

export interface Fragment {
  readonly pdu: Buffer;
  readonly message: Deliver;
  readonly part: Concatenation;
  /** Wall time, in milliseconds. */
  readonly receivedAtMs: number;
}

/** The service centre has given up long before. */
export const fragmentLifeMs = 7 * 24 * 3_600_000;

/** Parts of one message agree in all of it. */
const keyOf = ({ message, part }: Fragment): string =>
  [message.sender, message.coding.messageClass, part.bits, part.reference, part.total].join("|");

export interface Assembled {
  readonly waiting: readonly Fragment[];
  /** A message that is whole now, its parts in order. */
  readonly whole?: readonly Fragment[];
}

const inOrder = (fragments: readonly Fragment[]): readonly Fragment[] =>
  [...fragments].sort((a, b) => a.part.sequence - b.part.sequence);

/** A part that came before, or comes again with the same number, is the later one: a reference is used anew some day. */
export function withFragment(waiting: readonly Fragment[], fragment: Fragment): Assembled {
  const key = keyOf(fragment);
  const others = waiting.filter((one) => keyOf(one) !== key || one.part.sequence !== fragment.part.sequence);
  const siblings = [...others.filter((one) => keyOf(one) === key), fragment];
  if (siblings.length < fragment.part.total) return { waiting: [...others, fragment] };
  return { waiting: others.filter((one) => keyOf(one) !== key), whole: inOrder(siblings) };
}

export interface Expired {
  readonly waiting: readonly Fragment[];
  /** What came of messages whose other parts will not come any more. */
  readonly incomplete: readonly (readonly Fragment[])[];
}

/** A message is as old as its last part. */
export function withoutExpired(waiting: readonly Fragment[], nowMs: number): Expired {
  const groups = new Map<string, Fragment[]>();
  for (const one of waiting) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  const isOver = (fragments: readonly Fragment[]) =>
    fragments.every(({ receivedAtMs }) => nowMs - receivedAtMs > fragmentLifeMs);
  const over = [...groups.values()].filter(isOver);
  const gone = new Set(over.flat());
  return { waiting: waiting.filter((one) => !gone.has(one)), incomplete: over.map(inOrder) };
}

/** The text of parts in order; what is missing between them shows as `…`. */
export function joinedText(fragments: readonly Fragment[]): string {
  let text = "";
  let next = 1;
  for (const { message, part } of fragments) {
    if (part.sequence > next) text += "…";
    text += message.text;
    next = part.sequence + 1;
  }
  const total = fragments[0]?.part.total ?? 0;
  return next <= total ? `${text}…` : text;
}
