/** The client against a scripted function: who waits for what, and how every wait ends. */
import t, { type Test } from "tap";
import { encodeStruct } from "../../src/codec/struct.js";
import { MbimClient, type MbimClientOptions } from "../../src/mbim/client.js";
import { encodeFrames, protocolErrors } from "../../src/mbim/frame.js";
import * as basicConnect from "../../src/mbim/services/basic-connect.js";
import { proxyConfiguration } from "../../src/mbim/services/proxy-control.js";
import { status } from "../../src/mbim/status.js";
import { errorText, ModemError } from "../../src/runtime/error.js";
import { createLog, silentLog } from "../../src/runtime/log.js";
import { settle, VirtualClock } from "../fakes/clock.js";
import { ScriptedDevice, type ScriptedDeviceOptions } from "./device.js";

const never = new AbortController().signal;
const radio = { values: { hardware: "on", software: "on" } } as const;
const signalInfo = { rssi: 20, errorRate: 99, signalStrengthInterval: 5, rssiThreshold: 1, errorRateThreshold: 99 };

/** Runs pending turns and then `ms` of time. */
async function pass(clock: VirtualClock, ms = 0): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await settle();
  await clock.advance(ms);
  for (let turn = 0; turn < 8; turn++) await settle();
}

async function rig(options: Partial<MbimClientOptions & ScriptedDeviceOptions> = {}) {
  const clock = new VirtualClock();
  const device = new ScriptedDevice({ clock, ...options });
  const client = new MbimClient({ link: device.link, log: silentLog, clock, ...options });
  const gone: ModemError[] = [];
  client.events.on("gone", (reason) => gone.push(reason));
  const opened = async () => {
    const opening = client.open(never);
    await pass(clock);
    await opening;
  };
  return { clock, device, client, gone, opened };
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "resolved",
    (error: unknown) => (error instanceof ModemError ? error.code : `not a ModemError: ${String(error)}`),
  );

t.test("open, ask, set, close: in that order on the cable, and the link is closed", async (t) => {
  const { clock, device, client, gone, opened } = await rig();
  device.onQuery(basicConnect.radioState, () => radio).onSet(basicConnect.radioState, () => radio);
  await opened();
  t.strictSame(await client.query(basicConnect.radioState, {}, never), radio.values);
  t.strictSame(await client.set(basicConnect.radioState, { software: "off" }, never), radio.values);
  await client.close(1_000);
  await pass(clock);
  t.strictSame(
    device.received.map(({ type, transaction }) => `${type} ${transaction}`),
    ["open 1", "command 2", "command 3", "close 4"],
  );
  t.strictSame([device.isGone, gone.length, clock.armed], [true, 0, 0], "closed by us: not gone, no timer left");
});

t.test("MaxControlTransfer is what the device's descriptor allows, else 4096", async (t) => {
  for (const [kind, expected] of [
    ["frames", 512],
    ["bytes", 4096],
  ] as const) {
    const { device, opened } = await rig({ kind, maxFrameBytes: 512 });
    await opened();
    t.match(device.received[0], { type: "open", maxControlTransfer: expected }, kind);
  }
});

t.test("answers in another order than the questions reach whoever asked", async (t) => {
  const { device, client, opened } = await rig();
  const answers: (() => void)[] = [];
  const held = new Promise<void>((resolve) => answers.push(resolve));
  device
    .onQuery(basicConnect.signalState, async () => {
      await held;
      return { values: signalInfo };
    })
    .onQuery(basicConnect.radioState, () => radio);
  await opened();
  const first = client.query(basicConnect.signalState, {}, never);
  t.strictSame(await client.query(basicConnect.radioState, {}, never), radio.values);
  answers[0]?.();
  t.strictSame(await first, signalInfo);
});

t.test("a refusal carries the MBIM status by name", async (t) => {
  const { device, client, opened } = await rig();
  device.onSet(basicConnect.packetService, () => ({ status: status.radioPowerOff }));
  await opened();
  await t.rejects(client.set(basicConnect.packetService, { action: "attach" }, never), {
    code: "notReady",
    failure: { domain: "mbim", code: 20, name: "RadioPowerOff" },
  });
});

