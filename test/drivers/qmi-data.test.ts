/** Packet data over QMI: how packets travel, several connections at once, both IP families, refusals, what is stored. */
import t, { type Test } from "tap";
import type { Multiplex } from "../../src/drivers/qmi/data-path.js";
import { openQmiDriver } from "../../src/drivers/qmi.js";
import { NetworkBackoff } from "../../src/modem/ports.js";
import type { DataCallRequest } from "../../src/modem/types.js";
import { silentLog } from "../../src/runtime/log.js";
import { qmiGeneric } from "../../src/virtual/profiles/qmi-generic.js";
import { FakeDataLink, FakeQmiWwan } from "../fakes/qmi-wwan.js";
import { parts } from "./mbim-rig.js";
import { never, overheard, Rig } from "./rig.js";

const internet: DataCallRequest = { apn: "internet", username: "", password: "", auth: "none", protocol: "ip" };
const dual = (apn: string): DataCallRequest => ({ ...internet, apn, protocol: "dual" });

interface World {
  readonly kernel?: FakeQmiWwan;
  readonly modem?: FakeDataLink;
  readonly multiplex?: Multiplex;
}

/** Registered and attached. `said`: what was asked of the modem, by name. */
async function online(t: Test, { kernel = new FakeQmiWwan(), modem = new FakeDataLink(), multiplex }: World = {}) {
  const said: string[] = [];
  const options = { interfaceName: "wwan0", log: silentLog, signal: never, framing: kernel };
  const chosen = multiplex === undefined ? {} : { multiplex };
  const rig = new Rig(
    {
      name: "qmi",
      face: "qmi",
      open: (link, clock) =>
        openQmiDriver(
          overheard(link, (name) => said.push(name)),
          { ...options, ...chosen, clock },
        ),
    },
    qmiGeneric,
    { context: { dataLink: modem, port: 4 } },
  );
  t.teardown(() => rig.cable.unplug());
  const driver = await rig.open();
  await rig.pass(300);
  const { dataCalls, packetService } = parts({ driver });
  await rig.soon(packetService.attach(never));
  const start = (request: DataCallRequest) => rig.soon(dataCalls.start(request, never));
  return { rig, driver, dataCalls, start, kernel, modem, said };
}

t.test("two connections at once: each has an interface, and the modem's packets of it, to itself", async (t) => {
  const { rig, driver, dataCalls, start, kernel, modem } = await online(t, { multiplex: "lossless" });
  t.ok(dataCalls.maxCalls > 1);
  const first = await start(dual("internet"));
  const second = await start({ ...internet, apn: "v4only" });
  t.match([first, second], [{ interfaceName: "qmimux0" }, { interfaceName: "qmimux1" }]);
  t.equal(`${kernel}`, "wwan0 raw-ip mtu 8192 up\nqmimux0 mux 1\nqmimux1 mux 2");
  const channelOf = (apn: string) =>
    rig.machine.state.sessions.flatMap((s) => (s.is === "active" && s.apn === apn ? [modem.bound.get(s.id)] : []));
  t.strictSame(channelOf("internet"), [1, 1], "both families of the first");
  t.strictSame(channelOf("v4only"), [2]);
  t.not(Reflect.get(first.settings.ipv4 ?? {}, "address"), Reflect.get(second.settings.ipv4 ?? {}, "address"));

  await rig.soon(dataCalls.stop(first.handle, never));
  t.match(rig.machine.state.sessions, [{ apn: "v4only" }], "the end of one is not the other's");
  t.equal((await start(internet)).interfaceName, "qmimux0", "whoever comes back finds the interface again");
  await rig.soon(driver.close());
  t.equal(`${kernel}`, "wwan0 raw-ip mtu 1500 down", "nothing stays behind");
});

t.test("a kernel that takes no more than one packet at once: asked for, or one connection", async (t) => {
  const kernel = () => new FakeQmiWwan({ channels: true, largestMtu: 1500 });
  const careful = await online(t, { kernel: kernel(), multiplex: "lossless" });
  await careful.rig.soon(careful.dataCalls.prepare?.(never) ?? Promise.reject(new Error("nothing to prepare")));
  t.equal(careful.dataCalls.maxCalls, 1);
  t.match(await careful.start(internet), { interfaceName: "wwan0", settings: { mtu: 1500 } });
  t.equal(careful.modem.limits, undefined, "the modem knows, too");
  t.equal(`${careful.kernel}`, "wwan0 raw-ip mtu 1500 down");

  const asked = await online(t, { kernel: kernel(), multiplex: "always" });
  t.match(await asked.start(internet), { interfaceName: "qmimux0", settings: { mtu: 1496 } });
  t.match(asked.modem.limits, { maxBytes: 1500 }, "header and packet fit into what the kernel reads");
});

t.test(
  "nothing of the interface is changed to register; then it is agreed on once, for whoever needs it first",
  async (t) => {
    const { rig, dataCalls, start, kernel, said } = await online(t, { multiplex: "lossless" });
    t.equal(`${kernel}`, "wwan0 ethernet mtu 1500 down", "registered and attached");
    t.strictSame(
      said.filter((name) => name.startsWith("WDA")),
      [],
    );
    const [call] = await Promise.all([start(internet), rig.soon(dataCalls.prepare?.(never) ?? Promise.resolve())]);
    t.match(call, { interfaceName: "qmimux0" });
    t.equal(said.filter((name) => name === "WDA SET_DATA_FORMAT").length, 1);
  },
);

