/** The MBIM driver: identity, card, radio, network, events, opening and the end. */
import t from "tap";
import { openMbimDriver } from "../../src/drivers/mbim.js";
import * as bc from "../../src/mbim/services/basic-connect.js";
import { contextTypes, unknownU32 } from "../../src/mbim/services/basic-connect-types.js";
import {
  lteAttachStatus,
  msBasicConnectExtensionsService,
} from "../../src/mbim/services/ms-basic-connect-extensions.js";
import { status } from "../../src/mbim/status.js";
import { ModemError } from "../../src/runtime/error.js";
import { silentLog } from "../../src/runtime/log.js";
import { VirtualClock } from "../fakes/clock.js";
import { type PinInfo, ready, registered, ScriptedModem } from "./mbim-modem.js";
import { codeOf, never, parts, passOn, rig } from "./mbim-rig.js";

t.test("opening subscribes to what the modem can report, and says who it is", async (t) => {
  const world = await rig();
  t.equal(world.driver.name, "mbim /dev/scripted");
  t.strictSame(await world.soon(world.driver.identity.read(never)), {
    model: "EM7455",
    firmware: "SWI9X30C_02.33.03.00",
    imei: "490154203237518",
    technologies: ["umts", "hspa", "lte"],
  });
  t.strictSame(world.modem.requests(bc.deviceServiceSubscribeList), [
    { entries: [{ service: bc.basicConnectService, cids: [2, 3, 9, 10, 11, 12, 15] }] },
  ]);
});

t.test("a modem that takes no subscription still works", async (t) => {
  const world = await rig((modem) => {
    modem.onSet(bc.deviceServiceSubscribeList, () => ({ status: status.noDeviceSupport }));
    modem.onQuery(bc.deviceServices, () => ({ status: status.noDeviceSupport }));
  });
  t.strictSame(await world.soon(parts(world).signal.state(never)), { rssiDbm: -73 });
  t.match(world.warnings.join(""), /takes no subscription/);
});

t.test("the APNs that a modem knows: for the internet only, its refusals count for nothing", async (t) => {
  const stored = { userName: "", password: "", compression: "none", authProtocol: "none" } as const;
  const contexts = [
    { ...stored, contextId: 1, contextType: contextTypes.ims, accessString: "ims" },
    { ...stored, contextId: 2, contextType: contextTypes.internet, accessString: "" },
    { ...stored, contextId: 3, contextType: contextTypes.internet, accessString: "a.example", userName: "u" },
  ];
  const attach = { ...stored, state: "attached", ipType: "ipv4v6", accessString: "lte.example" } as const;
  const offered = async (prepare: (modem: ScriptedModem) => void) => {
    const { driver, soon } = await rig(prepare);
    return soon(driver.offeredApns?.read(never) ?? Promise.resolve([]));
  };
  const storing = (modem: ScriptedModem) =>
    modem
      .onQuery(bc.provisionedContextList, () => ({ values: { contexts } }))
      .onQuery(lteAttachStatus, () => ({ values: attach }));
  const fromStore = { apn: "a.example", username: "u", password: "", auth: "none", from: "stored in the modem" };
  t.strictSame(await offered(storing), [fromStore], "the extension is asked for only where the modem lists it");
  const extended = [
    { service: bc.basicConnectService, dssPayload: [], maxDssInstances: 0, cids: [] },
    { service: msBasicConnectExtensionsService, dssPayload: [], maxDssInstances: 0, cids: [lteAttachStatus.cid] },
  ];
  const listing = (modem: ScriptedModem) =>
    storing(modem).onQuery(bc.deviceServices, () => ({ values: { maxDssSessions: 0, services: extended } }));
  t.match(await offered(listing), [{ apn: "lte.example", from: "told by the network at attach" }, fromStore]);
  const refusing = (modem: ScriptedModem) =>
    listing(modem)
      .onQuery(bc.provisionedContextList, () => ({ status: status.notInitialized }))
      .onQuery(lteAttachStatus, () => ({ status: status.noDeviceSupport }));
  t.strictSame(await offered(refusing), []);
});

