/** Data calls: what goes up, what ends it, and that nothing is left behind. */
import t from "tap";
import * as bc from "../../src/mbim/services/basic-connect.js";
import { contextTypes } from "../../src/mbim/services/basic-connect-types.js";
import { status } from "../../src/mbim/status.js";
import { endedByNetwork } from "../../src/modem/ports.js";
import { ModemError } from "../../src/runtime/error.js";
import { connectInfo, dual, ipv4Only, noAddresses } from "./mbim-modem.js";
import { codeOf, internet, never, parts, rig } from "./mbim-rig.js";

const up = async (world: Awaited<ReturnType<typeof rig>>, changes = {}, ms = 0) =>
  world.soon(parts(world).dataCalls.start({ ...internet, ...changes }, never), ms);

t.test("IPv4: APN, user and password go out, the modem's addresses come back", async (t) => {
  const world = await rig();
  const call = await up(world, { username: "me", password: "secret", auth: "chap" });
  t.match(call, {
    interfaceName: "wwan0",
    settings: {
      mtu: 1430,
      ipv4: {
        method: "static",
        address: "10.64.0.2",
        prefixLength: 29,
        gateway: "10.64.0.1",
        dns: ["192.0.2.53", "192.0.2.54"],
      },
    },
  });
  t.notOk(call.settings.ipv6);
  t.strictSame(world.modem.requests(bc.connect), [
    {
      sessionId: 0,
      command: "activate",
      accessString: "internet",
      userName: "me",
      password: "secret",
      compression: "none",
      authProtocol: "chap",
      ipType: "ipv4",
      contextType: contextTypes.internet,
    },
  ]);
});

t.test("both families in one session", async (t) => {
  const world = await rig((modem) => {
    modem.addresses = dual;
  });
  const { settings } = await up(world, { protocol: "dual" });
  t.strictSame(world.modem.requests(bc.connect)[0]?.ipType, "ipv4v6");
  t.strictSame(settings.ipv6, {
    address: "2001:db8:1::2",
    prefixLength: 64,
    gateway: "fe80::1",
    dns: ["2001:db8::53"],
  });
  t.match(settings, { mtu: 1400, ipv4: { address: "10.64.0.2" } });
});

t.test("asked for both, the network gives IPv4 only: that counts, at once", async (t) => {
  const world = await rig((modem) => {
    modem.onSet(bc.connect, ({ sessionId }) => {
      const values = connectInfo(sessionId, { ipType: "ipv4", nwError: 50 });
      modem.sessions.set(sessionId, values);
      return { values };
    });
  });
  const { settings } = await up(world, { protocol: "dual" });
  t.match(settings.ipv4, { address: "10.64.0.2" });
  t.notOk(settings.ipv6);
});

t.test("a modem that claims both but configures one: waits three seconds for the other, not twenty", async (t) => {
  const world = await rig();
  const starting = parts(world).dataCalls.start({ ...internet, protocol: "dual" }, never);
  await world.pass(2_900);
  t.equal(await Promise.race([starting, "waiting"]), "waiting");
  const { settings } = await world.soon(starting, 200);
  t.match(settings.ipv4, { address: "10.64.0.2" });
  t.notOk(settings.ipv6);
});

t.test("IPv6 without an address of its own: it comes by router advertisement", async (t) => {
  const world = await rig((modem) => {
    modem.addresses = (id) => ({ ...noAddresses(id), ipv6Available: ["dns"], ipv6Dns: ["2001:db8::53"] });
  });
  const { settings } = await up(world, { protocol: "ipv6" });
  t.strictSame(settings, { ipv6: { dns: ["2001:db8::53"] } });
});

t.test("a modem that has everything but an address means DHCP", async (t) => {
  const world = await rig((modem) => {
    modem.addresses = (id) => ({ ...noAddresses(id), ipv4Available: ["mtu"], ipv4Mtu: 1500 });
  });
  t.strictSame((await up(world)).settings, { mtu: 1500, ipv4: { method: "dhcp" } });
});

t.test("addresses that come later, by indication", async (t) => {
  const world = await rig((modem) => {
    modem.addresses = noAddresses;
  });
  const starting = parts(world).dataCalls.start(internet, never);
  await world.pass(15_000);
  world.modem.indicate(bc.ipConfiguration, ipv4Only(0));
  t.match((await world.soon(starting)).settings.ipv4, { address: "10.64.0.2" });
});

t.test("an indication without content makes the driver ask again", async (t) => {
  const world = await rig((modem) => {
    modem.addresses = noAddresses;
  });
  const starting = parts(world).dataCalls.start(internet, never);
  await world.pass(5_000);
  world.modem.addresses = ipv4Only;
  world.modem.indicate(bc.ipConfiguration, noAddresses(0));
  t.match((await world.soon(starting)).settings.ipv4, { address: "10.64.0.2" });
});

