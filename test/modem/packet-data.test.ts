import t from "tap";
import type { ContextSettings } from "../../src/modem/api.js";
import { ModemError } from "../../src/runtime/error.js";
import { homeNetwork } from "../fakes/driver.js";
import { MemoryStore } from "../fakes/store.js";
import { client, endOf, Rig } from "./rig.js";

const abroad = { ...homeNetwork, status: "roaming", mcc: "228", mnc: "01", operatorName: "Swisscom" } as const;
const packetData = (rig: Rig) => {
  const { packetData } = rig.modem;
  if (packetData === undefined) throw new Error("there is no packet data");
  return packetData;
};
const numbers = (rig: Rig) => packetData(rig).contexts.map(({ number, state }) => `${number} ${state.type}`);

t.test("abroad: attached only with the owner's consent, which is remembered for this card", async (t) => {
  const rig = new Rig({ registration: abroad });
  await rig.goOnline();
  t.equal(rig.modem.state.stage, "7/10 attach: roaming is not allowed");
  t.equal(await endOf(rig.context.setActive(true, client)), "notAttached");
  await packetData(rig).setRoamingAllowed(true);
  await rig.clock.advance(10);
  t.strictSame(rig.lines(), ["Attached=true"]);
  await rig.context.setActive(true, client);
  rig.lines();
  await packetData(rig).setRoamingAllowed(false);
  await rig.clock.advance(10);
  t.strictSame(rig.lines(), [
    "uplink down 10.20.0.2",
    "Settings={}",
    "Active=false",
    "Attached=false",
    "link wwan0 down",
  ]);
  t.equal(rig.driver.packetState.state, "detached");
  await packetData(rig).setRoamingAllowed(true);
  const later = new Rig({ registration: abroad, store: rig.store });
  await later.goOnline();
  t.match(packetData(later).state, { attached: true, roamingAllowed: true });
});

t.test("the configuration allows roaming where no client has decided", async (t) => {
  const rig = new Rig({ registration: abroad, modem: { roamingAllowed: () => true } });
  await rig.goOnline();
  t.equal(packetData(rig).state.attached, true);
  await packetData(rig).setRoamingAllowed(false);
  const later = new Rig({ registration: abroad, store: rig.store, modem: { roamingAllowed: () => true } });
  await later.goOnline();
  t.equal(packetData(later).state.attached, false, "a client has");
});

t.test("crossing the border with a living bearer", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  await rig.context.setActive(true, client);
  rig.lines();
  rig.driver.setRegistration(abroad);
  await rig.clock.advance(10);
  t.strictSame(rig.lines(), [
    "Status=roaming",
    "uplink down 10.20.0.2",
    "Settings={}",
    "Active=false",
    "Attached=false",
    "link wwan0 down",
  ]);
});

t.test("denied by the network: the cause in its own words", async (t) => {
  const cause = { domain: "emm", code: 11, name: "PlmnNotAllowed" } as const;
  const rig = new Rig({ registration: { status: "denied", mode: "auto", cause } });
  await rig.goOnline();
  t.match(rig.modem.registration?.state, { status: "denied", cause, name: "" });
  t.match(rig.modem.state, { stage: "6/10 register: denied (emm 11 PlmnNotAllowed)", cause });
  t.notOk(rig.driver.asked.includes("packetService.attach"), "what the network denies is not hammered");
  rig.driver.setRegistration(homeNetwork);
  await rig.clock.advance(10);
  t.equal(packetData(rig).state.attached, true);
});

t.test("the network detaches: contexts first, and one attach at a time with growing waits", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  await rig.context.setActive(true, client);
  rig.lines();
  rig.driver.dropCalls();
  rig.driver.setPacketService({ state: "detached" });
  t.strictSame(rig.lines(), ["uplink lost", "uplink down 10.20.0.2", "Settings={}", "Active=false", "Attached=false"]);
  await rig.clock.advance(1_900);
  t.equal(packetData(rig).state.attached, false);
  await rig.clock.advance(200);
  t.equal(packetData(rig).state.attached, true);
  const attaches = () => rig.driver.asked.filter((call) => call === "packetService.attach").length;
  const before = attaches();
  for (let n = 0; n < 100; n++) {
    rig.driver.setPacketService({ state: "detached" });
    await rig.clock.advance(1_000);
  }
  t.ok(
    attaches() - before < 10,
    `${attaches() - before} attaches in 100 s against a network that detaches every second`,
  );
});

