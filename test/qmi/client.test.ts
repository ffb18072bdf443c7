import t, { type Test } from "tap";
import { encodeTlvs } from "../../src/codec/tlv.js";
import { QmiClient, type QmiClientOptions } from "../../src/qmi/client.js";
import { encodeFrame } from "../../src/qmi/frame.js";
import { encodeResult } from "../../src/qmi/result.js";
import * as ctl from "../../src/qmi/services/ctl.js";
import * as dms from "../../src/qmi/services/dms.js";
import * as nas from "../../src/qmi/services/nas.js";
import * as wds from "../../src/qmi/services/wds.js";
import { services } from "../../src/qmi/services.js";
import type { ModemError } from "../../src/runtime/error.js";
import { createLog, silentLog } from "../../src/runtime/log.js";
import { VirtualClock } from "../fakes/clock.js";
import { QmiCable } from "./cable.js";

const never = new AbortController().signal;

function rig(t: Test, options: Partial<QmiClientOptions> = {}) {
  const clock = new VirtualClock();
  const cable = new QmiCable(clock);
  const client = new QmiClient({ link: cable.link, log: silentLog, clock, ...options });
  t.teardown(() => cable.unplug());
  return { clock, cable, client };
}

/** Lets the far end answer whatever is on its way. */
const soon = async <T>(clock: VirtualClock, promise: Promise<T>): Promise<T> => {
  let done = false;
  const settled = promise.finally(() => {
    done = true;
  });
  settled.catch(() => undefined);
  for (let turn = 0; !done && turn < 200; turn++) await clock.advance(1);
  return settled;
};

t.test("opening asks one question that disturbs nobody, and knows then what is served", async (t) => {
  const { clock, cable, client } = rig(t);
  await soon(clock, client.open(never));
  t.strictSame(cable.namesAsked(), ["0/0x21"], "no SYNC: a living connection stays");
  t.strictSame(client.version("nas"), { major: 1, minor: 25 });
  t.equal(client.version("pdc"), undefined);
});

t.test("a modem that listens late is asked again; one that never answers is told by a deadline", async (t) => {
  const { clock, cable, client } = rig(t);
  cable.toModem = () => cable.asked.length > 1;
  const opened = client.open(never);
  await clock.advance(3_100);
  await soon(clock, opened);
  t.equal(cable.asked.length, 2);

  const dead = rig(t);
  dead.cable.toModem = () => false;
  const failed = t.rejects(dead.client.open(never), { code: "timeout", message: /CTL GET_VERSION_INFO/ });
  await dead.clock.advance(10_000);
  await failed;
  t.equal(dead.clock.armed, 0, "nothing waits any more");
});

t.test(
  "questions and answers by client id, refusals with the modem's own word and what it tells beside it",
  async (t) => {
    const { clock, cable, client } = rig(t);
    await soon(clock, client.open(never));
    const device = await soon(clock, client.allocate("dms", never));
    t.match(await soon(clock, device.ask(dms.getModel, {}, never)), { text: "Virtual MBIM Modem" });
    await t.rejects(soon(clock, client.allocate("loc", never)), { code: "unsupported", message: /LOC/ });

    await clock.advance(1_000);
    cable.machine.send({ type: "attach" });
    await clock.advance(1_000);
    const data = await soon(clock, client.allocate("wds", never));
    const refused = await soon(clock, data.tryAsk(wds.startNetwork, { apn: "nonsense", ipFamily: "ipv4" }, never));
    t.match(refused, { is: "refused", error: 14, failure: { verboseReason: { type: "3gpp", code: 27 } } });
    await t.rejects(soon(clock, data.ask(wds.getCurrentSettings, {}, never)), {
      code: "refused",
      message: "WDS GET_CURRENT_SETTINGS: outOfCall",
      failure: { domain: "qmi", code: 15 },
    });
  },
);

t.test("an abort frees the caller at once; the late answer meets nobody else", async (t) => {
  const { clock, cable, client } = rig(t);
  await soon(clock, client.open(never));
  const device = await soon(clock, client.allocate("dms", never));
  const held: (() => void)[] = [];
  cable.toHost = (message) => {
    held.push(() => cable.tell(message));
    return false;
  };
  const leaving = new AbortController();
  const left = t.rejects(device.ask(dms.getModel, {}, leaving.signal), { code: "aborted" });
  await clock.advance(10);
  leaving.abort();
  await left;
  const asked = device.ask(dms.getRevision, {}, never);
  await clock.advance(10);
  cable.toHost = () => true;
  for (const release of held) release();
  t.match(await soon(clock, asked), { text: "VMM-1.0.0" });
});

