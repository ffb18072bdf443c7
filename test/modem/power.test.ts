import t from "tap";
import { ModemError } from "../../src/runtime/error.js";
import type { FakeDriver } from "../fakes/driver.js";
import { client, endOf, Rig, standing } from "./rig.js";

const other = { is: "client", name: ":1.9" } as const;
const until = { standingReasons: ["connect = true"] };

t.test("Powered and Online: same values, order, levels", async (t) => {
  const rig = new Rig();
  await rig.modem.setPowered(false, client);
  t.equal(await endOf(rig.modem.setOnline(true, client)), "notAvailable");
  t.strictSame(rig.modem.state.radioOffBecause, ["a client has set Powered to false"]);
  await rig.goOnline();
  await rig.modem.setPowered(true, client);
  await rig.modem.setOnline(true, client);
  await rig.context.setActive(true, client);
  rig.lines();
  await rig.modem.setOnline(false, client);
  await rig.clock.advance(10);
  t.strictSame(rig.lines(), [
    "uplink down 10.20.0.2",
    "Settings={}",
    "Active=false",
    "link wwan0 down",
    "Status=unregistered",
    "Attached=false",
    "Online=false",
    "-registration",
  ]);
  t.equal(rig.driver.radioState.softwareOn, false);
  await rig.modem.setOnline(true, client);
  await rig.clock.advance(10);
  rig.lines();
  await rig.modem.setPowered(false, client);
  t.strictSame(rig.lines(), [
    "Attached=false",
    "Status=unregistered",
    "Powered=false",
    "Online=false",
    "-registration",
    "-packetData",
    "-sim",
  ]);
  t.ok(rig.driver.closed);
  t.strictSame(rig.modem.pending(), []);
  t.equal(rig.clock.armed, 0, "a modem that is off waits for nothing");
});

t.test("a client powers off and comes back in a moment: off and on in what it sees, no second SIM start", async (t) => {
  const rig = new Rig({ modem: { keepMs: 10_000 } });
  await rig.goOnline();
  await rig.context.setActive(true, client);
  rig.lines();
  await rig.modem.setPowered(false, client);
  await rig.clock.advance(10);
  t.strictSame(rig.lines(), [
    "uplink down 10.20.0.2",
    "Settings={}",
    "Active=false",
    "Powered=false",
    "Online=false",
    "Attached=false",
    "-registration",
    "-packetData",
    "-sim",
    "link wwan0 down",
  ]);
  t.match(rig.modem.state, {
    radioOffBecause: ["a client has set Powered to false"],
    stage: "1/10 power: a client has set Powered to false; kept for a moment",
  });
  t.equal(rig.driver.calls.size, 0, "the connection itself is ended");
  t.ok(rig.driver.radioState.softwareOn);

  await rig.clock.advance(5_000);
  await rig.modem.setPowered(true, other);
  await rig.clock.advance(10);
  t.strictSame(rig.lines(), ["Powered=true", "Serial", "+sim", "IMSI=262-01", "+packetData"]);
  t.match(rig.modem.state, { powered: true, online: false, level: "offline" });
  await rig.modem.setOnline(true, other);
  t.strictSame(rig.lines(), ["Online=true", "+registration", "Status=registered", "Attached=true"]);
  t.equal(rig.opened.length, 1, "the port was never closed");
  await rig.clock.advance(60_000);
  t.match(rig.modem.state, { powered: true, online: true });
});

t.test("nobody comes back: the modem is really off", async (t) => {
  const rig = new Rig({ modem: { keepMs: 10_000 } });
  await rig.goOnline();
  await rig.modem.setPowered(false, client);
  await rig.clock.advance(9_990);
  t.notOk(rig.driver.closed);
  await rig.clock.advance(20);
  t.ok(rig.driver.closed);
  t.equal(rig.driver.radioState.softwareOn, false);
  t.equal(rig.modem.state.stage, "1/10 power: a client has set Powered to false");
  t.equal(rig.clock.armed, 0, "a modem that is off waits for nothing");
});

