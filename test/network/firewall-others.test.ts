/** What other programs do to wwand's packet filter, and what becomes of it. */
import t from "tap";
import { watchTable } from "../../src/netlink/nftables.js";
import { NftFirewall } from "../../src/network/firewall/nft.js";
import { NftProgram } from "../../src/network/firewall/nft-program.js";
import { removal, rulesetOf, tableName } from "../../src/network/firewall/ruleset.js";
import type { FirewallPlan } from "../../src/network/firewall/types.js";
import { systemClock } from "../../src/runtime/clock.js";
import { createLog } from "../../src/runtime/log.js";
import { FilteredMachine } from "../fakes/nft.js";
import { eventually } from "../lab/eventually.js";
import { lanBehindModem } from "./lan-behind-modem.js";

const guarded: FirewallPlan = [{ interfaceName: "wwan0", guards: true, masquerade: true }];
const table = rulesetOf(guarded);
const changed = /^<4>another program changed wwand's packet filter; it is put back/;

async function guardedMachine(): Promise<FilteredMachine> {
  const machine = new FilteredMachine();
  machine.firewall.follow(guarded);
  await machine.clock.advance(1_000);
  return machine;
}

t.test("a firewall is loaded again, and ours with it: it is back at once, and who did that is told", async (t) => {
  const { nft, clock, lines } = await guardedMachine();
  nft.change(undefined);
  await clock.advance(0);
  t.strictSame(nft.inputs, [table, table]);
  t.match(lines, [changed]);
  t.match(lines, [/by=firewalld/]);
  await clock.advance(60_000);
  t.strictSame(nft.inputs, [table, table], "our own transaction is nobody's change");
});

t.test("it is taken away as soon as it is there: back all the same", async (t) => {
  const { nft, firewall, clock } = new FilteredMachine();
  firewall.follow(guarded);
  await clock.advance(0);
  nft.change(undefined);
  await clock.advance(0);
  t.strictSame(nft.inputs, [table, table]);
  const more = [...guarded, { interfaceName: "wwan1", guards: true, masquerade: false }];
  firewall.follow(more);
  await clock.advance(0);
  nft.change(undefined);
  await clock.advance(1_000);
  t.strictSame(nft.inputs, [table, table, rulesetOf(more), rulesetOf(more)]);
});

t.test("another plan comes while the table is looked at: it is not forgotten", async (t) => {
  const { nft, firewall, clock } = await guardedMachine();
  nft.change(table);
  const more = [...guarded, { interfaceName: "wwan1", guards: true, masquerade: false }];
  nft.onList = () => firewall.follow(more);
  await clock.advance(500);
  t.equal(nft.inputs.at(-1), rulesetOf(more));
});

t.test("a rule less, or a ruleset of another day: what is there is looked at, not that something is", async (t) => {
  const { nft, clock } = await guardedMachine();
  nft.change(rulesetOf([{ interfaceName: "wwan9", guards: true, masquerade: true }]));
  await clock.advance(0);
  t.strictSame(nft.inputs, [table, table]);
});

t.test(
  "another program saved the whole ruleset and loads it again: ours is as it was, and nothing is said",
  async (t) => {
    const { nft, clock, lines } = await guardedMachine();
    nft.change(table);
    await clock.advance(60_000);
    t.strictSame(nft.inputs, [table]);
    t.strictSame(lines, []);
  },
);

t.test("two programs that disagree: told once a minute, and done less and less often", async (t) => {
  const { nft, clock, lines } = await guardedMachine();
  const end = nft.watch((by) => {
    if (by === "nft") clock.after(1, () => nft.change(undefined, "rival"));
  });
  nft.change(undefined, "rival");
  await clock.advance(59_000);
  t.equal(lines.length, 1);
  t.ok(nft.inputs.length < 25, `${nft.inputs.length} times in a minute`);
  end();
  await clock.advance(20_000);
  t.equal(nft.inputs.at(-1), table, "it gives in last");
});

t.test("another program's change while ours is on its way is not taken for ours", async (t) => {
  const { nft, firewall, clock, lines } = await guardedMachine();
  const end = nft.watch((by) => {
    end();
    if (by === "nft") nft.change("table inet wwand {}");
  });
  const more = [...guarded, { interfaceName: "wwan1", guards: true, masquerade: false }];
  firewall.follow(more);
  await clock.advance(0);
  t.strictSame(nft.inputs, [table, rulesetOf(more), rulesetOf(more)]);
  t.match(lines, [changed]);
});