t.test("an attach that the network refuses is tried again by the class of its cause", async (t) => {
  const rig = new Rig();
  await rig.powerOn();
  const held = rig.driver.hold("packetService.attach");
  await rig.modem.setOnline(true, client);
  await rig.clock.advance(10);
  t.equal(await endOf(rig.context.setActive(true, client)), "notAttached");
  held.refuse(
    new ModemError("refused", "attach refused", { failure: { domain: "emm", code: 22, name: "Congestion" } }),
  );
  await rig.clock.advance(29_000);
  t.match(rig.modem.state, { stage: "7/10 attach: attach refused (emm 22 Congestion)" });
  t.equal(packetData(rig).state.attached, false);
  await rig.clock.advance(2_000);
  t.equal(packetData(rig).state.attached, true);
});

t.test("a detach that takes its time: activation and deactivation are told to wait", async (t) => {
  const rig = new Rig({ maxCalls: 2 });
  await rig.goOnline();
  await rig.context.setActive(true, client);
  const held = rig.driver.hold("packetService.detach");
  await packetData(rig).setPowered(false);
  await rig.clock.advance(10);
  t.equal(rig.context.state.active, false);
  await packetData(rig).setPowered(true);
  t.equal(await endOf(rig.context.setActive(true, client)), "attachInProgress");
  held.answer();
  await rig.clock.advance(5_000);
  t.equal(packetData(rig).state.attached, true, "and afterwards it is attached again");
});

t.test("ConnectionManager.Powered=false is persisted, and leaves a standing bearer alone", async (t) => {
  const rig = new Rig({ modem: { standingReasons: ["connect = true"] } });
  await rig.clock.advance(1_000);
  rig.lines();
  await packetData(rig).setPowered(false);
  t.strictSame(rig.lines(), ["Settings={}", "Active=false", "Attached=false"]);
  t.equal(rig.modem.bearers.length, 1);
  await rig.clock.advance(120_000);
  t.equal(rig.modem.bearers.length, 1);
  const later = new Rig({ store: rig.store });
  await later.goOnline();
  t.match(packetData(later).state, { powered: false, attached: false });
  await packetData(later).setPowered(true);
  await later.clock.advance(10);
  t.equal(packetData(later).state.attached, true);
});

t.test("a short gap in coverage: clients see it, a standing bearer that still lives is left alone", async (t) => {
  const rig = new Rig({ modem: { standingReasons: ["connect = true"] } });
  await rig.clock.advance(1_000);
  rig.lines();
  rig.driver.events.emit("registrationChanged", { status: "searching", mode: "auto" });
  await rig.clock.advance(1_000);
  t.strictSame(rig.lines(), ["Status=searching", "Settings={}", "Active=false", "Attached=false"]);
  t.equal(rig.modem.bearers.length, 1);
  rig.driver.events.emit("registrationChanged", homeNetwork);
  await rig.clock.advance(1_000);
  t.strictSame(rig.lines(), ["Status=registered", "Attached=true", "Settings=10.20.0.2", "Active=true"]);
});

t.test("contexts: internet first, numbers never reused, everything kept for the card", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  const mms = await packetData(rig).addContext("mms");
  t.match(mms.state, { name: "MMS", type: "mms", apn: "", active: false });
  await packetData(rig).addContext("internet");
  t.strictSame(numbers(rig), ["1 internet", "3 internet", "2 mms"]);
  const told: string[] = [];
  packetData(rig).contextEvents.on("removed", ({ number }) => told.push(`removed ${number}`));
  packetData(rig).contextEvents.on("added", ({ number }) => told.push(`added ${number}`));
  const third = packetData(rig).contexts[1];
  if (third === undefined) throw new Error("there is no third context");
  await packetData(rig).removeContext(third);
  t.equal(await endOf(packetData(rig).removeContext(third)), "notFound");
  await packetData(rig).addContext("wap");
  t.strictSame(told, ["removed 3", "added 4"]);
  await mms.set("messageProxy", "10.1.2.3:8080");
  await mms.set("messageProxy", "10.1.2.3:8080");
  const later = new Rig({ store: rig.store });
  await later.powerOn();
  t.strictSame(numbers(later), ["1 internet", "2 mms", "4 wap"]);
  t.equal(packetData(later).contexts[1]?.state.messageProxy, "10.1.2.3:8080");
});

