/** One list of promises, kept by every driver over the same virtual modem: device, network and data calls. */
import { mbimGeneric } from "../../src/virtual/profiles/mbim-generic.js";
import { hold, type Promises } from "./hold.js";
import { parts } from "./mbim-rig.js";
import { internet, never, online } from "./rig.js";

const promises: Promises = {
  "tells who the device is": async (t, rig) => {
    const driver = await rig.open();
    t.match(await rig.soon(driver.identity.read(never)), { imei: "004999010640000", firmware: "VMM-1.0.0" });
    t.ok((await rig.soon(driver.identity.read(never))).technologies.includes("lte"));
  },
  "switches the radio, and tells of a switch that holds it off": async (t, rig) => {
    const { radio } = parts({ driver: await rig.open() });
    t.match(await rig.soon(radio.setOn(false, never)), { softwareOn: false, hardwareOn: true });
    await rig.pass(50);
    t.match(rig.last("registrationChanged"), [{ status: "unregistered" }]);
    t.match(await rig.soon(radio.setOn(true, never)), { softwareOn: true });
    rig.machine.send({ type: "radioSwitch", on: false });
    await rig.pass(50);
    t.match(rig.last("radioChanged"), [{ hardwareOn: false }]);
  },
  "registers at home, roams, and hears the network's no with its cause": async (t, rig) => {
    const { registration } = parts({ driver: await rig.open() });
    await rig.pass(300);
    const home = { status: "registered", mcc: "001", mnc: "01", operatorName: "Wwand Mobile", technology: "lte" };
    t.match(rig.last("registrationChanged"), [home]);
    t.match(await rig.soon(registration.state(never)), { ...home, mode: "auto" });
    rig.machine.send({ type: "roam" });
    await rig.pass(500);
    t.match(rig.last("registrationChanged"), [{ status: "roaming", operatorName: "Far Away Cellular" }]);
    rig.machine.send({ type: "reject", cause: 7 });
    await rig.pass(500);
    t.match(rig.last("registrationChanged"), [
      { status: "denied", cause: { domain: "emm", code: 7, name: "EpsServicesNotAllowed" } },
    ]);
    rig.machine.send({ type: "accept" });
    rig.machine.send({ type: "home" });
    await rig.soon(registration.registerAutomatically(never));
    await rig.pass(500);
    t.match(rig.last("registrationChanged"), [{ status: "registered", cause: undefined }]);
  },
  "scans, and registers where it is told": async (t, rig) => {
    const { registration } = parts({ driver: await rig.open() });
    await rig.pass(300);
    const found = await rig.soon(registration.scan(never));
    t.strictSame(
      found.map(({ mcc, mnc, status }) => [mcc + mnc, status]),
      [
        ["00101", "current"],
        ["00102", "available"],
        ["99970", "forbidden"],
      ],
    );
    await rig.soon(registration.registerManually("001", "02", never));
    await rig.pass(500);
    t.match(await rig.soon(registration.state(never)), { status: "roaming", mode: "manual", mnc: "02" });
  },
  "attaches and detaches, and hears when the network does": async (t, rig) => {
    const { packetService } = await online(rig);
    t.match(await rig.soon(packetService.state(never)), { state: "attached", technology: "lte" });
    rig.machine.send({ type: "networkDetach", cause: undefined });
    await rig.pass(50);
    t.match(rig.last("packetServiceChanged"), [{ state: "detached" }]);
    t.match(await rig.soon(packetService.attach(never)), { state: "attached" });
    t.match(await rig.soon(packetService.detach(never)), { state: "detached" });
  },
  "connects by one family or both, with what the network gave": async (t, rig) => {
    const { dataCalls } = await online(rig);
    const four = { method: "static", address: /^10\.64\.0\./, gateway: "10.64.0.1", dns: ["10.64.0.1"] };
    const six = { address: /^2001:db8:64:/, prefixLength: 64, dns: ["2001:db8:64::1"] };
    const wanted = { ip: { ipv4: four }, ipv6: { ipv6: six }, dual: { ipv4: four, ipv6: six } };
    for (const protocol of ["ip", "ipv6", "dual"] as const) {
      const call = await rig.soon(dataCalls.start({ ...internet, protocol }, never));
      t.match(call, { interfaceName: "wwan0", settings: { mtu: 1500, ...wanted[protocol] } }, protocol);
      t.strictSame(Object.keys(call.settings).sort(), ["mtu", ...Object.keys(wanted[protocol])].sort(), protocol);
      await rig.soon(dataCalls.stop(call.handle, never));
      t.strictSame(rig.machine.state.sessions, [], "nothing is left in the modem");
    }
  },
  "carries two calls at once, each over an interface of its own": async (t, rig) => {
    const { dataCalls } = await online(rig);
    t.ok(dataCalls.maxCalls > 1);
    const first = await rig.soon(dataCalls.start({ ...internet, protocol: "dual" }, never));
    const second = await rig.soon(dataCalls.start({ ...internet, apn: "v4only" }, never));
    t.not(second.interfaceName, first.interfaceName);
    t.not(second.settings.ipv4, first.settings.ipv4);
    await rig.soon(dataCalls.stop(first.handle, never));
    t.match(rig.machine.state.sessions, [{ apn: "v4only" }], "the other one goes on");
    t.strictSame(rig.last("callEnded"), []);
    await rig.soon(dataCalls.stop(second.handle, never));
    t.strictSame(rig.machine.state.sessions, []);
  },
  "asks for both families and lives with the one that the network serves": async (t, rig) => {
    const { dataCalls } = await online(rig);
    for (const [apn, family] of [
      ["v4only", "ipv4"],
      ["v6only", "ipv6"],
    ] as const) {
      const call = await rig.soon(dataCalls.start({ ...internet, apn, protocol: "dual" }, never));
      t.strictSame(Object.keys(call.settings), ["mtu", family], apn);
      await rig.soon(dataCalls.stop(call.handle, never));
    }
  },
  "knows the APN that the network gave at attach": async (t, rig) => {
    const driver = await rig.open();
    const offered = async () =>
      (await rig.soon(driver.offeredApns?.read(never) ?? Promise.resolve([]))).map(({ apn }) => apn);
    await rig.pass(300);
    await rig.soon(parts({ driver }).packetService.attach(never));
    t.equal((await offered())[0], "internet");
  },
  "keeps the network's cause of a refusal": async (t, rig) => {
    const { dataCalls } = await online(rig);
    const refused = [
      [{ apn: "nonsense" }, 27, "MissingOrUnknownApn"],
      [{ apn: "secure", username: "wwand", password: "wrong", auth: "chap" }, 29, "UserAuthenticationFailed"],
      [{ apn: "unsubscribed" }, 33, "RequestedServiceOptionNotSubscribed"],
    ] as const;
    for (const [request, code, name] of refused)
      await t.rejects(rig.soon(dataCalls.start({ ...internet, ...request }, never)), {
        name: "ModemError",
        failure: { domain: "esm", code, name },
      });
    t.strictSame(rig.machine.state.sessions, []);
    const right = { apn: "secure", username: "wwand", password: "carrier", auth: "chap" } as const;
    t.ok(await rig.soon(dataCalls.start({ ...internet, ...right }, never)), "the right password is taken");
  },
  "tells when the network ends a call, and takes another one": async (t, rig) => {
    const { dataCalls } = await online(rig);
    const call = await rig.soon(dataCalls.start(internet, never));
    rig.machine.send({ type: "dropBearer", cause: 36 });
    await rig.pass(50);
    t.match(rig.last("callEnded"), [call.handle, { failure: { domain: "esm", code: 36 } }]);
    await rig.soon(dataCalls.stop(call.handle, never));
    t.ok(await rig.soon(dataCalls.start({ ...internet, protocol: "dual" }, never)));
  },
  "tells when a living call gets other addresses": async (t, rig) => {
    const { dataCalls } = await online(rig);
    const call = await rig.soon(dataCalls.start({ ...internet, protocol: "dual" }, never));
    const before = call.settings.ipv4;
    rig.machine.send({ type: "changeIp" });
    await rig.pass(100);
    const [handle, settings] = rig.last("callSettingsChanged");
    t.equal(handle, call.handle);
    t.match(settings, { ipv4: { method: "static" }, ipv6: { prefixLength: 64 } });
    t.notSame(Reflect.get(Object(settings), "ipv4"), before);
  },
  "stops idempotently, and counts packets while up": async (t, rig) => {
    const { dataCalls } = await online(rig);
    const call = await rig.soon(dataCalls.start(internet, never));
    t.match(await rig.soon(dataCalls.statistics(call.handle, never)), { rxBytes: 0, txPackets: 0 });
    for (const _ of [1, 2]) await rig.soon(dataCalls.stop(call.handle, never));
    await t.rejects(rig.soon(dataCalls.statistics(call.handle, never)), { code: "notReady" });
  },
  "an abandoned start leaves nothing open in the modem": async (t, rig) => {
    const { dataCalls } = await online(rig);
    for (const afterMs of [0, 10, 30, 45]) {
      const abort = new AbortController();
      const left = t.rejects(dataCalls.start({ ...internet, protocol: "dual" }, abort.signal), { code: "aborted" });
      await rig.pass(afterMs);
      abort.abort();
      await rig.soon(left);
      await rig.pass(500);
      t.strictSame(rig.machine.state.sessions, [], `abandoned after ${afterMs} ms`);
    }
    t.ok(await rig.soon(dataCalls.start(internet, never)), "and the next one works");
  },
  "unplugged with questions on their way: each ends so, and it is told once": async (t, rig) => {
    const { registration, sim, dataCalls } = await online(rig);
    rig.cable.isSilent = true;
    const waits = [registration.state(never), sim.state(never), dataCalls.start(internet, never)].map(
      (wait: Promise<unknown>) => t.rejects(wait, { code: "unplugged" }),
    );
    await rig.pass(10);
    rig.cable.unplug();
    await rig.soon(Promise.all(waits));
    t.equal(rig.heard.filter(([name]) => name === "gone").length, 1);
    t.match(rig.last("gone"), [{ code: "unplugged" }]);
    t.equal(rig.clock.armed, 0, "no timer is left");
  },
  "a modem that answers nothing any more is given up with the reason": async (t, rig) => {
    const { registration } = await online(rig);
    rig.cable.isSilent = true;
    for (let question = 0; question < 4 && rig.last("gone").length === 0; question++) {
      const ended = t.rejects(registration.state(never), { code: "timeout" });
      await rig.pass(60_000);
      await ended;
    }
    t.match(rig.last("gone"), [{ code: "timeout", message: /does not answer any more/ }]);
    t.equal(rig.clock.armed, 0);
  },
  "closing ends the calls, quietly and in time": async (t, rig) => {
    const driver = await rig.open();
    const { packetService, dataCalls } = parts({ driver });
    await rig.pass(300);
    await rig.soon(packetService.attach(never));
    await rig.soon(dataCalls.start({ ...internet, protocol: "dual" }, never));
    await rig.soon(driver.close());
    t.strictSame(rig.machine.state.sessions, []);
    t.strictSame(rig.last("gone"), []);
    await driver.close();
    t.equal(rig.clock.armed, 0);
  },
};

hold(promises, mbimGeneric);