t.test("nothing is to be guarded, and somebody loads an old copy of it: that goes", async (t) => {
  const { nft, firewall, clock } = await guardedMachine();
  firewall.follow([]);
  await clock.advance(0);
  nft.change(table);
  await clock.advance(0);
  t.strictSame(nft.inputs, [table, removal, removal]);
});

t.test("it cannot be put back: that is told with its cause, and tried until it can", async (t) => {
  const { nft, clock, lines } = await guardedMachine();
  nft.fails = new Error("nft -f -: Error: Could not process rule: Operation not permitted");
  nft.change(undefined);
  await clock.advance(30_000);
  t.match(lines, [/^<3>packet filter not changed; it is tried again error=".*Operation not permitted"/]);
  nft.fails = undefined;
  await clock.advance(10_000);
  t.strictSame(nft.inputs, [table, table]);
});

t.test("the kernel does not say when the table is changed: one word, and the filter is there", async (t) => {
  const machine = new FilteredMachine();
  machine.nft.isDeaf = new Error("socket: EPROTONOSUPPORT");
  machine.firewall.follow(guarded);
  await machine.clock.advance(0);
  machine.firewall.follow([...guarded, { interfaceName: "wwan1", guards: true, masquerade: false }]);
  await machine.clock.advance(0);
  t.equal(machine.nft.inputs.length, 2);
  t.match(machine.lines, [
    /^<5>a packet filter that another program takes away is not put back error=".*PROTONOSUPPORT"/,
  ]);
  t.equal(machine.lines.length, 1);
});

t.test("after the end nobody listens, and nothing is put back", async (t) => {
  const { nft, firewall, clock } = await guardedMachine();
  nft.change(undefined);
  await firewall.close();
  nft.change(table);
  await clock.advance(60_000);
  t.strictSame(nft.inputs, [table, removal]);
  t.equal(nft.ears, 0);
  t.equal(clock.armed, 0);
});

t.test("the end comes while the first table is being put: nobody begins to listen", async (t) => {
  const { nft, firewall } = new FilteredMachine();
  firewall.follow(guarded);
  await firewall.close();
  t.equal(nft.ears, 0);
  t.equal(nft.inputs.at(-1), removal);
});

t.test(
  "packets: after `nft flush ruleset` no stranger's address leaves by the modem, and others' tables are theirs",
  async (t) => {
    const { lan, host } = await lanBehindModem(t);
    const lines: string[] = [];
    const firewall = new NftFirewall({
      clock: systemClock,
      log: createLog("debug", (line) => lines.push(line)),
      nft: new NftProgram(["ip", "netns", "exec", host.name]),
      watch: (onTouched) => watchTable(tableName, onTouched, host.path),
    });
    t.teardown(() => firewall.close());
    const nft = (...command: string[]) => host.run("nft", ...command);
    const ours = (pattern: RegExp) =>
      eventually(
        `${pattern} in our table`,
        () => nft("list", "ruleset"),
        (text) => pattern.test(text),
      );
    /** An answer that comes is not waited for in vain on a busy machine. */
    const ping = (patienceS: number) =>
      lan.run("ping", "-c", "1", "-W", String(patienceS), "198.51.100.1").then(
        () => "answered",
        () => "lost",
      );
    firewall.follow([{ interfaceName: "wwan0", guards: true, masquerade: false }]);
    await ours(/fib saddr .*\n.*fib saddr/);
    t.equal(await ping(1), "lost");

    await nft("flush", "ruleset");
    await nft("add", "table", "inet", "others");
    await ours(/fib saddr .*\n.*fib saddr/);
    t.equal(await ping(1), "lost");
    t.match(lines.join(""), /<4>another program changed wwand's packet filter; it is put back by=nft/);

    await nft("flush", "chain", "inet", "wwand", "guard");
    await ours(/fib saddr .*\n.*fib saddr/);
    await nft("insert", "rule", "inet", "wwand", "guard", "accept");
    await eventually(
      "a rule that lets everything pass is gone",
      () => nft("list", "table", "inet", "wwand"),
      (text) => !/^\s+accept$/m.test(text),
    );
    t.equal(await ping(1), "lost");
    firewall.follow([{ interfaceName: "wwan0", guards: true, masquerade: true }]);
    await ours(/masquerade/);
    await nft("delete", "table", "inet", "wwand");
    await ours(/masquerade/);
    t.equal(await ping(10), "answered", "as the modem's own");
    await firewall.close();
    t.equal((await nft("list", "tables")).trim(), "table inet others");
  },
);