t.test("an answer whose content is cut off is a protocol error that names the field", async (t) => {
  const { device, client, opened } = await rig();
  device.onQuery(basicConnect.signalState, () => "silence");
  await opened();
  const asked = client.query(basicConnect.signalState, {}, never);
  await settle();
  const { service, cid } = basicConnect.signalState;
  device.send({ type: "commandDone", transaction: 2, status: 0, service, cid, payload: Buffer.alloc(6) });
  await t.rejects(
    asked.catch((error: unknown) => Promise.reject(new Error(errorText(error)))),
    /errorRate/,
  );
});

t.test("what a killed predecessor had asked is answered under our ids: nobody takes it for his answer", async (t) => {
  const { clock, device, client } = await rig();
  device.onQuery(basicConnect.signalState, () => ({ values: signalInfo }));
  const { service, cid } = basicConnect.radioState;
  const stale = (transaction: number) =>
    device.send({ type: "commandDone", transaction, status: 0, service, cid, payload: Buffer.alloc(20) });
  stale(1);
  const opening = client.open(never);
  await pass(clock);
  await opening;
  const asked = client.query(basicConnect.signalState, {}, never);
  stale(2);
  await pass(clock);
  t.strictSame(await asked, signalInfo);
});

t.test("an abort settles the waiter at once; the late answer meets nobody", async (t) => {
  const { clock, device, client, opened } = await rig();
  device.onQuery(basicConnect.signalState, () => "silence").onQuery(basicConnect.radioState, () => radio);
  await opened();
  const abort = new AbortController();
  const asked = client.query(basicConnect.signalState, {}, abort.signal);
  await pass(clock);
  abort.abort();
  t.equal(await codeOf(asked), "aborted");
  const next = client.query(basicConnect.radioState, {}, never);
  const { service, cid } = basicConnect.signalState;
  device.send({ type: "commandDone", transaction: 2, status: 0, service, cid, payload: Buffer.alloc(20) });
  t.strictSame(await next, radio.values);
});

t.test("an aborted signal sends nothing", async (t) => {
  const { clock, device, client, opened } = await rig();
  await opened();
  t.equal(await codeOf(client.query(basicConnect.radioState, {}, AbortSignal.abort())), "aborted");
  await pass(clock);
  t.strictSame([device.received.length, clock.armed], [1, 0]);
});

t.test("at most four commands are with the function; the fifth waits for room", async (t) => {
  const { clock, device, client, opened } = await rig();
  const answers: (() => void)[] = [];
  device.onQuery(basicConnect.radioState, () => new Promise((resolve) => answers.push(() => resolve(radio))));
  await opened();
  const asked = [1, 2, 3, 4, 5, 6].map(() => client.query(basicConnect.radioState, {}, never));
  await pass(clock);
  t.equal(answers.length, 4);
  answers[0]?.();
  await pass(clock);
  t.equal(answers.length, 5);
  for (let n = 1; n < 6; n++) {
    answers[n]?.();
    await pass(clock);
  }
  t.equal((await Promise.all(asked)).length, 6);
});

t.test("silence: 'timeout' after ten seconds, and the modem may answer the next one", async (t) => {
  const { clock, device, client, gone, opened } = await rig();
  device.onQuery(basicConnect.radioState, () => radio);
  await opened();
  device.isSilent = true;
  const asked = codeOf(client.query(basicConnect.radioState, {}, never));
  await pass(clock, 10_000);
  t.equal(await asked, "timeout");
  device.isSilent = false;
  t.strictSame(await client.query(basicConnect.radioState, {}, never), radio.values);
  t.strictSame(gone, []);
});

/** One question of ours, then the client's own two. */
async function threeTimeouts({ clock, client }: { clock: VirtualClock; client: MbimClient }): Promise<string> {
  const asked = codeOf(client.query(basicConnect.signalState, {}, never));
  for (const timeoutMs of [10_000, 5_000, 5_000]) await pass(clock, timeoutMs);
  return asked;
}

t.test("a question without an answer: another one is asked, and whoever answers it is left alone", async (t) => {
  const { clock, device, client, gone, opened } = await rig();
  device.onQuery(basicConnect.signalState, () => "silence").onQuery(basicConnect.radioState, () => radio);
  await opened();
  const asked = codeOf(client.query(basicConnect.signalState, {}, never));
  await pass(clock, 10_000);
  t.equal(await asked, "timeout");
  await pass(clock, 60_000);
  t.strictSame(
    device.received.map(({ type }) => type),
    ["open", "command", "command"],
  );
  t.strictSame(gone, []);
});

