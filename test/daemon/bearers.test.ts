/** Which of a modem's connections the failover engine gets to see. */
import t from "tap";
import { BearersOfUplinks } from "../../src/daemon/bearers.js";
import { endedByNetwork } from "../../src/modem/ports.js";
import type { Bearer } from "../../src/network/observe.js";
import { ethernetFirst, policyOf } from "../config/policies.js";
import { client, Rig } from "../modem/rig.js";

t.test("the internet context is the uplink's, whatever else the modem carries", async (t) => {
  const uplinks = new Map<string, Bearer>();
  const bearers = new BearersOfUplinks({
    policy: policyOf(ethernetFirst),
    setBearer: (uplink, bearer) => (bearer === undefined ? uplinks.delete(uplink) : uplinks.set(uplink, bearer)),
    setCards: () => undefined,
    setNetworks: () => undefined,
  });
  const rig = new Rig({ maxCalls: 2 });
  bearers.follow(rig.modem);
  await rig.goOnline();
  const mms = await rig.modem.packetData?.addContext("mms");
  await mms?.set("apn", "mms");
  await mms?.setActive(true, client);
  t.strictSame([...uplinks], [], "what the MMS client asked for is no way out for anybody else");

  await rig.context.setActive(true, client);
  t.match(uplinks.get("lte"), { interfaceName: "wwan1" });
  const [mmsHandle] = rig.driver.calls.keys();
  if (mmsHandle !== undefined) rig.driver.events.emit("callEnded", mmsHandle, endedByNetwork(undefined));
  t.match(uplinks.get("lte"), { interfaceName: "wwan1" }, "the loss of the other one is nothing to it");
  await rig.context.setActive(false, client);
  t.strictSame([...uplinks], []);
  bearers.forget(rig.modem);
});

t.test("what the configuration keeps up beside it is no way out, also while it is all there is", async (t) => {
  const uplinks = new Map<string, Bearer>();
  const bearers = new BearersOfUplinks({
    policy: policyOf(ethernetFirst),
    setBearer: (uplink, bearer) => (bearer === undefined ? uplinks.delete(uplink) : uplinks.set(uplink, bearer)),
    setCards: () => undefined,
    setNetworks: () => undefined,
  });
  const provision = () => [{ apn: "internet" }, { name: "iot", apn: "iot" }];
  const beside = () => [{ name: "iot", isKeptUp: true }];
  const rig = new Rig({ maxCalls: 2, modem: { provision, beside, standingReasons: ["connect = true"] } });
  bearers.follow(rig.modem);
  await rig.clock.advance(20);
  t.equal(rig.modem.bearers.length, 2);
  t.match(uplinks.get("lte"), { interfaceName: "wwan0" });
  const [internet, iot] = rig.driver.calls.keys();
  rig.driver.hold("dataCalls.start");
  if (iot !== undefined) rig.driver.events.emit("callEnded", iot, endedByNetwork(undefined));
  t.match(uplinks.get("lte"), { interfaceName: "wwan0" });
  if (internet !== undefined) rig.driver.events.emit("callEnded", internet, endedByNetwork(undefined));
  t.strictSame([...uplinks], []);
  bearers.forget(rig.modem);
});

t.test("where the modem is, is told before its connection, and not forgotten while it searches", async (t) => {
  const told: string[] = [];
  const bearers = new BearersOfUplinks({
    policy: policyOf(ethernetFirst),
    setBearer: (_, bearer) => void told.push(bearer === undefined ? "no connection" : "a connection"),
    setCards: () => undefined,
    setNetworks: (networks) => {
      const { plmn = "a network", isHome = false } = networks.get("lte") ?? {};
      const news = networks.size === 0 ? "nowhere" : `${isHome ? "at home in" : "roaming on"} ${plmn}`;
      if (told.findLast((one) => !one.endsWith("connection")) !== news) told.push(news);
    },
  });
  const rig = new Rig({ modem: { roamingAllowed: () => true } });
  bearers.follow(rig.modem);
  await rig.goOnline();
  await rig.context.setActive(true, client);
  t.strictSame(told, ["nowhere", "at home in 26201", "a connection"]);
  const registration = { mode: "auto", mcc: "208", mnc: "01" } as const;
  rig.driver.events.emit("registrationChanged", { ...registration, status: "roaming" });
  rig.driver.events.emit("registrationChanged", { mode: "auto", status: "searching" });
  t.strictSame(told.slice(3), ["roaming on 20801", "no connection"]);
  bearers.forget(rig.modem);
  t.strictSame(told.slice(5), ["nowhere"]);
});
