/** What only AT modems have: cards that nobody tells of, causes in many words, ports in a strange state, few commands. */
import t from "tap";
import { openAtDriver } from "../../src/drivers/at.js";
import type { ByteLink, FrameLink } from "../../src/runtime/link.js";
import { silentLog } from "../../src/runtime/log.js";
import { atGeneric } from "../../src/virtual/profiles/at-generic.js";
import { mbimGeneric } from "../../src/virtual/profiles/mbim-generic.js";
import type { VirtualClock } from "../fakes/clock.js";
import { parts } from "./mbim-rig.js";
import { type Kind, kinds, never, online, Rig } from "./rig.js";

const atKinds = kinds.filter(({ face }) => face === "at");
const [generic] = atKinds;
if (generic === undefined) throw new Error("there is no kind for AT");

/** A state folder in memory. */
class Files {
  readonly kept = new Map<string, unknown>();
  read = async (name: string): Promise<unknown> => this.kept.get(name);
  write = async (name: string, value: unknown): Promise<void> => void this.kept.set(name, value);
}

/** The same kind of driver, whose commands are written down. */
function overheard(kind: Kind, files = new Files()) {
  const commands: string[] = [];
  const listening = (link: FrameLink | ByteLink) => ({
    ...link,
    write: (bytes: Buffer) => {
      commands.push(bytes.toString("latin1").trim());
      return link.write(bytes);
    },
  });
  const open: Kind["open"] = (link, clock) =>
    openAtDriver(listening(link), { log: silentLog, clock, signal: never, firmwares: files });
  return { commands, kind: { ...kind, open } };
}

