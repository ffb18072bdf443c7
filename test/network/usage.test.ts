/** A card that has its limit, in a machine with virtual time. */
import t from "tap";
import { type BookFiles, UsageBook } from "../../src/network/usage/book.js";
import { UsageMeter } from "../../src/network/usage/meter.js";
import { createLog } from "../../src/runtime/log.js";
import { ethernetFirst, policyOf } from "../config/policies.js";
import { settle, VirtualClock } from "../fakes/clock.js";
import { FakeKernel } from "../fakes/kernel.js";
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

t.test("two cards reach their limits at once: both are told, each once", async (t) => {
  const both = ethernetFirst.replaceAll(/check = "\w+"/g, '$&\ncap = { hard = "1GB" }');
  const machine = new Machine(both, "self", () => new Date("2026-11-26T12:00:00Z"));
  await machine.ready();
  await machine.pass(6_000);
  machine.lines.length = 0;
  machine.kernel.transfer(eth0, 2e9);
  machine.kernel.transfer(wwan0, 2e9);
  await machine.pass(5_000);
  const notices = machine.lines.filter((line) => /carries nothing more/.test(line));
  t.strictSame(
    notices.map((line) => /(eth|lte) has used/.exec(line)?.[1]),
    ["eth", "lte"],
  );
  await machine.uplinks.close();
});

/** A disk that can be full. */
class Disk implements BookFiles {
  isFull = false;
  kept: unknown;

  async read(): Promise<unknown> {
    return this.kept;
  }

  async write(_name: string, value: unknown): Promise<void> {
    if (this.isFull) throw new Error("ENOSPC: no space left on device");
    this.kept = JSON.parse(JSON.stringify(value));
  }

  setAside(): Promise<void> {
    throw new Error("what it has is whole");
  }
}

t.test("the disk is full for a while: told once, and at the end it has all that was used", async (t) => {
  const [disk, clock, kernel] = [new Disk(), new VirtualClock(), new FakeKernel()];
  const lines: string[] = [];
  kernel.addLink("wwan0", wwan0);
  const meter = new UsageMeter({
    ...{ kernel, clock, book: new UsageBook(disk, "boot"), date: () => undefined, onChanged: () => undefined },
    log: createLog("info", (line) => lines.push(line)),
  });
  const policy = policyOf(capped);
  await meter.open(policy);
  const lte = { name: "lte", ifindex: wwan0, eligibility: { is: "ok" }, dns: [] } as const;
  const absent = { presence: "absent", verdict: "unverified", judged: false, evidence: "", steadyForMs: 0 } as const;
  const family = { ...absent, addresses: [], onLink: false };
  meter.follow(policy, [{ ...lte, families: { 4: family, 6: family } }]);
  await clock.advance(5_000);
  disk.isFull = true;
  for (let reading = 0; reading < 3; reading++) {
    kernel.transfer(wwan0, 1e9);
    await clock.advance(5_000);
    await settle();
  }
  t.match(
    lines.filter((line) => /not kept/.test(line)),
    [/ENOSPC/],
  );
  disk.isFull = false;
  await meter.close();
  t.match(disk.kept, { uplinks: { lte: { accounts: [{ rxBytes: 3e9 }] } } });
});
