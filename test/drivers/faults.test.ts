/** What broken lines, firmware and networks do to a driver: each fault of the virtual modem over both protocols. */
import t, { type Test } from "tap";
import { ModemError } from "../../src/runtime/error.js";
import type { PortFault } from "../../src/virtual/model/profile.js";
import { mbimGeneric } from "../../src/virtual/profiles/mbim-generic.js";
import { parts } from "./mbim-rig.js";
import { internet, messageKinds, never, online, Rig } from "./rig.js";

// Deadlines pass in virtual time, but there are hundreds of them.
t.setTimeout(110_000);

/** Longer than any deadline of a question that is no procedure of the network. */
const longMs = 60_000;
/** Longer than the deadline of one question, shorter than a modem is given that says nothing at all. */
const outageMs = 12_000;

/** One ESM cause of each class: what waiting, another APN, another family or another contract would help. */
const causes: readonly { readonly cause: number; readonly name: string }[] = [
  { cause: 8, name: "OperatorDeterminedBarring" },
  { cause: 26, name: "InsufficientResources" },
  { cause: 27, name: "MissingOrUnknownApn" },
  { cause: 28, name: "UnknownPdnType" },
  { cause: 29, name: "UserAuthenticationFailed" },
  { cause: 33, name: "RequestedServiceOptionNotSubscribed" },
  { cause: 36, name: "RegularDeactivation" },
  { cause: 38, name: "NetworkFailure" },
  { cause: 54, name: "PdnConnectionDoesNotExist" },
];

type All = Awaited<ReturnType<typeof online>>;

const howItEnds = (question: Promise<unknown>): Promise<unknown> =>
  question.then(
    () => "answered",
    (error: unknown) => (error instanceof ModemError ? error.code : error),
  );

/**
 * Each question ends by itself; the next one after the fault is answered. Where messages have boundaries
 * of their own, a broken one is no answer. In a stream the next one may complete it, to something that makes sense or not.
 */
async function endsAndRecovers(t: Test, rig: Rig, fault: PortFault): Promise<void> {
  const all = await online(rig);
  const call = await rig.soon(all.dataCalls.start(internet, never));
  rig.cable.fault = fault;
  const questions: Promise<unknown>[] = [all.registration.state(never), all.sim.state(never)];
  const ending = Promise.all(questions.map(howItEnds));
  await rig.pass(outageMs);
  rig.cable.fault = undefined;
  const ends = await rig.soon(ending, longMs);
  const mayBe = rig.cable.link.kind === "frames" ? ["timeout"] : ["timeout", "protocol", "answered"];
  for (const end of ends) t.ok(mayBe.includes(String(end)), `ended: ${end}`);
  await recovered(t, rig, all, call.handle);
}

/** Whatever the driver had to begin anew by then: questions are answered, calls can be ended and begun, nothing is left over. */
async function recovered(t: Test, rig: Rig, { registration, dataCalls }: All, handle: number): Promise<void> {
  // In steps: an answer to what the driver asks by itself takes some turns.
  for (let passedMs = 0; passedMs < longMs; passedMs += 1_000) await rig.pass(1_000);
  t.match(await rig.soon(registration.state(never), longMs), { status: "registered" }, "it answers again");
  await rig.soon(dataCalls.stop(handle, never), longMs);
  const call = await rig.soon(dataCalls.start({ ...internet, protocol: "dual" }, never), longMs);
  t.match(call.settings, { ipv4: {}, ipv6: {} }, "and connects again");
  await rig.soon(dataCalls.stop(call.handle, never), longMs);
  t.strictSame(rig.machine.state.sessions, [], "nothing is left in the modem");
  t.strictSame(rig.last("gone"), [], "nobody was told that it is gone");
}

type Keeps = (t: Test, rig: Rig) => Promise<unknown>;

