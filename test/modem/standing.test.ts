/** How far wwand keeps a modem up by itself: attached without a connection, open only, not at all; and what goes with less. */
import t from "tap";
import { client, Rig } from "./rig.js";

const wish = "standby of uplink wwan";

/** Its wish is to be connected, and it is. */
async function connected(): Promise<Rig> {
  const rig = new Rig({ modem: { ipOwner: () => "self" } });
  rig.modem.setStanding(wish, "connected");
  await rig.clock.advance(1_000);
  return rig;
}

t.test("attached: registered and with packet service, nobody is connected", async (t) => {
  const rig = new Rig();
  rig.modem.setStanding(wish, "attached");
  await rig.clock.advance(1_000);
  t.match(rig.modem.state, { level: "online", stage: "8/10 activate: nobody has asked for it" });
  t.equal(rig.modem.isAttached, true);
  t.equal(rig.driver.calls.size, 0);
});

t.test("the packet service is wanted, though a client has ConnectionManager.Powered=false", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  await rig.modem.packetData?.setPowered(false);
  await rig.clock.advance(1_000);
  t.equal(rig.modem.isAttached, false);
  rig.modem.setStanding(wish, "attached");
  await rig.clock.advance(1_000);
  t.equal(rig.modem.isAttached, true);
  t.equal(rig.driver.calls.size, 0);
});

t.test(
  "from connected to attached: the connection ends, though clients see it, and the network is not left",
  async (t) => {
    const rig = await connected();
    t.equal(rig.context.state.active, true);
    rig.lines();
    rig.modem.setStanding(wish, "attached");
    await rig.clock.advance(10);
    t.strictSame(rig.lines(), ["uplink down 10.20.0.2", "link wwan0 down", "Settings={}", "Active=false"]);
    t.equal(rig.driver.calls.size, 0);
    t.equal(rig.modem.isAttached, true);
    rig.modem.setStanding(wish, "connected");
    await rig.clock.advance(10);
    t.equal(rig.modem.bearers.length, 1, "needed again");
  },
);

t.test("a connection that a client has asked for stays, also where it was up already", async (t) => {
  const rig = await connected();
  await rig.context.setActive(true, client);
  rig.lines();
  for (const depth of ["attached", "off"] as const) {
    rig.modem.setStanding(wish, depth);
    await rig.clock.advance(1_000);
    t.strictSame(rig.lines(), [], depth);
    t.equal(rig.driver.calls.size, 1);
  }
  t.match(rig.modem.state, { powered: true, online: true }, "and with it the modem is its client's");
  await rig.context.setActive(false, client);
  t.equal(rig.driver.calls.size, 0);
});

t.test(
  "of two reasons the one for a connection goes: while the other stands, what no client asked for ends",
  async (t) => {
    const rig = await connected();
    rig.modem.setStanding("standby of uplink spare", "attached");
    rig.modem.setStanding(wish, undefined);
    await rig.clock.advance(1_000);
    t.equal(rig.driver.calls.size, 0);
    t.equal(rig.modem.isAttached, true);
  },
);

t.test("a connection that is being made is called off", async (t) => {
  const rig = new Rig({ modem: { ipOwner: () => "self" } });
  rig.modem.setStanding(wish, "attached");
  await rig.clock.advance(1_000);
  const start = rig.driver.hold("dataCalls.start");
  rig.modem.setStanding(wish, "connected");
  await rig.clock.advance(10);
  rig.modem.setStanding(wish, "attached");
  start.answer();
  await rig.clock.advance(1_000);
  t.equal(rig.driver.calls.size, 0);
  t.strictSame(
    rig.lines().filter((line) => line.startsWith("uplink")),
    [],
  );
});

t.test("off: radio off and port closed, unless a client wants it on", async (t) => {
  const nobodys = await connected();
  nobodys.modem.setStanding(wish, "off");
  await nobodys.clock.advance(10_000);
  const radioOffBecause = ["standby of uplink wwan: nobody needs it now", "nobody has powered the modem yet"];
  t.match(nobodys.modem.state, { powered: false, online: false, radioOffBecause });
  t.ok(nobodys.driver.closed);
  t.equal(nobodys.driver.radioState.softwareOn, false);

  const clients = await connected();
  await clients.modem.setPowered(true, client);
  clients.modem.setStanding(wish, "off");
  await clients.clock.advance(10_000);
  t.match(clients.modem.state, { powered: true, online: false }, "as that client has said");
  t.notOk(clients.driver.closed);
});

t.test("powered: device and card say who they are, the radio stays as it is", async (t) => {
  for (const on of [true, false]) {
    const rig = new Rig({ radioOn: on });
    rig.modem.setStanding(wish, "powered");
    await rig.clock.advance(2_000);
    t.ok(rig.modem.identity.imei);
    t.ok(rig.modem.card.iccid);
    t.equal(rig.driver.radioState.softwareOn, on);
    rig.modem.setStanding(wish, "off");
    await rig.clock.advance(10_000);
    t.match(rig.modem.state, { powered: false });
    t.ok(rig.driver.closed, "nobody wants it any more, though it was shown as powered");
    t.equal(rig.driver.radioState.softwareOn, false);
  }
});
