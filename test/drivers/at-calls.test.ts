/** Calls of AT modems: over Huawei's network interface with what ^DHCP? tells, and over PPP on a second port. */
import { EventEmitter } from "eventemitter3";
import t, { type Test } from "tap";
import type { DiallerOptions } from "../../src/drivers/at/diallers.js";
import type { PppCall } from "../../src/drivers/at/ppp-dialler.js";
import { openAtDriver } from "../../src/drivers/at.js";
import type { DataCallRequest } from "../../src/modem/types.js";
import type { PppEvents } from "../../src/ppp/connection.js";
import type { PppRequest } from "../../src/ppp/request.js";
import { ModemError } from "../../src/runtime/error.js";
import type { ByteLink } from "../../src/runtime/link.js";
import { silentLog } from "../../src/runtime/log.js";
import { mbimGeneric } from "../../src/virtual/profiles/mbim-generic.js";
import { dialItself } from "../../src/virtual/usb/functions/self-dial.js";
import { AtCable } from "../at/cable.js";
import { internet, type Kind, kinds, never, online, Rig } from "./rig.js";

const huawei = kinds.find(({ name }) => name === "at huawei");
const generic = kinds.find(({ name }) => name === "at");
if (huawei === undefined || generic === undefined) throw new Error("a kind is missing");

t.test("Huawei's interface: addresses as the modem tells them, IPv6 by router advertisement", async (t) => {
  const rig = new Rig(huawei, mbimGeneric);
  t.teardown(() => rig.cable.unplug());
  const { dataCalls } = await online(rig);
  const ipv4 = {
    method: "static",
    address: /^10\.64\.0\./,
    prefixLength: 24,
    gateway: "10.64.0.1",
    dns: ["10.64.0.1"],
  };
  const expected = { ip: { ipv4 }, ipv6: { ipv6: { dns: [] } }, dual: { ipv4, ipv6: { dns: [] } } };
  for (const protocol of ["ip", "ipv6", "dual"] as const) {
    const call = await rig.soon(dataCalls.start({ ...internet, protocol }, never), 5_000);
    t.match(call, { interfaceName: "wwan0", settings: expected[protocol] }, protocol);
    t.strictSame(Object.keys(call.settings).sort(), Object.keys(expected[protocol]).sort(), protocol);
    for (const _ of [1, 2]) await rig.soon(dataCalls.stop(call.handle, never));
    t.strictSame(rig.machine.state.sessions, [], "nothing is left in the modem");
  }
  const first = await rig.soon(dataCalls.start(internet, never), 5_000);
  await t.rejects(rig.soon(dataCalls.start(internet, never)), { code: "busy" }, "one call at a time");
  await rig.soon(dataCalls.stop(first.handle, never));
  t.equal(rig.clock.armed, 0, "no timer is left");
});

t.test("packets of a call are what its interface has carried since it is up; without one nobody counts", async (t) => {
  const nothing = {
    rxBytes: 7,
    txBytes: 7,
    rxPackets: 7,
    txPackets: 7,
    rxErrors: 0,
    txErrors: 0,
    rxDrops: 0,
    txDrops: 0,
  };
  let carried = nothing;
  const open: Kind["open"] = (link, clock) =>
    openAtDriver(link, {
      ...{ log: silentLog, clock, signal: never, interfaceName: "wwan0" },
      counters: async (name) => (name === "wwan0" ? carried : Promise.reject(new Error("another interface"))),
    });
  const rig = new Rig({ ...huawei, open }, mbimGeneric);
  t.teardown(() => rig.cable.unplug());
  const { dataCalls } = await online(rig);
  for (const _ of ["the first call", "the second"]) {
    const { handle } = await rig.soon(dataCalls.start(internet, never), 5_000);
    carried = { ...carried, rxBytes: carried.rxBytes + 1_500, rxPackets: carried.rxPackets + 1 };
    t.match(await dataCalls.statistics(handle, never), { rxBytes: 1_500, rxPackets: 1, txBytes: 0 });
    await rig.soon(dataCalls.stop(handle, never));
    await t.rejects(dataCalls.statistics(handle, never), { code: "notReady" });
  }
  const uncounted = new Rig(
    {
      ...huawei,
      open: (link, clock) => openAtDriver(link, { log: silentLog, clock, signal: never, interfaceName: "w" }),
    },
    mbimGeneric,
  );
  t.teardown(() => uncounted.cable.unplug());
  const { dataCalls: calls } = await online(uncounted);
  const { handle } = await uncounted.soon(calls.start(internet, never), 5_000);
  await t.rejects(calls.statistics(handle, never), { code: "unsupported" });
});

