/** Another composition, because a person asked for it: what is waited for, what ends it, what came back. */
import t, { type Test } from "tap";
import { Discovery } from "../../src/discovery/discovery.js";
import type { DeviceSnapshot } from "../../src/discovery/snapshot.js";
import { Switching } from "../../src/discovery/switching.js";
import { ModemError } from "../../src/runtime/error.js";
import { silentLog } from "../../src/runtime/log.js";
import { settle, VirtualClock } from "../fakes/clock.js";
import { modems, snapshotOf, usb } from "./machines.js";

const imei = "490154203237518";
const fivePorts = ["ff/ff/ff eps 2", ...Array(4).fill("ff/00/00 eps 3")].map(
  (line, number) => `${line} option ttyUSB${number}`,
);
const before = modems.sim7600Rndis();
const mbim = (plugging: string, address = "1-1") =>
  usb("1e0e:9003", [...fivePorts, "02/0e/00 eps 1 cdc_mbim cdc-wdm0 wwan0", "0a/00/02 eps 2 cdc_mbim"], {
    ...{ plugging, address },
  });

interface Options {
  /** What it says when it is back. */
  readonly imeiThen?: string;
  readonly send?: () => Promise<void>;
}

/** A machine with a SIM7600 in 9011 whose user asks for MBIM; what was sent to the modem is kept. */
async function asked(t: Test, { imeiThen = imei, send = async () => undefined }: Options = {}) {
  const clock = new VirtualClock();
  const sent: (readonly string[])[] = [];
  let plugged: readonly DeviceSnapshot[] = [];
  let look = () => undefined as unknown;
  let said = imei;
  const discovery = new Discovery({
    look: async () => snapshotOf(...plugged),
    listen: (changed) => {
      look = changed;
      return () => undefined;
    },
    rows: () => [],
    isTaken: () => false,
    driven: new Set(["mbim", "at"]),
    prober: { protocols: new Set(["mbim", "at"]), ask: async () => ({ imei: said, model: "SIMCOM_SIM7600G-H" }) },
    clock,
    log: silentLog,
  });
  t.teardown(() => discovery.close());
  const ended = new AbortController();
  const switching = new Switching({
    ...{ discovery, clock, ended: ended.signal, log: silentLog },
    imeiOf: ({ answered }) => answered?.imei,
    send: (_, commands) => {
      sent.push(commands);
      return send();
    },
  });
  const now = async (...devices: readonly DeviceSnapshot[]) => {
    plugged = devices;
    look();
    await clock.advance(1_500);
  };
  await now(before);
  said = imeiThen;
  const switchTo = (name: string) => switching.switch(`${before.path} ${before.plugging}`, name);
  return { clock, now, sent, switchTo, ended };
}

t.test("9011 becomes 9003: the modem leaves, is back at its place as MBIM, and the way back is told", async (t) => {
  const { sent, switchTo, now } = await asked(t);
  const switched = switchTo("mbim");
  await settle();
  t.strictSame(sent, [["AT+CUSBPIDSWITCH=9003,1,1"]]);
  await now();
  await now(mbim("6"));
  t.match(await switched, {
    device: { report: { verdict: { protocol: "mbim" }, composition: { now: "MBIM" } } },
    back: "RNDIS",
  });
});

t.test("the kernel has never told that it was gone: another number on the bus says so", async (t) => {
  const { switchTo, now } = await asked(t);
  const switched = switchTo("MBIM");
  await now(mbim("6"));
  t.match(await switched, { back: "RNDIS" });
});

t.test("gone before it has answered, which is what was asked for", async (t) => {
  const { switchTo, now } = await asked(t, { send: () => Promise.reject(new ModemError("unplugged", "gone")) });
  const switched = switchTo("MBIM");
  await now(mbim("6"));
  t.match(await switched, { back: "RNDIS" });
});

t.test("on a hub whose fast half it now uses: another place, the same IMEI", async (t) => {
  const { switchTo, now } = await asked(t);
  const switched = switchTo("MBIM");
  await now(mbim("2", "2-1"));
  t.match(await switched, { device: { report: { device: { address: "2-1" } } } });
});

t.test("no second one beside it, and nothing that the model does not have", async (t) => {
  const { switchTo, now, sent } = await asked(t);
  const switched = switchTo("MBIM");
  await t.rejects(switchTo("QMI"), { code: "busy" });
  await now(mbim("6"));
  await switched;
  await t.rejects(switchTo("QMI"), { code: "unplugged" });
  t.equal(sent.length, 1);
  const fresh = await asked(t);
  await t.rejects(fresh.switchTo("NCM"), { code: "invalid", message: /it is RNDIS now, and could become: QMI, MBIM$/ });
  t.strictSame(fresh.sent, []);
});

t.test("a modem that refuses stays what it is, and so does one that says OK and does nothing", async (t) => {
  const refused = await asked(t, { send: () => Promise.reject(new ModemError("refused", "ERROR")) });
  await t.rejects(refused.switchTo("MBIM"), { code: "refused" });
  const idle = await asked(t);
  const outcome = t.rejects(idle.switchTo("MBIM"), { code: "timeout", message: /stays as it is, within 30 s/ });
  await idle.clock.advance(30_000);
  await outcome;
});

t.test("what left and does not come back has a deadline; the end of wwand does not wait for it", async (t) => {
  const lost = await asked(t);
  const outcome = t.rejects(lost.switchTo("MBIM"), {
    code: "timeout",
    message: /did not come back as MBIM, within 120 s/,
  });
  await lost.now();
  await lost.clock.advance(120_000);
  await outcome;
  const ending = await asked(t);
  const abandoned = t.rejects(ending.switchTo("MBIM"), { code: "aborted" });
  await settle();
  ending.ended.abort(new ModemError("aborted", "wwand is ending"));
  await abandoned;
});

t.test("what is back is another modem, or the same as before: both are told", async (t) => {
  const swapped = await asked(t, { imeiThen: "490154203237526" });
  const other = t.rejects(swapped.switchTo("MBIM"), { code: "refused", message: /another modem/ });
  await swapped.now(mbim("6"));
  await other;
  const stubborn = await asked(t);
  const same = t.rejects(stubborn.switchTo("MBIM"), { code: "refused", message: "it came back as RNDIS, not as MBIM" });
  await stubborn.now(modems.sim7600Rndis({ plugging: "6" }));
  await stubborn.clock.advance(30_000);
  await same;
});
