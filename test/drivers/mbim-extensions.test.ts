/** What only MBIM's extensions have: the bearer of the attach, restart, QMI inside. */
import t from "tap";
import { mbimGeneric } from "../../src/virtual/profiles/mbim-generic.js";
import { kinds, never, Rig } from "./rig.js";

const lacking = () => Promise.reject(new Error("the driver has no such port"));

function mbimRig(teardown: (close: () => void) => void, qmiOverMbim = false): Rig {
  const [mbim] = kinds.filter(({ name }) => name === "mbim");
  if (mbim === undefined) throw new Error("no MBIM driver");
  const rig = new Rig(mbim, { ...mbimGeneric, device: { ...mbimGeneric.device, qmiOverMbim } });
  teardown(() => rig.cable.unplug());
  return rig;
}

t.test("the bearer of the attach: read, written once, left alone when it is so already, cleared", async (t) => {
  const rig = mbimRig((close) => t.teardown(close));
  const { initialBearer } = await rig.open();
  const read = () => rig.soon(initialBearer?.read(never) ?? lacking());
  const set = (...wanted: Parameters<NonNullable<typeof initialBearer>["set"]>) =>
    rig.soon(initialBearer?.set(...wanted) ?? lacking());
  const internet = { apn: "internet", username: "", auth: "none", protocol: "dual" } as const;
  t.strictSame(await read(), { configured: internet });
  t.equal(await set(internet, never), "same");
  t.equal(await set({ ...internet, apn: "attach.example", protocol: "ip" }, never), "written");
  t.match(rig.machine.state.contexts, [{ cid: 1, apn: "attach.example", pdn: "ipv4" }]);
  t.match(await read(), { configured: { apn: "attach.example", protocol: "ip" } });
  t.equal(await set(undefined, never), "written");
  t.equal(await set(undefined, never), "same");
  t.strictSame(await read(), {});
});

t.test("the device restarts when it is told", async (t) => {
  const rig = mbimRig((close) => t.teardown(close));
  const { reset } = await rig.open();
  await rig.soon(reset?.reset(never) ?? lacking());
  t.equal(rig.cable.restarts, 1);
});

t.test("a modem without QMI inside has no choice of modes and bands", async (t) => {
  const { radioSelection } = await mbimRig((close) => t.teardown(close)).open();
  t.equal(radioSelection, undefined);
});

t.test("QMI inside: asked anew after the modem lost its state, and ended with the driver", async (t) => {
  const rig = mbimRig((close) => t.teardown(close), true);
  const driver = await rig.open();
  const modes = async () => (await rig.soon(driver.radioSelection?.read(never) ?? lacking())).preferred.modes;
  t.strictSame(await modes(), ["gsm", "umts", "lte"]);
  rig.machine.send({ type: "forgetHost" });
  // The first question finds it out.
  await t.rejects(modes(), { message: /GET_BAND_CAPABILITIES/ });
  t.strictSame(await modes(), ["gsm", "umts", "lte"]);
  await rig.soon(driver.close());
  t.equal(rig.clock.armed, 0);
});
