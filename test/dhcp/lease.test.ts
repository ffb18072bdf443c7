import t, { type Test } from "tap";
import { type DhcpContext, DhcpLease } from "../../src/dhcp/lease.js";
import { inNetns } from "../../src/native/index.js";
import type { IpSettings } from "../../src/network/types.js";
import { systemClock } from "../../src/runtime/clock.js";
import { ModemError } from "../../src/runtime/error.js";
import { createLog } from "../../src/runtime/log.js";
import { VirtualClock } from "../fakes/clock.js";
import { eventually } from "../lab/eventually.js";
import { labFor, type Namespace } from "../lab/netns.js";
import { leaseOf, openModemServer } from "./modem-server.js";

const never = new AbortController().signal;
/** The child is made in the turn of the call, in the namespace that the thread is in then. */
function startIn(namespace: Namespace, name: string, context: DhcpContext, signal: AbortSignal): Promise<DhcpLease> {
  const started: Promise<DhcpLease>[] = [];
  inNetns(namespace.path, () => void started.push(DhcpLease.start(name, context, signal)));
  return Promise.all(started).then(([lease]) => lease as DhcpLease);
}

const given = (address: string): IpSettings => ({
  mtu: 1428,
  ipv4: { method: "static", obtained: "dhcp", address, prefixLength: 24, gateway: "192.0.2.1", dns: ["198.51.100.53"] },
});

async function world(t: Test, clock = systemClock) {
  const namespace = await labFor(t).namespace("dhcp");
  const server = await openModemServer(namespace, "usb0", leaseOf("192.0.2.7"));
  t.teardown(() => server.close());
  const lines: string[] = [];
  const log = createLog("debug", (line) => lines.push(line));
  const start = (signal = never) => startIn(namespace, "usb0", { clock, log }, signal);
  const clients = async () => (await namespace.run("ip", "netns", "pids", namespace.name)).split("\n").length - 1;
  return { namespace, server, lines, start, clients };
}

t.test("a modem that tells no address gives one by DHCP; nothing on the machine is changed by udhcpc", async (t) => {
  const { namespace, start, clients } = await world(t);
  const lease = await start();
  t.strictSame(lease.settings, given("192.0.2.7"));
  t.equal(await namespace.ip("-4 -o address show dev usb0"), "", "udhcpc assigns nothing");
  await lease.stop();
  t.equal(await clients(), 0, "no udhcpc is left");
});

t.test("a renewal brings another address: it is told once, as new settings", async (t) => {
  const { namespace, server, start } = await world(t);
  const lease = await start();
  // As wwand does: renewals go from the address to the server.
  await namespace.ip("address add 192.0.2.7/24 dev usb0");
  t.teardown(() => lease.stop());
  const changes: IpSettings[] = [];
  lease.events.on("changed", (settings) => changes.push(settings));
  // Not the address that was asked for: this server answers NAK, and the next question gets the new one.
  server.lease = leaseOf("192.0.2.8");
  lease.renew();
  await eventually("the new lease is told", () => changes.length > 0, Boolean);
  t.strictSame(changes, [given("192.0.2.8")]);
  t.strictSame(lease.settings, given("192.0.2.8"));
});

t.test("the server refuses the address and falls silent: the lease is lost, with its reason", async (t) => {
  const clock = new VirtualClock();
  const { server, start, clients } = await world(t, clock);
  const lease = await start();
  const ends: ModemError[] = [];
  lease.events.on("ended", (cause) => ends.push(cause));
  server.lease = leaseOf("192.0.2.8");
  server.silentAfterNak = true;
  lease.renew();
  await eventually("the server has refused", () => server.lease === undefined, Boolean);
  await eventually("another lease is waited for", () => clock.armed > 0, Boolean);
  await clock.advance(8_000);
  t.match(ends, [{ code: "refused", failure: { domain: "dhcp", code: 6, name: "Nak" } }]);
  await eventually("udhcpc ends", async () => (await clients()) === 0, Boolean);
});

t.test("nobody answers: the cause is told at the deadline, and nothing is left", async (t) => {
  const clock = new VirtualClock();
  const { server, start, clients } = await world(t, clock);
  server.lease = undefined;
  const failed = start().catch((error: unknown) => error);
  await eventually("it asks", () => server.heard > 0, Boolean);
  await clock.advance(30_000);
  t.match(await failed, { code: "timeout", message: "no DHCP server answers on usb0" });
  t.equal(await clients(), 0);
});

t.test("the lease runs out while the server is silent", { timeout: 60_000 }, async (t) => {
  const clock = new VirtualClock();
  const { server, start, lines } = await world(t, clock);
  // The shortest that udhcpc takes.
  server.lease = leaseOf("192.0.2.7", 16);
  const lease = await start();
  const ended = new Promise<ModemError>((resolve) => lease.events.once("ended", resolve));
  server.lease = undefined;
  await eventually(
    "the end of the lease",
    () => lines.join(""),
    (text) => /ran out/.test(text),
    40_000,
  );
  await clock.advance(8_000);
  t.match(await ended, { code: "timeout", failure: { name: "LeaseExpired" }, message: /usb0 ran out/ });
});

t.test("an abort while it asks", async (t) => {
  const { server, start, clients } = await world(t);
  server.lease = undefined;
  const giveUp = new AbortController();
  const failed = start(giveUp.signal).catch((error: unknown) => error);
  await eventually("it asks", () => server.heard > 0, Boolean);
  giveUp.abort(new ModemError("unplugged", "the modem is gone"));
  t.match(await failed, { code: "unplugged" });
  t.equal(await clients(), 0);
});

t.test("the interface went away under the lease: giving it back ends all the same", async (t) => {
  const { server, start, clients } = await world(t);
  const lease = await start();
  server.close();
  await lease.stop();
  t.equal(await clients(), 0);
});

t.test("wwand is killed: udhcpc goes with it", async (t) => {
  const { namespace, clients } = await world(t);
  const program = `
    import { DhcpLease } from "${new URL("../../src/dhcp/lease.ts", import.meta.url).pathname}";
    import { systemClock } from "${new URL("../../src/runtime/clock.ts", import.meta.url).pathname}";
    import { silentLog } from "${new URL("../../src/runtime/log.ts", import.meta.url).pathname}";
    await DhcpLease.start("usb0", { clock: systemClock, log: silentLog }, new AbortController().signal);
    console.log("bound");`;
  const run = ["--import=tsx", "--input-type=module", "--eval", program];
  const daemon = namespace.spawn(process.execPath, run, { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  daemon.stdout?.on("data", (bytes: Buffer) => {
    said += bytes.toString();
  });
  await eventually(
    "a lease",
    () => said,
    (text) => text.includes("bound"),
    30_000,
  );
  t.equal(await clients(), 2, "the daemon and udhcpc");
  daemon.kill("SIGKILL");
  await eventually("the end of udhcpc", clients, (count) => count === 0);
});

t.test("there is no such interface", async (t) => {
  const { namespace } = await world(t);
  const log = createLog("error", () => undefined);
  const failed = startIn(namespace, "usb9", { clock: systemClock, log }, never);
  t.match(await failed.catch((error: unknown) => error), { failure: { name: "ClientEnded" }, message: /usb9/ });
});