/** Each semicolon begins another command. */
const count = (lines: readonly string[]): number =>
  lines.reduce((sum, line) => sum + line.split(/;(?=(?:[^"]*"[^"]*")*[^"]*$)/).length, 0);

/** What a modem asks when it is plugged in, until it is registered and until it is attached. */
async function plugIn(kind: Kind, files: Files) {
  const { commands, kind: listened } = overheard(kind, files);
  const rig = new Rig(listened, mbimGeneric);
  await rig.pass(300);
  const driver = await rig.open();
  const { sim, radio, registration, signal, packetService } = parts({ driver });
  await rig.soon(radio.state(never));
  await rig.soon(driver.identity.read(never));
  t.match(await rig.soon(sim.state(never)), { is: "ready" });
  await rig.soon(signal.state(never));
  t.match(await rig.soon(registration.state(never)), { status: "registered", operatorName: "Wwand Mobile" });
  const registered = count(commands);
  await rig.soon(packetService.state(never));
  t.match(await rig.soon(packetService.attach(never)), { state: "attached" });
  rig.cable.unplug();
  return { registered, attached: count(commands), lines: commands.length };
}

for (const kind of atKinds)
  t.test(`${kind.name}: few commands until registered and attached, fewer at the second plug`, async (t) => {
    const files = new Files();
    const first = await plugIn(kind, files);
    const second = await plugIn(kind, files);
    t.comment(`${kind.name}: first ${JSON.stringify(first)}, second ${JSON.stringify(second)}`);
    // ofonod: 70 and 137.
    t.ok(first.registered <= 32 && first.attached <= 34, JSON.stringify(first));
    t.ok(second.registered < first.registered, `${second.registered} after ${first.registered}`);
    t.equal(files.kept.size, 1);
    t.notMatch(JSON.stringify([...files.kept]), /0049990|00101012|8988/, "no identity is kept with it");
  });

t.test("no word of 27.007 tells of cards: a card that comes is looked for, one that is pulled is missed", async (t) => {
  const rig = new Rig(generic, { ...mbimGeneric, sim: { ...mbimGeneric.sim, present: false } });
  t.teardown(() => rig.cable.unplug());
  const { sim } = parts({ driver: await rig.open() });
  t.match(await rig.soon(sim.state(never)), { is: "absent" });
  await rig.pass(11_000);
  t.strictSame(rig.last("simChanged"), [], "no card is no news");
  rig.machine.send({ type: "simInsert" });
  await rig.pass(5_000);
  t.match(rig.last("simChanged"), [{ is: "ready", imsi: "001010123456789" }]);
  await rig.pass(500);
  t.match(rig.last("registrationChanged"), [{ status: "registered" }]);
  rig.machine.send({ type: "simRemove" });
  await rig.pass(50);
  t.match(rig.last("simChanged"), [{ is: "absent" }]);
});

t.test("a card is pulled in use: the modem's word for it and the lost network ask twice, and it is told", async (t) => {
  const huawei = kinds.find(({ name }) => name === "at huawei");
  if (huawei === undefined) throw new Error("the kind is missing");
  const rig = new Rig(huawei, mbimGeneric);
  t.teardown(() => rig.cable.unplug());
  const { sim } = await online(rig);
  t.match(await rig.soon(sim.state(never)), { is: "ready" });
  rig.machine.send({ type: "simRemove" });
  await rig.pass(1_000);
  t.match(rig.last("simChanged"), [{ is: "absent" }]);
});

t.test("signal that nobody tells is asked, and told when it has moved", async (t) => {
  const rig = new Rig(generic, mbimGeneric);
  t.teardown(() => rig.cable.unplug());
  const { signal } = parts({ driver: await rig.open() });
  await rig.pass(300);
  t.match(await rig.soon(signal.state(never)), { rssiDbm: -71, rsrpDbm: -99, rsrqDb: -10.5 });
  await rig.soon(signal.report?.({ rssiDb: 6, rsrpDb: 6, rsrqDb: 3, snrDb: 3 }, never) ?? Promise.reject());
  rig.machine.send({ type: "signal", rssiDbm: -91 });
  await rig.pass(30_000);
  t.match(rig.last("signalChanged"), [{ rssiDbm: -91 }]);
  rig.machine.send({ type: "signal", rssiDbm: -93 });
  await rig.pass(30_000);
  t.match(rig.last("signalChanged"), [{ rssiDbm: -91 }]);
});

const causes = [
  [2, "ImsiUnknownInHss"],
  [3, "IllegalUe"],
  [6, "IllegalMe"],
  [7, "EpsServicesNotAllowed"],
  [8, "EpsAndNonEpsServicesNotAllowed"],
  [11, "PlmnNotAllowed"],
  [13, "RoamingNotAllowedInThisTrackingArea"],
  [15, "NoSuitableCellsInTrackingArea"],
  [19, "EsmFailure"],
] as const;

for (const kind of atKinds)
  t.test(`${kind.name}: registration denied, by each cause, until it is accepted`, async (t) => {
    const rig = new Rig(kind, mbimGeneric);
    t.teardown(() => rig.cable.unplug());
    await rig.open();
    for (const [code, name] of causes) {
      rig.machine.send({ type: "reject", cause: code });
      await rig.pass(500);
      // Their +CEREG has no cause, and nothing else of theirs is known to tell one.
      const isSilent = kind.name === "at quectel" || kind.name === "at a76xx";
      const cause = isSilent ? undefined : { domain: "emm", code, name };
      t.match(rig.last("registrationChanged"), [{ status: "denied", cause }], name);
      rig.machine.send({ type: "accept" });
      await rig.pass(1_000);
      t.match(rig.last("registrationChanged"), [{ status: "registered", cause: undefined }]);
    }
  });

t.test("the port is silent for 20 s and then answers: questions end in time, the next ones are answered", async (t) => {
  for (const fault of ["hang", "silent", "garbage", "halts"] as const) {
    const rig = new Rig(generic, mbimGeneric);
    t.teardown(() => rig.cable.unplug());
    const { registration, sim } = parts({ driver: await rig.open() });
    await rig.pass(300);
    rig.cable.fault = fault;
    const ends = Promise.all(
      [registration.state(never), sim.state(never)].map((one: Promise<unknown>) =>
        one.then(
          () => "answered",
          (error: unknown) => Reflect.get(Object(error), "code"),
        ),
      ),
    );
    await rig.pass(12_000);
    rig.cable.fault = undefined;
    for (const end of await rig.soon(ends, 60_000))
      t.ok(["timeout", "protocol", "answered"].includes(String(end)), end);
    for (let second = 0; second < 40; second++) await rig.pass(1_000);
    t.match(await rig.soon(registration.state(never), 30_000), { status: "registered" }, fault);
    t.match(await rig.soon(sim.state(never)), { is: "ready" }, fault);
    t.strictSame(rig.last("gone"), [], `${fault}: nobody was told that it is gone`);
  }
});

t.test("restarted behind the driver's back: echo is on again, news are off; it is still understood", async (t) => {
  const rig = new Rig(generic, mbimGeneric);
  t.teardown(() => rig.cable.unplug());
  const { registration, sim } = parts({ driver: await rig.open() });
  await rig.pass(300);
  await rig.cable.link.write(Buffer.from("ATE1\r"));
  await rig.pass(10);
  t.match(await rig.soon(registration.state(never)), { status: "registered" });
  t.match(await rig.soon(sim.state(never)), { is: "ready", iccid: "89882280666014579837" });
});

t.test("unplugged with questions on their way: each ends so, it is told once, no timer is left", async (t) => {
  const rig = new Rig(generic, atGeneric);
  const { registration, sim, signal, packetService } = parts({ driver: await rig.open() });
  await rig.soon(signal.report?.({ rssiDb: 6, rsrpDb: 6, rsrqDb: 3, snrDb: 3 }, never) ?? Promise.reject());
  rig.cable.isSilent = true;
  const questions = [registration.state(never), sim.state(never), signal.state(never), packetService.attach(never)];
  const waits = questions.map((wait: Promise<unknown>) => t.rejects(wait, { code: "unplugged" }));
  await rig.pass(10);
  rig.cable.unplug();
  await rig.soon(Promise.all(waits));
  t.equal(rig.heard.filter(([name]) => name === "gone").length, 1);
  t.equal(rig.clock.armed, 0);
});

t.test("closing is quiet and leaves no timer", async (t) => {
  const rig = new Rig(generic, { ...mbimGeneric, sim: { ...mbimGeneric.sim, present: false } });
  const driver = await rig.open();
  const { sim, signal } = parts({ driver });
  await rig.soon(signal.report?.({ rssiDb: 6, rsrpDb: 6, rsrqDb: 3, snrDb: 3 }, never) ?? Promise.reject());
  await rig.soon(sim.state(never));
  for (const _ of [1, 2]) await rig.soon(driver.close());
  t.strictSame(rig.last("gone"), []);
  t.equal((rig.clock satisfies VirtualClock).armed, 0);
});
