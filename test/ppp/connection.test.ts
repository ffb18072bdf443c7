import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import t, { type Test } from "tap";
import { openPty } from "../../src/native/index.js";
import type { IpSettings } from "../../src/network/types.js";
import { PppConnection } from "../../src/ppp/connection.js";
import type { PppRequest } from "../../src/ppp/request.js";
import { systemClock } from "../../src/runtime/clock.js";
import { ModemError } from "../../src/runtime/error.js";
import { createLog } from "../../src/runtime/log.js";
import { VirtualClock } from "../fakes/clock.js";
import { eventually } from "../lab/eventually.js";
import { isAlive, StandIn } from "./stand-in.js";
import { addressed, ipv6Addressed, negotiated } from "./told.js";

const never = new AbortController().signal;
const secret = "pa ss'w\\ord#1";

function world(t: Test, log: readonly string[], clock = systemClock) {
  const standIn = new StandIn(t, log);
  const printed: string[] = [];
  const context = { clock, log: createLog("debug", (line) => printed.push(line)) };
  const request: PppRequest = {
    ttyPath: standIn.ttyPath,
    families: "dual",
    username: "üser@op",
    password: secret,
    auth: "chap",
  };
  const start = (more: Partial<PppRequest> = {}, signal = never) =>
    PppConnection.start({ ...request, ...more }, context, signal);
  return { standIn, printed, start };
}

t.test("a dual connection comes up; no credential is where others could read it", async (t) => {
  const log = [
    ...negotiated("chap MD5"),
    'sent [CHAP Response id=0x1 <a1>, name = "üser@op"]',
    ...addressed("192.0.2.7"),
  ];
  const { standIn, printed, start } = world(t, [...log, ...ipv6Addressed]);
  const connection = await start({ interfaceName: "wwan-ppp", mtu: 1400 });
  t.equal(connection.interfaceName, "ppp0");
  t.match(connection.settings, { ipv4: { address: "192.0.2.7" }, ipv6: { address: "fe80::2c7b:1d5a:9b3e:4410" } });
  const pid = await standIn.pid();
  const shown = ["cmdline", "environ"].map((file) => readFileSync(`/proc/${pid}/${file}`, "latin1")).join("\n");
  for (const one of [secret, "ser@op"]) t.notOk(`${shown}\n${printed.join("")}`.includes(one), "it is not shown");
  const options = standIn.kept("options").split("\n");
  t.ok(options.includes("user \\303\\274ser\\100op"), "the option file has it, quoted");
  t.ok(options.includes("password pa\\040ss\\047w\\134ord\\0431"));
  t.strictSame(
    ["refuse-pap", "refuse-eap", "+ipv6", "ifname wwan-ppp", "mtu 1400"].filter((one) => !options.includes(one)),
    [],
  );
  await connection.stop();
  t.ok(standIn.hasHungUp(), "hung up in order");
  t.notOk(isAlive(pid));
});

t.test("options, secrets and scripts of the system are not there for pppd", async (t) => {
  const { standIn, start } = world(t, addressed("192.0.2.7"));
  const connection = await start({ families: "ip" });
  t.equal(standIn.kept("etc-ppp"), "");
  await connection.stop();
});

t.test("the second family does not come: after a moment the first is enough", async (t) => {
  const clock = new VirtualClock();
  const { standIn, start } = world(t, [...negotiated(), ...addressed("192.0.2.7")], clock);
  const coming = start();
  await eventually(
    "one family",
    () => clock.armed,
    (armed) => armed > 1,
  );
  await clock.advance(3_000);
  const connection = await coming;
  t.strictSame(Object.keys(connection.settings), ["ipv4"]);
  const changed = new Promise<IpSettings>((resolve) => connection.events.once("changed", resolve));
  standIn.say(ipv6Addressed);
  t.match(await changed, { ipv6: { prefixLength: 64 } }, "told when it comes after all");
  t.equal(connection.only, undefined);
  await connection.stop();
});

t.test("a modem without IPv6 says so at once, and nobody waits", async (t) => {
  const rejected = "Protocol-Reject for 'IPv6 Control Protovol' (0x8057) received";
  const { start } = world(t, [...negotiated(), rejected, ...addressed("192.0.2.7")], new VirtualClock());
  const connection = await start();
  t.equal(connection.only, "ip");
  await connection.stop();
});