t.test("an answer of another client or under another id is nobody's", async (t) => {
  const { clock, cable, client } = rig(t);
  await soon(clock, client.open(never));
  const device = await soon(clock, client.allocate("dms", never));
  cable.toModem = (message) => {
    const answer = { ...message, kind: "response" as const, tlvs: encodeResult(71) };
    cable.tell({ ...answer, client: answer.client + 1 });
    cable.tell({ ...answer, id: dms.getRevision.id });
    cable.tell({ ...answer, transaction: answer.transaction + 1 });
    return true;
  };
  t.match(await soon(clock, device.ask(dms.getModel, {}, never)), { text: "Virtual MBIM Modem" });
});

t.test("garbage between frames, cut and overlong answers: a typed error for one, the next goes on", async (t) => {
  const { clock, cable, client } = rig(t);
  await soon(clock, client.open(never));
  const device = await soon(clock, client.allocate("dms", never));
  cable.toHost = (message) => {
    cable.deliver(Buffer.from("0dff01ffff800203", "hex"));
    cable.tell({ ...message, tlvs: message.tlvs.subarray(0, message.tlvs.length - 3) });
    cable.toHost = () => true;
    return false;
  };
  await t.rejects(soon(clock, device.ask(dms.getModel, {}, never)), { code: "protocol", message: /GET_MODEL/ });
  t.match(await soon(clock, device.ask(dms.getModel, {}, never)), { text: "Virtual MBIM Modem" });
});

t.test(
  "a modem that falls silent: a call ends at its deadline, and it is given up after the last questions",
  async (t) => {
    const { clock, cable, client } = rig(t);
    await soon(clock, client.open(never));
    const device = await soon(clock, client.allocate("dms", never));
    const gone: ModemError[] = [];
    client.events.on("gone", (reason) => gone.push(reason));
    cable.toModem = () => false;
    const ended = t.rejects(device.ask(dms.getModel, {}, never), { code: "timeout" });
    await clock.advance(10_000);
    await ended;
    for (let question = 0; question < 3; question++) {
      t.strictSame(gone, [], "it may still answer");
      await clock.advance(3_000);
    }
    t.match(gone, [{ code: "timeout", message: "/dev/cdc-wdm0 does not answer any more" }]);
    await t.rejects(device.ask(dms.getModel, {}, never), { message: /does not answer any more/ });
    t.equal(clock.armed, 0);
  },
);

t.test("unplugged in the middle: every wait ends so", async (t) => {
  const { clock, cable, client } = rig(t);
  await soon(clock, client.open(never));
  const device = await soon(clock, client.allocate("dms", never));
  cable.toHost = () => false;
  const ended = [dms.getModel, dms.getRevision].map((message) =>
    t.rejects(device.ask(message, {}, never), { code: "unplugged" }),
  );
  await clock.advance(5);
  cable.unplug();
  await Promise.all(ended);
  t.equal(clock.armed, 0);
});

t.test("ids that a dead program never gave back are freed by SYNC, and those who had one get another", async (t) => {
  const { clock, cable, client } = rig(t);
  await soon(clock, client.open(never));
  const device = await soon(clock, client.allocate("dms", never));
  const tlvs = encodeTlvs(ctl.allocateClient.request, { service: services.dms });
  for (let taken = 1; taken < 20; taken++)
    await cable.link.write(
      encodeFrame({
        kind: "request",
        service: 0,
        client: 0,
        transaction: 200 + taken,
        id: ctl.allocateClient.id,
        tlvs,
      }),
    );
  await clock.advance(1);
  let resets = 0;
  client.events.on("reset", () => {
    resets += 1;
  });
  await soon(clock, client.allocate("dms", never));
  await clock.advance(100);
  t.equal(cable.asked.filter(({ id }) => id === ctl.sync.id).length, 1);
  t.equal(resets, 1);
  t.match(await soon(clock, device.ask(dms.getModel, {}, never)), { text: "Virtual MBIM Modem" });
});

t.test("a firmware crash: void ids are noticed, renewed, and told", async (t) => {
  const { clock, cable, client } = rig(t);
  await soon(clock, client.open(never));
  const device = await soon(clock, client.allocate("dms", never));
  let resets = 0;
  client.events.on("reset", () => {
    resets += 1;
  });
  cable.restartFirmware();
  await t.rejects(soon(clock, device.ask(dms.getModel, {}, never)), { code: "refused", failure: { code: 7 } });
  await clock.advance(50);
  t.equal(resets, 1);
  t.match(await soon(clock, device.ask(dms.getModel, {}, never)), { text: "Virtual MBIM Modem" });
});

