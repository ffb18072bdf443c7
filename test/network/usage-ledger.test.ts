/** What an uplink has used: interfaces that are replaced, boots, clocks that are wrong, and the file it is kept in. */
import t from "tap";
import type { CapPolicy } from "../../src/network/policy/types.js";
import { UsageBook } from "../../src/network/usage/book.js";
import { booked, emptyLedger, type Ledger } from "../../src/network/usage/ledger.js";
import { levelOf, pastText, usageOf, usageText } from "../../src/network/usage/usage.js";
import { StateFolder } from "../../src/runtime/atomic-file.js";
import { createLog } from "../../src/runtime/log.js";

const cap: CapPolicy = {
  ...{ softBytes: 4e9, hardBytes: 5e9, every: "month", onDay: 5, zone: "UTC", counts: "rx+tx" },
};
const november = Date.parse("2026-11-26T12:00:00Z");

/** Interface 7 is the uplink's unless it is said otherwise; `counters` are bytes received by each interface. */
function read(
  ledger: Ledger,
  counters: Readonly<Record<number, number>>,
  nowMs: number | undefined,
  ifindex = 7,
): Ledger {
  const told = Object.entries(counters).map(([key, rxBytes]) => [Number(key), { rxBytes, txBytes: 0 }] as const);
  return booked(ledger, new Map(told), [{ name: "lte", cap, ifindex }], nowMs);
}
const used = (ledger: Ledger): number | undefined => usageOf(ledger, "lte", cap, november)?.bytes;

t.test("counting begins when the cap is new: what the interface has counted before is nobody's", async (t) => {
  const first = read(emptyLedger, { 7: 800 }, november);
  t.equal(used(first), 0);
  t.equal(used(read(first, { 7: 1_000 }, november)), 200);
});

t.test("an uplink may be called what every object has", async (t) => {
  const uplink = { name: "toString", cap, ifindex: 7 };
  t.equal(usageOf(emptyLedger, uplink.name, cap, november), undefined);
  const first = booked(emptyLedger, new Map([[7, { rxBytes: 10, txBytes: 0 }]]), [uplink], november);
  const second = booked(first, new Map([[7, { rxBytes: 15, txBytes: 0 }]]), [uplink], november);
  t.equal(usageOf(second, uplink.name, cap, november)?.bytes, 5);
});

t.test("the modem is unplugged and plugged in again: its new interface counts from 0", async (t) => {
  const first = read(read(emptyLedger, { 7: 0 }, november), { 7: 900 }, november);
  t.equal(used(read(first, { 9: 50 }, november, 9)), 950, "another number");
  t.equal(used(read(first, { 7: 50 }, november)), 950, "the same one, begun at 0");
  t.equal(used(read(first, {}, november)), 900, "none at all");
});

t.test("of two interfaces that were there all the time only what goes through while it is the uplink's", async (t) => {
  let ledger = read(emptyLedger, { 7: 0, 8: 5_000 }, november);
  ledger = read(ledger, { 7: 100, 8: 6_000 }, november);
  t.equal(used(read(ledger, { 7: 100, 8: 6_030 }, november, 8)), 130);
});

t.test("the fifth of December: a new account; a clock that is set back finds the old one", async (t) => {
  const full = read(read(emptyLedger, { 7: 0 }, november), { 7: 5e9 }, november);
  const december = read(full, { 7: 5e9 + 10 }, Date.parse("2026-12-05T00:00:00Z"));
  t.equal(used(december), 10);
  t.equal(used(read(december, { 7: 5e9 + 30 }, november)), 5e9 + 20);
});

t.test(
  "a clock before 2026 ends no period and begins none; the date, once known, is that of what was counted",
  async (t) => {
    const unknown = read(read(emptyLedger, { 7: 0 }, undefined), { 7: 100 }, undefined);
    const known = read(unknown, { 7: 150 }, november);
    t.equal(used(known), 150);
    t.equal(used(read(known, { 7: 170 }, undefined)), 170, "after a boot without a battery");
    t.equal(usageText({ bytes: 170, cap }), "0 of 5 GB this month, until when is not known: the clock is not set");
  },
);

t.test("the file has another day now: what was used is not forgotten for that", async (t) => {
  const before = read(read(emptyLedger, { 7: 0 }, november), { 7: 100 }, november);
  const on20 = booked(
    before,
    new Map([[7, { rxBytes: 130, txBytes: 0 }]]),
    [{ name: "lte", cap: { ...cap, onDay: 20 }, ifindex: 7 }],
    november,
  );
  t.equal(used(on20), 130);
});

t.test("what a person reads, and what counts", async (t) => {
  const ledger = booked(
    booked(emptyLedger, new Map(), [{ name: "lte", cap, ifindex: 7 }], november),
    new Map([[7, { rxBytes: 3e9, txBytes: 0.97e9 }]]),
    [{ name: "lte", cap, ifindex: 7 }],
    november,
  );
  const usage = (counts: CapPolicy["counts"]) =>
    usageOf(ledger, "lte", { ...cap, counts }, november) ?? { bytes: 0, cap };
  t.equal(usageText(usage("rx+tx")), "3.9 of 5 GB this month, until 5 December");
  t.equal(usage("rx").bytes, 3e9);
  t.equal(usage("tx").bytes, 0.97e9);
  t.equal(levelOf(usage("rx+tx")), "free");
  t.equal(levelOf({ cap, bytes: 4e9 }), "soft", "at the bound it begins");
  t.equal(levelOf({ cap, bytes: 5e9 }), "hard");
  t.equal(pastText({ cap, bytes: 4e9, until: "2026-12-05" }, "soft"), "4 GB this month, until 5 December");
});

t.test("kept over a restart; a boot begins the counters anew; another version's file is set aside", async (t) => {
  const lines: string[] = [];
  const folder = t.testdir({});
  const files = new StateFolder(
    folder,
    createLog("info", (line) => lines.push(line)),
  );
  const full = read(read(emptyLedger, { 7: 0 }, november), { 7: 900 }, november);
  const book = new UsageBook(files, "boot 1");
  t.strictSame(await book.read(), emptyLedger);
  await book.write(full);
  t.strictSame(await book.read(), full);
  t.equal(used(read(await book.read(), { 7: 1_000 }, november)), 1_000, "the same boot: only what is new");
  const rebooted = await new UsageBook(files, "boot 2").read();
  t.equal(used(read(rebooted, { 7: 1_000 }, november)), 1_900, "everything since the boot is new");
  await files.write("uplinks", { version: 2 });
  t.strictSame(await book.read(), emptyLedger);
  t.match(lines, [/set aside/]);
});