t.test("addresses that never come: DHCP after twenty seconds", async (t) => {
  const world = await rig((modem) => {
    modem.addresses = noAddresses;
  });
  t.strictSame((await up(world, {}, 20_000)).settings, { ipv4: { method: "dhcp" } });
});

t.test("a modem without IP_CONFIGURATION: DHCP, without waiting", async (t) => {
  const world = await rig((modem) => {
    modem.onQuery(bc.ipConfiguration, () => ({ status: status.noDeviceSupport }));
  });
  t.strictSame((await up(world)).settings, { ipv4: { method: "dhcp" } });
});

t.test("an unknown APN: refused with the network's own cause", async (t) => {
  const world = await rig((modem) => {
    modem.onSet(bc.connect, ({ sessionId }) => ({
      status: status.failure,
      values: connectInfo(sessionId, { activationState: "deactivated", nwError: 27 }),
    }));
  });
  const starting = parts(world).dataCalls.start(internet, never);
  await t.rejects(world.soon(starting), {
    code: "refused",
    failure: { domain: "esm", code: 27, name: "MissingOrUnknownApn" },
  });
  await world.pass();
  t.equal(world.modem.requests(bc.connect).length, 1, "nothing to take down");
});

t.test("on UMTS the cause is one of session management", async (t) => {
  const world = await rig((modem) => {
    modem.packetService = { ...modem.packetService, highestAvailableDataClass: ["umts"] };
    modem.onSet(bc.connect, ({ sessionId }) => ({
      status: status.failure,
      values: connectInfo(sessionId, { activationState: "deactivated", nwError: 30 }),
    }));
  });
  await world.soon(parts(world).packetService.state(never));
  await t.rejects(world.soon(parts(world).dataCalls.start(internet, never)), {
    code: "refused",
    failure: { domain: "sm", code: 30, name: "ActivationRejectedByGgsn" },
  });
});

t.test("without a cause of the network's the MBIM status speaks", async (t) => {
  const world = await rig((modem) => {
    modem.onSet(bc.connect, () => ({ status: status.packetServiceDetached }));
  });
  await t.rejects(world.soon(parts(world).dataCalls.start(internet, never)), {
    code: "notRegistered",
    failure: { domain: "mbim", code: 12, name: "PacketServiceDetached" },
  });
});

t.test("'activating', then the outcome by indication", async (t) => {
  for (const [activationState, nwError, expected] of [
    ["activated", 0, "resolved"],
    ["deactivated", 33, "refused"],
  ] as const) {
    const world = await rig((modem) => {
      modem.onSet(bc.connect, ({ sessionId }) => {
        modem.sessions.set(sessionId, connectInfo(sessionId));
        return { values: connectInfo(sessionId, { activationState: "activating" }) };
      });
    });
    const code = codeOf(parts(world).dataCalls.start(internet, never));
    await world.pass(30_000);
    world.modem.indicate(bc.connect, connectInfo(0, { activationState, nwError }));
    t.equal(await world.soon(code), expected, activationState);
  }
});

t.test("stop ends the session, and once more succeeds without a word to the modem", async (t) => {
  const world = await rig();
  const { dataCalls } = parts(world);
  const { handle } = await up(world);
  await world.soon(Promise.all([dataCalls.stop(handle, never), dataCalls.stop(handle, never)]));
  await world.soon(dataCalls.stop(handle, never));
  t.strictSame(
    world.modem.requests(bc.connect).map(({ command }) => command),
    ["activate", "deactivate"],
  );
  t.strictSame([world.modem.sessions.size, world.heard], [0, []]);
});

t.test("stopping what the modem has ended unnoticed succeeds", async (t) => {
  const world = await rig();
  const { handle } = await up(world);
  world.modem.sessions.clear();
  await world.soon(parts(world).dataCalls.stop(handle, never));
  t.pass("stopped");
});

t.test("the network ends the call: told once, with its cause; the number is free again", async (t) => {
  const world = await rig();
  const { handle } = await up(world);
  world.modem.sessions.clear();
  const ended = connectInfo(0, { activationState: "deactivated", nwError: 36 });
  world.modem.indicate(bc.connect, ended);
  world.modem.indicate(bc.connect, ended);
  await world.pass();
  t.match(world.heard, [["callEnded", handle, { failure: { domain: "esm", code: 36, name: "RegularDeactivation" } }]]);
  t.equal(world.heard.length, 1);
  const again = await up(world);
  t.not(again.handle, handle);
  t.equal(again.interfaceName, "wwan0");
});

