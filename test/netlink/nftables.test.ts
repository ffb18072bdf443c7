/** What the kernel tells of its packet filter: only transactions that had to do with one table are heard of. */
import t from "tap";
import { TableTransactions, watchTable } from "../../src/netlink/nftables.js";
import { eventually } from "../lab/eventually.js";
import { labFor } from "../lab/netns.js";

/** From Linux 6.18, nftables 1.0.6: `nft flush ruleset` that takes table inet wwand with its chain, and what ends it. */
const flush = Buffer.from(
  "38000000050a00000100000021000000010000040a0001007777616e640000000a00030067756172640000000c0002000000000000000001" +
    "34000000020a00000100000021000000010000040a0001007777616e6400000008000300000000000c00040000000000000000" +
    "02",
  "hex",
);
const flushEnd = Buffer.from(
  "2c0000000f0a0000010000002100000000000004080001000000000408000200000078d3080003006e667400",
  "hex",
);
/** `nft add table inet others` */
const others = Buffer.from(
  "3c000000000a00000100000022000000010000050b0001006f7468657273000008000300000000000c00040000000000000000030800020000000000",
  "hex",
);
const othersEnd = Buffer.from(
  "2c0000000f0a0000010000002200000000000005080001000000000508000200000078d4080003006e667400",
  "hex",
);

function heard(...datagrams: readonly Buffer[]): readonly (string | undefined)[] {
  const found: (string | undefined)[] = [];
  const transactions = new TableTransactions("wwand", (by) => found.push(by));
  for (const datagram of datagrams) transactions.receive(datagram);
  return found;
}

t.test("a transaction is told of at its end, with the program's name, once", async (t) => {
  t.strictSame(heard(flush), [], "not before it is whole");
  t.strictSame(heard(flush, flushEnd), ["nft"]);
  t.strictSame(heard(Buffer.concat([flush, flushEnd])), ["nft"]);
  t.strictSame(heard(others, othersEnd), [], "another table");
  t.strictSame(heard(others, othersEnd, flush, flushEnd, others, othersEnd), ["nft"]);
  const ofIpv4 = Buffer.from(flush);
  for (const at of [16, 16 + 0x38]) ofIpv4.writeUInt8(2, at);
  t.strictSame(heard(ofIpv4, flushEnd), [], "a table of that name in another family");
});

t.test("cut off at every length: something may have happened, and what comes next is understood", async (t) => {
  for (const whole of [flush, flushEnd])
    for (let length = 1; length < whole.length; length++) {
      const found = heard(whole.subarray(0, length), others, othersEnd, flush, flushEnd);
      t.equal(found.at(-1), "nft", `${length} bytes`);
      t.ok(found.length <= 2, `${length} bytes`);
    }
});

t.test("lost messages may have been about the table", async (t) => {
  const found: unknown[] = [];
  const transactions = new TableTransactions("wwand", (by) => found.push(by));
  transactions.lost();
  t.strictSame(found, [undefined]);
});

t.test("the kernel itself: our table made, changed, flushed; others' are nobody's business", async (t) => {
  const host = await labFor(t).namespace("host");
  const told: string[] = [];
  const end = watchTable("wwand", (by) => told.push(by ?? "?"), host.path);
  t.teardown(end);
  const nft = (command: string) => host.run("nft", command);
  await nft("add table inet others");
  await nft("add table inet wwand");
  await nft("add chain inet wwand guard");
  await nft("add chain inet others guard");
  await nft("flush ruleset");
  await eventually(
    "all of it",
    () => told.length,
    (count) => count >= 3,
  );
  t.strictSame(told, ["nft", "nft", "nft"], "made, its chain, gone");
  end();
  await nft("add table inet wwand");
});