t.test("who does not want channels, or has a modem or kernel without, has one connection by raw IP", async (t) => {
  const without: readonly World[] = [
    { multiplex: "never" },
    { multiplex: "always", modem: new FakeDataLink({ channels: false }) },
    { multiplex: "always", kernel: new FakeQmiWwan({ channels: false, largestMtu: 65_535 }) },
  ];
  for (const world of without) {
    const { start, dataCalls, kernel, modem } = await online(t, world);
    t.equal((await start(internet)).interfaceName, "wwan0");
    t.equal(dataCalls.maxCalls, 1);
    t.strictSame([kernel.framing, modem.linkProtocol, modem.limits], ["raw-ip", "raw-ip", undefined]);
    await t.rejects(start(internet), { code: "busy" }, "a second one finds no interface");
  }
});

t.test("a modem that refuses raw IP keeps Ethernet frames, and the kernel with it", async (t) => {
  const kernel = new FakeQmiWwan();
  kernel.framing = "raw-ip";
  const { start, modem } = await online(t, { kernel, modem: new FakeDataLink({ rawIp: false, channels: false }) });
  t.match(await start(internet), { interfaceName: "wwan0" });
  t.strictSame([kernel.framing, modem.linkProtocol], ["ethernet", "ethernet"]);
});

t.test("one family, because the network says so: that is told, to be remembered", async (t) => {
  const { rig, dataCalls, start } = await online(t);
  for (const [apn, only] of [
    ["v4only", "ip"],
    ["v6only", "ipv6"],
    ["internet", undefined],
  ] as const) {
    const call = await start(dual(apn));
    t.equal(call.only, only, apn);
    await rig.soon(dataCalls.stop(call.handle, never));
  }
});

t.test("a network that allows one connection for an APN gives both families by one profile", async (t) => {
  const { rig, dataCalls, start } = await online(t);
  const profiles = () => rig.machine.state.contexts.map(({ cid, name, apn, pdn }) => [cid, name, apn, pdn]);
  const before = profiles();
  for (const _ of ["the first time", "the second time"]) {
    const call = await start(dual("single"));
    t.match(call, { only: undefined, settings: { ipv4: { address: /^10\.64/ }, ipv6: { address: /^2001:db8:64:/ } } });
    const leases = rig.machine.state.sessions.map((s) => (s.is === "active" ? s.lease.number : undefined));
    t.equal(leases.length, 2);
    t.equal(leases[0], leases[1], "one connection, as the network sees it");
    t.strictSame(profiles(), [...before, [2, "wwand", "single", "ipv4v6"]], "one profile of its own, made once");
    await rig.soon(dataCalls.stop(call.handle, never));
  }
  t.strictSame(rig.machine.state.sessions, []);
});

t.test("a network that wants to be left alone is left alone as long as it says", async (t) => {
  const { rig, start } = await online(t);
  const error = await start({ ...internet, apn: "congested" }).catch((refusal: unknown) => refusal);
  t.type(error, NetworkBackoff);
  t.match(error, { retryAfterMs: 300_000, failure: { domain: "esm", code: 26, name: "InsufficientResources" } });
  const barred = await start({ ...internet, apn: "barred" }).catch((refusal: unknown) => refusal);
  t.notOk(barred instanceof NetworkBackoff, "no time was named");
  t.match(barred, { failure: { domain: "esm", code: 8 } });
  t.strictSame(rig.machine.state.sessions, []);
});

t.test("a start that nobody waits for any more is taken back from the modem", async (t) => {
  const { rig, dataCalls, said } = await online(t);
  const abort = new AbortController();
  const left = t.rejects(dataCalls.start(internet, abort.signal), { code: "aborted" });
  await rig.pass(10);
  const before = said.length;
  abort.abort();
  await rig.soon(left);
  await rig.pass(500);
  t.strictSame(said.slice(before), ["WDS ABORT", "CTL RELEASE_CID"]);
  t.strictSame(rig.machine.state.sessions, []);
});

t.test("what the modem attaches with is read, and written only where it differs", async (t) => {
  const { rig, driver, said } = await online(t);
  const { initialBearer } = driver;
  if (initialBearer === undefined) throw new Error("no initial bearer");
  const writes = () => said.filter((name) => name === "WDS MODIFY_PROFILE").length;
  const wanted = { ...dual("attach.example"), username: "u", password: "p", auth: "pap" } as const;
  t.match(await rig.soon(initialBearer.read(never)), { configured: { apn: "internet", protocol: "dual" } });
  t.equal(await rig.soon(initialBearer.set(wanted, never)), "written");
  t.match(rig.machine.state.contexts[0], { cid: 1, apn: "attach.example", auth: "pap", username: "u", password: "p" });
  t.equal(await rig.soon(initialBearer.set({ ...wanted, apn: "Attach.Example" }, never)), "same");
  t.equal(writes(), 1, "flash wears out");
  t.equal(await rig.soon(initialBearer.set(undefined, never)), "written");
  t.strictSame(await rig.soon(initialBearer.read(never)), {}, "the network chooses");
});
