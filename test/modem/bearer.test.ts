import t from "tap";
import { NetworkBackoff } from "../../src/modem/ports.js";
import { ModemError } from "../../src/runtime/error.js";
import { firstAddress } from "../fakes/driver.js";
import { client, endOf, Rig, standing } from "./rig.js";

const second = { mtu: 1500, ipv4: { method: "static", address: "10.20.0.9", prefixLength: 30, dns: [] } } as const;
const deactivated = { domain: "esm", code: 36, name: "RegularDeactivation" } as const;
const unknownApn = new ModemError("refused", "connect refused", {
  failure: { domain: "esm", code: 27, name: "MissingOrUnknownApn" },
});
const starts = ({ driver }: Rig) => driver.asked.filter((call) => call === "dataCalls.start").length;

const standingRig = async (owner: "self" | "client" = "self"): Promise<Rig> => {
  const rig = new Rig({
    modem: { standingReasons: ["connect = true"], ipOwner: (w) => (w.is === "standing" ? owner : "client") },
  });
  await rig.clock.advance(5_000);
  rig.lines();
  return rig;
};

t.test("a client's bearer, up and down, in the order of the contract", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  await rig.context.setActive(true, client);
  await rig.context.setActive(true, client);
  t.strictSame(rig.lines(), [
    "link wwan0 up 10.20.0.2 for client",
    "uplink up 10.20.0.2",
    "Settings=10.20.0.2",
    "Active=true",
  ]);
  t.match(await rig.context.statistics(), { rxBytes: 1000 });
  await rig.context.setActive(false, client);
  await rig.context.setActive(false, client);
  t.strictSame(rig.lines(), ["uplink down 10.20.0.2", "link wwan0 down", "Settings={}", "Active=false"]);
  t.equal(rig.driver.calls.size, 0);
  t.equal(await endOf(rig.context.statistics()), "notActive");
});

t.test("the tests of an activation, in the contract's order", async (t) => {
  const rig = new Rig();
  await rig.powerOn();
  t.equal(await endOf(rig.context.setActive(true, client)), "notAttached");
  await rig.modem.setOnline(true, client);
  await rig.clock.advance(2_000);
  const other = await rig.modem.packetData?.addContext("internet");
  const held = rig.driver.hold("dataCalls.start");
  const first = rig.context.setActive(true, client);
  await rig.clock.advance(0);
  const joined = rig.context.setActive(true, { is: "client", name: ":1.9" });
  t.equal(await endOf(rig.context.set("apn", "other")), "inProgress");
  t.equal(await endOf(other?.setActive(true, client)), "notImplemented", "one bearer, one context");
  held.answer();
  await first;
  t.equal(await endOf(joined), "resolved", "whoever asks for what is on its way waits for it, too");
  t.equal(starts(rig), 1);
  t.equal(await endOf(rig.context.set("apn", "other")), "inUse");
  rig.driver.setPacketService({ state: "detaching" });
  await rig.clock.advance(2_000);
  t.equal(await endOf(rig.context.setActive(true, client)), "notAttached");
});

t.test("a client that asks again the moment it is refused is answered later each time; others at once", async (t) => {
  const rig = new Rig();
  await rig.powerOn();
  const refusedAfterS = async () => {
    const beginMs = rig.clock.nowMs();
    const outcome = endOf(rig.context.setActive(true, client)).then((code) => {
      t.equal(code, "notAttached");
      return Math.round((rig.clock.nowMs() - beginMs) / 1000);
    });
    for (let s = 0; s < 40; s++) await rig.clock.advance(1_000);
    return outcome;
  };
  t.equal(await refusedAfterS(), 0, "who asks now and then");
  t.equal(await refusedAfterS(), 0);
  const seconds: number[] = [];
  // Each asks in the very turn in which the one before was answered, as ConnMan does.
  const asked = (async () => {
    for (const _ of [1, 2, 3, 4, 5, 6]) {
      const beginMs = rig.clock.nowMs();
      await endOf(rig.context.setActive(true, client));
      seconds.push(Math.round((rig.clock.nowMs() - beginMs) / 1000));
    }
  })();
  for (let s = 0; s < 100; s++) await rig.clock.advance(1_000);
  await asked;
  t.strictSame(seconds, [0, 2, 4, 8, 16, 30]);
});

