import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { protocolErrors } from "../../src/mbim/frame.js";
import * as bc from "../../src/mbim/services/basic-connect.js";
import { contextTypes } from "../../src/mbim/services/basic-connect-types.js";
import { status } from "../../src/mbim/status.js";
import { StepError } from "../../src/virtual/control/steps.js";
import { startVirtualModem } from "../../src/virtual/modem.js";
import { MbimHost } from "./mbim-host.js";

const quick = { searchMs: "1", scanMs: "1", attachMs: "1", connectMs: "1" };

async function rig(t: Test, settings: Readonly<Record<string, string>> = {}, maxFrameBytes = 4096) {
  const folder = await mkdtemp(join(tmpdir(), "wwand-virtual-"));
  const path = join(folder, "modem");
  const modem = await startVirtualModem({
    profile: "mbim-generic",
    port: { kind: "unix", path },
    settings: { ...quick, ...settings },
  });
  const host = await MbimHost.connect(path, maxFrameBytes);
  t.teardown(async () => {
    host.hangUp();
    await modem.close();
    await rm(folder, { recursive: true });
  });
  return { modem, host, path };
}

const internet = {
  sessionId: 0,
  command: "activate",
  accessString: "internet",
  userName: "",
  password: "",
  compression: "none",
  authProtocol: "none",
  ipType: "ipv4v6",
  contextType: contextTypes.internet,
} as const;

const anyConnection = {
  sessionId: 0,
  activationState: "unknown",
  voiceCallState: "none",
  ipType: "default",
  contextType: contextTypes.none,
  nwError: 0,
} as const;

const anyIpConfiguration = {
  sessionId: 0,
  ipv4Available: [],
  ipv6Available: [],
  ipv4Addresses: [],
  ipv6Addresses: [],
  ipv4Gateway: undefined,
  ipv6Gateway: undefined,
  ipv4Dns: [],
  ipv6Dns: [],
  ipv4Mtu: 0,
  ipv6Mtu: 0,
} as const;

/** Home, attached. */
async function online(host: MbimHost): Promise<void> {
  await host.open();
  const { values } = await host.query(bc.registerState, {});
  if (values?.registerState !== "home")
    await host.indication(bc.registerState, ({ registerState }) => registerState === "home");
  await host.set(bc.packetService, { action: "attach" });
}

t.test("nothing is answered before OPEN, and nothing after CLOSE", async (t) => {
  const { host } = await rig(t);
  t.strictSame(await host.query(bc.deviceCaps, {}), { error: protocolErrors.notOpened });
  t.equal(await host.open(), status.success);
  t.equal((await host.query(bc.deviceCaps, {})).status, status.success);
  host.say({ type: "close", transaction: 77 });
  t.match(await host.hear(({ type }) => type === "closeDone"), { transaction: 77, status: 0 });
  t.strictSame(await host.query(bc.deviceCaps, {}), { error: protocolErrors.notOpened });
  t.equal(await host.open(32), status.invalidParameters, "no command fits into 32 bytes");
  t.strictSame(await host.query(bc.deviceCaps, {}), { error: protocolErrors.notOpened });
});

t.test("frames written byte for byte, and a connect as ModemManager sends it", async (t) => {
  // OPEN and DEVICE_CAPS by hand, from MBIM 1.0 9.3.1 and 9.4.1. The SET CONNECT with APN "toy" is ModemManager 1.20.4's,
  // from test/fixtures/mbim/host-requests.json.
  const { host } = await rig(t);
  host.write(Buffer.from("01000000100000000100000000100000", "hex"));
  t.match(await host.hear(({ type }) => type === "openDone"), { transaction: 1, status: 0 });
  host.write(
    Buffer.from(
      "03000000300000000200000001000000000000" + "00a289cc33bcbb8b4fb6b0133ec2aae6df010000000000000000000000",
      "hex",
    ),
  );
  t.match(await host.hear(({ transaction }) => transaction === 2), { type: "commandDone", cid: 1, status: 0 });
  await online(host);
  const connect =
    "00000000010000003c00000006000000000000000000000000000000000000000000000000000000010000007e5e2a7e4e6f7272736b656e" +
    "7e5e2a7e74006f0079000000";
  const refused = await host.command(bc.connect, "set", Buffer.from(connect, "hex"));
  t.match(refused, { status: status.invalidAccessString, values: { nwError: 27, activationState: "deactivated" } });
});