t.test("other addresses during the call: told once, and only when they differ", async (t) => {
  const world = await rig();
  const { handle } = await up(world);
  const moved = { ...ipv4Only(0), ipv4Addresses: [{ prefixLength: 29, address: "10.64.0.10" }] };
  world.modem.indicate(bc.ipConfiguration, ipv4Only(0));
  world.modem.indicate(bc.ipConfiguration, moved);
  world.modem.indicate(bc.ipConfiguration, moved);
  await world.pass();
  t.match(world.heard, [["callSettingsChanged", handle, { ipv4: { address: "10.64.0.10" } }]]);
  t.equal(world.heard.length, 1);
});

t.test("IPv6 that follows later joins IPv4 instead of replacing it", async (t) => {
  const world = await rig();
  const { handle } = await up(world, { protocol: "dual" }, 3_000);
  const both = dual(0);
  world.modem.indicate(bc.ipConfiguration, {
    ...both,
    ipv4Available: [],
    ipv4Addresses: [],
    ipv4Gateway: undefined,
    ipv4Dns: [],
    ipv4Mtu: 0,
  });
  await world.pass();
  t.match(world.heard, [
    ["callSettingsChanged", handle, { ipv4: { address: "10.64.0.2" }, ipv6: { address: "2001:db8:1::2" } }],
  ]);
});

t.test("two calls at once, a third is refused as busy, and handles never mix", async (t) => {
  const world = await rig();
  const [first, second] = [await up(world), await up(world, { apn: "ims" })];
  t.strictSame([first.interfaceName, second.interfaceName], ["wwan0", "wwan0.1"]);
  t.strictSame([...world.interfaces], ["wwan0.1"]);
  t.equal(await world.soon(codeOf(parts(world).dataCalls.start(internet, never))), "busy");
  world.modem.indicate(bc.connect, connectInfo(1, { activationState: "deactivated" }));
  await world.pass();
  t.strictSame(world.heard, [["callEnded", second.handle, endedByNetwork(undefined)]]);
  t.strictSame([...world.interfaces], [], "the interface goes with the session");
  const third = await up(world, { apn: "ims" });
  t.equal(third.interfaceName, "wwan0.1");
  await world.soon(parts(world).dataCalls.stop(third.handle, never));
  t.strictSame([...world.interfaces], []);
  await up(world, { apn: "ims" });
  world.modem.unplug();
  await world.pass();
  t.strictSame([...world.interfaces], []);
});

t.test("no interface for a second session: the network is not asked for it, and the first goes on", async (t) => {
  const world = await rig();
  await up(world);
  world.refuseInterfaces(Object.assign(new Error("EOPNOTSUPP"), { code: "EOPNOTSUPP" }));
  const before = world.modem.requests(bc.connect).length;
  await t.rejects(world.soon(parts(world).dataCalls.start(internet, never)), {
    code: "unsupported",
    cause: { code: "EOPNOTSUPP" },
  });
  t.equal(world.modem.requests(bc.connect).length, before);
  world.refuseInterfaces(undefined);
  t.equal((await up(world)).interfaceName, "wwan0.1", "its number is free");
});

t.test("what an earlier daemon left active is ended before the call", async (t) => {
  const world = await rig((modem) => {
    modem.sessions.set(0, connectInfo(0));
  });
  await up(world);
  t.strictSame(
    world.modem.requests(bc.connect).map(({ command }) => command),
    ["deactivate", "activate"],
  );
});

t.test("statistics of a call in words of the host", async (t) => {
  const world = await rig();
  const { handle } = await up(world);
  t.strictSame(await world.soon(parts(world).dataCalls.statistics(handle, never)), {
    rxBytes: 3_000_000_000,
    txBytes: 5,
    rxPackets: 4,
    txPackets: 6,
    rxErrors: 2,
    txErrors: 7,
    rxDrops: 1,
    txDrops: 8,
  });
  t.equal(await world.soon(codeOf(parts(world).dataCalls.statistics(99, never))), "notReady");
});

t.test("an APN that MBIM cannot carry is refused before anything is sent", async (t) => {
  const world = await rig();
  for (const bad of [{ apn: "x".repeat(101) }, { username: "x".repeat(256) }, { password: "x".repeat(256) }])
    t.equal(await codeOf(parts(world).dataCalls.start({ ...internet, ...bad }, never)), "invalid");
  t.strictSame(world.modem.requests(bc.connect), []);
});

t.test("abort while CONNECT is out: rejected at once, and a late yes of the modem leaves no session", async (t) => {
  for (const order of ["deactivate first", "activate first"]) {
    const world = await rig();
    const { modem } = world;
    const answers: (() => void)[] = [];
    let isHeld = true;
    modem.onSet(bc.connect, async (request) => {
      if (request.command === "activate" && isHeld) await new Promise<void>((resolve) => answers.push(resolve));
      return modem.connect(request);
    });
    const abort = new AbortController();
    const code = codeOf(parts(world).dataCalls.start(internet, abort.signal));
    await world.pass();
    isHeld = false;
    if (order === "activate first") answers[0]?.();
    abort.abort();
    t.equal(await code, "aborted", order);
    await world.pass(5_000);
    answers[0]?.();
    await world.pass(5_000);
    t.strictSame(modem.sessions.size, 0, order);
    t.strictSame(modem.requests(bc.connect).at(-1)?.command, "deactivate", order);
    t.match(await up(world), { interfaceName: "wwan0" }, `${order}: the number is free again`);
  }
});