t.test("Active=false during an activation calls it off: nothing is up, and nobody hears of anything", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  const held = rig.driver.hold("dataCalls.start");
  held.ignoresAbort = true;
  const outcome = endOf(rig.context.setActive(true, client));
  await rig.clock.advance(0);
  const off = rig.context.setActive(false, client);
  t.equal(await outcome, "aborted");
  t.equal(await endOf(rig.context.setActive(true, client)), "inProgress", "the modem has not answered yet");
  held.answer();
  await rig.clock.advance(10);
  await off;
  t.equal(rig.driver.calls.size, 0, "the call that came late is closed");
  t.strictSame(rig.lines(), []);
  await rig.clock.advance(2_000);
  await rig.context.setActive(true, client);
  t.match(rig.context.state, { active: true });
});

t.test("Active=false during an activation that wwand wants too: the client is out of it, wwand goes on", async (t) => {
  const rig = new Rig({ modem: { standingReasons: ["connect = true"], ipOwner: () => "self" } });
  const held = rig.driver.hold("dataCalls.start");
  await rig.clock.advance(5_000);
  rig.lines();
  const outcome = endOf(rig.context.setActive(true, client));
  await rig.clock.advance(0);
  await rig.context.setActive(false, client);
  t.equal(await outcome, "aborted");
  held.answer();
  await rig.clock.advance(10);
  t.strictSame(rig.lines(), ["link wwan0 up 10.20.0.2 for self", "uplink up 10.20.0.2"], "the client sees none of it");
});

t.test(
  "settings that a client changes while a failing reply is held back: taken, and asked with at once",
  async (t) => {
    const rig = new Rig();
    await rig.goOnline();
    const held = rig.driver.hold("dataCalls.start");
    const outcome = rig.context.setActive(true, client).catch((error) => error);
    await rig.clock.advance(0);
    held.refuse(unknownApn);
    await rig.clock.advance(100);
    await rig.context.set("apn", "right");
    t.match(await outcome, { failure: { code: 27 } });
    await rig.context.setActive(true, client);
    t.match(rig.context.state, { apn: "right", active: true });
  },
);

t.test("a refused activation: the reply waits, longer each time, and nothing is redialled", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  const seconds: number[] = [];
  for (const _ of [1, 2, 3, 4, 5, 6]) {
    const held = rig.driver.hold("dataCalls.start");
    const beginMs = rig.clock.nowMs();
    const outcome = rig.context.setActive(true, client).catch((error) => {
      seconds.push(Math.round((rig.clock.nowMs() - beginMs) / 1000));
      return error;
    });
    await rig.clock.advance(0);
    held.refuse(unknownApn);
    await rig.clock.advance(40_000);
    t.match(await outcome, { failure: { code: 27 } }, "with the network's own cause");
  }
  t.strictSame(seconds, [2, 4, 8, 16, 30, 30], "never as long as a client waits");
  t.match(rig.context.state.cause, { name: "MissingOrUnknownApn" });
  t.match(rig.modem.state, { stage: /^8\/10 activate: connect refused \(esm 27/, cause: { code: 27 } });
  await rig.clock.advance(3_600_000);
  t.equal(starts(rig), 6);
  t.strictSame(rig.lines(), []);
});

t.test("Active=false ends the wait for a failing reply; a second one is accepted as quietly", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  const held = rig.driver.hold("dataCalls.start");
  const outcome = rig.context.setActive(true, client);
  await rig.clock.advance(0);
  held.refuse(unknownApn);
  await rig.clock.advance(100);
  await Promise.all([t.rejects(outcome, { code: "refused" }), rig.context.setActive(false, client)]);
  await rig.context.setActive(false, client);
});

t.test("called off during the start, and the network's late yes", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  const held = rig.driver.hold("dataCalls.start");
  held.ignoresAbort = true;
  const outcome = rig.context.setActive(true, client);
  await rig.clock.advance(0);
  const off = rig.modem.packetData?.setPowered(false);
  t.equal(await endOf(outcome), "aborted");
  await off;
  held.answer();
  await rig.clock.advance(10);
  t.equal(rig.driver.calls.size, 0, "the call that came late is closed");
  t.ok(rig.driver.asked.includes("dataCalls.stop"));
  t.strictSame(rig.lines(), ["Attached=false"], "and nobody ever saw it");
  t.equal(rig.modem.state.stage, "7/10 attach: not attached");
});