t.test("who comes back and does not go online has no radio for long; who says so has none at once", async (t) => {
  for (const says of [false, true]) {
    const rig = new Rig({ modem: { keepMs: 10_000 } });
    await rig.goOnline();
    await rig.modem.setPowered(false, client);
    await rig.modem.setPowered(true, client);
    if (says) await rig.modem.setOnline(false, client);
    else t.ok(rig.driver.radioState.softwareOn);
    await rig.clock.advance(says ? 10 : 10_000);
    t.equal(rig.driver.radioState.softwareOn, false);
    t.match(rig.modem.state, { powered: true, online: false });
  }
});

t.test("lockdown, and the end of wwand, do not keep a modem", async (t) => {
  const locked = new Rig({ modem: { keepMs: 10_000 } });
  await locked.goOnline();
  await locked.modem.setPowered(false, client);
  await locked.modem.setLockdown(true, client);
  t.ok(locked.driver.closed);
  const closed = new Rig({ modem: { keepMs: 10_000 } });
  await closed.goOnline();
  await closed.modem.setPowered(false, client);
  await closed.modem.close(new ModemError("aborted", "wwand ends"));
  t.ok(closed.driver.closed);
  t.strictSame(closed.modem.pending(), []);
});

t.test("a change while another runs", async (t) => {
  const rig = new Rig();
  let open: () => void = () => undefined;
  rig.open = () => new Promise((resolve) => (open = () => resolve(rig.driver)));
  const first = rig.modem.setPowered(true, client);
  await rig.clock.advance(0);
  t.equal(await endOf(rig.modem.setPowered(true, client)), "inProgress");
  t.equal(await endOf(rig.modem.setOnline(true, client)), "inProgress");
  t.equal(await endOf(rig.modem.setLockdown(true, other)), "inProgress");
  open();
  await first;
  t.equal(rig.modem.state.powered, true);
});

