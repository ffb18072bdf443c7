import { EventEmitter } from "eventemitter3";
import t from "tap";
import { Bus } from "../../../src/dbus/bus.js";
import type {
  DaemonState,
  DeviceState,
  DeviceView,
  FailoverState,
  Switch,
  SwitchedDevice,
  UplinkMoment,
  UplinkState,
  UplinkView,
  Views,
} from "../../../src/dbus/interfaces/views.js";
import { pathElement } from "../../../src/dbus/registry/wwand.js";
import { serveWwand } from "../../../src/dbus/registry.js";
import type { PacketAnswer } from "../../../src/network/packet/types.js";
import { ModemError } from "../../../src/runtime/error.js";
import { silentLog } from "../../../src/runtime/log.js";
import { FakeModems } from "../../fakes/modems.js";
import { startPrivateBus } from "../../lab/dbus.js";
import { RecordingClient } from "./recording-client.js";

class FakeView<State> {
  readonly events = new EventEmitter<{ changed: [] }>();
  constructor(public state: State) {}
  become(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    this.events.emit("changed");
  }
}

class FakeDaemon extends FakeView<DaemonState> {
  async why(destination: string): Promise<readonly string[]> {
    if (destination !== "192.0.2.1") throw new ModemError("invalid", "not an address");
    return ["rule 200 looks up table 200", "default via 198.51.100.1 dev eth0"];
  }
  async whyPacket({ to, port }: Readonly<Record<string, string>>): Promise<PacketAnswer> {
    if (to === undefined) throw new ModemError("invalid", "to which address? (to)");
    return { uplink: "office-lan", rule: 32_765, table: 20_000, isBad: false, because: [`${to} port ${port}`] };
  }
}

class FakeFailover extends FakeView<FailoverState> {
  failback(): readonly string[] {
    this.become({ ipv4Uplink: "office-lan" });
    return ["IPv4: office-lan: it is preferred, and somebody said so"];
  }
}

class FakeUplink extends FakeView<UplinkState> implements UplinkView {
  ageMs = 40;
  get name(): string {
    return this.state.name;
  }
  moment(): UplinkMoment {
    const answered = { family: 4, target: "icmp://1.1.1.1", answeredAgoMs: this.ageMs, roundTripMs: 12.4 } as const;
    const silent = { family: 6, target: "tcp://example.com:443", failedAgoMs: 90_000, why: "ECONNREFUSED" } as const;
    return {
      verdictAgeMs: this.ageMs,
      targets: [
        { ...answered, failedAgoMs: undefined, why: "" },
        { ...silent, answeredAgoMs: undefined, roundTripMs: undefined },
      ],
      usage: undefined,
    };
  }
}

class FakeDevice extends FakeView<DeviceState> implements DeviceView {
  async switchComposition(name: string): Promise<SwitchedDevice> {
    if (name !== "MBIM") throw new ModemError("timeout", `it left, and did not come back as ${name}, within 120 s`);
    return { composition: "MBIM", ids: "1e0e:9003", name: "mbim_0", back: "RNDIS", summary: "MBIM modem" };
  }
}

const ethernet: UplinkState = {
  name: "office-lan",
  interfaceName: "eth0",
  kind: "ethernet",
  presence: "up",
  verdict4: "good",
  verdict6: "unknown",
  eligibility: "eligible",
  tier: 1,
  addresses: ["198.51.100.7/24"],
  gateway4: "198.51.100.1",
  gateway6: "",
  dns: ["198.51.100.53"],
  because: ["carrier", "gateway answers"],
  worstCaseDetectionMs: 5000,
  metered: false,
};
const away: Switch = {
  family: 4,
  from: "office-lan",
  to: "cellular",
  because: ["office-lan: no carrier"],
  ...{ trigger: "carrier", rule: "group.default.tiers", rulePlace: "/etc/wwand/policy.d/default.toml:8" },
  at: "2026-11-21T03:00:00.000Z",
};

const stick: DeviceState = {
  ...{
    bus: "usb",
    address: "1-1.4",
    ids: "12d1:1f01",
    manufacturer: "HUAWEI",
    model: "HUAWEI_MOBILE",
    certainty: "known",
  },
  ...{ verdict: "storage", summary: "HUAWEI_MOBILE (12d1:1f01) at usb 1-1.4: it shows itself as a disc", protocol: "" },
  ...{ modem: "", name: "", imei: "", modemManufacturer: "", modemModel: "", ports: [] },
  findings: [{ code: "storage-mode", severity: "blocks", text: "it shows itself as a disc", remedy: "usb_modeswitch" }],
  interfaces: [
    {
      number: 0,
      triple: "08/06/50",
      what: "storage",
      driver: "usb-storage",
      module: "",
      config: "",
      moduleState: "",
      ports: [],
    },
  ],
  ...{ composition: "storage", otherCompositions: [], compositionRisk: "", compositionSource: "" },
};