t.test(
  "indications go to the client they name or to all of a service, never before the answer ahead of them",
  async (t) => {
    const { clock, cable, client } = rig(t);
    await soon(clock, client.open(never));
    const network = await soon(clock, client.allocate("nas", never));
    const heard: string[] = [];
    network.watch(nas.servingSystemChanged, ({ servingSystem }) => heard.push(servingSystem.registration));
    await soon(clock, network.ask(nas.registerIndications, { servingSystem: true }, never));
    cable.machine.send({ type: "networkDeregister" });
    await clock.advance(10);
    t.match(heard, ["notRegistered"]);
    cable.tell({
      kind: "indication",
      service: services.nas,
      client: 255,
      transaction: 0,
      id: 0x24,
      tlvs: Buffer.alloc(1),
    });
    await clock.advance(1);
    t.equal(heard.length, 1, "an unreadable one is dropped");
    t.match(await soon(clock, network.ask(nas.getServingSystem, {}, never)), {
      servingSystem: { registration: "notRegistered" },
    });
  },
);

t.test("firmware that loses what comes too fast is given time between requests", async (t) => {
  const { clock, cable, client } = rig(t, { requestGapMs: 2 });
  await soon(clock, client.open(never));
  const device = await soon(clock, client.allocate("dms", never));
  const sentAtMs: number[] = [];
  cable.toModem = () => {
    sentAtMs.push(clock.nowMs());
    return true;
  };
  await soon(clock, Promise.all([1, 2, 3].map(() => device.ask(dms.getModel, {}, never))));
  t.ok(
    sentAtMs.every((atMs, index) => index === 0 || atMs - (sentAtMs[index - 1] ?? 0) >= 2),
    sentAtMs.join(" "),
  );
});

t.test("the log shows names and values, and no secret", async (t) => {
  const lines: string[] = [];
  const log = createLog(
    () => "debug",
    (line) => lines.push(line),
  );
  const { clock, client } = rig(t, { log });
  await soon(clock, client.open(never));
  const data = await soon(clock, client.allocate("wds", never));
  const request = { apn: "internet", username: "me", password: "hunter2", ipFamily: "ipv4" } as const;
  await soon(clock, data.tryAsk(wds.startNetwork, request, never));
  const text = lines.join("");
  t.match(text, /START_NETWORK apn="internet" username="me" password=\*\*\* ipFamily=ipv4/);
  t.notMatch(text, /hunter2/);
});

t.test("closing gives the client ids back, in time, and is quiet", async (t) => {
  const { clock, cable, client } = rig(t);
  await soon(clock, client.open(never));
  await soon(clock, client.allocate("dms", never));
  await soon(clock, client.allocate("nas", never));
  let gone = 0;
  client.events.on("gone", () => {
    gone += 1;
  });
  await soon(clock, client.close(500));
  t.equal(cable.asked.filter(({ id }) => id === ctl.releaseClient.id).length, 2);
  t.equal(gone, 0);
  t.equal(clock.armed, 0);
});

t.test("what ends something overtakes what waits, and a scan that nobody wants is taken back", async (t) => {
  const { clock, cable, client } = rig(t, { requestGapMs: 20 });
  await soon(clock, client.open(never));
  const network = await soon(clock, client.allocate("nas", never));
  const device = await soon(clock, client.allocate("dms", never));
  await clock.advance(20);
  cable.asked.length = 0;
  const leaving = new AbortController();
  const scan = t.rejects(network.ask(nas.networkScan, {}, leaving.signal), { code: "aborted" });
  await clock.advance(0);
  const reads = [dms.getModel, dms.getRevision].map((message) => device.ask(message, {}, never));
  const off = device.ask(dms.setOperatingMode, { mode: "lowPower" }, never);
  leaving.abort();
  await scan;
  await soon(clock, Promise.all([...reads, off]));
  t.strictSame(cable.namesAsked(), ["3/0x21", "2/0x2e", "3/0x1", "2/0x22", "2/0x23"]);
  const [first] = cable.asked;
  const [, , abort] = cable.asked;
  t.equal(abort?.tlvs.readUInt16LE(3), first?.transaction, "by its transaction");
});