t.test("opening that fails closes the link and says why", async (t) => {
  const failures: Readonly<Record<string, (modem: ScriptedModem) => void>> = {
    unsupported: (modem) => modem.onQuery(bc.deviceCaps, () => ({ status: status.noDeviceSupport })),
    timeout: (modem) => {
      modem.isSilent = true;
    },
    unplugged: (modem) => modem.unplug(),
    refused: (modem) => {
      modem.onOpen = ({ transaction }) => ({ type: "openDone", transaction, status: status.failure });
    },
  };
  for (const [expected, prepare] of Object.entries(failures)) {
    const clock = new VirtualClock();
    const modem = new ScriptedModem({ clock });
    prepare(modem);
    const code = codeOf(openMbimDriver(modem.link, { interfaceName: "wwan0", log: silentLog, clock, signal: never }));
    await passOn(clock, 60_000);
    t.equal(await code, expected);
    t.strictSame([modem.isGone, clock.armed], [true, 0], expected);
  }
  const clock = new VirtualClock();
  const modem = new ScriptedModem({ clock });
  modem.isSilent = true;
  const abort = new AbortController();
  const code = codeOf(
    openMbimDriver(modem.link, { interfaceName: "wwan0", log: silentLog, clock, signal: abort.signal }),
  );
  await passOn(clock);
  abort.abort();
  await passOn(clock);
  t.equal(await code, "aborted");
});

const cards = [
  [
    { ...ready },
    { is: "ready", imsi: "262019876543210", iccid: "8949020000012345678", subscriberNumbers: ["+491701234567"] },
  ],
  [{ ...ready, readyState: "simNotInserted", subscriberId: "", simIccId: "" }, { is: "absent" }],
  [{ ...ready, readyState: "notInitialized" }, { is: "initialising" }],
  [
    { ...ready, readyState: "badSim" },
    { is: "failed", reason: "the card is not usable" },
  ],
  [
    { ...ready, readyState: "notActivated" },
    { is: "failed", reason: "the subscription is not activated" },
  ],
  [{ ...ready, readyState: "unknown(17)" }, { is: "initialising" }],
] as const;
for (const [subscriber, expected] of cards) {
  t.test(`card ${subscriber.readyState}: asked and reported alike`, async (t) => {
    const world = await rig((modem) => {
      modem.subscriber = subscriber;
    });
    // Asked, its PIN is told with a card that is ready.
    const pin = expected.is === "ready" ? { pin: { required: "none", retries: 3 } } : {};
    t.strictSame(await world.soon(parts(world).sim.state(never)), { ...expected, ...pin });
    world.modem.indicate(bc.subscriberReadyStatus, subscriber);
    await world.pass();
    t.strictSame(world.heard, [["simChanged", expected]]);
  });
}

t.test("a locked card tells which PIN it wants, asked and by report", async (t) => {
  const world = await rig((modem) => {
    modem.subscriber = { ...ready, readyState: "deviceLocked", subscriberId: "", telephoneNumbers: [] };
    modem.pin = { pinType: "puk1", pinState: "locked", remainingAttempts: 10 };
  });
  const pin = { required: "puk", retries: 10 };
  const expected = { is: "locked", pinRequired: "puk", iccid: "8949020000012345678", pin };
  t.strictSame(await world.soon(parts(world).sim.state(never)), expected);
  t.strictSame(await world.soon(parts(world).sim.pin(never)), { required: "puk", retries: 10 });
  world.modem.indicate(bc.subscriberReadyStatus, world.modem.subscriber);
  await world.pass();
  t.strictSame(world.heard, [["simChanged", expected]]);
});

t.test("no card, told by refusing the question", async (t) => {
  const world = await rig((modem) => {
    modem.onQuery(bc.subscriberReadyStatus, () => ({ status: status.simNotInserted }));
  });
  t.strictSame(await world.soon(parts(world).sim.state(never)), { is: "absent" });
});