async function wwandRig(t: { teardown(close: () => Promise<void>): void }) {
  const bus = await startPrivateBus();
  const service = new Bus({ address: bus.address, log: silentLog });
  const modems = new FakeModems();
  const failover = new FakeFailover({
    ipv4Uplink: "office-lan",
    ipv6Uplink: "",
    actuating: "steer",
    actuatingBecause: ["ConnMan is on the bus"],
    because: ["office-lan is first"],
    groups: [
      {
        ...{
          name: "control",
          classes: ["ssh"],
          ipv4Uplink: "cellular",
          ipv6Uplink: "",
          because: ["cellular is first"],
        },
        lastSwitch: { ...away, to: "cellular", trigger: "failback", rule: "failback", rulePlace: "" },
      },
    ],
    worstCaseDetectionMs: 5000,
    lastSwitch: undefined,
    lastSwitches: [],
    lastGroupSwitch: undefined,
  });
  const lan = new FakeUplink(ethernet);
  const uplinks = { list: [lan], events: new EventEmitter<{ added: [UplinkView]; removed: [UplinkView] }>() };
  const daemon = new FakeDaemon({
    version: "0.1.0",
    policyFiles: ["/etc/wwand/policy.d/default.toml"],
    policyFolders: ["/etc/wwand/policy.d"],
    policyGeneration: "0123456789ab",
    policyError: "",
    resolver: { backend: "file", because: "dns=file resolv.conf=file", stub: "127.0.0.200" },
  });
  const devices = { list: [], events: new EventEmitter<{ added: [DeviceView]; removed: [DeviceView] }>() };
  const trace = { list: async () => [], read: async () => Buffer.alloc(0) };
  const views: Views = { modems, daemon, failover, devices, uplinks, trace };
  const withdraw = serveWwand(service, views);
  await service.connect(AbortSignal.timeout(10_000));
  await service.requestName("net.wwand");
  const client = await RecordingClient.connect(bus.address, "net.wwand");
  t.teardown(async () => {
    client.close();
    withdraw();
    await service.close();
    await bus.close();
  });
  const all = async (path: string, iface: string) =>
    (await client.call(path, "org.freedesktop.DBus.Properties", "GetAll", "s", iface))[0];
  return { client, modems, failover, lan, uplinks, devices, daemon, all };
}

t.test("a switch: the properties and then one Switched, with its reasons", async (t) => {
  const { client, failover, all } = await wwandRig(t);
  t.strictSame(await all("/net/wwand/failover", "net.wwand.Failover1"), {
    Ipv4Uplink: "office-lan",
    Ipv6Uplink: "",
    Actuating: "steer",
    ActuatingBecause: ["ConnMan is on the bus"],
    Because: ["office-lan is first"],
    Groups: [
      {
        ...{
          Name: "control",
          Classes: ["ssh"],
          Ipv4Uplink: "cellular",
          Ipv6Uplink: "",
          Because: ["cellular is first"],
        },
        LastSwitch: {
          ...{ family: "ipv4", from: "office-lan", to: "cellular", because: away.because, at: away.at },
          ...{ trigger: "failback", rule: "failback", place: "" },
        },
      },
    ],
    WorstCaseDetectionMs: 5000,
    LastSwitch: {},
    LastSwitches: [],
  });
  failover.become({ ipv4Uplink: "cellular", because: away.because, lastSwitch: away, lastSwitches: [away] });
  await client.until("/net/wwand/failover Failover1 Switched ipv4");
  failover.become({ worstCaseDetectionMs: Number.POSITIVE_INFINITY });
  t.strictSame(await client.take(), [
    "/net/wwand/failover org.freedesktop.DBus.Properties PropertiesChanged net.wwand.Failover1",
    "/net/wwand/failover Failover1 Switched ipv4",
    "/net/wwand/failover org.freedesktop.DBus.Properties PropertiesChanged net.wwand.Failover1",
  ]);
  t.match(await all("/net/wwand/failover", "net.wwand.Failover1"), {
    WorstCaseDetectionMs: 0xffff_ffff,
    LastSwitch: {
      ...{ family: "ipv4", from: "office-lan", to: "cellular", because: away.because, at: away.at },
      ...{ trigger: "carrier", rule: "group.default.tiers", place: "/etc/wwand/policy.d/default.toml:8" },
    },
  });
});

