/** A card that has its limit, in a machine with virtual time. */
import t from "tap";
import { ethernetFirst } from "../config/policies.js";
import { eth0, Machine, wwan0 } from "./machine.js";

const capped = `${ethernetFirst.replace('check = "frugal"', 'check = "frugal"\ncap = { soft = "4GB", hard = "5GB", on-day = 5 }')}
[class.management]
order = 1
any = [{ local-port = 22 }]
group = "control"
[group.control]
tiers = [["lte"]]
ignore = ["cap"]
`;

const told = (machine: Machine) =>
  machine.lines.filter((line) => /cap|reset|period/.test(line)).map((line) => line.replace(/^.*?(lte .*)$/, "$1"));

t.test("the cable is out for weeks: told at each bound, left at the second, back with the next month", async (t) => {
  let now = new Date("2026-11-26T12:00:00Z");
  const machine = new Machine(capped, "self", () => now);
  await machine.ready();
  machine.kernel.setCarrier(eth0, false);
  await machine.pass(6_000);
  t.equal(machine.carries, "lte");
  machine.kernel.transfer(wwan0, 3e9, 1e9);
  await machine.pass(6_000);
  t.equal(machine.carries, "lte", "better than nothing");
  t.match(machine.uplinks.state().because, [
    /^IPv4: lte: up/,
    /^eth is no-carrier/,
    "lte is past its soft cap (4 GB this month, until 5 December): others come first",
  ]);
  machine.kernel.transfer(wwan0, 1e9);
  await machine.pass(6_000);
  t.equal(machine.carries, undefined);
  t.match(machine.uplinks.state(), {
    because: ["IPv4: no uplink", /^eth is no-carrier/, "lte is capped: it has used 5 GB this month, until 5 December"],
    groups: [{ name: "control", choice: { 4: "lte" } }],
  });
  now = new Date("2026-12-05T00:00:00Z");
  await machine.pass(6_000);
  t.equal(machine.carries, "lte");
  t.strictSame(
    told(machine).filter((line) => /^lte (has|is)/.test(line)),
    [
      "lte has used 4 GB this month, until 5 December (cap.soft): any other uplink that works comes first",
      "lte has used 5 GB this month, until 5 December (cap.hard): it carries nothing more",
      "lte is within its cap again",
    ],
  );
  await machine.uplinks.close();
});

t.test(
  "the way off a card past its soft cap is a return like any other: the cable has to be steady first",
  async (t) => {
    const machine = new Machine(capped, "self", () => new Date("2026-11-26T12:00:00Z"));
    await machine.ready();
    machine.kernel.setCarrier(eth0, false);
    await machine.pass(6_000);
    machine.kernel.transfer(wwan0, 4e9);
    await machine.pass(6_000);
    machine.kernel.setCarrier(eth0, true);
    await machine.pass(20_000);
    t.equal(machine.carries, "lte");
    await machine.pass(15_000);
    t.equal(machine.carries, "eth");
    t.match(machine.uplinks.state().uplinks, [{}, { usage: { bytes: 4e9, until: "2026-12-05" } }]);
    await machine.uplinks.close();
  },
);

t.test("nobody has a cap: nothing is read", async (t) => {
  const machine = new Machine();
  let read = 0;
  const counters = machine.kernel.counters.bind(machine.kernel);
  machine.kernel.counters = () => {
    read++;
    return counters();
  };
  await machine.ready();
  await machine.pass(20_000);
  await machine.uplinks.close();
  t.equal(read, 0);
});
