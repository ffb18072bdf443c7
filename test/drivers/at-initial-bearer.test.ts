/** What the attach asks for, over AT: the firmware's first context, where calls go by others. */
import t, { type Test } from "tap";
import { openAtDriver } from "../../src/drivers/at.js";
import type { InitialBearerPort } from "../../src/modem/ports.js";
import { silentLog } from "../../src/runtime/log.js";
import type { VirtualProfile } from "../../src/virtual/model/profile.js";
import { atGeneric } from "../../src/virtual/profiles/at-generic.js";
import { huaweiMs2372h } from "../../src/virtual/profiles/huawei-ms2372h.js";
import { quectelEc25 } from "../../src/virtual/profiles/quectel-ec25.js";
import { FaceCable } from "./face-cable.js";
import { kinds, never, Rig } from "./rig.js";

async function opened(t: Test, profile: VirtualProfile, interfaceName?: string) {
  const [kind] = kinds.filter(({ face }) => face === "at");
  if (kind === undefined) throw new Error("there is no kind for AT");
  const rig = new Rig(kind, atGeneric);
  const cable = new FaceCable("at", profile, rig.clock, { kind: "bytes" });
  t.teardown(() => cable.unplug());
  const options = { log: silentLog, clock: rig.clock, signal: never, interfaceName };
  const { initialBearer } = await rig.soon(openAtDriver(cable.link, options));
  return { cable, initialBearer, rig };
}

for (const profile of [huaweiMs2372h, quectelEc25])
  t.test(`${profile.name}: read, written once, left alone when it is so already, cleared`, async (t) => {
    const { cable, initialBearer, rig } = await opened(t, profile);
    if (initialBearer === undefined) throw new Error("the driver does not know the attach");
    const read = () => rig.soon(initialBearer.read(never));
    const set = (wanted: Parameters<InitialBearerPort["set"]>[0]) => rig.soon(initialBearer.set(wanted, never));
    const internet = { apn: "internet", username: "", auth: "none", protocol: "dual" } as const;
    t.strictSame(await read(), { configured: internet });
    t.equal(await set({ ...internet, apn: "Internet" }), "same");
    t.equal(await set({ ...internet, apn: "attach.example", protocol: "ip" }), "written");
    t.match(cable.machine.state.contexts, [{ cid: 1, apn: "attach.example", pdn: "ipv4" }]);
    t.match(await read(), { configured: { apn: "attach.example", protocol: "ip" } });
    t.equal(await set(undefined), "written");
    t.equal(await set(undefined), "same");
    t.strictSame(await read(), {}, "the network chooses");
    await t.rejects(set({ ...internet, username: "wwand" }), { code: "unsupported" });
    await t.rejects(set({ ...internet, apn: 'in"ternet' }), { code: "invalid" });
  });

t.test("a modem whose interface goes by the same context attaches with what the calls want", async (t) => {
  t.equal((await opened(t, quectelEc25, "usb0")).initialBearer, undefined);
});

t.test("27.007 names no context of the attach", async (t) => {
  t.equal((await opened(t, atGeneric)).initialBearer, undefined);
});