t.test("abort while addresses are awaited ends the session", async (t) => {
  const world = await rig((modem) => {
    modem.addresses = noAddresses;
  });
  const abort = new AbortController();
  const code = codeOf(parts(world).dataCalls.start(internet, abort.signal));
  await world.pass(5_000);
  abort.abort();
  t.equal(await world.soon(code), "aborted");
  await world.pass();
  t.equal(world.modem.sessions.size, 0);
  t.equal(world.clock.armed, 0);
});

t.test("the network ends the session while addresses are awaited: the start fails with its cause", async (t) => {
  const world = await rig((modem) => {
    modem.addresses = noAddresses;
  });
  const starting = parts(world).dataCalls.start(internet, never);
  starting.catch(() => undefined);
  await world.pass(5_000);
  world.modem.sessions.clear();
  world.modem.indicate(bc.connect, connectInfo(0, { activationState: "deactivated", nwError: 26 }));
  await t.rejects(world.soon(starting), {
    code: "refused",
    failure: { domain: "esm", code: 26, name: "InsufficientResources" },
  });
  t.strictSame(world.heard, [], "no call was ever announced");
});

t.test("with all sessions being withdrawn a new start waits for one", async (t) => {
  const world = await rig();
  const { modem } = world;
  const answers: (() => void)[] = [];
  let isHeld = true;
  modem.onSet(bc.connect, async (request) => {
    if (request.command === "activate" && isHeld) await new Promise<void>((resolve) => answers.push(resolve));
    return modem.connect(request);
  });
  const abort = new AbortController();
  const codes = [1, 2].map(() => codeOf(parts(world).dataCalls.start(internet, abort.signal)));
  await world.pass();
  abort.abort();
  t.strictSame(await world.soon(Promise.all(codes)), ["aborted", "aborted"]);
  isHeld = false;
  const third = parts(world).dataCalls.start(internet, never);
  await world.pass();
  t.equal(await Promise.race([third, "waiting"]), "waiting");
  answers[0]?.();
  t.match(await world.soon(third), { interfaceName: /^wwan0/ });
});

t.test("the modem forgets everything and is opened again: calls are told as ended", async (t) => {
  const world = await rig();
  const { handle } = await up(world);
  world.modem.isOpen = false;
  world.modem.sessions.clear();
  await world.soon(parts(world).signal.state(never));
  await world.pass();
  t.strictSame(world.heard, [["callEnded", handle, endedByNetwork(undefined)]]);
  t.equal(world.modem.requests(bc.deviceServiceSubscribeList).length, 2, "subscribed again");
});

t.test("close ends the calls in order, then CLOSE, within two seconds also with a deaf modem", async (t) => {
  const world = await rig();
  await up(world);
  await world.soon(world.driver.close(), 2_000);
  t.strictSame([world.modem.sessions.size, world.modem.isGone, world.modem.received.at(-1)?.type], [0, true, "close"]);
  t.strictSame(world.heard, [], "what the caller did is no news to it");

  const deaf = await rig();
  await up(deaf);
  deaf.modem.isSilent = true;
  const closing = deaf.driver.close();
  await deaf.pass(1_999);
  await closing;
  t.strictSame([deaf.modem.isGone, deaf.clock.armed], [true, 0]);
  t.equal(await codeOf(parts(deaf).signal.state(never)), "aborted");
});

t.test("unplugged at every step of a start: rejected as unplugged, gone once, nothing armed", async (t) => {
  const counting = await rig();
  await up(counting);
  const before = (await rig()).modem.received.length;
  const steps = counting.modem.received.length - before;
  t.ok(steps >= 3, `${steps} steps`);
  for (let step = 1; step <= steps; step++) {
    const world = await rig();
    const write = world.modem.link.write.bind(world.modem.link);
    let writes = 0;
    Object.assign(world.modem.link, {
      write: (bytes: Buffer) => {
        writes += 1;
        if (writes === step) world.modem.unplug();
        return write(bytes);
      },
    });
    t.equal(await world.soon(codeOf(parts(world).dataCalls.start(internet, never))), "unplugged", `step ${step}`);
    await world.pass();
    t.match(world.heard, [["gone", ModemError]], `step ${step}`);
    t.strictSame([world.heard.length, world.clock.armed], [1, 0], `step ${step}`);
    await world.driver.close();
  }
});