t.test("a start that the modem never answers ends before the client gives up", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  rig.driver.hold("dataCalls.start");
  const outcome = rig.context.setActive(true, client);
  await Promise.all([t.rejects(outcome, { code: "timeout" }), rig.clock.advance(39_000)]);
});

t.test("a start that works without a link is no connection: the call is stopped", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  rig.link.failure = Object.assign(new Error("No such device"), { code: "ENODEV" });
  const outcome = rig.context.setActive(true, client);
  await Promise.all([t.rejects(outcome, { message: /wwan0 could not be configured/ }), rig.clock.advance(10_000)]);
  t.equal(rig.driver.calls.size, 0);
  t.strictSame(rig.lines(), []);
});

t.test("a lost bearer comes back quickly: the uplinks hear of it, the bus of nothing but new settings", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  await rig.context.setActive(true, client);
  rig.lines();
  rig.driver.dropCalls(deactivated);
  t.strictSame(rig.lines(), ["uplink lost"], "in the very turn");
  await rig.clock.advance(10);
  t.strictSame(rig.lines(), ["link wwan0 up 10.20.0.2 for client", "uplink up 10.20.0.2"]);
  rig.driver.dropCalls(deactivated);
  await rig.clock.advance(10);
  t.strictSame(
    rig.lines(),
    ["uplink lost", "uplink down 10.20.0.2", "Settings={}", "Active=false", "link wwan0 down"],
    "dropped again before it was stable: no second quick try",
  );
  t.match(rig.context.state.cause, deactivated);
  await Promise.all([rig.context.setActive(true, client), rig.clock.advance(2_000)]);
  await rig.clock.advance(60_000);
  rig.lines();
  rig.driver.nextSettings = second;
  rig.driver.dropCalls(deactivated);
  await rig.clock.advance(10);
  t.strictSame(
    rig.lines(),
    [
      "uplink lost",
      "Settings={}",
      "Active=false",
      "link wwan0 up 10.20.0.9 for client",
      "uplink up 10.20.0.9",
      "Settings=10.20.0.9",
      "Active=true",
    ],
    "other addresses: a client takes them with Active=true only",
  );
});

t.test("a network that ends every bearer, and a client that asks again at once: it is not hammered", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  const seconds: number[] = [];
  for (const _ of [1, 2, 3, 4, 5]) {
    const beginMs = rig.clock.nowMs();
    const connected = rig.context.setActive(true, client).then(() => {
      seconds.push(Math.round((rig.clock.nowMs() - beginMs) / 1000));
    });
    await Promise.all([connected, rig.clock.advance(20_000)]);
    for (const _ of ["the quick one", "again"]) {
      rig.driver.dropCalls(deactivated);
      await rig.clock.advance(10);
    }
    t.equal(rig.context.state.active, false);
  }
  t.strictSame(seconds, [0, 2, 4, 8, 15], "each is connected in the end, well before a client gives up");
  const waiting = rig.context.setActive(true, client);
  await rig.clock.advance(1_000);
  await rig.modem.setOnline(false, client);
  t.equal(await endOf(waiting), "aborted");
  await rig.clock.advance(60_000);
  t.equal(rig.driver.calls.size, 0, "what was called off is not started later");
});

t.test("a lost bearer comes back on another interface: the old one is given up before", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  await rig.context.setActive(true, client);
  rig.lines();
  rig.driver.nextInterface = "wwan7";
  rig.driver.dropCalls(deactivated);
  await rig.clock.advance(10);
  t.strictSame(rig.lines(), [
    "uplink lost",
    "uplink down 10.20.0.2",
    "Settings={}",
    "Active=false",
    "link wwan0 down",
    "link wwan7 up 10.20.0.2 for client",
    "uplink up 10.20.0.2",
    "Settings=10.20.0.2",
    "Active=true",
  ]);
  t.equal(rig.context.state.bearer?.interfaceName, "wwan7");
});

