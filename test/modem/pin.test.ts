import t from "tap";
import { PinMemory } from "../../src/modem/pin.js";
import { ModemError } from "../../src/runtime/error.js";
import { homeCard } from "../fakes/driver.js";
import { MemoryStore } from "../fakes/store.js";
import { client, endOf, Rig } from "./rig.js";

const lockedCard = () => ({ ...homeCard, pin: "1234", puk: "12345678" });
const pinsAsked = ({ opened }: Rig) =>
  opened.flatMap(({ asked }) => asked).filter((call) => call === "sim.enterPin").length;

t.test("a locked card: locks and retries first, the IMSI only after a client's PIN", async (t) => {
  const rig = new Rig({ card: lockedCard() });
  await rig.powerOn();
  t.strictSame(rig.lines(), ["Powered=true", "+sim", "Present=true", "PinRequired=pin", "Retries=3", "Serial"]);
  t.equal(rig.modem.state.stage, "4/10 SIM: the SIM wants its PIN: no PIN is configured for this card");
  const { sim } = rig.modem;
  t.strictSame(sim?.state.lockedPins, ["pin"]);
  t.equal(await endOf(sim?.enterPin("pin", "12")), "invalidFormat");
  t.equal(await endOf(sim?.enterPin("puk", "12345678")), "invalidFormat", "not what the card wants");
  t.equal(pinsAsked(rig), 0, "nothing of that reached the card");
  t.equal(await endOf(sim?.enterPin("pin", "9999")), "badPin");
  await rig.clock.advance(10);
  t.equal(sim?.state.retries.pin, 2);
  rig.lines();
  await sim?.enterPin("pin", "1234");
  await rig.clock.advance(10);
  t.strictSame(rig.lines(), ["PinRequired=none", "Retries=3", "IMSI=262-01", "+packetData"]);
});

t.test("a second PIN operation while one runs", async (t) => {
  const rig = new Rig({ card: lockedCard() });
  await rig.powerOn();
  const held = rig.driver.hold("sim.enterPin");
  const first = rig.modem.sim?.enterPin("pin", "1234");
  t.equal(await endOf(rig.modem.sim?.enterPin("pin", "1234")), "inProgress");
  held.answer();
  await first;
});

t.test("the configured PIN is entered by itself, at each power-on", async (t) => {
  const rig = new Rig({
    card: lockedCard(),
    modem: { pin: ({ iccid }) => (iccid === homeCard.iccid ? "1234" : undefined) },
  });
  await rig.powerOn();
  t.equal(rig.modem.state.level, "offline");
  await rig.modem.setPowered(false, client);
  await rig.powerOn();
  t.equal(rig.modem.state.level, "offline");
  t.equal(pinsAsked(rig), 2);
});

t.test(
  "a configured PIN that the card refused is never tried again, not even after a restart with a new wwand",
  async (t) => {
    const store = new MemoryStore();
    const modem = { pin: () => "9999" };
    const rig = new Rig({ card: lockedCard(), store, modem });
    await rig.powerOn();
    t.match(rig.modem.state.stage, /did not accept its PIN/);
    t.equal(rig.modem.sim?.state.retries.pin, 2);
    rig.driver.events.emit("simChanged", rig.driver.simState());
    await rig.clock.advance(60_000);
    t.equal(pinsAsked(rig), 1, "not on any later word of the modem");
    const later = new Rig({ card: lockedCard(), store, modem });
    await later.powerOn();
    t.equal(pinsAsked(later), 0);
    t.match(later.modem.state.stage, /has refused the configured PIN before/);
    await later.modem.sim?.enterPin("pin", "1234");
    await later.clock.advance(10);
    t.equal(later.modem.state.level, "offline", "a client's PIN is always passed on");
    const third = new Rig({ card: lockedCard(), store, modem });
    await third.powerOn();
    t.equal(pinsAsked(third), 0, "another PIN's success does not make the configured one right");
  },
);

t.test("the configured PIN is not risked when tries are missing or unknown", async (t) => {
  for (const retries of [1, 2]) {
    const rig = new Rig({ card: lockedCard(), modem: { pin: () => "1234" } });
    rig.driver.pinRetries = retries;
    await rig.powerOn();
    t.equal(pinsAsked(rig), 0, `${retries} tries left`);
    t.match(rig.modem.state.stage, new RegExp(`only ${retries} tries are left`));
  }
});