t.test("a class's move is told once, by the name of its group, and is no move of the rest", async (t) => {
  const { client, failover } = await wwandRig(t);
  failover.become({ lastGroupSwitch: { ...away, group: "control" } });
  failover.become({ worstCaseDetectionMs: 1 });
  failover.become({ lastGroupSwitch: { ...away, group: "backup" } });
  await client.until("/net/wwand/failover Failover1 GroupSwitched backup");
  const signals = (await client.take()).filter((line) => line.includes("witched"));
  t.strictSame(signals, [
    "/net/wwand/failover Failover1 GroupSwitched control",
    "/net/wwand/failover Failover1 GroupSwitched backup",
  ]);
});

t.test("a return that somebody asks for: what came of it is the answer", async (t) => {
  const { client } = await wwandRig(t);
  t.strictSame(await client.call("/net/wwand/failover", "net.wwand.Failover1", "Failback"), [
    ["IPv4: office-lan: it is preferred, and somebody said so"],
  ]);
});

t.test("devices come, change and go, each with its findings and interfaces", async (t) => {
  const { client, devices, all } = await wwandRig(t);
  const path = "/net/wwand/device/usb_1_2d1_2e4";
  const view = new FakeDevice(stick);
  devices.events.emit("added", view);
  t.match(await all(path, "net.wwand.Device1"), {
    Address: "1-1.4",
    Verdict: "storage",
    Findings: [{ code: "storage-mode", severity: "blocks", remedy: "usb_modeswitch" }],
    Interfaces: [{ number: 0, triple: "08/06/50", kind: "storage", driver: "usb-storage", ports: [] }],
    OtherCompositions: [],
  });
  await client.take();
  view.become({ ...stick });
  view.become({ verdict: "modem", protocol: "mbim", findings: [] });
  await client.until(`${path} org.freedesktop.DBus.Properties PropertiesChanged net.wwand.Device1`);
  devices.events.emit("removed", view);
  await client.until(`/net/wwand org.freedesktop.DBus.ObjectManager InterfacesRemoved ${path}`);
  t.strictSame(await client.take(), [
    `${path} org.freedesktop.DBus.Properties PropertiesChanged net.wwand.Device1`,
    `/net/wwand org.freedesktop.DBus.ObjectManager InterfacesRemoved ${path}`,
  ]);
});

t.test("another composition: what it has become and the way back, or why not", async (t) => {
  const { client, devices } = await wwandRig(t);
  const path = "/net/wwand/device/usb_1_2d1_2e4";
  devices.events.emit("added", new FakeDevice(stick));
  const switched = (name: string) => client.call(path, "net.wwand.Device1", "SwitchComposition", "s", name);
  t.strictSame(await switched("MBIM"), ["MBIM", "1e0e:9003", "mbim_0", "RNDIS", "MBIM modem"]);
  await t.rejects(switched("QMI"), {
    errorName: "Error.Timedout",
    message: /did not come back as QMI, within 120 s$/,
  });
});

