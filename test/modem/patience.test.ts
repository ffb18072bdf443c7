/** A modem that answers nothing any more: each reply comes before a client gives up on it, and nothing is left pending. */
import t from "tap";
import { homeCard } from "../fakes/driver.js";
import { client, endOf, Rig } from "./rig.js";

/** dbus-python's default, by which oFono's scripts wait for most calls. */
const scriptsWaitMs = 25_000;
/** ConnMan's for every call to oFono. */
const connmanWaitsMs = 40_000;

interface Call {
  readonly name: string;
  readonly beforeMs: number;
  readonly make: (rig: Rig) => Promise<unknown> | undefined;
  readonly ends: string;
}

const online: readonly Call[] = [
  {
    name: "Active=false",
    beforeMs: scriptsWaitMs,
    make: (rig) => rig.context.setActive(false, client),
    ends: "resolved",
  },
  {
    name: "Powered=false",
    beforeMs: scriptsWaitMs,
    make: (rig) => rig.modem.setPowered(false, client),
    ends: "resolved",
  },
  {
    name: "Online=false",
    beforeMs: connmanWaitsMs,
    make: (rig) => rig.modem.setOnline(false, client),
    ends: "timeout",
  },
  {
    name: "ConnectionManager.Powered=false",
    beforeMs: scriptsWaitMs,
    make: (rig) => rig.modem.packetData?.setPowered(false),
    ends: "resolved",
  },
  {
    name: "DeactivateAll",
    beforeMs: scriptsWaitMs,
    make: (rig) => rig.modem.packetData?.deactivateAll(),
    ends: "resolved",
  },
  {
    name: "RemoveContext",
    beforeMs: scriptsWaitMs,
    make: (rig) => rig.modem.packetData?.removeContext(rig.context),
    ends: "resolved",
  },
];

/** How it ended and how long it took, in virtual time. */
async function patience(rig: Rig, { make }: Call): Promise<{ readonly end: string; readonly tookMs: number }> {
  const beginMs = rig.clock.nowMs();
  let tookMs = Number.POSITIVE_INFINITY;
  const ended = endOf(make(rig)).then((end) => {
    tookMs = rig.clock.nowMs() - beginMs;
    return end;
  });
  await rig.clock.advance(120_000);
  return { end: await ended, tookMs };
}

for (const call of online)
  t.test(`${call.name} while a context is active`, async (t) => {
    const rig = new Rig();
    await rig.goOnline();
    await rig.context.setActive(true, client);
    rig.driver.deafen();
    const { end, tookMs } = await patience(rig, call);
    t.equal(end, call.ends);
    t.ok(tookMs < call.beforeMs, `${tookMs / 1000} s`);
  });

t.test("Active=true", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  rig.driver.deafen();
  const make = () => rig.context.setActive(true, client);
  const { end, tookMs } = await patience(rig, { name: "", beforeMs: connmanWaitsMs, make, ends: "timeout" });
  t.equal(end, "timeout");
  t.ok(tookMs < connmanWaitsMs, `${tookMs / 1000} s`);
});

t.test("EnterPin", async (t) => {
  const rig = new Rig({ card: { ...homeCard, pin: "1234" } });
  await rig.powerOn();
  rig.driver.deafen();
  const make = () => rig.modem.sim?.enterPin("pin", "1234");
  const { end, tookMs } = await patience(rig, { name: "", beforeMs: scriptsWaitMs, make, ends: "timeout" });
  t.equal(end, "timeout");
  t.ok(tookMs < scriptsWaitMs, `${tookMs / 1000} s`);
});
