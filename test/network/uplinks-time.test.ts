/** What people and clocks have to do with a return to ethernet: a word, the hours of the day, a machine that slept. */
import t from "tap";
import { ethernetFirst } from "../config/policies.js";
import { eth0, Machine } from "./machine.js";

const overEth = "default via 192.0.2.1 dev eth0 proto 200 metric 1024";
const overLte = "default dev wwan0 proto 200 scope link metric 1024";

t.test("failback by hand: the cable is back, and traffic only once somebody says so", async (t) => {
  const machine = new Machine(`${ethernetFirst}\n[failback]\nmode = "manual"\n`);
  await machine.ready();
  machine.kernel.setCarrier(eth0, false);
  await machine.pass(0);
  t.match(machine.uplinks.failback()[0], /^IPv4: lte: up/, "not to a pulled cable, and the wish is not kept");
  machine.kernel.setCarrier(eth0, true);
  await machine.pass(3_600_000);
  t.equal(machine.table, overLte);
  t.match(machine.uplinks.failback()[0], /^IPv4: eth: it is preferred, and somebody said so/);
  await machine.pass(0);
  t.equal(machine.table, overEth);
  await machine.uplinks.close();
});

t.test("failback by hours: the clock is set, and it is time", async (t) => {
  const machine = new Machine(
    `${ethernetFirst}\n[failback]\nmode = "window"\nwindow = "02:00-04:00"\n`,
    "self",
    () => now,
  );
  let now = new Date("1970-01-01T03:00:00Z");
  await machine.ready();
  machine.kernel.setCarrier(eth0, false);
  await machine.pass(0);
  machine.kernel.setCarrier(eth0, true);
  await machine.pass(600_000);
  t.equal(machine.table, overLte, "the clock is not known to be right");
  now = new Date("2026-11-26T03:00:00Z");
  machine.uplinks.clockSet();
  await machine.pass(0);
  t.equal(machine.table, overEth);
  await machine.uplinks.close();
});

t.test(
  "the machine slept, and ethernet leads nowhere when it wakes: the modem carries as soon as that is certain",
  async (t) => {
    const machine = new Machine();
    await machine.ready();
    await machine.pass(60_000);
    machine.silent.add("eth0");
    await machine.uplinks.awoke();
    t.match(
      machine.uplinks.state().uplinks,
      [{ families: { 4: { verdict: "unverified" } } }],
      "what was known is history",
    );
    t.equal(machine.carries, "eth", "nobody moves on a guess");
    await machine.pass(5_000);
    t.equal(machine.table, overLte);
    machine.silent.clear();
    await machine.pass(20_000);
    t.equal(machine.carries, "lte", "it has to be steady from now on");
    await machine.uplinks.close();
  },
);