t.test("what it does not have: unknown services, unknown CIDs, a set where there is only a query", async (t) => {
  const { host } = await rig(t);
  await host.open();
  const phonebook = "4bf38476-1e6a-41db-b1d8-bed289c25bdb";
  const none = { status: status.noDeviceSupport };
  t.strictSame(await host.command({ ...bc.deviceCaps, service: phonebook }, "query", Buffer.alloc(0)), none);
  t.strictSame(await host.command({ ...bc.deviceCaps, cid: 250 }, "query", Buffer.alloc(0)), none);
  t.strictSame(await host.command(bc.deviceCaps, "set", Buffer.alloc(0)), none);
});

t.test("buffers without sense are refused at every length, and the modem lives on", async (t) => {
  const { host } = await rig(t);
  await online(host);
  const whole = Buffer.from(
    "00000000010000003c00000006000000000000000000000000000000000000000000000000000000010000007e5e2a7e4e6f7272736b656e" +
      "7e5e2a7e74006f0079000000",
    "hex",
  );
  // The last two bytes are padding behind the APN.
  for (let length = 0; length < whole.length - 2; length++) {
    const { status: answer } = await host.command(bc.connect, "set", whole.subarray(0, length));
    t.equal(answer, status.invalidParameters, `${length} bytes`);
  }
  const far = Buffer.from(whole);
  far.writeUInt32LE(0xfffffff0, 8);
  t.equal((await host.command(bc.connect, "set", far)).status, status.invalidParameters, "an offset beyond everything");
  for (const [what, request] of [
    ["session 256", { ...internet, sessionId: 256 }],
    ["an APN of 101 characters", { ...internet, accessString: "a".repeat(101) }],
    ["IP type 9", { ...internet, ipType: "unknown(9)" }],
    ["authentication 7", { ...internet, authProtocol: "unknown(7)" }],
    ["command 5", { ...internet, command: "unknown(5)" }],
  ] as const)
    t.equal((await host.set(bc.connect, request)).status, status.invalidParameters, what);
  t.equal((await host.set(bc.connect, { ...internet, contextType: contextTypes.mms })).status, status.noDeviceSupport);
  t.equal((await host.set(bc.radioState, { software: "unknown(2)" })).status, status.invalidParameters);
  host.write(Buffer.from("this is not MBIM at all, and long enough to hold a header"));
  t.equal((await host.query(bc.deviceCaps, {})).status, status.success, "garbage between two messages is skipped");
});

t.test("connect: refused in the words of each missing step", async (t) => {
  const { modem, host } = await rig(t, { pinEnabled: "true" });
  await host.open();
  const refused = async () => (await host.set(bc.connect, internet)).status;
  t.equal(await refused(), status.pinRequired);
  await modem.step("sim-remove");
  t.equal(await refused(), status.simNotInserted);
  await modem.step("sim-insert");
  await host.set(bc.radioState, { software: "off" });
  await host.set(bc.pin, { pinType: "pin1", pinOperation: "enter", pin: "1234", newPin: "" });
  t.equal(await refused(), status.radioPowerOff);
  await modem.step("deregister");
  await host.set(bc.radioState, { software: "on" });
  t.equal(await refused(), status.notRegistered);
  await modem.step("register");
  await host.indication(bc.registerState, ({ registerState }) => registerState === "home");
  t.equal(await refused(), status.packetServiceDetached);
  t.match(await host.set(bc.packetService, { action: "attach" }), { values: { packetServiceState: "attached" } });
  t.equal((await host.query(bc.ipConfiguration, anyIpConfiguration)).status, status.contextNotActivated);
  t.match(await host.set(bc.connect, internet), { status: 0, values: { activationState: "activated", nwError: 0 } });
  t.equal(await refused(), status.maxActivatedContexts, "the session is taken");
});

