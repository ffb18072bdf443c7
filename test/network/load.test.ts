/** What an interface carries, from its counters; and the machine that waits for a quiet moment. */
import t from "tap";
import { type Look, looksAfter, meanBytesPerS } from "../../src/network/evidence/load.js";
import { ethernetFirst } from "../config/policies.js";
import { eth0, Machine, wwan0 } from "./machine.js";

/** One look a second, from the counters' values. */
function lookedAt(bytes: readonly number[], probeBytes: readonly number[] = []): readonly Look[] {
  let looks: readonly Look[] = [];
  for (const [at, value] of bytes.entries())
    looks = looksAfter(looks, { atMs: at * 1_000, bytes: value, probeBytes: probeBytes[at] ?? 0 }, 3_000);
  return looks;
}

t.test("the mean over three seconds, and none before they are over", async (t) => {
  t.equal(meanBytesPerS(lookedAt([0, 900, 900]), 3_000), undefined);
  t.equal(meanBytesPerS(lookedAt([0, 900, 900, 900]), 3_000), 300);
  t.equal(meanBytesPerS(lookedAt([0, 900, 900, 900, 900]), 3_000), 0, "the first second is history");
});

t.test("a look that came late counts with the time that it stands for", async (t) => {
  const looks = [0, 1_000, 9_000].reduce<readonly Look[]>(
    (before, atMs) => looksAfter(before, { atMs, bytes: atMs, probeBytes: 0 }, 3_000),
    [],
  );
  t.equal(meanBytesPerS(looks, 3_000), 1_000);
});

t.test("checks are not traffic, and weigh no less than nothing", async (t) => {
  t.equal(meanBytesPerS(lookedAt([0, 6_000, 6_000, 6_300], [0, 0, 6_000, 6_000]), 3_000), 100);
  t.equal(meanBytesPerS(lookedAt([0, 100, 100, 100], [0, 150, 150, 150]), 3_000), 0);
});

t.test("counters that begin anew are another interface's", async (t) => {
  t.equal(meanBytesPerS(lookedAt([5_000, 6_000, 7_000, 100]), 3_000), undefined);
});

const quiet = `${ethernetFirst}
[failback]
mode = "quiet"
quiet = { below = "2kB/s", spanning = "5s", at-most = "10m" }
`;

/** Ethernet's cable is pulled and plugged in again while programs transfer so much a second over the modem. */
async function pluggedWhile(bytesPerS: number): Promise<{ machine: Machine; busyFor(seconds: number): Promise<void> }> {
  const machine = new Machine(quiet);
  await machine.ready();
  machine.kernel.setCarrier(eth0, false);
  await machine.pass(0);
  machine.kernel.setCarrier(eth0, true);
  const busyFor = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      machine.kernel.transfer(wwan0, bytesPerS);
      await machine.pass(1_000, 250);
    }
  };
  return { machine, busyFor };
}

t.test(
  "a download over the modem goes on for two minutes after the cable is back; it ends, and traffic returns",
  async (t) => {
    const { machine, busyFor } = await pluggedWhile(100_000);
    await busyFor(120);
    t.equal(machine.carries, "lte");
    t.match(machine.uplinks.state().why[4][1], /sooner once lte carries 2 kB\/s or less over 5s: it carries \d+ kB\/s/);
    await machine.pass(8_000);
    t.equal(machine.carries, "eth");
    t.match(machine.uplinks.state().lastSwitch?.because[0], /steady for .*, and lte is quiet \(it carries \d+ B\/s\)/);
    await machine.uplinks.close();
  },
);

t.test("a download without an end: back after at-most", async (t) => {
  const { machine, busyFor } = await pluggedWhile(100_000);
  await busyFor(620);
  t.equal(machine.carries, "lte", "30 s until it was steady, then ten minutes");
  await busyFor(15);
  t.equal(machine.carries, "eth");
  t.match(machine.uplinks.state().lastSwitch?.because[0], /lte was not quiet for 10m \(failback\.quiet\.at-most\)/);
  await machine.uplinks.close();
});