t.test(
  "a lost bearer whose quick re-activation fails: the client's ends, the standing one is dialled again",
  async (t) => {
    const rig = new Rig();
    await rig.goOnline();
    await rig.context.setActive(true, client);
    rig.lines();
    const held = rig.driver.hold("dataCalls.start");
    rig.driver.dropCalls(deactivated);
    await rig.clock.advance(10);
    t.strictSame(rig.lines(), ["uplink lost"], "the bus is not told yet");
    held.refuse(new ModemError("refused", "no"));
    await rig.clock.advance(600_000);
    t.strictSame(rig.lines(), ["uplink down 10.20.0.2", "Settings={}", "Active=false", "link wwan0 down"]);
    t.equal(starts(rig), 2);

    const own = await standingRig();
    const refused = own.driver.hold("dataCalls.start");
    own.driver.dropCalls(deactivated);
    await own.clock.advance(10);
    refused.refuse(new ModemError("refused", "no"));
    await own.clock.advance(1_900);
    t.strictSame(own.lines(), [
      "uplink lost",
      "uplink down 10.20.0.2",
      "Settings={}",
      "Active=false",
      "link wwan0 down",
    ]);
    await own.clock.advance(200);
    t.strictSame(own.lines(), [
      "link wwan0 up 10.20.0.2 for self",
      "uplink up 10.20.0.2",
      "Settings=10.20.0.2",
      "Active=true",
    ]);
  },
);

t.test("a standing wish waits by the class of the cause and respects the network's timer", async (t) => {
  const rig = new Rig({ modem: { standingReasons: ["connect = true"] } });
  const first = rig.driver.hold("dataCalls.start");
  await rig.clock.advance(1_000);
  const next = rig.driver.hold("dataCalls.start");
  first.refuse(unknownApn);
  await rig.clock.advance(299_000);
  t.equal(starts(rig), 1, "an unknown APN is tried again seldom");
  await rig.clock.advance(2_000);
  t.equal(starts(rig), 2);
  next.refuse(new NetworkBackoff("insufficient resources, T3396", 720_000));
  await rig.clock.advance(719_000);
  t.equal(starts(rig), 2);
  const outcome = rig.context.setActive(true, client);
  await Promise.all([t.rejects(outcome, { message: /T3396/ }), rig.clock.advance(5_000)]);
  t.equal(starts(rig), 2, "not even for a client before the network's timer is over");
  await rig.clock.advance(200_000);
  t.equal(starts(rig), 3);
  t.match(rig.modem.state.stage, /^10\/10/);
});

t.test("an APN that the user corrects is dialled at once", async (t) => {
  const rig = new Rig({ modem: { standingReasons: ["connect = true"] } });
  const held = rig.driver.hold("dataCalls.start");
  await rig.clock.advance(1_000);
  held.refuse(unknownApn);
  await rig.clock.advance(100);
  await rig.context.set("apn", "internet.telekom");
  await rig.clock.advance(100);
  t.match(rig.modem.state.stage, /^10\/10/);
  t.match([...rig.driver.calls.values()], [{ apn: "internet.telekom" }]);
});

t.test("the configuration gives another APN: what is down is dialled anew at once, what is up stays", async (t) => {
  let apn = "wrong";
  const rig = new Rig({ modem: { standingReasons: ["connect"], provision: () => [{ apn }] } });
  const held = rig.driver.hold("dataCalls.start");
  await rig.goOnline();
  await rig.clock.advance(100);
  held.refuse(new ModemError("refused", "no", { failure: { domain: "esm", code: 27, name: "MissingOrUnknownApn" } }));
  await rig.clock.advance(1_000);
  t.equal(rig.driver.calls.size, 0, "waits for minutes");
  rig.modem.reviewConfiguration();
  await rig.clock.advance(1_000);
  t.equal(rig.driver.calls.size, 0, "nothing has changed");
  apn = "right";
  rig.modem.reviewConfiguration();
  await rig.clock.advance(1_000);
  t.match([...rig.driver.calls.values()], [{ apn: "right" }]);
  t.match(rig.store.saved.at(-1)?.contexts, [{ apn: "right", source: "config" }], "kept with the card");
  apn = "another";
  rig.modem.reviewConfiguration();
  await rig.clock.advance(1_000);
  t.match([...rig.driver.calls.values()], [{ apn: "right" }]);
  await rig.modem.close(new ModemError("aborted", "over"));
});