t.test("a session from beginning to end: addresses, other addresses, and the network's end", async (t) => {
  const { modem, host } = await rig(t);
  await online(host);
  await host.set(bc.connect, internet);
  const { values } = await host.query(bc.ipConfiguration, anyIpConfiguration);
  t.match(values, {
    ipv4Available: ["address", "gateway", "dns", "mtu"],
    ipv4Addresses: [{ prefixLength: 24, address: "10.64.0.2" }],
    ipv4Gateway: "10.64.0.1",
    ipv4Dns: ["10.64.0.1"],
    ipv4Mtu: 1500,
    ipv6Addresses: [{ prefixLength: 64 }],
    ipv6Gateway: "fe80::1",
    ipv6Dns: ["2001:db8:64::1"],
  });
  await modem.step("change-ip");
  const moved = await host.indication(bc.ipConfiguration);
  t.match(moved, { sessionId: 0, ipv4Addresses: [{ address: "10.64.0.3" }] });
  await modem.step("drop-bearer", "38");
  const ended = await host.indication(bc.connect, ({ activationState }) => activationState === "deactivated");
  t.match(ended, { sessionId: 0, nwError: 38 });
  t.equal((await host.query(bc.ipConfiguration, anyIpConfiguration)).status, status.contextNotActivated);
  t.match(await host.set(bc.connect, { ...internet, command: "deactivate" }), { status: status.contextNotActivated });
});

t.test("half of what was asked for is a success with a reason", async (t) => {
  const { host } = await rig(t);
  await online(host);
  t.match(await host.set(bc.connect, { ...internet, accessString: "v4only" }), {
    status: 0,
    values: { activationState: "activated", ipType: "ipv4", nwError: 50 },
  });
  t.match(await host.query(bc.ipConfiguration, anyIpConfiguration), {
    values: { ipv6Available: [], ipv6Addresses: [], ipv4Mtu: 1500 },
  });
  const secure = { ...internet, sessionId: 1, accessString: "secure" } as const;
  t.match(await host.set(bc.connect, secure), { status: status.invalidUserNamePwd, values: { nwError: 29 } });
  const right = { ...secure, authProtocol: "chap", userName: "wwand", password: "carrier" } as const;
  t.match(await host.set(bc.connect, right), { status: 0 });
  for (const [accessString, nwError] of [
    ["barred", 8],
    ["unsubscribed", 33],
  ] as const) {
    const refused = await host.set(bc.connect, { ...internet, sessionId: 2, accessString });
    t.match(refused, { status: status.failure, values: { nwError } }, accessString);
  }
});

t.test("a connect that the host takes back is answered, too", async (t) => {
  const { host } = await rig(t, { connectMs: "60000" });
  await online(host);
  const asking = host.set(bc.connect, internet);
  t.equal((await host.set(bc.connect, internet)).status, status.busy);
  t.match(await host.query(bc.connect, anyConnection), { values: { activationState: "activating" } });
  t.match(await host.set(bc.connect, { ...internet, command: "deactivate" }), { status: 0 });
  t.match(await asking, { status: status.failure, values: { activationState: "deactivated" } });
});

t.test("PIN: three tries, then the PUK", async (t) => {
  const { host } = await rig(t, { pinEnabled: "true" });
  await host.open();
  const enter = (pin: string) => host.set(bc.pin, { pinType: "pin1", pinOperation: "enter", pin, newPin: "" });
  t.match(await host.query(bc.subscriberReadyStatus, {}), { values: { readyState: "deviceLocked", subscriberId: "" } });
  t.match(await enter("12"), { status: status.invalidParameters, values: { remainingAttempts: 3 } });
  for (const remainingAttempts of [2, 1])
    t.match(await enter("9999"), { status: status.pinRequired, values: { pinType: "pin1", remainingAttempts } });
  t.match(await enter("9999"), { status: status.pinRequired, values: { pinType: "puk1", remainingAttempts: 10 } });
  t.match(await enter("1234"), { status: status.pinRequired, values: { pinType: "puk1", remainingAttempts: 10 } });
  const unblock = { pinType: "puk1", pinOperation: "enter", pin: "12345678", newPin: "4321" } as const;
  t.match(await host.set(bc.pin, { ...unblock, pin: "00000000" }), {
    values: { pinType: "puk1", remainingAttempts: 9 },
  });
  t.match(await host.set(bc.pin, unblock), { status: 0, values: { pinState: "unlocked", remainingAttempts: 3 } });
  await host.indication(bc.subscriberReadyStatus, ({ readyState }) => readyState === "initialized");
  t.match(await host.query(bc.subscriberReadyStatus, {}), { values: { subscriberId: "001010123456789" } });
  const change = { pinType: "pin1", pinOperation: "change", newPin: "1111" } as const;
  t.match(await host.set(bc.pin, { ...change, pin: "0000" }), {
    status: status.failure,
    values: { remainingAttempts: 2 },
  });
  t.match(await host.set(bc.pin, { ...change, pin: "4321" }), { status: 0, values: { remainingAttempts: 3 } });
  t.match(await host.set(bc.pin, { ...change, pinOperation: "disable", pin: "1111" }), { status: 0 });
  t.match(await host.query(bc.pinList, {}), { values: { pin1: { mode: "disabled" }, pin2: { mode: "notSupported" } } });
  t.match(await host.set(bc.pin, { ...change, pinOperation: "enter", pin: "1111" }), { status: status.pinDisabled });
  t.match(await host.set(bc.pin, { ...change, pinType: "networkPin", pin: "1111" }), {
    status: status.noDeviceSupport,
  });
});

