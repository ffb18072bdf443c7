import t from "tap";
import { journal } from "../../src/daemon/journal.js";
import { createModem } from "../../src/modem/modem.js";
import { ModemError } from "../../src/runtime/error.js";
import { createLog } from "../../src/runtime/log.js";
import { settle, VirtualClock } from "../fakes/clock.js";
import { FakeDriver } from "../fakes/driver.js";
import { MemoryStore } from "../fakes/store.js";

/** A modem that wants to be connected, and what journal and modem say until the returned end. */
async function journalOf(contexts: readonly { readonly apn: string }[]) {
  const lines: string[] = [];
  const clock = new VirtualClock();
  const driver = new FakeDriver();
  const modem = createModem({
    path: "/mbim_0",
    driverName: "mbim /run/modem",
    openDriver: async () => driver,
    options: { ipOwner: () => "self", provision: () => contexts },
    store: new MemoryStore(),
    link: { raise: async () => undefined, withdraw: async () => undefined },
    clock,
    log: createLog("notice", (line) => void lines.push(line)).child("mbim_0"),
  });
  const stop = journal(
    modem,
    createLog("info", (line) => void lines.push(line)),
  );
  modem.setStanding("connect = true", "connected");
  for (let i = 0; i < 20 && !lines.some((line) => line.includes("connected")); i++) await clock.advance(1_000);
  await settle();
  return { lines, modem, stop };
}

t.test(
  "whoever reads the log of a day finds registration and connection, each once, and nothing after the end",
  async (t) => {
    const { lines, modem, stop } = await journalOf([{ apn: "internet" }]);
    t.equal(lines.filter((line) => line.includes("registration: registered")).length, 1);
    t.match(lines.find((line) => line.includes("connected")) ?? "", /^<6>mbim_0: connected interface=\S+ ipv4=\S+/);
    t.notMatch(lines.join(""), /no APN/);
    stop();
    const before = lines.length;
    await modem.close(new ModemError("unplugged", "cable out"));
    t.equal(lines.length, before, "nothing is heard any more");
  },
);

t.test("a card without an APN: the log says why ConnMan will show nothing", async (t) => {
  const { lines, modem, stop } = await journalOf([]);
  const told = lines.filter((line) => /^<5>mbim_0: no APN is known for this card: .*\[\[sim\]\]/.test(line));
  t.equal(told.length, 1, "once, when the modem has been asked, too");
  stop();
  await modem.close(new ModemError("aborted", "end of the test"));
});