t.test("both families asked, one allowed: the other is dialled in the same attempt", async (t) => {
  const rig = new Rig({ modem: { provision: () => [{ apn: "internet", protocol: "dual" }] } });
  await rig.goOnline();
  const held = rig.driver.hold("dataCalls.start");
  const outcome = rig.context.setActive(true, client);
  await rig.clock.advance(0);
  held.refuse(
    new ModemError("refused", "no", { failure: { domain: "esm", code: 50, name: "PdnTypeIpv4OnlyAllowed" } }),
  );
  await outcome;
  t.match([...rig.driver.calls.values()], [{ protocol: "ip" }]);
});

t.test(
  "both asked, one granted with the word that there is no other: only that is asked for from then on",
  async (t) => {
    const rig = new Rig({ modem: { provision: () => [{ apn: "internet", protocol: "dual" }] } });
    await rig.goOnline();
    rig.driver.nextOnly = "ip";
    await rig.context.setActive(true, client);
    t.match([...rig.driver.calls.values()], [{ protocol: "dual" }]);
    t.match(
      rig.store.saved.at(-1)?.ipFamilies,
      [{ plmn: "26201", apn: "internet", protocol: "ip" }],
      "kept with the card",
    );
    await rig.context.setActive(false, client);
    await rig.clock.advance(100);
    await rig.context.setActive(true, client);
    t.match([...rig.driver.calls.values()], [{ protocol: "ip" }]);
  },
);

t.test("the network changes the addresses of a living bearer", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  await rig.context.setActive(true, client);
  rig.lines();
  rig.driver.events.emit("callSettingsChanged", 1, second);
  await rig.clock.advance(10);
  t.strictSame(rig.lines(), [
    "Settings={}",
    "Active=false",
    "link wwan0 up 10.20.0.9 for client",
    "uplink changed 10.20.0.9",
    "Settings=10.20.0.9",
    "Active=true",
  ]);
  rig.driver.events.emit("callSettingsChanged", 99, firstAddress);
  await rig.clock.advance(10);
  t.strictSame(rig.lines(), [], "another call's");
});

t.test("what a client says while its bearer gets other addresses", async (t) => {
  const change = (rig: Rig) => {
    rig.lines();
    rig.driver.events.emit("callSettingsChanged", 1, second);
    t.strictSame(rig.lines(), ["Settings={}", "Active=false"]);
  };
  const again = new Rig();
  await again.goOnline();
  await again.context.setActive(true, client);
  change(again);
  t.equal(await endOf(again.context.set("apn", "other")), "inProgress");
  // ConnMan does so at every Active=false of a favourite.
  await again.context.setActive(true, client);
  t.equal(again.context.state.active, true, "answered when the addresses are in place");
  t.equal(starts(again), 1);

  const enough = new Rig();
  await enough.goOnline();
  await enough.context.setActive(true, client);
  change(enough);
  await enough.context.setActive(false, client);
  await enough.clock.advance(10);
  t.equal(enough.context.state.active, false);
  t.equal(enough.driver.calls.size, 0);
});

t.test("a client withdraws its wish under a standing one: it sees the bearer go, and the bearer stays", async (t) => {
  const rig = await standingRig();
  t.equal(rig.context.state.active, true, "what is up is shown");
  await rig.context.setActive(false, client);
  t.strictSame(rig.lines(), ["Settings={}", "Active=false"]);
  t.equal(rig.modem.bearers.length, 1);
  rig.driver.dropCalls(deactivated);
  await rig.clock.advance(10);
  t.strictSame(rig.lines(), ["uplink lost", "link wwan0 up 10.20.0.2 for self", "uplink up 10.20.0.2"]);
  await rig.context.setActive(true, client);
  t.strictSame(rig.lines(), ["Settings=10.20.0.2", "Active=true"], "each activation says its settings anew");
  t.equal(starts(rig), 2);
});