t.test("a port that does not open in 20 s: Timedout, left unpowered, and nobody tries again", async (t) => {
  const rig = new Rig();
  let attempts = 0;
  rig.open = (signal) => {
    attempts += 1;
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
  const outcome = rig.modem.setPowered(true, client);
  await rig.clock.advance(19_999);
  t.equal(rig.modem.state.powered, false);
  await Promise.all([rig.clock.advance(1), endOf(outcome).then((end) => t.equal(end, "timedOut"))]);
  await rig.clock.advance(3_600_000);
  t.equal(attempts, 1);
  t.match(rig.modem.state, { powered: false, level: "off" });
  t.equal(rig.clock.armed, 0);
});

t.test("a standing wish powers the modem by itself and tries again when that fails", async (t) => {
  let attempts = 0;
  const open = async (driver: FakeDriver) => {
    attempts += 1;
    if (attempts < 3) throw new ModemError("refused", "the port is held by another program");
    return driver;
  };
  const rig = new Rig({ modem: until, open });
  await rig.clock.advance(100);
  t.equal(rig.modem.state.stage, "2/10 open: the port is held by another program");
  await rig.clock.advance(1_000);
  t.equal(attempts, 1);
  await rig.clock.advance(5_000);
  t.equal(attempts, 3);
  await rig.clock.advance(100);
  t.match(rig.modem.state, { stage: "10/10 connected: wwan0", powered: true, online: true, radioOffBecause: [] });
});

t.test(
  "a client's exit under a standing wish: it sees the modem off, the bearer stays, its return is cheap",
  async (t) => {
    const rig = new Rig({ modem: until });
    await rig.clock.advance(1_000);
    t.strictSame(
      rig.lines().filter((line) => !line.startsWith("link") && !line.startsWith("uplink")),
      [
        "Powered=true",
        "+sim",
        "Present=true",
        "Online=true",
        "Retries=3",
        "IMSI=262-01",
        "+packetData",
        "+registration",
        "Status=registered",
        "Attached=true",
        "Settings=10.20.0.2",
        "Active=true",
        "Serial",
      ],
    );
    const asked = rig.driver.asked.length;
    await rig.modem.setPowered(false, client);
    t.strictSame(rig.lines(), [
      "Settings={}",
      "Active=false",
      "Attached=false",
      "Powered=false",
      "Online=false",
      "-registration",
      "-packetData",
      "-sim",
    ]);
    t.match(rig.modem.state, { level: "off", powered: false, online: false, identity: {} });
    t.equal(rig.modem.actualLevel, "online");
    t.match(
      [rig.modem.identity, rig.modem.card],
      [{ imei: "353338976168895" }, { imsi: "262011234567890" }],
      "for the uplinks",
    );
    t.equal(rig.modem.bearers.length, 1);
    t.equal(await endOf(rig.modem.setOnline(true, client)), "notAvailable");
    await rig.modem.setPowered(true, client);
    await rig.clock.advance(10);
    t.strictSame(
      rig.lines(),
      [
        "Powered=true",
        "Online=true",
        "Serial",
        "+sim",
        "IMSI=262-01",
        "+packetData",
        "+registration",
        "Status=registered",
        "Attached=true",
        "Settings=10.20.0.2",
        "Active=true",
      ],
      "the IMSI is told again, after the SIM and before ConnectionManager",
    );
    t.equal(rig.driver.asked.length, asked, "the modem was not asked anything");
  },
);

t.test("Online=false under a standing wish hides registration and data, nothing else", async (t) => {
  const rig = new Rig({ modem: until });
  await rig.clock.advance(1_000);
  rig.lines();
  await rig.modem.setOnline(false, client);
  t.strictSame(rig.lines(), ["Settings={}", "Active=false", "Attached=false", "Online=false", "-registration"]);
  t.equal(rig.modem.bearers.length, 1);
  t.equal(rig.driver.radioState.softwareOn, true);
  t.equal(await endOf(rig.context.setActive(true, client)), "notAttached");
  await rig.modem.setOnline(true, client);
  await rig.clock.advance(10);
  t.strictSame(rig.lines(), [
    "Online=true",
    "+registration",
    "Status=registered",
    "Attached=true",
    "Settings=10.20.0.2",
    "Active=true",
  ]);
  await rig.modem.setPowered(false, client);
  rig.modem.setStanding("connect = true", undefined);
  await rig.clock.advance(5_000);
  t.ok(rig.driver.closed, "nobody wants it any more: the client's Powered=false holds");
});

t.test("lockdown is the holder's alone, and overrules wwand's wish as well", async (t) => {
  const rig = new Rig({ modem: until });
  await rig.clock.advance(1_000);
  rig.lines();
  await rig.modem.setLockdown(true, client);
  t.strictSame(rig.lines().slice(-8), [
    "Attached=false",
    "Status=unregistered",
    "Powered=false",
    "Online=false",
    "-registration",
    "-packetData",
    "-sim",
    "Lockdown=true",
  ]);
  t.ok(rig.driver.closed);
  t.strictSame(rig.modem.state.radioOffBecause, ["lockdown by :1.7"]);
  await rig.modem.setLockdown(true, client);
  t.equal(await endOf(rig.modem.setLockdown(true, other)), "accessDenied");
  t.equal(await endOf(rig.modem.setLockdown(false, other)), "accessDenied");
  t.equal(await endOf(rig.modem.setPowered(true, client)), "accessDenied");
  await rig.modem.setPowered(false, client);
  rig.modem.clientGone(other.name);
  t.equal(rig.modem.state.lockdown, true);
  rig.modem.clientGone(":1.7");
  await rig.clock.advance(1_000);
  t.match(rig.modem.state, { lockdown: false, stage: "10/10 connected: wwan0" });
});

t.test("the holder of the lockdown leaves while the modem goes down for it, and wwand wants it up", async (t) => {
  const rig = new Rig({ modem: until });
  await rig.clock.advance(1_000);
  const locked = rig.modem.setLockdown(true, client);
  rig.modem.clientGone(":1.7");
  t.equal(await endOf(locked), "resolved");
  await rig.clock.advance(1_000);
  t.match(rig.modem.state, { lockdown: false, stage: "10/10 connected: wwan0" });
  t.equal(await endOf(rig.modem.setPowered(false, other)), "resolved", "nothing is left pending");
});

t.test("another program turns the radio off behind a client's back: the client can turn it on again", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  rig.driver.radioState = { softwareOn: false, hardwareOn: true };
  rig.driver.events.emit("radioChanged", rig.driver.radioState);
  t.match(rig.modem.state, { level: "offline", online: false });
  const online = rig.modem.setOnline(true, client);
  await rig.clock.advance(1_000);
  t.strictSame(rig.modem.pending(), [], "nothing waits for what nobody does");
  t.equal(await endOf(online), "resolved");
  t.match(rig.modem.state, { level: "online", online: true });
});