t.test("a PIN whose fate is unknown is not tried a second time", async (t) => {
  const rig = new Rig({ card: lockedCard(), modem: { pin: () => "1234" } });
  rig.driver.hold("sim.enterPin");
  await rig.powerOn();
  await rig.clock.advance(120_000);
  t.equal(pinsAsked(rig), 1);
  t.strictSame(
    rig.store.saved.filter(({ configuredPinRefused }) => configuredPinRefused),
    [],
    "a timeout is no refusal",
  );
});

t.test("an accepted PIN survives a reset of the modem, but not a client's power-off", async (t) => {
  const pins = new PinMemory();
  const first = new Rig({ card: lockedCard(), pins });
  await first.powerOn();
  await first.modem.sim?.enterPin("pin", "1234");
  await first.clock.advance(10);
  first.driver.unplug();
  const second = new Rig({ card: lockedCard(), pins });
  await second.powerOn();
  t.equal(second.modem.state.level, "offline", "re-entered for the re-enumerated device");
  await second.modem.setPowered(false, client);
  await second.powerOn();
  t.equal(second.modem.state.level, "sim");
  t.equal(second.modem.sim?.state.pinRequired, "pin");
});

t.test("a card that leaves takes its PIN with it; another card is another story", async (t) => {
  const rig = new Rig({ card: lockedCard() });
  await rig.powerOn();
  await rig.modem.sim?.enterPin("pin", "1234");
  await rig.modem.setOnline(true, client);
  await rig.clock.advance(10);
  rig.lines();
  rig.driver.insert(undefined);
  await rig.clock.advance(10);
  t.strictSame(rig.lines(), [
    "Attached=false",
    "-registration",
    "-packetData",
    "IMSI=",
    "Present=false",
    "Retries=undefined",
  ]);
  t.equal(rig.modem.state.online, true, "the radio is a matter of its own");
  rig.driver.insert(lockedCard());
  await rig.clock.advance(10);
  t.equal(rig.modem.sim?.state.pinRequired, "pin");
  rig.driver.insert({ iccid: "8901260", imsi: "310260123456789" });
  await rig.clock.advance(10);
  t.match(rig.modem.sim?.state, { imsi: "310260123456789", mcc: "310", mnc: "260", pinRequired: "none" });
  t.equal(rig.modem.state.level, "online");
});

t.test("PUK, change, lock and unlock", async (t) => {
  const rig = new Rig({ card: lockedCard() });
  rig.driver.pinRetries = 0;
  await rig.powerOn();
  const { sim } = rig.modem;
  t.equal(sim?.state.pinRequired, "puk");
  t.equal(await endOf(sim?.resetPin("pin", "12345678", "4321")), "invalidFormat");
  t.equal(await endOf(sim?.resetPin("puk", "1234567", "4321")), "invalidFormat");
  t.equal(await endOf(sim?.resetPin("puk", "12345678", "4")), "invalidFormat");
  await sim?.resetPin("puk", "12345678", "4321");
  await rig.clock.advance(10);
  t.equal(rig.modem.state.level, "offline");
  t.equal(await endOf(sim?.changePin("pin", "1111", "5555")), "badPin");
  await sim?.changePin("pin", "4321", "5555");
  await sim?.unlockPin("pin", "5555");
  t.strictSame(sim?.state.lockedPins, []);
  await sim?.lockPin("pin", "5555");
  t.strictSame(sim?.state.lockedPins, ["pin"]);
  t.equal(await endOf(sim?.lockPin("pin2", "5555")), "invalidFormat");
});

t.test("a card that starts slowly, or whose reading fails, is read again", async (t) => {
  const rig = new Rig();
  const held = rig.driver.hold("sim.state");
  await rig.modem.setPowered(true, client);
  await rig.clock.advance(1);
  held.refuse(new ModemError("refused", "not now"));
  await rig.clock.advance(10);
  t.match(rig.modem.state.stage, /cannot be read: not now/);
  await rig.clock.advance(2_000);
  t.equal(rig.modem.state.level, "offline");
});