t.test("the network gives other addresses", async (t) => {
  const { standIn, start } = world(t, [...negotiated(), ...addressed("192.0.2.7")]);
  const connection = await start({ families: "ip" });
  t.teardown(() => connection.stop());
  const changed = new Promise<IpSettings>((resolve) => connection.events.once("changed", resolve));
  standIn.say(addressed("192.0.2.8"));
  t.match(await changed, { ipv4: { address: "192.0.2.8", dns: ["198.51.100.53", "198.51.100.54"] } });
});

t.test("carrier lost: told once, and the port is free", async (t) => {
  const { standIn, start } = world(t, [...negotiated(), ...addressed("192.0.2.7")]);
  const connection = await start({ families: "ip" });
  const ended = new Promise<ModemError>((resolve) => connection.events.once("ended", resolve));
  const pid = await standIn.pid();
  standIn.say(["Modem hangup"]);
  standIn.end(16);
  t.match(await ended, { code: "refused", failure: { domain: "pppd", code: 16, name: "CarrierLost" } });
  t.notOk(isAlive(pid));
  await connection.stop();
});

t.test("a wrong password", async (t) => {
  const { standIn, start } = world(t, [...negotiated("chap MD5"), "CHAP authentication failed"]);
  standIn.end(19);
  t.match(await start().catch((error: unknown) => error), { failure: { code: 19, name: "CredentialsRefused" } });
});

t.test("given up while it negotiates: hung up, and gone when that is told", async (t) => {
  const { standIn, start } = world(t, negotiated());
  const giveUp = new AbortController();
  const failed = start({}, giveUp.signal).catch((error: unknown) => error);
  const pid = await standIn.pid();
  giveUp.abort(new ModemError("aborted", "the client has left"));
  t.match(await failed, { code: "aborted", message: "the client has left" });
  t.notOk(isAlive(pid));
});

t.test("it never comes up", async (t) => {
  const clock = new VirtualClock();
  const { standIn, start } = world(t, negotiated(), clock);
  const failed = start().catch((error: unknown) => error);
  await standIn.pid();
  await clock.advance(90_000);
  t.match(await failed, { code: "timeout", message: "PPP is not up after 90 s" });
});

t.test("wwand is killed: pppd goes with it", async (t) => {
  const { standIn } = world(t, [...negotiated(), ...addressed("192.0.2.7")]);
  const program = `
    import { PppConnection } from "${new URL("../../src/ppp/connection.ts", import.meta.url).pathname}";
    import { systemClock } from "${new URL("../../src/runtime/clock.ts", import.meta.url).pathname}";
    import { silentLog } from "${new URL("../../src/runtime/log.ts", import.meta.url).pathname}";
    const request = { ttyPath: "${standIn.ttyPath}", families: "ip", username: "", password: "", auth: "none" };
    await PppConnection.start(request, { clock: systemClock, log: silentLog }, new AbortController().signal);`;
  const daemon = spawn(process.execPath, ["--import=tsx", "--input-type=module", "--eval", program], {
    stdio: "inherit",
  });
  const pid = await standIn.pid();
  daemon.kill("SIGKILL");
  await eventually(
    "pppd has ended",
    () => isAlive(pid),
    (alive) => !alive,
  );
  t.ok(standIn.hasHungUp(), "in order");
});

t.test("the port is gone before pppd begins", async (t) => {
  const { start } = world(t, []);
  await t.rejects(start({ ttyPath: "/dev/ttyUSB99" }), {
    code: "unplugged",
    message: "there is no port /dev/ttyUSB99",
  });
});

t.test("a password that pppd could not take", async (t) => {
  const { start } = world(t, []);
  await t.rejects(start({ password: "x".repeat(256) }), { code: "invalid", message: /password/ });
  await t.rejects(start({ username: "a\0b" }), { code: "invalid", message: /user name/ });
});

t.test("Debian's own pppd takes every option, and says that this kernel has no PPP", async (t) => {
  const context = { clock: systemClock, log: createLog("error", () => undefined) };
  const request = { ttyPath: openPty().path, families: "dual", username: "u'\"#\\", password: secret } as const;
  for (const auth of ["none", "pap", "chap"] as const)
    t.match(
      await PppConnection.start({ ...request, auth, mtu: 1400, interfaceName: "wwan-ppp" }, context, never).catch(
        (error: unknown) => error,
      ),
      { code: "unsupported", failure: { code: 4, name: "NoKernelPpp" } },
      "a wrong option would be exit code 2",
    );
});