t.test("the modem does not turn its radio off: nobody is told that it is off, and the next try may work", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  rig.driver.hold("radio.off").refuse(new ModemError("refused", "radio set refused"));
  t.equal(await endOf(rig.modem.setOnline(false, client)), "refused");
  await rig.clock.advance(10);
  t.match(rig.modem.state, { online: true, level: "online", radioOffBecause: [] });
  t.notOk(rig.lines().includes("Online=false"));
  await rig.context.setActive(true, client);
  t.equal(rig.context.state.active, true, "all goes on");
  await rig.modem.setOnline(false, client);
  t.match(rig.modem.state, { online: false, radioOffBecause: ["a client has set Online to false"] });
});

t.test("a radio switch holds the radio off, and lets it go again", async (t) => {
  const rig = new Rig();
  rig.driver.radioState = { softwareOn: false, hardwareOn: false };
  await rig.powerOn();
  t.equal(await endOf(rig.modem.setOnline(true, client)), "denied");
  t.match(rig.modem.state, {
    online: false,
    radioOffBecause: ["a radio switch of the device", "nobody has gone online yet"],
  });
  rig.driver.radioState = { softwareOn: false, hardwareOn: true };
  rig.driver.events.emit("radioChanged", rig.driver.radioState);
  await rig.modem.setOnline(true, client);
  await rig.clock.advance(10);
  t.equal(rig.modem.state.level, "online");
  rig.driver.radioState = { softwareOn: true, hardwareOn: false };
  rig.driver.events.emit("radioChanged", rig.driver.radioState);
  t.match(rig.modem.state, { level: "offline", online: false });
  rig.driver.radioState = { softwareOn: true, hardwareOn: true };
  rig.driver.events.emit("radioChanged", rig.driver.radioState);
  await rig.clock.advance(10);
  t.match(rig.modem.state, { level: "online", online: true });
});

t.test("modems without some capability", async (t) => {
  const fixed = new Rig({ without: ["radio"] });
  await fixed.powerOn();
  t.match(fixed.modem.state, { level: "online", online: true }, "online by itself when the SIM is ready");
  t.equal(await endOf(fixed.modem.setOnline(false, client)), "notImplemented");
  const bare = new Rig({ without: ["sim", "registration", "signal", "packetService"], maxCalls: 2 });
  await bare.goOnline();
  t.strictSame([bare.modem.sim, bare.modem.registration], [undefined, undefined]);
  t.equal(bare.modem.packetData?.state.attached, true);
  t.equal(await endOf(bare.modem.packetData?.setPowered(false)), "notImplemented");
  await bare.context.setActive(true, client);
  t.equal(bare.context.state.active, true);
  const dataless = new Rig({ without: ["dataCalls"] });
  await dataless.goOnline();
  t.equal(dataless.modem.packetData, undefined);
  t.equal(dataless.modem.state.stage, "7/10 attach: the modem has no packet data");
});

t.test("a standing wish through setPowered and setOnline", async (t) => {
  const rig = new Rig();
  await rig.modem.setPowered(true, standing);
  await rig.clock.advance(1_000);
  t.match(rig.modem.state, { stage: "10/10 connected: wwan0" });
});
