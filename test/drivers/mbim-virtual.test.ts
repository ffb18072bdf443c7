/** The driver against the virtual modem over its unix socket: two sides that were written apart. */
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventEmitter } from "eventemitter3";
import t, { type Test } from "tap";
import { openMbimDriver } from "../../src/drivers/mbim.js";
import type { Driver, DriverEvents } from "../../src/modem/ports.js";
import { systemClock } from "../../src/runtime/clock.js";
import { ModemError } from "../../src/runtime/error.js";
import type { ByteLink } from "../../src/runtime/link.js";
import { silentLog } from "../../src/runtime/log.js";
import { startVirtualModem } from "../../src/virtual/modem.js";
import type { VirtualModem } from "../../src/virtual/types.js";
import { codeOf, internet, parts } from "./mbim-rig.js";

const soon = (): AbortSignal => AbortSignal.timeout(10_000);

function socketLink(path: string): Promise<ByteLink> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("error", reject);
    socket.once("connect", () =>
      resolve({
        kind: "bytes",
        name: path,
        listen: (listener) => {
          socket.on("data", (bytes: Buffer) => listener.data(bytes));
          socket.once("close", () => listener.closed(new Error("hung up")));
        },
        write: (bytes) =>
          new Promise((done, failed) =>
            socket.write(bytes, (error) =>
              error ? failed(new ModemError("unplugged", path, { cause: error })) : done(),
            ),
          ),
        close: () => socket.destroy(),
      }),
    );
  });
}

interface World {
  readonly modem: VirtualModem;
  readonly driver: Driver;
}

async function world(t: Test, settings: Readonly<Record<string, string>> = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "wwand-mbim-"));
  const path = join(folder, "modem.sock");
  const modem = await startVirtualModem({ profile: "mbim-generic", port: { kind: "unix", path }, settings });
  const driver = await openMbimDriver(await socketLink(path), {
    interfaceName: "wwan0",
    log: silentLog,
    clock: systemClock,
    signal: soon(),
  });
  t.teardown(async () => {
    await driver.close();
    await modem.close();
    await rm(folder, { recursive: true });
  });
  return { modem, driver };
}