t.test("a slow look at the PIN does not overtake a newer report", async (t) => {
  const answers: (() => void)[] = [];
  const world = await rig((modem) => {
    modem.pin = { pinType: "pin1", pinState: "locked", remainingAttempts: 3 };
    modem.onQuery(bc.pin, async () => {
      await new Promise<void>((resolve) => answers.push(resolve));
      return { values: modem.pin };
    });
  });
  world.modem.indicate(bc.subscriberReadyStatus, { ...ready, readyState: "deviceLocked" });
  await world.pass();
  world.modem.indicate(bc.subscriberReadyStatus, ready);
  await world.pass();
  answers[0]?.();
  await world.pass();
  t.match(world.heard, [["simChanged", { is: "ready" }]]);
  t.equal(world.heard.length, 1);
});

t.test("PIN2 is in nobody's way; an unknown number of tries is not told", async (t) => {
  const world = await rig();
  for (const [pin, expected] of [
    [{ pinType: "pin2", pinState: "locked", remainingAttempts: 3 }, { required: "none" }],
    [{ pinType: "none", pinState: "unlocked", remainingAttempts: 0 }, { required: "none" }],
    [
      { pinType: "pin1", pinState: "unlocked", remainingAttempts: 3 },
      { required: "none", retries: 3 },
    ],
    [{ pinType: "pin1", pinState: "unlocked", remainingAttempts: 0 }, { required: "none" }],
    [{ pinType: "pin1", pinState: "unlocked", remainingAttempts: unknownU32 }, { required: "none" }],
    [{ pinType: "pin1", pinState: "locked", remainingAttempts: unknownU32 }, { required: "pin" }],
    [
      { pinType: "networkPin", pinState: "locked", remainingAttempts: 5 },
      { required: "network", retries: 5 },
    ],
  ] satisfies [PinInfo, unknown][]) {
    world.modem.pin = pin;
    t.strictSame(await world.soon(parts(world).sim.pin(never)), expected);
  }
});

t.test("the four things one can do with a PIN, as MBIM words them", async (t) => {
  const unlocked = { pinType: "pin1", pinState: "unlocked", remainingAttempts: 3 } as const;
  const world = await rig((modem) => modem.onSet(bc.pin, () => ({ values: unlocked })));
  const { sim } = parts(world);
  t.strictSame(await world.soon(sim.enterPin("pin", "1234", never)), { required: "none", retries: 3 });
  await world.soon(sim.resetPin("puk", "12345678", "1111", never));
  await world.soon(sim.resetPin("pin", "12345678", "1111", never));
  await world.soon(sim.changePin("pin", "1111", "2222", never));
  await world.soon(sim.setLock("pin", true, "2222", never));
  await world.soon(sim.setLock("pin", false, "2222", never));
  t.strictSame(world.modem.requests(bc.pin), [
    { pinType: "pin1", pinOperation: "enter", pin: "1234", newPin: "" },
    { pinType: "puk1", pinOperation: "enter", pin: "12345678", newPin: "1111" },
    { pinType: "puk1", pinOperation: "enter", pin: "12345678", newPin: "1111" },
    { pinType: "pin1", pinOperation: "change", pin: "1111", newPin: "2222" },
    { pinType: "pin1", pinOperation: "enable", pin: "2222", newPin: "" },
    { pinType: "pin1", pinOperation: "disable", pin: "2222", newPin: "" },
  ]);
});

t.test("a wrong PIN: badPin with the tries that are left, and never the PIN itself", async (t) => {
  const world = await rig((modem) =>
    modem.onSet(bc.pin, () => ({
      status: status.failure,
      values: { pinType: "pin1", pinState: "locked", remainingAttempts: 2 } as const,
    })),
  );
  const error: unknown = await world
    .soon(parts(world).sim.enterPin("pin", "4711", never))
    .catch((reason: unknown) => reason);
  t.match(error, { code: "badPin", message: /2 tries left/, failure: { domain: "mbim", name: "Failure" } });
  t.notMatch(String(error), /4711/);
});