t.test(
  "Huawei's interface: a modem that tells nothing by itself is asked, one without ^DHCP? has a server",
  async (t) => {
    const { cable, start, clock } = await scripted(t, {
      "AT^NDISDUP=1,1,": "\r\nOK\r\n",
      "AT^NDISSTATQRY?": '\r\n^NDISSTATQRY: 1,,,"IPV4"\r\n\r\nOK\r\n',
      "AT^DHCP?": "\r\nCOMMAND NOT SUPPORT\r\n",
    });
    const call = await start({ ...internet, username: "wwand", password: "se\\cret", auth: "chap" });
    t.match(call, { interfaceName: "wwan0", settings: { ipv4: { method: "dhcp" } } });
    t.ok(cable.written.includes('AT^NDISDUP=1,1,"internet","wwand","se\\cret",2\r'), "with what the network asks for");
    await t.rejects(start({ ...internet, apn: 'in"ternet' }), { code: "busy" });
    t.equal(clock.armed, 0);
  },
);

t.test("a refused ^NDISDUP names no password, and leaves nothing", async (t) => {
  const { cable, start } = await scripted(t, { "AT^NDISDUP=1,1,": "\r\nERROR\r\n" });
  const error = await start({ ...internet, username: "wwand", password: "secret" }).catch((error: unknown) => error);
  t.match(error, { code: "refused" });
  t.notMatch(String(Reflect.get(Object(error), "message")), /secret/);
  t.equal(cable.written.at(-1), "AT^NDISDUP=1,0\r");
  await t.rejects(start({ ...internet, apn: 'in"ternet' }), { code: "invalid" }, "no text ends before its time");
});

/** A Huawei modem that a test is: what is not said here is answered with OK or as every modem does. */
async function scripted(t: Test, answers: Readonly<Record<string, string>>) {
  const rig = new Rig(huawei as Kind, mbimGeneric);
  const cable = new AtCable();
  const usual: Readonly<Record<string, string>> = {
    ATI: "\r\nManufacturer: huawei\r\nModel: E3372\r\nRevision: 21.180\r\nIMEI: 004999010646007\r\n\r\nOK\r\n",
    "AT^SYSCFGEX=?": '\r\n^SYSCFGEX: ("00","03","02")\r\n\r\nOK\r\n',
    "AT+CGDCONT?": "\r\nOK\r\n",
  };
  const all = { ...usual, ...answers };
  cable.modem = (text) => Object.entries(all).find(([command]) => text.startsWith(command))?.[1] ?? "\r\nOK\r\n";
  const { clock } = rig;
  const driver = await rig.soon(
    openAtDriver(cable.link, { log: silentLog, clock, signal: never, interfaceName: "wwan0" }),
  );
  t.teardown(() => cable.unplug());
  const calls = driver.dataCalls;
  if (calls === undefined) throw new Error("it makes no calls");
  const start = (request: DataCallRequest) => rig.soon(calls.start(request, never), 5_000);
  return { cable, start, clock };
}