/** The arguments of the next event that `fits`. Ask before causing it. */
function next<E extends keyof DriverEvents>(
  driver: Driver,
  event: E,
  fits: (...args: DriverEvents[E]) => boolean = () => true,
): Promise<DriverEvents[E]> {
  const feed: EventEmitter<DriverEvents> = driver.events;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${event}`)), 10_000);
    const listen = (...args: DriverEvents[E]) => {
      if (!fits(...args)) return;
      clearTimeout(timer);
      feed.removeAllListeners(event);
      resolve(args);
    };
    feed.on(event, listen as EventEmitter.EventListener<DriverEvents, E>);
  });
}

const refusal = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "nothing was refused",
    (error: unknown) => error,
  );

async function registered(driver: Driver): Promise<void> {
  const { registration, packetService } = parts({ driver });
  const heard = next(driver, "registrationChanged", ({ status }) => status === "registered");
  heard.catch(() => undefined);
  if ((await registration.state(soon())).status !== "registered") await heard;
  await packetService.attach(soon());
}

t.test("from opening to a dual-stack call, its end by the network, and another one", async (t) => {
  const { modem, driver } = await world(t);
  t.match(await driver.identity.read(soon()), { imei: "004999010640000", firmware: "VMM-1.0.0" });
  const { sim, registration, signal, dataCalls, packetService } = parts({ driver });
  t.match(await sim.state(soon()), { is: "ready", imsi: "001010123456789", subscriberNumbers: ["+15550100123"] });
  t.strictSame(await sim.pin(soon()), { required: "none", retries: 3 });
  await registered(driver);
  t.match(await registration.state(soon()), { mcc: "001", mnc: "01", operatorName: "Wwand Mobile", technology: "lte" });
  t.match(await packetService.state(soon()), { state: "attached", technology: "lte" });
  t.match(await signal.state(soon()), { rssiDbm: -71, rsrpDbm: -99, snrDb: 13 });
  const call = await dataCalls.start({ ...internet, protocol: "dual" }, soon());
  t.match(call, {
    interfaceName: "wwan0",
    settings: { mtu: 1500, ipv4: { method: "static", address: /^10\.64\./ }, ipv6: { address: /^2001:db8:64:/ } },
  });
  t.match(await dataCalls.statistics(call.handle, soon()), { rxBytes: Number, txPackets: Number });

  const ended = next(driver, "callEnded");
  await modem.step("drop-bearer");
  t.equal((await ended)[0], call.handle);
  await dataCalls.stop(call.handle, soon());
  const again = await dataCalls.start({ ...internet, apn: "v4only", protocol: "dual" }, soon());
  t.notOk(again.settings.ipv6, "the network gives this APN IPv4 only");
  await dataCalls.stop(again.handle, soon());
});

t.test("the network's refusals arrive with their cause", async (t) => {
  const { driver } = await world(t);
  await registered(driver);
  const { dataCalls } = parts({ driver });
  for (const [apn, code] of [
    ["barred", 8],
    ["unsubscribed", 33],
    ["no-such-apn", 27],
  ] as const)
    t.match(await refusal(dataCalls.start({ ...internet, apn }, soon())), { failure: { domain: "esm", code } }, apn);
  const wrong = { ...internet, apn: "secure", username: "wwand", password: "wrong", auth: "chap" } as const;
  t.match(await refusal(dataCalls.start(wrong, soon())), { failure: { domain: "esm", code: 29 } });
  const call = await dataCalls.start({ ...wrong, password: "carrier" }, soon());
  t.equal(call.interfaceName, "wwan0");
});

t.test("a new address during the call", async (t) => {
  const { modem, driver } = await world(t);
  await registered(driver);
  const call = await parts({ driver }).dataCalls.start(internet, soon());
  const changed = next(driver, "callSettingsChanged");
  await modem.step("change-ip");
  const [handle, settings] = await changed;
  t.equal(handle, call.handle);
  t.notSame(settings, call.settings);
});

t.test("a locked card: wrong PIN counts down, the right one opens it", async (t) => {
  const { driver } = await world(t, { pinEnabled: "true" });
  const { sim } = parts({ driver });
  t.match(await sim.state(soon()), { is: "locked", pinRequired: "pin" });
  t.strictSame(await sim.pin(soon()), { required: "pin", retries: 3 });
  t.equal(await codeOf(sim.enterPin("pin", "9999", soon())), "badPin");
  t.strictSame(await sim.pin(soon()), { required: "pin", retries: 2 });
  const ready = next(driver, "simChanged", (state) => state.is === "ready");
  t.strictSame(await sim.enterPin("pin", "1234", soon()), { required: "none", retries: 3 });
  t.match(await ready, [{ is: "ready", imsi: "001010123456789" }]);
});

t.test("scan, radio off, card out, garbage, unplug", async (t) => {
  const { modem, driver } = await world(t);
  await registered(driver);
  const { registration, radio, signal } = parts({ driver });
  t.strictSame(
    (await registration.scan(soon())).map(({ mcc, mnc, status }) => `${mcc}${mnc} ${status}`),
    ["00101 current", "00102 available", "99970 forbidden"],
  );
  await modem.step("garbage");
  t.match(await signal.state(soon()), { rssiDbm: -71, rsrpDbm: -99, snrDb: 13 });
  t.strictSame(await radio.setOn(false, soon()), { softwareOn: false, hardwareOn: true });
  await radio.setOn(true, soon());
  const out = next(driver, "simChanged", ({ is }) => is === "absent");
  await modem.step("sim-remove");
  t.strictSame(await out, [{ is: "absent" }]);
  const gone = next(driver, "gone");
  const asked = codeOf(registration.scan(soon()));
  await modem.step("unplug");
  t.match(await gone, [{ code: "unplugged" }]);
  t.not(await asked, "resolved");
});
