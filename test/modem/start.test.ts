import t from "tap";
import { ModemError } from "../../src/runtime/error.js";
import type { FakeDriver } from "../fakes/driver.js";
import { client, Rig } from "./rig.js";

t.test("a cold start by a client: everything is told in the order that clients build on", async (t) => {
  const rig = new Rig();
  await rig.powerOn();
  t.strictSame(rig.lines(), [
    "Powered=true",
    "+sim",
    "Present=true",
    "Retries=3",
    "IMSI=262-01",
    "+packetData",
    "Serial",
  ]);
  await rig.modem.setOnline(true, client);
  await rig.clock.advance(10);
  t.strictSame(rig.lines(), ["Online=true", "+registration", "Status=unknown", "Status=registered", "Attached=true"]);
  await rig.context.setActive(true, client);
  t.strictSame(rig.lines(), [
    "link wwan0 up 10.20.0.2 for client",
    "uplink up 10.20.0.2",
    "Settings=10.20.0.2",
    "Active=true",
  ]);
  t.equal(rig.modem.state.stage, "10/10 connected: wwan0");
});

const standing = { standingReasons: ["connect = true"] };

t.test("the way to a registration comes first: what nobody waits for is asked when clients know of it", async (t) => {
  const rig = new Rig({ radioOn: true, modem: standing });
  const card = rig.driver.hold("sim.state");
  await rig.clock.advance(10);
  t.strictSame(rig.driver.asked, ["radio.state", "sim.state", "registration.state"], "not one after the other");
  card.answer();
  await rig.clock.advance(10);
  const told = rig.lines();
  t.ok(told.indexOf("Serial") > told.indexOf("Status=registered"), told.join(" "));
  const { asked } = rig.driver;
  t.ok(asked.indexOf("signal.state") > asked.indexOf("packetService.attach"), asked.join(" "));
  t.equal(asked.filter((call) => call === "registration.state").length, 1, "what was asked early is not asked again");
  t.match(rig.modem.registration?.state, { status: "registered", strengthPercent: 63 });
});

t.test("registration lost while the card is read: the modem's later word counts", async (t) => {
  const rig = new Rig({ radioOn: true, modem: standing });
  const card = rig.driver.hold("sim.state");
  await rig.clock.advance(10);
  rig.driver.setRegistration({ status: "searching", mode: "auto" });
  card.answer();
  await rig.clock.advance(10);
  t.equal(rig.modem.registration?.state.status, "searching");
});

t.test("a card that takes its time: what was asked early is old by then and is asked again", async (t) => {
  const rig = new Rig({ radioOn: true, modem: standing });
  const card = rig.driver.hold("sim.state");
  await rig.clock.advance(6_000);
  card.answer();
  await rig.clock.advance(10);
  t.equal(rig.driver.asked.filter((call) => call === "registration.state").length, 2);
  t.equal(rig.modem.registration?.state.status, "registered");
});

t.test("nothing to wait for: a modem without a card, or with a locked one, says who it is at once", async (t) => {
  const cards = [undefined, { iccid: "89490200001234567890", imsi: "262011234567890", pin: "1234" }];
  for (const card of cards) {
    const rig = new Rig({ card });
    await rig.powerOn();
    t.ok(rig.lines().includes("Serial"), card === undefined ? "no card" : "locked");
  }
});

const identity = { manufacturer: "Example", model: "Fake 1", firmware: "1.0", imei: "353338976168895" };

t.test("a modem that never registers says who it is all the same", async (t) => {
  const stuck: Record<string, (driver: FakeDriver) => void> = {
    "the card is starting": (driver) => Object.assign(driver, { simState: () => ({ is: "initialising" }) }),
    "the card failed": (driver) => Object.assign(driver, { simState: () => ({ is: "failed", reason: "worn out" }) }),
    "a lock that wants nothing": (driver) =>
      Object.assign(driver, { simState: () => ({ is: "locked", pinRequired: "pin" }) }),
    "the card is not told": (driver) => void driver.hold("sim.state"),
    "the PUK is wanted": (driver) => {
      driver.card = { imsi: "262011234567890", pin: "1234" };
      driver.pinRetries = 0;
    },
    "no network": (driver) => driver.setRegistration({ status: "searching", mode: "auto" }),
    denied: (driver) => driver.setRegistration({ status: "denied", mode: "auto" }),
    "the registration is not told": (driver) => {
      driver.hold("registration.state");
      driver.hold("registration.state");
    },
    "the search for a network does not end": (driver) => void driver.hold("registration.auto"),
    "the radio does not go on": (driver) => {
      driver.radioState = { softwareOn: false, hardwareOn: true };
      driver.hold("radio.on");
    },
  };
  for (const [name, hold] of Object.entries(stuck)) {
    const rig = new Rig({ radioOn: true, modem: standing, registration: { status: "searching", mode: "manual" } });
    hold(rig.driver);
    // Two questions without an answer, one after the other, at most.
    for (let second = 0; second < 21; second++) await rig.clock.advance(1_000);
    t.match(rig.modem.state.identity, identity, name);
  }
});

t.test("a modem too busy to say who it is is asked again; one that refuses is not", async (t) => {
  const busy = new Rig();
  busy.driver.hold("identity.read");
  await busy.powerOn();
  for (let second = 0; second < 41; second++) await busy.clock.advance(1_000);
  t.match(busy.modem.state.identity, identity);

  const unable = new Rig();
  unable.driver.hold("identity.read").refuse(new ModemError("unsupported", "no such question"));
  await unable.powerOn();
  for (let second = 0; second < 41; second++) await unable.clock.advance(1_000);
  t.equal(unable.driver.asked.filter((call) => call === "identity.read").length, 1);
});