t.test("uplinks come and go; the age of a verdict is that of the moment it is read", async (t) => {
  const { client, lan, uplinks, all } = await wwandRig(t);
  const path = "/net/wwand/uplink/office_2dlan";
  t.match(await all(path, "net.wwand.Uplink1"), { Interface: "eth0", Tier: 1, VerdictAgeMs: 40n, Metered: false });
  lan.ageMs = 1234;
  t.match(await all(path, "net.wwand.Uplink1"), { VerdictAgeMs: 1234n });
  t.match(await all(path, "net.wwand.Uplink1"), {
    Targets: [
      { Family: "ipv4", Target: "icmp://1.1.1.1", AnsweredAgoMs: 1234n, RoundTripMs: 12 },
      { Family: "ipv6", Target: "tcp://example.com:443", FailedAgoMs: 90_000n, Why: "ECONNREFUSED" },
    ],
  });
  lan.become({});
  t.strictSame(await client.take(), [], "an age is not news");
  const cellular = new FakeUplink({ ...ethernet, name: "cellular", kind: "wwan", interfaceName: "wwan0" });
  uplinks.events.emit("added", cellular);
  uplinks.events.emit("removed", lan);
  await client.until(`/net/wwand org.freedesktop.DBus.ObjectManager InterfacesRemoved ${path}`);
  const [managed] = await client.call("/net/wwand", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects");
  t.match(managed, { "/net/wwand/uplink/cellular": { "net.wwand.Uplink1": { Kind: "wwan" } } });
  t.notOk(Object.keys(Object(managed)).includes(path));
});

t.test("Why answers reasons, or says that the question is none", async (t) => {
  const { client, daemon, all } = await wwandRig(t);
  const why = (destination: string) => client.call("/net/wwand", "net.wwand.Daemon1", "Why", "s", destination);
  t.strictSame(await why("192.0.2.1"), [["rule 200 looks up table 200", "default via 198.51.100.1 dev eth0"]]);
  t.equal(await client.outcome(why("nonsense")), "net.wwand.Error.InvalidArguments".replace("net.wwand.", ""));
  daemon.become({ policyError: "default.toml:3: tier: expected a number" });
  await client.until("/net/wwand org.freedesktop.DBus.Properties PropertiesChanged net.wwand.Daemon1");
  t.match(await all("/net/wwand", "net.wwand.Daemon1"), {
    ...{ PolicyError: "default.toml:3: tier: expected a number" },
    ...{ Resolver: "file", ResolverBecause: "dns=file resolv.conf=file", ResolverStub: "127.0.0.200" },
  });
});

t.test("WhyPacket says what it knows of one packet, and leaves out the rest", async (t) => {
  const { client } = await wwandRig(t);
  const why = (packet: object) => client.call("/net/wwand", "net.wwand.Daemon1", "WhyPacket", "a{ss}", packet);
  const [answer] = await why({ to: "192.0.2.1", port: "443" });
  t.strictSame(answer, {
    ...{ Uplink: "office-lan", Rule: 32_765, Table: 20_000, Bad: false, Because: ["192.0.2.1 port 443"] },
  });
  await t.rejects(why({ port: "443" }), { errorName: "Error.InvalidArguments", message: /to which address/ });
});

t.test("a modem: masked identity, the reason of the last failure, its interface while data flows", async (t) => {
  const { client, modems, all } = await wwandRig(t);
  const modem = modems.add();
  const path = "/net/wwand/modem/mbim_0";
  const shown = () => all(path, "net.wwand.Modem1");
  const statistics = async () => (await client.call(path, "net.wwand.Modem1", "GetStatistics"))[0];
  t.match(await shown(), {
    OfonoPath: "/mbim_0",
    Driver: "mbim",
    Port: "/dev/cdc-wdm0",
    Imei: "",
    Level: "off",
    Cause: "",
  });
  await modem.setPowered(true, { is: "standing", reason: "connect = true" });
  modem.become({
    stage: "6/10 register: denied",
    cause: { domain: "emm", code: 11, name: "PlmnNotAllowed" },
    radioOffBecause: ["client :1.9", "rfkill switch"],
    identity: { imei: "352099001761481", technologies: [] },
  });
  t.match(await shown(), {
    Imei: "35209********81",
    Stage: "6/10 register: denied",
    Cause: "emm 11 PlmnNotAllowed",
    WhoHoldsRadioOff: ["client :1.9", "rfkill switch"],
    Interface: "",
  });
  t.strictSame(await statistics(), {}, "no data call, no counters");
  modem.sim?.open();
  modem.packetData?.contexts[0]?.bringUp();
  t.match(await shown(), {
    ...{ Interface: "wwan0", Level: "offline" },
    ...{ Apn: "internet", ApnSource: "client: set by a client", ApnPassedOver: [], ProtocolOptions: [] },
  });
  t.match(await statistics(), { RxBytes: 1_099_511_627_776n, TxPackets: 9n, RxDrops: 1n });
  await modem.setPowered(false, { is: "standing", reason: "connect = false" });
  t.match(await shown(), { Interface: "", Level: "off" });
  modems.remove(modem);
  t.equal(await client.outcome(shown()), "org.freedesktop.DBus.Error.UnknownObject");
});

t.test("any name makes an object path", async (t) => {
  t.strictSame(["wwan0", "office-lan", "eth_0", "ü", ""].map(pathElement), [
    "wwan0",
    "office_2dlan",
    "eth_5f0",
    "_fc",
    "_",
  ]);
});
