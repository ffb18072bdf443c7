/** What a client of net.wwand gets to know of a modem's radio and cards, and may change. */
import { EventEmitter } from "eventemitter3";
import t, { type Test } from "tap";
import { Bus } from "../../../src/dbus/bus.js";
import type { DeviceView, UplinkView, View, Views } from "../../../src/dbus/interfaces/views.js";
import { serveWwand } from "../../../src/dbus/registry.js";
import { ModemError } from "../../../src/runtime/error.js";
import { silentLog } from "../../../src/runtime/log.js";
import { FakeModems } from "../../fakes/modems.js";
import { startPrivateBus } from "../../lab/dbus.js";
import { eventually } from "../../lab/eventually.js";
import { RecordingClient } from "./recording-client.js";

const path = "/net/wwand/modem/mbim_0";
const [radio, card] = ["net.wwand.Radio1", "net.wwand.Card1"];

const still = <State>(state: State): View<State> => ({ state, events: new EventEmitter() });
const none = <Item>() => ({ list: [], events: new EventEmitter<{ added: [item: Item]; removed: [item: Item] }>() });

async function rig(t: Test) {
  const bus = await startPrivateBus();
  const service = new Bus({ address: bus.address, log: silentLog });
  const modems = new FakeModems();
  const modem = modems.add();
  const because = {
    because: [],
    groups: [],
    worstCaseDetectionMs: 0,
    lastSwitch: undefined,
    lastSwitches: [],
    lastGroupSwitch: undefined,
  };
  const views: Views = {
    modems,
    daemon: {
      ...still({
        ...{ version: "0", policyFiles: [], policyFolders: [], policyGeneration: "", policyError: "" },
        resolver: { backend: "none", because: "" },
      }),
      why: async () => [],
      whyPacket: async () => ({ isBad: false, because: [] }),
    },
    failover: {
      ...still({ ipv4Uplink: "", ipv6Uplink: "", actuating: "observe", actuatingBecause: [], ...because }),
      failback: () => [],
    },
    devices: none<DeviceView>(),
    uplinks: none<UplinkView>(),
    trace: { list: async () => [], read: async () => Buffer.alloc(0) },
  };
  const withdraw = serveWwand(service, views);
  await service.connect(AbortSignal.timeout(10_000));
  await service.requestName("net.wwand");
  const connect = () => RecordingClient.connect(bus.address, "net.wwand");
  const client = await connect();
  t.teardown(async () => {
    client.close();
    withdraw();
    await service.close();
    await bus.close();
  });
  return { modem, client, connect };
}

t.test("cells: what is known of each, and nothing else", async (t) => {
  const { client } = await rig(t);
  const [cells] = await client.call(path, radio, "GetCells", "");
  t.strictSame(cells, [
    {
      ...{ generation: "lte", rsrpDbm: -99.5, serving: true, mcc: "001", mnc: "01" },
      ...{ cellId: 1715004n, areaCode: 258 },
    },
    { generation: "lte", serving: false, physicalCellId: 102, channel: 1300 },
  ]);
});

t.test("signal per generation: told when it changes, and gone with the registration", async (t) => {
  const { client, modem } = await rig(t);
  const signal = async () =>
    Reflect.get(
      Object((await client.call(path, "org.freedesktop.DBus.Properties", "GetAll", "s", radio))[0]),
      "Signal",
    );
  t.strictSame(await signal(), []);
  await modem.setPowered(true, { is: "standing", reason: "test" });
  await modem.setOnline(true, { is: "standing", reason: "test" });
  modem.registration?.become({
    status: "registered",
    signal: { generation: "nr", rsrpDbm: -90, others: [{ generation: "lte", rsrpDbm: -99, snrDb: 12.8 }] },
  });
  t.strictSame(await signal(), [
    { generation: "nr", rsrpDbm: -90 },
    { generation: "lte", rsrpDbm: -99, snrDb: 12.8 },
  ]);
  await modem.setOnline(false, { is: "standing", reason: "test" });
  t.strictSame(await signal(), []);
});

t.test("modes and bands: read and preferred; a word that is no generation reaches no modem", async (t) => {
  const { client, modem } = await rig(t);
  const selection = () => client.call(path, radio, "GetSelection", "");
  const supported = [["gsm", "lte"], { gsm: [900], lte: [3, 20] }];
  t.strictSame(await selection(), [...supported, ...supported]);
  await client.call(path, radio, "PreferModes", "as", ["lte"]);
  await client.call(path, radio, "PreferBands", "a{sau}", { lte: [20] });
  t.strictSame(await selection(), [...supported, ["lte"], { lte: [20] }]);
  await t.rejects(client.call(path, radio, "PreferModes", "as", ["5g"]), {
    message: /InvalidFormat.*5g is not one of/,
  });
  t.strictSame(modem.control.selection.preferred.modes, ["lte"]);
});

t.test("slots and forbidden networks; identities are covered", async (t) => {
  const { client, modem } = await rig(t);
  t.strictSame(await client.call(path, card, "GetSlots", ""), [
    [
      { number: 1, active: true, card: "present", iccid: "89882*************37" },
      { number: 2, active: false, card: "present", euicc: true, eid: "89001*************************24" },
    ],
  ]);
  await client.call(path, card, "ActivateSlot", "u", 2);
  t.ok(modem.control.slots[1]?.active);
  t.strictSame(await client.call(path, card, "GetPreferredNetworks", ""), [["00101", "310410"]]);
  t.strictSame(await client.call(path, card, "GetForbiddenNetworks", ""), [["00102"]]);
  await client.call(path, card, "ClearForbiddenNetworks", "");
  t.strictSame(await client.call(path, card, "GetForbiddenNetworks", ""), [[]]);
  await client.call(path, "net.wwand.Modem1", "Reset", "");
  t.equal(modem.control.resets, 1);
});

t.test("the device beside its radio: satellites and thermometers", async (t) => {
  const { client, modem } = await rig(t);
  const ask = (member: string) => client.call(path, "net.wwand.Modem1", member, "");
  t.strictSame(await ask("GetGnss"), ["off"]);
  await client.call(path, "net.wwand.Modem1", "SetGnss", "b", true);
  t.strictSame(await ask("GetGnss"), ["on"]);
  t.strictSame(await ask("GetTemperatures"), [[["pmu", 46.5]]]);
  modem.control.script.failNext(new ModemError("unsupported", "the firmware tells no temperature"));
  await t.rejects(ask("GetTemperatures"), { message: /NotImplemented.*tells no temperature/ });
});

t.test("a program that leaves the bus with a channel open: it is closed", async (t) => {
  const { modem, connect } = await rig(t);
  const tool = await connect();
  const [channel] = await tool.call(path, card, "OpenChannel", "ay", Buffer.from("a000", "hex"));
  t.equal(modem.control.channels.get(Number(channel)), tool.uniqueName);
  tool.close();
  await eventually(
    "the channel is closed",
    async () => modem.control.channels.size,
    (size) => size === 0,
  );
});