t.test(
  "nor does the function answer when it is asked for a sign of life: CLOSE and OPEN once, and work goes on",
  async (t) => {
    const world = await rig();
    const { clock, device, client, gone, opened } = world;
    device.onQuery(basicConnect.radioState, () => radio);
    await opened();
    let reopened = 0;
    client.events.on("reopened", () => {
      reopened += 1;
    });
    device.isSilent = true;
    t.equal(await threeTimeouts(world), "timeout");
    device.isSilent = false;
    const asked = client.query(basicConnect.radioState, {}, never);
    await pass(clock, 3_000);
    t.strictSame(await asked, radio.values);
    t.strictSame(
      device.received.filter(({ type }) => type !== "command").map(({ type }) => type),
      ["open", "close", "open"],
    );
    t.strictSame([reopened, gone], [1, []]);
  },
);

t.test("silent for good: given up once, with everything that waited", async (t) => {
  const world = await rig();
  const { clock, device, client, gone, opened } = world;
  await opened();
  device.isSilent = true;
  await threeTimeouts(world);
  const waiting = codeOf(client.query(basicConnect.radioState, {}, never));
  await pass(clock, 60_000);
  t.equal(await waiting, "timeout");
  t.match(gone, [{ code: "timeout" }]);
  t.equal(gone.length, 1);
  t.strictSame([device.isGone, clock.armed], [true, 0], "link closed, no timer left");
  t.equal(await codeOf(client.query(basicConnect.radioState, {}, never)), "timeout");
});

t.test("the function says it is not open: opened again, command repeated, once for all that wait", async (t) => {
  const { clock, device, client, opened } = await rig();
  device
    .onQuery(basicConnect.radioState, () => radio)
    .onQuery(basicConnect.signalState, () => ({ values: signalInfo }));
  await opened();
  device.isOpen = false;
  const both = Promise.all([
    client.query(basicConnect.radioState, {}, never),
    client.query(basicConnect.signalState, {}, never),
  ]);
  await pass(clock);
  t.strictSame(await both, [radio.values, signalInfo]);
  t.equal(device.received.filter(({ type }) => type === "open").length, 2);
});

t.test("a function that is never open fails the command, not the program", async (t) => {
  const { clock, device, client, opened } = await rig();
  await opened();
  device.onOpen = ({ transaction }) => {
    queueMicrotask(() => {
      device.isOpen = false;
    });
    return { type: "openDone", transaction, status: 0 };
  };
  device.isOpen = false;
  const asked = client.query(basicConnect.radioState, {}, never);
  const code = codeOf(asked);
  await pass(clock, 1_000);
  t.equal(await code, "protocol");
  await t.rejects(asked, { code: "protocol", failure: { domain: "mbim", code: 5, name: "notOpened" } });
});

t.test("a modem that sleeps through the first OPENs is opened when it wakes; one that never does is not", async (t) => {
  const { clock, device, client } = await rig();
  device.isSilent = true;
  const opening = client.open(never);
  await pass(clock, 12_000);
  device.isSilent = false;
  await pass(clock, 5_000);
  await opening;
  t.pass("opened");

  const other = await rig();
  other.device.isSilent = true;
  const failing = codeOf(other.client.open(never));
  await pass(other.clock, 60_000);
  t.equal(await failing, "timeout");
  t.equal(other.clock.armed, 0);
});