t.test("the owner of the addresses is never changed under a living bearer", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  await rig.context.setActive(true, client);
  rig.modem.setStanding("standby", "connected");
  await rig.clock.advance(10);
  t.match(rig.modem.bearers, [{ owner: "client" }], "a second wisher changes nothing");
  rig.lines();
  await rig.context.setActive(false, client);
  await rig.clock.advance(10);
  t.strictSame(
    rig.lines(),
    [
      "Settings={}",
      "Active=false",
      "uplink down 10.20.0.2",
      "link wwan0 down",
      "link wwan0 up 10.20.0.2 for self",
      "uplink up 10.20.0.2",
    ],
    "the client has taken its addresses away: a new bearer of wwand's own",
  );
  t.match(rig.modem.bearers, [{ owner: "self" }]);
});

t.test("the network manager comes and goes: the bearer keeps its owner, the next one has another", async (t) => {
  let present = true;
  const rig = new Rig({ modem: { ipOwner: ({ is }) => (is === "client" && present ? "client" : "self") } });
  await rig.goOnline();
  await rig.context.setActive(true, client);
  present = false;
  rig.modem.reviewOwners();
  rig.driver.dropCalls(deactivated);
  await rig.clock.advance(10);
  t.match(rig.modem.bearers, [{ owner: "client" }], "not even a quick re-activation changes it");
  await rig.context.setActive(false, client);
  await rig.context.setActive(true, client);
  t.match(rig.modem.bearers, [{ owner: "self" }]);
  present = true;
  rig.modem.reviewOwners();
  await rig.clock.advance(10);
  t.match(rig.modem.bearers, [{ owner: "self" }]);
  t.equal(starts(rig), 3);
});

t.test(
  "whoever owned the addresses of a bearer that wwand wants too is gone: wwand starts one of its own",
  async (t) => {
    const leave = {
      "by a crash": (rig: Rig) => rig.modem.reviewOwners(),
      "by Powered=false": (rig: Rig) => rig.modem.setPowered(false, client),
      "by ConnectionManager.Powered=false": (rig: Rig) => rig.modem.packetData?.setPowered(false),
    };
    for (const [how, leaves] of Object.entries(leave)) {
      let present = true;
      const rig = new Rig({ modem: { ipOwner: ({ is }) => (is === "client" && present ? "client" : "self") } });
      await rig.goOnline();
      await rig.context.setActive(true, client);
      rig.modem.setStanding("connect = true", "connected");
      rig.modem.reviewOwners();
      await rig.clock.advance(10);
      t.match(rig.modem.bearers, [{ owner: "client" }], `${how}: still there`);
      present = false;
      await leaves(rig);
      await rig.clock.advance(10);
      t.match(rig.modem.bearers, [{ owner: "self" }], how);
      t.match(rig.link.raised.get("wwan0"), { owner: "self" });
      t.equal(rig.driver.calls.size, 1);
    }
  },
);

t.test("the standing wish ends: what clients see stays theirs, what they do not see goes", async (t) => {
  const seen = await standingRig();
  seen.modem.setStanding("connect = true", undefined);
  await seen.clock.advance(10);
  t.strictSame(seen.lines(), []);
  t.match(seen.modem.state, { powered: true, online: true });
  t.equal(seen.context.state.active, true);
  await seen.context.setActive(false, client);
  t.equal(seen.driver.calls.size, 0);

  const hidden = await standingRig();
  await hidden.context.setActive(false, client);
  hidden.lines();
  hidden.modem.setStanding("connect = true", undefined);
  await hidden.clock.advance(10);
  t.strictSame(hidden.lines(), ["uplink down 10.20.0.2", "link wwan0 down"]);
});

t.test("a standing wish for one context by setActive", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  await rig.context.setActive(true, standing);
  await rig.clock.advance(10);
  t.match(rig.modem.bearers, [{ owner: "self", contextNumber: 1 }]);
  await rig.context.setActive(false, client);
  t.equal(rig.modem.bearers.length, 1);
  await rig.context.setActive(false, standing);
  await rig.clock.advance(10);
  t.equal(rig.modem.bearers.length, 0);
});