t.test("a PIN of an impossible length costs no try", async (t) => {
  const description = { mode: "enabled", format: "numeric", lengthMin: 4, lengthMax: 8 } as const;
  const none = { mode: "notSupported", format: "unknown", lengthMin: unknownU32, lengthMax: unknownU32 } as const;
  const world = await rig((modem) =>
    modem.onQuery(bc.pinList, () => ({
      values: {
        pin1: description,
        pin2: description,
        deviceSimPin: none,
        deviceFirstSimPin: none,
        networkPin: none,
        networkSubsetPin: none,
        serviceProviderPin: none,
        corporatePin: none,
        subsidyLock: none,
        custom: none,
      },
    })),
  );
  t.equal(await world.soon(codeOf(parts(world).sim.enterPin("pin", "123", never))), "invalid");
  t.strictSame(world.modem.requests(bc.pin), []);
  t.equal(await world.soon(codeOf(parts(world).sim.enterPin("network", "123", never))), "unsupported", "passed on");
});

t.test("radio off and on", async (t) => {
  const world = await rig();
  const { radio } = parts(world);
  t.strictSame(await world.soon(radio.setOn(false, never)), { softwareOn: false, hardwareOn: true });
  t.strictSame(await world.soon(radio.state(never)), { softwareOn: false, hardwareOn: true });
  world.modem.indicate(bc.radioState, { hardware: "off", software: "on" });
  await world.pass();
  t.strictSame(world.heard, [["radioChanged", { softwareOn: true, hardwareOn: false }]]);
});

const registrations = [
  [{}, { status: "registered", technology: "lte", operatorName: "Telekom.de", mcc: "262", mnc: "01" }],
  [
    { registerState: "roaming", providerId: "310410", providerName: "AT&T", roamingText: "roaming" },
    { status: "roaming", technology: "lte", operatorName: "AT&T", mcc: "310", mnc: "410", roamingText: "roaming" },
  ],
  [{ registerState: "partner" }, { status: "roaming" }],
  [{ registerState: "searching", providerId: "", providerName: "" }, { status: "searching" }],
  [
    { registerState: "deregistered", registerMode: "manual", providerId: "" },
    { status: "unregistered", mode: "manual" },
  ],
  [
    { registerState: "denied", nwError: 11, providerId: "", providerName: "" },
    { status: "denied", cause: { domain: "emm", code: 11, name: "PlmnNotAllowed" } },
  ],
  [
    { registerState: "denied", nwError: 7, availableDataClasses: ["umts"], providerId: "" },
    { status: "denied", cause: { domain: "gmm", code: 7, name: "GprsServicesNotAllowed" } },
  ],
  [{ registerState: "unknown(9)" }, { status: "unknown" }],
] as const;
for (const [changes, expected] of registrations) {
  t.test(`registration ${JSON.stringify(changes)}`, async (t) => {
    const info = { ...registered, ...changes };
    const world = await rig((modem) => {
      modem.register = info;
    });
    const state = await world.soon(parts(world).registration.state(never));
    t.match(state, { mode: "auto", ...expected });
    if (expected.status !== "denied") t.notOk(state.cause, "no cause where nothing was refused");
    world.modem.indicate(bc.registerState, info);
    await world.pass();
    t.strictSame(world.heard, [["registrationChanged", state]]);
  });
}

t.test("the technology in use comes from the packet service, once that is known", async (t) => {
  const world = await rig((modem) => {
    modem.packetService = { ...modem.packetService, highestAvailableDataClass: ["umts"] };
  });
  const { registration, packetService } = parts(world);
  t.strictSame(await world.soon(packetService.state(never)), { state: "attached", technology: "umts" });
  t.match(await world.soon(registration.state(never)), { technology: "umts" });
});