t.test(
  "firmware that connects by itself: its context is made to fit, its address waited for, its end heard",
  async (t) => {
    const sim7600 = kinds.find(({ name }) => name === "at sim7600");
    if (sim7600 === undefined) throw new Error("there is no such kind");
    const rig = new Rig(sim7600, mbimGeneric);
    const stopDialling = dialItself(rig.machine);
    t.teardown(() => {
      stopDialling();
      rig.cable.unplug();
    });
    const { dataCalls } = await online(rig);
    const dual = { ...internet, protocol: "dual" } as const;
    const call = await rig.soon(dataCalls.start(dual, never), 5_000);
    t.match(call, { interfaceName: "wwan0", settings: { ipv4: { method: "dhcp" }, ipv6: { dns: [] } } });
    await rig.soon(dataCalls.stop(call.handle, never));
    t.equal(rig.machine.state.sessions.length, 1, "the firmware keeps its connection");

    const secure = { ...internet, apn: "secure", username: "wwand", password: "carrier", auth: "chap" } as const;
    const second = await rig.soon(dataCalls.start(secure, never), 30_000);
    t.strictSame(second.settings, { ipv4: { method: "dhcp" } });
    t.match(rig.machine.state.sessions, [{ apn: "secure", pdn: "ipv4" }], "attached anew with what it was told");
    await rig.soon(dataCalls.stop(second.handle, never));
    await t.rejects(rig.soon(dataCalls.start({ ...internet, apn: "nowhere" }, never), 60_000), {
      message: "the modem does not connect by itself with its first context",
    });
    const third = await rig.soon(dataCalls.start(internet, never), 30_000);
    rig.machine.send({ type: "networkDetach", cause: undefined });
    await rig.pass(50);
    t.equal(rig.last("callEnded")[0], third.handle);
    await rig.soon(dataCalls.stop(third.handle, never));

    await rig.pass(100);
    const abandoned = new AbortController();
    const left = t.rejects(dataCalls.start({ ...internet, apn: "nonsense" }, abandoned.signal), { code: "aborted" });
    await rig.pass(3_000);
    abandoned.abort();
    await rig.soon(left);
  },
);

/** pppd, as the driver sees it. */
class FakePpp implements PppCall {
  readonly events = new EventEmitter<PppEvents>();
  readonly interfaceName = "ppp0";
  readonly only = undefined;
  readonly settings = {
    ipv4: { method: "static", obtained: "ppp", address: "10.64.0.9", prefixLength: 32, dns: [] },
  } as const;
  stops = 0;
  async stop(): Promise<void> {
    this.stops += 1;
  }
}

/** A modem with a second port, at which `say` answers. */
async function withDataPort(
  say: (text: string) => string | undefined,
  { kind: base = generic, ...options }: Partial<DiallerOptions> & { readonly kind?: Kind | undefined } = {},
) {
  const ports: AtCable[] = [];
  const left: string[] = [];
  const lines: Pick<ByteLink, "hasCarrier"> = {};
  const requests: PppRequest[] = [];
  const ppp = new FakePpp();
  const open = async (): Promise<ByteLink> => {
    const cable = new AtCable();
    cable.modem = say;
    ports.push(cable);
    return { ...cable.link, ...lines, letGo: () => void left.push("DTR stays up") };
  };
  const kind: Kind = {
    ...(base as Kind),
    open: (link, clock) =>
      openAtDriver(link, {
        ...{ log: silentLog, clock, signal: never, ...options },
        dataPort: { path: "/dev/ttyUSB0", baudRate: 115_200, open },
        startPpp: async (request) => {
          requests.push(request);
          return ppp;
        },
      }),
  };
  const rig = new Rig(kind, mbimGeneric);
  return { rig, ports, left, lines, requests, ppp, ...(await online(rig)) };
}

const connects = (text: string) => (text.startsWith("ATD") ? "\r\nCONNECT 150000000\r\n" : "\r\nOK\r\n");

