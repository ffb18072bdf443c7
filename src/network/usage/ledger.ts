/**
 * What uplinks have transferred, from the counters of their interfaces: those only grow, and begin at 0 with a new
 * interface and with every boot. Values in, values out.
 */

import type { Counters } from "../kernel.js";
import type { CapPolicy } from "../policy/types.js";
import { periodAt } from "./period.js";

/** What went through in one period. */
export interface Account extends Counters {
  /** Of the period; absent: the date was not known yet. */
  readonly startMs?: number;
}

/** Accounts of one uplink, the one that is written to first. Older ones are there for a clock that is set back. */
export interface UplinkAccounts {
  /** `every`, `onDay` and `zone` of the cap that they are kept by. */
  readonly rule: string;
  readonly accounts: readonly [Account, ...Account[]];
}

export interface Ledger {
  /** Counters of all interfaces when they were read last, by ifindex. Of one that is not in it every byte is new. */
  readonly counters: Readonly<Record<string, Counters>>;
  readonly uplinks: Readonly<Record<string, UplinkAccounts>>;
}

export const emptyLedger: Ledger = { counters: {}, uplinks: {} };

/** Undefined: none are kept. Uplinks are called as their owner likes, `toString` too. */
export const accountsOf = ({ uplinks }: Ledger, name: string): UplinkAccounts | undefined =>
  Object.hasOwn(uplinks, name) ? uplinks[name] : undefined;

/** An uplink with a cap; without `ifindex` it has no interface now. */
export interface CappedUplink {
  readonly name: string;
  readonly cap: CapPolicy;
  readonly ifindex?: number;
}

const mostAccounts = 3;
const nothing: Counters = { rxBytes: 0, txBytes: 0 };

/** @param nowMs Wall time; undefined: the clock is not known to be right, and no period ends or begins. */
export function booked(
  ledger: Ledger,
  counters: ReadonlyMap<number, Counters>,
  uplinks: readonly CappedUplink[],
  nowMs: number | undefined,
): Ledger {
  const changed = uplinks.map(({ name, cap, ifindex }) => {
    const before = accountsOf(ledger, name);
    const current = turned(before, cap, nowMs);
    // What an interface has counted before anybody kept its uplink's account is nobody's.
    const grown = before === undefined || ifindex === undefined ? nothing : grownBy(ledger, counters, ifindex);
    return [name, credited(current, grown)] as const;
  });
  return {
    counters: Object.fromEntries(counters),
    uplinks: { ...ledger.uplinks, ...Object.fromEntries(changed) },
  };
}

function grownBy({ counters: before }: Ledger, counters: ReadonlyMap<number, Counters>, ifindex: number): Counters {
  const now = counters.get(ifindex) ?? nothing;
  const then = before[ifindex] ?? nothing;
  const isSame = now.rxBytes >= then.rxBytes && now.txBytes >= then.txBytes;
  return isSame ? { rxBytes: now.rxBytes - then.rxBytes, txBytes: now.txBytes - then.txBytes } : now;
}

/** With the account of the period that it is now in front. */
function turned(before: UplinkAccounts | undefined, cap: CapPolicy, nowMs: number | undefined): UplinkAccounts {
  const rule = `${cap.every} ${cap.onDay} ${cap.zone}`;
  const startMs = nowMs === undefined ? undefined : periodAt(cap, nowMs).startMs;
  const opened: Account = { ...nothing, ...(startMs !== undefined && { startMs }) };
  if (before === undefined) return { rule, accounts: [opened] };
  const [head, ...others] = before.accounts;
  if (startMs === undefined || (head.startMs === startMs && before.rule === rule)) return { ...before, rule };
  // Other days in the file, or a date at last, are no reason to forget what was used.
  if (head.startMs === undefined || before.rule !== rule) return { rule, accounts: [{ ...head, startMs }] };
  const known = others.find((account) => account.startMs === startMs);
  const rest = before.accounts.filter((account) => account !== known).slice(0, mostAccounts - 1);
  return { rule, accounts: [known ?? opened, ...rest] };
}

function credited({ rule, accounts: [head, ...rest] }: UplinkAccounts, { rxBytes, txBytes }: Counters): UplinkAccounts {
  const sum = { ...head, rxBytes: head.rxBytes + rxBytes, txBytes: head.txBytes + txBytes };
  return { rule, accounts: [sum, ...rest] };
}
