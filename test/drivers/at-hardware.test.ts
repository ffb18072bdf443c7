/** Satellites and thermometers over AT: what each family offers, and what is said where it offers nothing. */
import t, { type Test } from "tap";
import { openAtDriver } from "../../src/drivers/at.js";
import { silentLog } from "../../src/runtime/log.js";
import type { VirtualProfile } from "../../src/virtual/model/profile.js";
import { atGeneric } from "../../src/virtual/profiles/at-generic.js";
import { huaweiMs2372h } from "../../src/virtual/profiles/huawei-ms2372h.js";
import { quectelEc25 } from "../../src/virtual/profiles/quectel-ec25.js";
import { simcomA7670e } from "../../src/virtual/profiles/simcom-a7670e.js";
import { simcomSim7600 } from "../../src/virtual/profiles/simcom-sim7600.js";
import { FaceCable } from "./face-cable.js";
import { kinds, never, Rig } from "./rig.js";

const lacking = () => Promise.reject(new Error("the driver has no such port"));

async function opened(t: Test, profile: VirtualProfile) {
  const [kind] = kinds.filter(({ face }) => face === "at");
  if (kind === undefined) throw new Error("there is no kind for AT");
  const rig = new Rig(kind, atGeneric);
  const cable = new FaceCable("at", profile, rig.clock, { kind: "bytes" });
  t.teardown(() => cable.unplug());
  const driver = await rig.soon(openAtDriver(cable.link, { log: silentLog, clock: rig.clock, signal: never }));
  return { driver, cable, soon: <T>(promise: Promise<T>) => rig.soon(promise) };
}

for (const profile of [simcomSim7600, simcomA7670e, quectelEc25])
  t.test(`${profile.name}: the receiver on, once more, and off; how warm it is`, async (t) => {
    const { driver, cable, soon } = await opened(t, profile);
    const { gnss, temperatures } = driver;
    const state = () => soon(gnss?.state(never) ?? lacking());
    t.equal(await state(), "off");
    for (const on of [true, true, false, false]) {
      await soon(gnss?.setOn(on, never) ?? lacking());
      t.equal(cable.machine.state.receiverOn, on);
      t.equal(await state(), on ? "on" : "off");
    }
    const [first] = await soon(temperatures?.read(never) ?? lacking());
    t.match(first, { celsius: profile === quectelEc25 ? 30 : 38 });
  });

t.test("a stick without a receiver refuses to turn it on, and no command asks whether it is", async (t) => {
  const { driver, soon } = await opened(t, huaweiMs2372h);
  t.equal(await soon(driver.gnss?.state(never) ?? lacking()), "unknown");
  await t.rejects(soon(driver.gnss?.setOn(true, never) ?? lacking()), { code: "unsupported" });
  t.match(await soon(driver.temperatures?.read(never) ?? lacking()), [
    { sensor: "gsm amplifier", celsius: 30.4 },
    {},
    {},
  ]);
});

t.test("27.007 knows neither: nothing is offered", async (t) => {
  const { driver } = await opened(t, atGeneric);
  t.equal(driver.gnss, undefined);
  t.equal(driver.temperatures, undefined);
});