const unplugging: Readonly<Record<string, (world: Awaited<ReturnType<typeof rig>>) => Promise<Promise<unknown>[]>>> = {
  "while opening": async ({ client, device }) => {
    device.isSilent = true;
    return [client.open(never)];
  },
  "with commands out and in the queue": async ({ client, device, opened }) => {
    await opened();
    device.isSilent = true;
    return [1, 2, 3, 4, 5, 6, 7].map(() => client.query(basicConnect.radioState, {}, never));
  },
  "while opening again": async ({ client, device, opened }) => {
    await opened();
    device.isOpen = false;
    device.onOpen = () => "silence";
    return [client.query(basicConnect.radioState, {}, never), client.query(basicConnect.signalState, {}, never)];
  },
};
for (const [when, begin] of Object.entries(unplugging)) {
  t.test(`unplugged ${when}: every waiter hears it, gone is told once, no timer is left`, async (t) => {
    const world = await rig();
    const codes = (await begin(world)).map(codeOf);
    await pass(world.clock);
    world.device.unplug();
    await pass(world.clock);
    t.strictSame(
      await Promise.all(codes),
      codes.map(() => "unplugged"),
    );
    t.match(world.gone, [{ code: "unplugged" }]);
    t.strictSame([world.gone.length, world.clock.armed], [1, 0]);
    t.equal(await codeOf(world.client.query(basicConnect.radioState, {}, never)), "unplugged");
    await world.client.close(1_000);
  });
}

t.test(
  "fragments are never mixed with another command's, and an abort in between is told to the function",
  async (t) => {
    const clock = new VirtualClock();
    const device = new ScriptedDevice({ clock, maxFrameBytes: 64 });
    const { link } = device;
    const abort = new AbortController();
    let writes = 0;
    const slow = {
      ...link,
      write: async (bytes: Buffer) => {
        writes += 1;
        if (writes === 3) abort.abort();
        await settle();
        return link.write(bytes);
      },
    };
    const client = new MbimClient({ link: slow, log: silentLog, clock });
    device.onQuery(basicConnect.radioState, () => radio);
    const opening = client.open(never);
    await pass(clock);
    await opening;
    const request = { providerId: "26201".repeat(20), action: "manual", dataClass: [] } as const;
    const first = codeOf(client.set(basicConnect.registerState, request, abort.signal));
    const second = client.query(basicConnect.radioState, {}, never);
    await pass(clock);
    t.equal(await first, "aborted");
    t.strictSame(await second, radio.values);
    t.match(
      device.received.map((message) => message),
      [{ type: "open" }, { type: "hostError", transaction: 2, error: protocolErrors.cancel }, { type: "command" }],
    );
  },
);

t.test("indications reach their watchers as values; unknown and unreadable ones harm nobody", async (t) => {
  const { clock, device, client, opened } = await rig();
  const seen: number[] = [];
  const end = client.watch(basicConnect.signalState, ({ rssi }) => seen.push(rssi));
  await opened();
  const { service, cid } = basicConnect.signalState;
  device.send({ type: "indicateStatus", transaction: 0, service, cid, payload: Buffer.alloc(3) });
  device.send({ type: "indicateStatus", transaction: 0, service, cid: 999, payload: Buffer.alloc(3) });
  device.indicate(basicConnect.signalState, { ...signalInfo, rssi: 12 });
  await pass(clock);
  end();
  device.indicate(basicConnect.signalState, { ...signalInfo, rssi: 13 });
  await pass(clock);
  t.strictSame(seen, [12]);
});

t.test("one read brings an answer and, behind it, newer news: the asker has acted on the answer first", async (t) => {
  const { clock, device, client, opened } = await rig({ kind: "bytes" });
  await opened();
  device.isSilent = true;
  const seen: string[] = [];
  client.watch(basicConnect.signalState, ({ rssi }) => seen.push(`indicated ${rssi}`));
  /** As far from the client as the domain is. */
  const ask = async () => {
    const outcome = async () => (await client.query(basicConnect.signalState, {}, never)).rssi;
    const retold = async () => await outcome();
    seen.push(`answered ${await retold()}`);
  };
  const asking = ask();
  await pass(clock);
  const { service, cid, notify, response } = basicConnect.signalState;
  const messages = [
    { type: "commandDone", status: status.success, payload: encodeStruct(response, { ...signalInfo, rssi: 99 }) },
    { type: "indicateStatus", payload: encodeStruct(notify, { ...signalInfo, rssi: 12 }) },
    { type: "indicateStatus", payload: encodeStruct(notify, { ...signalInfo, rssi: 13 }) },
  ] as const;
  const frames = messages.flatMap((message) =>
    encodeFrames({ transaction: message.type === "commandDone" ? 2 : 0, service, cid, ...message }, 4096),
  );
  device.raw(Buffer.concat(frames));
  await pass(clock);
  await asking;
  t.strictSame(seen, ["answered 99", "indicated 12", "indicated 13"]);
});