const faults: Readonly<Record<string, Keeps>> = {
  "no answer": (t, rig) => endsAndRecovers(t, rig, "silent"),
  "answers after the deadline": (t, rig) => endsAndRecovers(t, rig, "hang"),
  "answers to another transaction": (t, rig) => endsAndRecovers(t, rig, "misnumbered"),
  "an answer that ends half way, and nothing after it": (t, rig) => endsAndRecovers(t, rig, "halts"),
  "frames that end half way": (t, rig) => endsAndRecovers(t, rig, "truncated"),
  "frames that say they are longer": (t, rig) => endsAndRecovers(t, rig, "oversized"),
  "bytes without sense for answers": (t, rig) => endsAndRecovers(t, rig, "garbage"),
  "garbage before each frame": async (t, rig) => {
    const { registration, signal } = await online(rig);
    rig.cable.fault = "noise";
    t.match(await rig.soon(registration.state(never)), { status: "registered" }, "what is right in it is heard");
    rig.machine.send({ type: "signal", rssiDbm: -91 });
    await rig.pass(50);
    t.match(await rig.soon(signal.state(never)), { rssiDbm: -91 });
  },
  "it has started afresh without leaving the bus": async (t, rig) => {
    const all = await online(rig);
    const call = await rig.soon(all.dataCalls.start(internet, never));
    rig.machine.send({ type: "forgetHost" });
    await recovered(t, rig, all, call.handle);
    rig.machine.send({ type: "signal", rssiDbm: -91 });
    await rig.pass(50);
    t.match(rig.last("signalChanged"), [{ rssiDbm: -91 }], "and is heard as before");
  },
  "client ids are used up by programs that died": async (t, rig) => {
    rig.machine.send({ type: "takeClientIds" });
    t.match(await rig.soon((await rig.open()).identity.read(never)), { imei: "004999010640000" });
  },
  "calls are refused, by the network's cause": async (t, rig) => {
    const { dataCalls } = await online(rig);
    for (const { cause, name } of causes) {
      rig.machine.send({ type: "refuseCalls", cause });
      await t.rejects(
        rig.soon(dataCalls.start(internet, never)),
        { name: "ModemError", failure: { domain: "esm", code: cause, name } },
        name,
      );
      t.strictSame(rig.machine.state.sessions, [], "nothing is left in the modem");
    }
    rig.machine.send({ type: "refuseCalls", cause: 0 });
    t.ok(await rig.soon(dataCalls.start(internet, never)), "and then granted");
  },
  "the network ends a call, with each reason": async (t, rig) => {
    const { dataCalls } = await online(rig);
    for (const { cause, name } of causes) {
      const call = await rig.soon(dataCalls.start(internet, never));
      rig.machine.send({ type: "dropBearer", cause });
      await rig.pass(50);
      t.match(rig.last("callEnded"), [call.handle, { failure: { domain: "esm", code: cause, name } }], name);
    }
  },
  "the card is pulled while a call begins": async (t, rig) => {
    const { dataCalls, sim, packetService } = await online(rig);
    const ended = t.rejects(dataCalls.start(internet, never), { name: "ModemError" });
    await rig.pass(5);
    rig.machine.send({ type: "simRemove" });
    await rig.soon(ended, longMs);
    t.match(await rig.soon(sim.state(never)), { is: "absent" });
    await t.rejects(rig.soon(dataCalls.start(internet, never)), { name: "ModemError" });
    rig.machine.send({ type: "simInsert" });
    await rig.pass(1_000);
    await rig.soon(packetService.attach(never));
    t.ok(await rig.soon(dataCalls.start(internet, never)), "and it connects with the card back");
  },
  "a reset while a call begins": async (t, rig) => {
    const { dataCalls } = await online(rig);
    const ended = t.rejects(dataCalls.start(internet, never), { code: "unplugged" });
    await rig.pass(5);
    rig.cable.unplug();
    await rig.soon(ended);
    t.match(rig.last("gone"), [{ code: "unplugged" }]);
    t.equal(rig.clock.armed, 0, "no timer is left");
  },
};

const skips: Readonly<Record<"mbim" | "qmi", Readonly<Record<string, string>>>> = {
  mbim: { "client ids are used up by programs that died": "MBIM has none: whoever has the channel is the client" },
  qmi: {},
};

for (const kind of messageKinds)
  for (const link of ["frames", "bytes"] as const)
    for (const [fault, keeps] of Object.entries(faults))
      t.test(`${kind.name} over ${link}: ${fault}`, { skip: skips[kind.name][fault] ?? false }, async (t) => {
        const rig = new Rig(kind, mbimGeneric, { kind: link });
        t.teardown(() => rig.cable.unplug());
        await keeps(t, rig);
      });

/** What firmware does not know, by protocol, and what the driver makes of it. */
const unknown: Readonly<
  Record<"mbim" | "qmi", { readonly message: string; readonly code: number; readonly domain: string }>
> = {
  qmi: { message: "NETWORK_SCAN", code: 71, domain: "qmi" },
  mbim: { message: "VISIBLE_PROVIDERS", code: 9, domain: "mbim" },
};
for (const kind of messageKinds)
  t.test(`${kind.name}: a message that the firmware does not know`, async (t) => {
    const { message, code, domain } = unknown[kind.name];
    const rig = new Rig(kind, { ...mbimGeneric, lacks: [message] });
    t.teardown(() => rig.cable.unplug());
    const { registration } = parts({ driver: await rig.open() });
    await rig.pass(300);
    await t.rejects(rig.soon(registration.scan(never)), { code: "unsupported", failure: { domain, code } });
    t.match(await rig.soon(registration.state(never)), { status: "registered" }, "and the rest goes on");
  });
