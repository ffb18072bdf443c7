import t from "tap";
import { ModemError } from "../../src/runtime/error.js";
import { homeNetwork } from "../fakes/driver.js";
import { client, endOf, Rig } from "./rig.js";

const registration = ({ modem }: Rig) => {
  if (modem.registration === undefined) throw new Error("there is no registration");
  return modem.registration;
};

t.test("name, strength and operators come and go with the service", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  t.match(registration(rig).state, {
    status: "registered",
    mode: "auto",
    name: "Telekom.de",
    technology: "lte",
    mcc: "262",
    mnc: "01",
    strengthPercent: 63,
  });
  t.match(registration(rig).operators.state, [{ mcc: "262", mnc: "01", status: "current" }]);
  rig.driver.events.emit("signalChanged", { rsrpDbm: -80 });
  t.equal(registration(rig).state.strengthPercent, 100);
  rig.driver.setRegistration({ status: "searching", mode: "auto" });
  t.strictSame(
    [registration(rig).state.name, registration(rig).state.mcc, registration(rig).state.strengthPercent],
    ["", undefined, undefined],
  );
  t.strictSame(registration(rig).operators.state, []);
  rig.driver.setRegistration({ ...homeNetwork, operatorName: "" });
  t.equal(registration(rig).state.name, "");
});

t.test("a second scan joins the first; a registration waits its turn", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  const held = rig.driver.hold("registration.scan");
  const scans = [registration(rig).scan(), registration(rig).scan()];
  t.equal(await endOf(registration(rig).register()), "inProgress");
  await rig.clock.advance(0);
  held.answer();
  const [first, second] = await Promise.all(scans);
  t.equal(first?.length, 2);
  t.equal(second, first);
  t.equal(rig.driver.asked.filter((call) => call === "registration.scan").length, 1);
  rig.driver.hold("registration.scan");
  const silent = registration(rig).scan();
  await Promise.all([rig.clock.advance(180_000), endOf(silent).then((end) => t.equal(end, "timeout"))]);
  await registration(rig).scan();
});

t.test("a network chosen by hand is chosen again at the next start", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  await registration(rig).scan();
  await registration(rig).registerOperator("262", "02");
  t.match(registration(rig).state, { mode: "manual", name: "Vodafone.de", mnc: "02" });
  t.strictSame(
    registration(rig).operators.state.map(({ mnc, status }) => `${mnc} ${status}`),
    ["01 available", "02 current"],
  );
  const later = new Rig({ store: rig.store });
  await later.goOnline();
  t.match(registration(later).state, { mode: "manual", mnc: "02" });
  await registration(later).register();
  t.match(registration(later).state, { mode: "auto" });
  const last = new Rig({ store: rig.store });
  await last.goOnline();
  t.notOk(last.driver.asked.includes("registration.manual"));
});

t.test("a network that cannot be chosen is not remembered", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  t.equal(await endOf(registration(rig).registerOperator("001", "01")), "refused");
  const later = new Rig({ store: rig.store });
  await later.goOnline();
  t.match(registration(later).state, { mode: "auto" });
});

t.test("a registration that cannot be read leaves the modem usable", async (t) => {
  const rig = new Rig();
  await rig.powerOn();
  const held = rig.driver.hold("registration.state");
  await rig.modem.setOnline(true, client);
  await rig.clock.advance(10);
  held.refuse(new ModemError("refused", "busy"));
  await rig.clock.advance(10);
  t.equal(registration(rig).state.status, "unknown");
  rig.driver.events.emit("registrationChanged", homeNetwork);
  await rig.clock.advance(10);
  t.equal(rig.modem.packetData?.state.attached, true);
});
