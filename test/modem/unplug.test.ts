import t from "tap";
import { ModemError } from "../../src/runtime/error.js";
import { FakeDriver, homeCard } from "../fakes/driver.js";
import { MemoryStore } from "../fakes/store.js";
import { endOf, Rig } from "./rig.js";

const unhandled: unknown[] = [];
process.on("unhandledRejection", (reason) => unhandled.push(reason));

const options = {
  card: { ...homeCard, pin: "1234" },
  modem: { pin: () => "1234", standingReasons: ["connect = true"] },
};

const reasonOf = ({ driver }: Rig): ModemError =>
  driver.gone ?? new ModemError("protocol", "the plug was never pulled");

/** Brings a modem up by wwand's own wish and pulls the plug when the `step`th question reaches the device. */
async function unpluggedAt(step: number): Promise<{ readonly call: string | undefined; readonly rig: Rig }> {
  let call: string | undefined;
  const rig = new Rig(options);
  const { driver } = rig;
  driver.onAsked = (name) => {
    if (driver.asked.length !== step) return;
    call = name;
    driver.unplug();
  };
  await rig.clock.advance(5_000);
  return { call, rig };
}

t.test("unplugged at each step of bring-up: told, ended, nothing waits, and a replug works", async (t) => {
  const steps: string[] = [];
  for (let step = 1; ; step++) {
    const { call, rig } = await unpluggedAt(step);
    if (call === undefined) {
      t.equal(rig.modem.state.stage, "10/10 connected: wwan0", "every step has been tried");
      break;
    }
    steps.push(call);
    await rig.modem.close(reasonOf(rig));
    t.equal(rig.driver.gone?.code, "unplugged");
    t.match(rig.modem.state, { level: "off", powered: false, online: false, identity: {} }, `${step} ${call}`);
    t.strictSame([rig.modem.sim, rig.modem.registration, rig.modem.packetData], [undefined, undefined, undefined]);
    t.strictSame(rig.modem.bearers, []);
    t.strictSame([...rig.link.raised.keys()], [], "no link stays configured");
    t.strictSame(rig.modem.pending(), [], "no wait is left");
    t.equal(rig.clock.armed, 0, "no timer is left");
    t.ok(rig.driver.closed, "the port is closed");
    const again = new Rig({ ...options, store: rig.store });
    await again.clock.advance(5_000);
    t.equal(again.modem.state.stage, "10/10 connected: wwan0", "works after replug");
    t.equal(again.context.number, 1, "with the context that clients know");
  }
  for (const expected of [
    "radio.state",
    "sim.state",
    "sim.enterPin",
    "radio.on",
    "packetService.attach",
    "dataCalls.start",
  ])
    t.ok(steps.includes(expected), expected);
  t.strictSame(unhandled, []);
});

t.test("unplugged while the bearer is up: the uplinks and the bus hear it in order", async (t) => {
  const rig = new Rig(options);
  await rig.clock.advance(5_000);
  rig.lines();
  rig.driver.unplug();
  t.strictSame(
    rig.lines(),
    [
      "uplink down 10.20.0.2",
      "Settings={}",
      "Active=false",
      "Attached=false",
      "Powered=false",
      "Online=false",
      "-registration",
      "-packetData",
      "-sim",
    ],
    "in the very turn",
  );
  await rig.modem.close(reasonOf(rig));
  t.strictSame([...rig.link.raised.keys()], []);
  t.strictSame(rig.modem.pending(), []);
});

t.test("unplugged while clients have powered off and a standing wish goes on: they hear nothing", async (t) => {
  const rig = new Rig(options);
  await rig.clock.advance(5_000);
  await rig.modem.setPowered(false, { is: "client", name: ":1.7" });
  rig.lines();
  rig.driver.unplug();
  t.strictSame(rig.lines(), ["uplink down 10.20.0.2"]);
  await rig.modem.close(reasonOf(rig));
  t.strictSame(rig.lines(), ["link wwan0 down"]);
  t.strictSame(rig.modem.pending(), []);
});

t.test("unplugged under every open command: each is rejected with unplugged", async (t) => {
  const client = { is: "client", name: ":1.7" } as const;
  const commands: readonly (readonly [string, (rig: Rig) => Promise<unknown> | undefined])[] = [
    ["sim.enterPin", ({ modem }) => modem.sim?.enterPin("pin", "1234")],
    ["registration.scan", ({ modem }) => modem.registration?.scan()],
    ["registration.auto", ({ modem }) => modem.registration?.register()],
    ["dataCalls.start", ({ context }) => context.setActive(true, client)],
    ["dataCalls.stop", ({ context }) => context.setActive(true, client).then(() => context.setActive(false, client))],
    ["radio.off", ({ modem }) => modem.setOnline(false, client)],
  ];
  for (const [held, command] of commands) {
    const rig = new Rig(held === "sim.enterPin" ? { card: { ...homeCard, pin: "1234" } } : {});
    await rig.goOnline();
    rig.driver.hold(held);
    const outcome = command(rig);
    await rig.clock.advance(0);
    rig.driver.unplug();
    if (held === "dataCalls.stop") t.equal(await endOf(outcome), "resolved", "what shall be down is down");
    else t.equal(await endOf(outcome), "unplugged", held);
    await rig.modem.close(reasonOf(rig));
    t.strictSame(rig.modem.pending(), [], held);
    t.equal(rig.clock.armed, 0, held);
  }
});

t.test("closed by its owner during power-on: the driver that opens too late is closed", async (t) => {
  const rig = new Rig({ store: new MemoryStore() });
  const late = new FakeDriver();
  let opened: () => void = () => undefined;
  rig.open = () => new Promise((resolve) => (opened = () => resolve(late)));
  const outcome = rig.modem.setPowered(true, { is: "client", name: ":1.7" });
  await rig.clock.advance(0);
  await Promise.all([t.rejects(outcome, { code: "aborted" }), rig.modem.close(new ModemError("aborted", "shutdown"))]);
  opened();
  await rig.clock.advance(0);
  t.ok(late.closed);
  t.equal(rig.clock.armed, 0);
});