t.test("registering by hand and by itself; a refusal keeps the network's cause", async (t) => {
  const world = await rig((modem) =>
    modem.onSet(bc.registerState, ({ providerId }) =>
      providerId === "26202"
        ? { status: status.failure, values: { ...registered, registerState: "denied", nwError: 11 } as const }
        : { values: registered },
    ),
  );
  const { registration } = parts(world);
  await world.soon(registration.registerManually("262", "01", never));
  await world.soon(registration.registerAutomatically(never));
  await t.rejects(world.soon(registration.registerManually("262", "02", never)), {
    code: "refused",
    failure: { domain: "emm", code: 11, name: "PlmnNotAllowed" },
  });
  t.equal(await codeOf(registration.registerManually("26", "1", never)), "invalid");
  t.strictSame(
    world.modem.requests(bc.registerState).map(({ action, providerId }) => [action, providerId]),
    [
      ["manual", "26201"],
      ["automatic", ""],
      ["manual", "26202"],
    ],
  );
});

t.test("a scan that takes two minutes: one line per network", async (t) => {
  const provider = { cellularClass: ["gsm"], rssi: 15, errorRate: 99 } as const;
  const providers = [
    {
      ...provider,
      providerId: "26201",
      providerName: "Telekom.de",
      providerState: ["home", "visible", "registered"],
    },
    { ...provider, providerId: "26201", providerName: "Telekom.de", providerState: ["home", "visible"] },
    { ...provider, providerId: "26202", providerName: "Vodafone.de", providerState: ["forbidden", "visible"] },
    { ...provider, providerId: "26203", providerName: "o2", providerState: ["visible"] },
    { ...provider, providerId: "", providerName: "?", providerState: ["visible"] },
  ] as const;
  const world = await rig((modem) =>
    modem.onQuery(bc.visibleProviders, async () => {
      await new Promise<void>((resolve) => modem.clock.after(120_000, resolve));
      return {
        values: {
          providers,
        },
      };
    }),
  );
  const operators = await world.soon(parts(world).registration.scan(never), 120_000);
  t.strictSame(
    operators.map(({ mcc, mnc, name, status: state }) => `${mcc}-${mnc} ${name} ${state}`),
    ["262-01 Telekom.de current", "262-02 Vodafone.de forbidden", "262-03 o2 available"],
  );
});

t.test("attach and detach, and a refused attach with its cause", async (t) => {
  const world = await rig();
  const { packetService } = parts(world);
  t.strictSame(await world.soon(packetService.detach(never)), { state: "detached" });
  t.strictSame(await world.soon(packetService.attach(never)), { state: "attached", technology: "lte" });
  world.modem.onSet(bc.packetService, () => ({
    status: status.failure,
    values: { ...world.modem.packetService, packetServiceState: "detached", nwError: 15 } as const,
  }));
  await t.rejects(world.soon(packetService.attach(never)), {
    code: "refused",
    failure: { domain: "emm", code: 15, name: "NoSuitableCellsInTrackingArea" },
  });
});

t.test("signal: coded values to dBm, 99 is not a value", async (t) => {
  const world = await rig();
  for (const [rssi, expected] of [
    [0, { rssiDbm: -113 }],
    [31, { rssiDbm: -51 }],
    [99, {}],
    [unknownU32, {}],
  ] as const) {
    world.modem.indicate(bc.signalState, {
      rssi,
      errorRate: 99,
      signalStrengthInterval: 0,
      rssiThreshold: 0,
      errorRateThreshold: 0,
    });
    await world.pass();
    t.strictSame(world.heard.at(-1), ["signalChanged", expected]);
  }
});

t.test("unplugged: gone once, after that silence, and closing is no error", async (t) => {
  const world = await rig();
  world.modem.unplug();
  await world.pass();
  world.modem.indicate(bc.radioState, { hardware: "on", software: "on" });
  await world.pass(120_000);
  t.match(world.heard, [["gone", { code: "unplugged" }]]);
  t.equal(world.heard.length, 1);
  t.ok(world.heard[0]?.[1] instanceof ModemError);
  await world.driver.close();
  t.equal(world.clock.armed, 0);
});

t.test("a modem that falls silent for good is gone too", async (t) => {
  const world = await rig();
  world.modem.isSilent = true;
  t.equal(await world.soon(codeOf(parts(world).signal.state(never)), 10_000), "timeout");
  await world.pass(60_000);
  t.match(world.heard, [["gone", { code: "timeout" }]]);
  t.equal(world.heard.length, 1);
});
