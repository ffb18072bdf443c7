import t from "tap";
import { interfaceCounters } from "../../src/daemon/interface-counters.js";

const statistics = {
  ...{ rx_bytes: "1500\n", tx_bytes: "60\n", rx_packets: "2\n", tx_packets: "1\n" },
  ...{ rx_errors: "3\n", tx_errors: "4\n", rx_dropped: "5\n", tx_dropped: "6\n" },
};

t.test("an interface's counters by the kernel; one that is gone", async (t) => {
  const root = t.testdir({ wwan0: { statistics } });
  t.strictSame(await interfaceCounters("wwan0", root), {
    ...{ rxBytes: 1500, txBytes: 60, rxPackets: 2, txPackets: 1, rxErrors: 3, txErrors: 4, rxDrops: 5, txDrops: 6 },
  });
  await t.rejects(interfaceCounters("wwan1", root), { code: "notReady", message: "wwan1 is gone" });
  t.ok((await interfaceCounters("lo")).rxPackets >= 0, "as it is on this machine");
});