t.test("registration: roaming, denied with the cause, chosen by hand", async (t) => {
  const { modem, host } = await rig(t);
  await online(host);
  await modem.step("roam");
  const abroad = await host.indication(bc.registerState, ({ registerState }) => registerState === "roaming");
  t.match(abroad, { providerId: "00102", roamingText: "roaming" });
  await modem.step("reject", "15");
  const denied = await host.indication(bc.registerState, ({ registerState }) => registerState === "denied");
  t.equal(denied.nwError, 15);
  t.match(await host.set(bc.packetService, { action: "attach" }), { status: status.failure, values: { nwError: 15 } });
  await modem.step("accept");
  await modem.step("home");
  await host.indication(bc.registerState, ({ registerState }) => registerState === "home");
  const choose = (providerId: string) => host.set(bc.registerState, { providerId, action: "manual", dataClass: [] });
  t.match(await choose("00102"), { status: 0, values: { registerState: "roaming", registerMode: "manual" } });
  t.match(await choose("99970"), { status: 0, values: { registerState: "denied", nwError: 11 } });
  t.match(await choose("26201"), { status: status.providerNotVisible });
  t.match(await choose("Telekom"), { status: status.invalidParameters });
  const { values } = await host.query(bc.visibleProviders, { action: "full" });
  t.strictSame(
    values?.providers.map(({ providerId, providerState }) => `${providerId} ${providerState.join("+")}`),
    ["00101 home+visible", "00102 visible", "99970 forbidden+visible"],
  );
  await modem.step("radio-switch", "off");
  t.match(await host.query(bc.radioState, {}), { values: { hardware: "off", software: "on" } });
  t.match(await host.query(bc.visibleProviders, { action: "full" }), { status: status.radioPowerOff });
});

t.test("only what the host subscribed to is reported", async (t) => {
  const { modem, host } = await rig(t);
  await online(host);
  const { service } = bc.signalState;
  const phonebook = "4bf38476-1e6a-41db-b1d8-bed289c25bdb";
  const entries = [{ service, cids: [bc.signalState.cid] }];
  const asked = { entries: [...entries, { service: phonebook, cids: [2] }] };
  t.strictSame(
    await host.set(bc.deviceServiceSubscribeList, asked),
    { status: 0, values: { entries } },
    "what it does not have is left out of the answer",
  );
  await modem.step("detach");
  await modem.step("signal", "-91");
  t.equal((await host.indication(bc.signalState, ({ rssi }) => rssi === 11)).rssi, 11);
  t.notOk(
    host.unheard.some((m) => m.type === "indicateStatus" && m.cid === bc.packetService.cid && m.transaction !== 0),
  );
  const attachedThen = host.unheard.filter((m) => m.type === "indicateStatus" && m.cid === bc.packetService.cid).length;
  await modem.step("attach");
  await modem.step("signal", "-51");
  await host.indication(bc.signalState, ({ rssi }) => rssi === 31);
  const later = host.unheard.filter((m) => m.type === "indicateStatus" && m.cid === bc.packetService.cid).length;
  t.equal(later, attachedThen, "no word of packet service");
});