t.test("PPP: dialled on the port that is there for it, handed over in data mode, ended by either side", async (t) => {
  const { rig, ports, left, requests, ppp, dataCalls } = await withDataPort(connects);
  t.teardown(() => rig.cable.unplug());
  const wanted = { ...internet, apn: "secure", username: "wwand", password: "carrier", auth: "chap" } as const;
  const call = await rig.soon(dataCalls.start({ ...wanted, protocol: "dual" }, never));
  t.match(call, { interfaceName: "ppp0", settings: { ipv4: { address: "10.64.0.9", obtained: "ppp" } } });
  t.strictSame(
    ports[0]?.written,
    ["ATQ0V1E0\r", "ATD*99***2#\r"],
    "by a context of its own: the first is the attach's",
  );
  t.match(rig.machine.state.contexts, [{ cid: 1 }, { cid: 2, apn: "secure", pdn: "ipv4v6" }]);
  t.strictSame(left, ["DTR stays up"]);
  const { apn: _apn, protocol: _protocol, ...credentials } = wanted;
  t.strictSame(requests, [{ ttyPath: "/dev/ttyUSB0", baudRate: 115_200, families: "dual", ...credentials }]);
  await rig.soon(dataCalls.stop(call.handle, never));
  t.equal(ppp.stops, 1);

  const second = await rig.soon(dataCalls.start(wanted, never));
  t.equal(ports[1]?.written.at(-1), "ATD*99***2#\r", "the same context, made to fit");
  const end = new ModemError("refused", "the peer ended", { failure: { domain: "pppd", code: 5, name: "PeerEnded" } });
  ppp.events.emit("ended", end);
  t.strictSame(rig.last("callEnded"), [second.handle, end], "in the words of who saw it");
  await rig.soon(dataCalls.stop(second.handle, never));
  t.equal(ppp.stops, 1, "what has ended is not hung up");
});

t.test(
  "PPP: NO CARRIER is a refusal in the modem's own words; a port stuck in data mode is brought back",
  async (t) => {
    const refused = await withDataPort((text) => (text.startsWith("ATD") ? "\r\nNO CARRIER\r\n" : "\r\nOK\r\n"));
    t.teardown(() => refused.rig.cable.unplug());
    const noCarrier = { code: "refused", cause: { message: /NO CARRIER/ } };
    await t.rejects(refused.rig.soon(refused.dataCalls.start(internet, never)), noCarrier);
    t.ok(refused.ports[0]?.isClosed);
    await t.rejects(refused.rig.soon(refused.dataCalls.start(internet, never)), noCarrier, "and may be tried again");

    let isStuck = true;
    const stuck = await withDataPort((text) => {
      if (text === "+++") isStuck = false;
      return isStuck || text === "+++" ? undefined : connects(text);
    });
    t.teardown(() => stuck.rig.cable.unplug());
    t.match(await stuck.rig.soon(stuck.dataCalls.start(internet, never), 30_000), { interfaceName: "ppp0" });
    const written = stuck.ports[0]?.written ?? [];
    t.strictSame(written.slice(written.indexOf("+++")), ["+++", "AT\r", "ATH\r", "ATQ0V1E0\r", "ATD*99***2#\r"]);
  },
);

t.test("PPP: a DCD that rises with the call shows its end, one that is always up or down does not", async (t) => {
  for (const [before, after, carrierDetect] of [
    [false, true, true],
    [true, true, undefined],
    [false, false, undefined],
  ] as const) {
    const { rig, ports, lines, requests, dataCalls } = await withDataPort(connects);
    t.teardown(() => rig.cable.unplug());
    lines.hasCarrier = () => (ports[0]?.written.some((text) => text.startsWith("ATD")) ? after : before);
    await rig.soon(dataCalls.start(internet, never));
    t.equal(requests[0]?.carrierDetect, carrierDetect, `${before} -> ${after}`);
  }
});

t.test("ip-method = ppp is asked at each call: over the port although there is an interface", async (t) => {
  let method: "ppp" | undefined;
  const { rig, dataCalls } = await withDataPort(connects, {
    kind: huawei,
    interfaceName: "wwan0",
    ipMethod: () => method,
  });
  t.teardown(() => rig.cable.unplug());
  for (const [asked, interfaceName] of [
    [undefined, "wwan0"],
    ["ppp", "ppp0"],
  ] as const) {
    method = asked;
    const call = await rig.soon(dataCalls.start(internet, never), 5_000);
    t.equal(call.interfaceName, interfaceName);
    await rig.soon(dataCalls.stop(call.handle, never));
  }
});

t.test("a modem with one serial port and no interface that is known offers no calls", async (t) => {
  const rig = new Rig(generic, mbimGeneric);
  t.teardown(() => rig.cable.unplug());
  t.equal((await rig.open()).dataCalls, undefined);
});
