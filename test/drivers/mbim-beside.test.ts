/** What MBIM tells beside the usual: whose card it is, what the network told of a session, what the modem is forbidden. */
import t, { type Test } from "tap";
import { mbimGeneric } from "../../src/virtual/profiles/mbim-generic.js";
import { internet, kinds, never, online, Rig } from "./rig.js";

function rigOf(t: Test): Rig {
  const kind = kinds.find(({ name }) => name === "mbim");
  if (kind === undefined) throw new Error("no MBIM");
  const rig = new Rig(kind, mbimGeneric);
  t.teardown(() => rig.cable.unplug());
  return rig;
}

t.test("whose card it is", async (t) => {
  const rig = rigOf(t);
  const { homeNetwork } = await rig.open();
  t.strictSame(homeNetwork && (await rig.soon(homeNetwork.read(never))), {
    mcc: "001",
    mnc: "01",
    name: "Wwand Mobile",
  });
});

t.test("what the network tells of a session: after its start, and when it changes; of each its own", async (t) => {
  const rig = rigOf(t);
  const { dataCalls } = await online(rig);
  const mtu = { id: 0x0010, content: "05dc" };
  const own = (content: string) => ({ id: 0xff00, plmn: "00101", content });
  const { handle } = await rig.soon(dataCalls.start(internet, never));
  await rig.pass(20);
  t.strictSame(rig.last("callOptionsTold"), [handle, [mtu, own("05")]]);
  rig.machine.send({ type: "operatorOption", content: "00f11003" });
  await rig.pass(20);
  t.strictSame(rig.last("callOptionsTold"), [handle, [mtu, own("03")]]);
  await rig.soon(dataCalls.stop(handle, never));
  rig.machine.send({ type: "operatorOption", content: "00f11000" });
  await rig.pass(20);
  t.strictSame(rig.last("callOptionsTold"), [handle, [mtu, own("03")]], "of a session that is over nothing is told");
});

t.test("networks that another host has forbidden the modem: told with the card's own, and let in again", async (t) => {
  const rig = rigOf(t);
  const { forbiddenNetworks } = await rig.open();
  if (forbiddenNetworks === undefined) throw new Error("the driver has no such port");
  await rig.pass(300);
  const all = mbimGeneric.operators.map(({ mcc, mnc }) => ({ plmn: mcc + mnc, list: "network" }) as const);
  rig.machine.send({ type: "blacklist", entries: all });
  await rig.pass(500);
  t.match(rig.last("registrationChanged"), [{ status: "denied" }]);
  t.strictSame(
    (await rig.soon(forbiddenNetworks.read(never))).map(({ mcc, mnc }) => mcc + mnc),
    ["00101", "00102", "99970"],
  );
  await rig.soon(forbiddenNetworks.clear(never));
  await rig.pass(500);
  t.strictSame(await rig.soon(forbiddenNetworks.read(never)), []);
  t.match(rig.last("registrationChanged"), [{ status: "registered" }]);
});