t.test("a host with small buffers gets fragments, and may send them", async (t) => {
  const { host } = await rig(t, {}, 64);
  await online(host);
  host.frames.length = 0;
  t.match(await host.query(bc.deviceCaps, {}), { values: { deviceId: "004999010640000" } });
  t.ok(host.frames.length > 1, "the answer came in fragments");
  t.ok(
    host.frames.every((frame) => frame.length <= 64),
    "none longer than the host takes",
  );
  t.match(await host.set(bc.connect, internet), { status: 0, values: { activationState: "activated" } });
});

t.test("one host at a time; the next finds the conversation as the last one left it", async (t) => {
  const { host, path } = await rig(t);
  await online(host);
  await host.set(bc.connect, internet);
  const second = await MbimHost.connect(path);
  await t.rejects(second.open(), /hung up/, "the port is taken");
  host.hangUp();
  let third: MbimHost | undefined;
  while (third === undefined) {
    const candidate = await MbimHost.connect(path);
    // Which of the two ends the modem sees first is not in our hands.
    const answer = await candidate.query(bc.connect, anyConnection).catch(() => undefined);
    if (answer === undefined) continue;
    third = candidate;
    t.match(
      answer,
      { values: { activationState: "activated" } },
      "the session outlived the program, as it does on USB",
    );
  }
  t.equal(await third.open(), status.success);
  t.match(await third.query(bc.connect, anyConnection), { values: { activationState: "deactivated" } });
  third.hangUp();
});

t.test("unplug, replug, mute, garbage", async (t) => {
  const { modem, host, path } = await rig(t);
  await online(host);
  await modem.step("garbage", "300");
  t.match(await host.query(bc.radioState, {}), { status: 0 }, "the answer behind the garbage is found");
  t.equal(host.garbageBytes, 300);
  await modem.step("mute", "on");
  host.say({ type: "close", transaction: 1000 });
  await host.heardByModem();
  await modem.step("signal", "-60");
  await modem.step("mute", "off");
  t.match(await host.query(bc.radioState, {}), { status: 0 }, "a muted modem did not hear the CLOSE either");
  t.notOk(host.unheard.some((m) => m.type === "indicateStatus" && m.cid === bc.signalState.cid && m.payload[0] === 27));
  await modem.step("unplug");
  await t.rejects(host.query(bc.radioState, {}), /hung up/);
  await t.rejects(MbimHost.connect(path), { code: "ENOENT" });
  await t.rejects(modem.step("unplug"), new StepError("refused", "the modem is unplugged already"));
  await modem.step("replug");
  const again = await MbimHost.connect(path);
  t.strictSame(await again.query(bc.deviceCaps, {}), { error: protocolErrors.notOpened }, "it is as cold as a new one");
  again.hangUp();
});

t.test("closed in the middle of a replug, it leaves nothing behind", async (t) => {
  const { modem, path } = await rig(t);
  await modem.step("unplug");
  const replugging = modem.step("replug");
  const closing = modem.close();
  t.equal(await replugging, "ok");
  await closing;
  await t.rejects(MbimHost.connect(path), { code: "ENOENT" });
  await t.rejects(modem.step("state"), new StepError("refused", "the virtual modem is closed"));
  await modem.close();
});

t.test("steps that make no sense change nothing and say what was expected", async (t) => {
  const { modem } = await rig(t);
  const before = JSON.stringify(modem.state());
  for (const [step, ...args] of [
    ["fly"],
    ["sms", "hello"],
    ["signal"],
    ["signal", "loud"],
    ["silence", "maybe"],
    ["loss", "101"],
    ["home", "sweet"],
    ["constructor"],
  ] as const)
    t.match(
      await modem.step(step, ...args).catch((error: unknown) => error),
      { kind: "usage" },
      `${step} ${args.join(" ")}`,
    );
  await t.rejects(modem.step("drop-bearer"), new StepError("refused", "there is no bearer"));
  t.equal(
    JSON.stringify(modem.state()).replace(/"registration":.*?"packet"/, ""),
    before.replace(/"registration":.*?"packet"/, ""),
  );
  t.notMatch(before, /"1234"|"pin":/, "no PIN in what is shown");
});
