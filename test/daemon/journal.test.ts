import t from "tap";
import { journal } from "../../src/daemon/journal.js";
import { createModem } from "../../src/modem/modem.js";
import { ModemError } from "../../src/runtime/error.js";
import { createLog } from "../../src/runtime/log.js";
import { settle, VirtualClock } from "../fakes/clock.js";
import { FakeDriver } from "../fakes/driver.js";
import { MemoryStore } from "../fakes/store.js";

t.test(
  "whoever reads the log of a day finds registration, connection and loss, each once and without identities",
  async (t) => {
    const lines: string[] = [];
    const log = createLog("info", (line) => void lines.push(line));
    const clock = new VirtualClock();
    const driver = new FakeDriver();
    const modem = createModem({
      path: "/mbim_0",
      driverName: "mbim /run/modem",
      openDriver: async () => driver,
      options: { ipOwner: () => "self", standingReasons: ["connect = true"], provision: () => [{ apn: "internet" }] },
      store: new MemoryStore(),
      link: { raise: async () => undefined, withdraw: async () => undefined },
      clock,
      log: createLog("error", () => undefined),
    });
    const stop = journal(modem, log);
    t.teardown(() => modem.close(new ModemError("aborted", "end of the test")));
    for (let i = 0; i < 20 && !lines.some((line) => line.includes("connected")); i++) await clock.advance(1_000);
    await settle();
    t.equal(lines.filter((line) => line.includes("registration: registered")).length, 1);
    t.match(lines.find((line) => line.includes("connected")) ?? "", /^<6>mbim_0: connected interface=\S+ ipv4=\S+/);
    stop();
    const before = lines.length;
    await modem.close(new ModemError("unplugged", "cable out"));
    t.equal(lines.length, before, "nothing is heard any more");
  },
);