t.test("through mbim-proxy: the device is named first, and CLOSE is left to the proxy", async (t) => {
  const { clock, device, client } = await rig({ kind: "bytes", proxiedDevice: "/dev/cdc-wdm0" });
  device.isOpen = true; // the proxy itself answers before any OPEN
  device.onSet(proxyConfiguration, () => ({ values: {} }));
  const opening = client.open(never);
  await pass(clock);
  await opening;
  await client.close(1_000);
  t.strictSame(device.requests(proxyConfiguration), [{ devicePath: "/dev/cdc-wdm0", timeout: 30 }]);
  t.strictSame(
    device.received.map(({ type }) => type),
    ["command", "open"],
  );
});

const subscriber = {
  readyState: "initialized",
  subscriberId: "262019876543210",
  simIccId: "8949020000012345678",
  readyInfo: [],
  telephoneNumbers: ["+491701234567"],
} as const;

async function logOf(t: Test, logFrames: boolean): Promise<string> {
  const lines: string[] = [];
  const { device, client, opened } = await rig({ logFrames, log: createLog("debug", (line) => lines.push(line)) });
  device
    .onSet(basicConnect.pin, () => ({
      values: { pinType: "pin1", pinState: "unlocked", remainingAttempts: 3 } as const,
    }))
    .onQuery(basicConnect.subscriberReadyStatus, () => ({ values: subscriber }));
  await opened();
  await client.set(basicConnect.pin, { pinType: "pin1", pinOperation: "enter", pin: "4711", newPin: "" }, never);
  await client.query(basicConnect.subscriberReadyStatus, {}, never);
  t.match(lines.join(""), /> #2 PIN set pinType=pin1 pinOperation=enter pin=\*\*\* newPin=/);
  t.match(lines.join(""), /< #3 SUBSCRIBER_READY_STATUS done Success readyState=initialized subscriberId=/);
  return lines.join("");
}

for (const logFrames of [false, true])
  t.test(`the frame log ${logFrames ? "with bytes " : ""}shows neither PIN nor whole identities`, async (t) => {
    const text = await logOf(t, logFrames);
    const hex = (plain: string) => Buffer.from(plain, "utf16le").toString("hex");
    for (const hidden of ["4711", "262019876543210", "8949020000012345678", "+491701234567"]) {
      t.notOk(text.includes(hidden), `${hidden} in clear`);
      t.notOk(text.includes(hex(hidden)), `${hidden} in hex`);
    }
    t.equal(text.includes(hex("26201********10")), logFrames, "what may be seen is in place");
  });

t.test("garbage on a byte link: one warning, then only counted, and the answers arrive", async (t) => {
  const lines: string[] = [];
  const { clock, device, client, opened } = await rig({
    kind: "bytes",
    log: createLog("warning", (line) => lines.push(line)),
  });
  device.onQuery(basicConnect.radioState, () => radio);
  await opened();
  for (const noise of ["OK\r\n", "+CREG: 1\r\n"]) {
    device.raw(Buffer.from(noise));
    const asked = client.query(basicConnect.radioState, {}, never);
    await pass(clock);
    t.strictSame(await asked, radio.values);
  }
  t.equal(lines.filter((line) => line.includes("skipped")).length, 1);
});

t.test("an answer with fragments missing fails that command at once and the function is told", async (t) => {
  const { clock, device, client, opened } = await rig({ maxFrameBytes: 64 });
  device.onQuery(basicConnect.signalState, () => "silence");
  await opened();
  const asked = codeOf(client.query(basicConnect.signalState, {}, never));
  await pass(clock);
  const head = Buffer.from("0300008040000000020000000300000000000000", "hex");
  device.raw(Buffer.concat([head, Buffer.alloc(44)]));
  device.raw(Buffer.concat([Buffer.from("0300008018000000020000000300000002000000", "hex"), Buffer.alloc(4)]));
  await pass(clock);
  t.equal(await asked, "protocol");
  t.match(device.received.at(-1), { type: "hostError", transaction: 2, error: protocolErrors.fragmentOutOfSequence });
});