t.test("removing an active context takes it down first", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  await rig.context.setActive(true, client);
  rig.lines();
  await packetData(rig).removeContext(rig.context);
  t.strictSame(rig.lines(), ["uplink down 10.20.0.2", "Settings={}", "Active=false", "link wwan0 down"]);
  t.equal(rig.driver.calls.size, 0);
});

t.test("removing the context of the standing wish: the next internet context carries it", async (t) => {
  const rig = new Rig({ modem: { standingReasons: ["connect = true"] } });
  await rig.clock.advance(1_000);
  await packetData(rig).addContext("internet");
  await packetData(rig).removeContext(rig.context);
  await rig.clock.advance(10);
  t.match(rig.modem.bearers, [{ contextNumber: 2, owner: "self" }]);
  t.equal(rig.driver.calls.size, 1);
});

t.test("what a client sets: checked, kept, told once", async (t) => {
  const rig = new Rig();
  await rig.powerOn();
  const { context } = rig;
  const changes: string[] = [];
  context.events.on("changed", (next, previous) => {
    for (const key of ["apn", "username", "auth", "protocol", "type"] as const)
      if (next[key] !== previous[key]) changes.push(`${key}=${next[key]}`);
  });
  await context.set("apn", "n.ispsn");
  await context.set("apn", "n.ispsn");
  await context.set("auth", "pap");
  t.equal(await endOf(context.set("apn", "")), "invalidFormat");
  t.equal(await endOf(context.set("apn", "bad apn")), "invalidFormat");
  t.equal(await endOf(context.set("username", "u".repeat(64))), "invalidFormat");
  t.equal(await endOf(context.set("messageCenter", "http://x")), "invalidArguments");
  const wrong: ContextSettings["protocol"][] = JSON.parse('["ppp"]');
  for (const protocol of wrong) t.equal(await endOf(context.set("protocol", protocol)), "invalidFormat");
  t.strictSame(changes, ["apn=n.ispsn", "auth=pap"]);
  rig.store.failure = new Error("no space left on device");
  t.match(await endOf(context.set("apn", "other")), /no space left/);
  t.equal(context.state.apn, "n.ispsn", "what is not on the disk has not changed");
});

t.test("the configuration's APN follows the configuration until a client changes it", async (t) => {
  const store = new MemoryStore();
  const provide = (apn: string) => ({ store, modem: { provision: () => [{ apn }] } });
  const first = new Rig(provide("old"));
  await first.powerOn();
  const second = new Rig(provide("new"));
  await second.powerOn();
  t.match(second.context, { number: 1, state: { apn: "new" } });
  await second.context.set("apn", "mine");
  const third = new Rig(provide("newer"));
  await third.powerOn();
  t.match(third.context, { number: 1, state: { apn: "mine" } });
});

t.test("ResetContexts: only while nothing can be up; numbers go on", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  t.equal(await endOf(packetData(rig).resetContexts()), "notAllowed");
  await packetData(rig).setPowered(false);
  await packetData(rig).addContext("mms");
  await packetData(rig).resetContexts();
  t.strictSame(numbers(rig), ["3 internet"]);
  t.equal(rig.context.state.apn, "internet");
  await packetData(rig).setPowered(true);
  await rig.clock.advance(5_000);
  await rig.context.setActive(true, client);
  t.equal(rig.context.state.active, true);
});

t.test("DeactivateAll, and one command at a time", async (t) => {
  const rig = new Rig({ maxCalls: 2 });
  await rig.goOnline();
  const second = await packetData(rig).addContext("internet");
  await second.set("apn", "second");
  await rig.context.setActive(true, client);
  await second.setActive(true, client);
  t.equal(rig.driver.calls.size, 2);
  const held = rig.driver.hold("dataCalls.stop");
  const all = packetData(rig).deactivateAll();
  t.equal(await endOf(packetData(rig).addContext("mms")), "inProgress");
  t.equal(await endOf(second.setActive(false, client)), "inProgress");
  await rig.clock.advance(0);
  held.answer();
  await all;
  t.strictSame([rig.context.state.active, second.state.active], [false, false]);
  t.equal(rig.driver.calls.size, 0);
});

t.test("a client leaves the modem at its limit of contexts", async (t) => {
  const rig = new Rig();
  await rig.powerOn();
  for (let n = 1; n < 256; n++) await packetData(rig).addContext("internet");
  t.equal(await endOf(packetData(rig).addContext("internet")), "notAllowed");
});
