import t from "tap";
import { doctorAnswer } from "../../src/cli/doctor.js";
import { modemAnswer } from "../../src/cli/modem.js";
import { type Call, type PlainDict, readSnapshot, type Snapshot } from "../../src/cli/snapshot.js";
import { statusAnswer } from "../../src/cli/status.js";
import { uplinkAnswer } from "../../src/cli/uplink.js";
import { whyAnswer } from "../../src/cli/why.js";
import { Variant } from "../../src/dbus/types.js";

const uplink = (name: string, interfaceName: string, presence: string) => ({
  path: `/net/wwand/uplink/${name}`,
  properties: {
    ...{
      Name: name,
      Interface: interfaceName,
      Kind: "ethernet",
      Presence: presence,
      Verdict4: "up",
      Verdict6: "unverified",
    },
    ...{ Eligibility: "ok", Tier: 1, Addresses: ["192.0.2.10/24"], Gateway4: "192.0.2.1", Gateway6: "" },
    ...{ DomainNameServers: [], Because: ["IPv4 up: 2 of 2 targets answered"], WorstCaseDetectionMs: 4100 },
    ...{ Metered: false, VerdictAgeMs: 1200 },
    Targets: [{ Family: "ipv4", Target: "icmp://1.1.1.1", AnsweredAgoMs: 1200, RoundTripMs: 12 }],
  },
});

const modem = {
  path: "/net/wwand/modem/mbim_0",
  properties: {
    ...{ OfonoPath: "/mbim_0", Driver: "mbim", Port: "/dev/cdc-wdm0", Imei: "00499********00", Level: "sim" },
    ...{ Stage: "6/10 register", Cause: "emm 11 PlmnNotAllowed", Interface: "", WhoHoldsRadioOff: [] },
    ...{ Apn: "web.example", ApnSource: "database: Example", ApnPassedOver: ["old (remembered: ...): esm 27 X"] },
    ProtocolOptions: [
      [16, "", "05dc"],
      [65280, "310410", "05"],
    ],
    Modem: { Manufacturer: "Sierra", Model: "EM7565" },
    NetworkRegistration: { Status: "denied", Name: "Far Away", Strength: 40 },
  },
};

const snapshot: Snapshot = {
  daemon: { Version: "0.1.0", PolicyFiles: [], PolicyError: "" },
  failover: { Ipv4Uplink: "ethernet", Ipv6Uplink: "", Because: ["ethernet is preferred and up"] },
  uplinks: [uplink("ethernet", "eth0", "present"), uplink("spare", "", "absent")],
  modems: [modem],
  devices: [],
};

t.test("status says first how the machine is online, then why, then everything that is wrong", async (t) => {
  const { text, bad, json } = statusAnswer(snapshot);
  t.notOk(bad);
  t.match(text.split("\n").slice(0, 2), ["online by ethernet (IPv4 only)", "  ethernet is preferred and up"]);
  t.match(text, /mbim_0: 6\/10 register: emm 11 PlmnNotAllowed/);
  t.strictSame(Object.keys(json as object), ["daemon", "failover", "uplinks", "modems"], "stable keys");
});

const moved = (family: string, from: string, to: string, at = "2026-01-02T03:04:05.678Z") => ({ family, from, to, at });
const bothByEthernet = [moved("ipv4", "spare", "ethernet"), moved("ipv6", "spare", "ethernet")];

/** The ethernet's verdicts and what carries IPv4 and IPv6 since when: the first line of status, and whether it is bad news. */
const headlines: Readonly<
  Record<string, readonly [facts: PlainDict, failover: PlainDict, line: string, bad: boolean]>
> = {
  "both families, moved for one reason": [
    { Verdict4: "up", Verdict6: "up" },
    { Ipv4Uplink: "ethernet", Ipv6Uplink: "ethernet", LastSwitches: bothByEthernet },
    "online by ethernet since 2026-01-02T03:04:05Z, before that by spare",
    false,
  ],
  "an ISP without IPv6, since wwand was started": [
    { Verdict4: "suspect", Verdict6: "unverified" },
    { Ipv4Uplink: "ethernet", Ipv6Uplink: "", LastSwitches: [moved("ipv4", "", "ethernet")] },
    "online by ethernet since 2026-01-02T03:04:05Z (IPv4 only)",
    false,
  ],
  "a metered uplink, which is asked every few minutes": [
    { Verdict4: "up", Verdict6: "up", VerdictAgeMs: 200_000 },
    { Ipv4Uplink: "ethernet", Ipv6Uplink: "ethernet", LastSwitches: bothByEthernet },
    "online by ethernet since 2026-01-02T03:04:05Z, before that by spare, as of 3m ago",
    false,
  ],
  "IPv6 moved an hour later than IPv4": [
    { Verdict4: "up", Verdict6: "up" },
    {
      ...{ Ipv4Uplink: "ethernet", Ipv6Uplink: "spare" },
      LastSwitches: [moved("ipv4", "", "ethernet"), moved("ipv6", "ethernet", "spare", "2026-01-02T04:04:05.678Z")],
    },
    "online: IPv4 by ethernet since 2026-01-02T03:04:05Z; " +
      "IPv6 by spare since 2026-01-02T04:04:05Z, before that by ethernet, not verified: nothing has answered yet",
    false,
  ],
  "nothing answers anywhere, the route stayed": [
    { Verdict4: "down", Verdict6: "down" },
    { Ipv4Uplink: "ethernet", Ipv6Uplink: "ethernet", LastSwitches: bothByEthernet },
    "OFFLINE: traffic goes by ethernet, where nothing answers",
    true,
  ],
  "a login page, and an IPv6 of which nobody ever heard": [
    { Verdict4: "portal", Verdict6: "unverified" },
    { Ipv4Uplink: "ethernet", Ipv6Uplink: "ethernet", LastSwitches: [] },
    "OFFLINE: traffic goes: IPv4 by ethernet, which leads to a login page; " +
      "IPv6 by ethernet, not verified: nothing has answered yet",
    true,
  ],
  "a private network that answers nobody": [
    { Verdict4: "unverified", Verdict6: "unverified" },
    { Ipv4Uplink: "ethernet", Ipv6Uplink: "ethernet", LastSwitches: [] },
    "online by ethernet, not verified: nothing has answered yet",
    false,
  ],
  "another program moved it since": [
    { Verdict4: "up", Verdict6: "up" },
    { Ipv4Uplink: "ethernet", Ipv6Uplink: "ethernet", LastSwitches: [moved("ipv4", "ethernet", "spare")] },
    "online by ethernet",
    false,
  ],
};

for (const [what, [facts, failover, line, bad]] of Object.entries(headlines))
  t.test(`the first line of status: ${what}`, async (t) => {
    const { path, properties } = uplink("ethernet", "eth0", "present");
    const uplinks = [{ path, properties: { ...properties, ...facts } }, uplink("spare", "wwan0", "present")];
    const told = statusAnswer({ ...snapshot, failover, uplinks });
    t.equal(told.text.split("\n")[0], line);
    t.equal(told.bad, bad);
  });

t.test("status says whether there is somewhere to go", async (t) => {
  const failover = { Ipv4Uplink: "ethernet", Ipv6Uplink: "ethernet", LastSwitches: bothByEthernet };
  const ethernet = uplink("ethernet", "eth0", "present");
  const spare = (facts: PlainDict, presence = "present") => {
    const { path, properties } = uplink("spare", "wwan0", presence);
    return { path, properties: { ...properties, ...facts } };
  };
  const backup = (...others: Snapshot["uplinks"]) =>
    statusAnswer({ ...snapshot, failover, uplinks: [ethernet, ...others] })
      .text.split("\n")
      .filter((line) => /backup/i.test(line));
  t.strictSame(backup(), [], "one uplink has none");
  t.strictSame(backup(spare({})), ["backup: spare is good, asked 1s ago"]);
  t.strictSame(backup(spare({ Targets: [] })), ["backup: spare is there; nothing checks it"]);
  t.strictSame(backup(spare({ Verdict4: "degraded" })), ["backup: spare answers, but is degraded"]);
  t.strictSame(backup(spare({ Verdict4: "unverified" })), [
    "backup: spare is not verified: nothing has answered there yet",
  ]);
  t.strictSame(backup(spare({ Verdict4: "down" })), ["NO BACKUP: spare is down by IPv4, unverified by IPv6"]);
  t.strictSame(backup(spare({}, "absent"), spare({ Eligibility: "held: it is serviced" })), [
    "NO BACKUP: spare is absent; spare is held: it is serviced",
  ]);
  t.strictSame(backup(spare({ Tier: 0 })), [], "what only a class may use is none");
});

t.test("a machine that nothing carries is bad news, and a policy that is missing or refused is told", async (t) => {
  const daemon = { ...snapshot.daemon, PolicyError: "10.toml:3:1: unknown key" };
  const { text, bad } = statusAnswer({ daemon, failover: {}, uplinks: [], modems: [], devices: [] });
  const none = { ...daemon, PolicyFolders: ["/usr/lib/wwand/policy.d", "/etc/wwand/policy.d"] };
  t.match(
    statusAnswer({ daemon: none, failover: {}, uplinks: [], modems: [], devices: [] }).text,
    /^no uplinks: copy a policy to one of \/usr\/lib\/wwand\/policy\.d, \/etc\/wwand\/policy\.d and reload$/m,
  );
  t.ok(bad);
  t.match(text, /^no policy is in force: nothing is checked/);
  const idle = { Because: ["IPv4: no uplink"], Actuating: "self" };
  const told = statusAnswer({ ...snapshot, daemon: { ...none, Resolver: "file" }, failover: idle, uplinks: [] }).text;
  t.notMatch(told, /IPv4: no uplink|name servers: by/, "which is no answer to anything then");
  t.match(statusAnswer({ ...snapshot, failover: {} }), { text: /^OFFLINE: no uplink carries traffic/, bad: true });
  t.match(text, /the policy on disk was not taken, the last good one stays: 10\.toml:3:1: unknown key/);
});

t.test("how names follow the traffic is one line of status; that they cannot is a trouble", async (t) => {
  const of = (Resolver: string, ResolverBecause: string, ResolverStub = "", Actuating = "self"): Snapshot => ({
    ...snapshot,
    daemon: { ...snapshot.daemon, Resolver, ResolverBecause, ResolverStub },
    failover: { ...snapshot.failover, Actuating },
    modems: [],
  });
  const stubbed = of("file", "dns=file resolv.conf=file", "127.0.0.200");
  t.match(
    statusAnswer(stubbed).text,
    /^name servers: by file, stub at 127\.0\.0\.200 \(dns=file resolv\.conf=file\)$/m,
  );
  t.notMatch(statusAnswer(of("file", "", "", "observe")).text, /name servers/, "other programs' business");
  const foreign = of("none", "dns=none resolv.conf=symlink target=/run/other owner=foreign");
  t.match(statusAnswer(foreign).text, /^name servers: left alone \(dns=none resolv\.conf=symlink/m);
  t.match(doctorAnswer(foreign).text, /^name servers: they do not follow the traffic: dns=none .*\n {2}do: say how/m);
  t.notMatch(doctorAnswer(of("none", "dns=none by [dns] backend")).text, /name servers/, "as asked for");
  t.notMatch(doctorAnswer(stubbed).text, /name servers/);
});

t.test(
  "an uplink's table marks what it carries; one that is asked for by a wrong name lists the right ones",
  async (t) => {
    t.match(uplinkAnswer(snapshot, undefined).text, /^ethernet +eth0 +present +up +unverified +ok +1 +v4$/m);
    t.match(uplinkAnswer(snapshot, "ethernet"), { text: /a blackhole is noticed within: 4\.1 s/, bad: false });
    t.match(uplinkAnswer(snapshot, "spare"), { bad: true });
    const { path, properties } = uplink("unwatched", "eth1", "absent");
    const unwatched = {
      path,
      properties: { ...properties, Tier: 0, WorstCaseDetectionMs: 0, Gateway4: "", Targets: [] },
    };
    const detail = uplinkAnswer({ ...snapshot, uplinks: [unwatched] }, "unwatched").text;
    for (const line of [
      "  verdict age: nothing is asked",
      "  gateway: none",
      "  a blackhole is noticed within: never: it has no check",
    ])
      t.ok(detail.split("\n").includes(line), line);
    t.match(
      uplinkAnswer({ ...snapshot, uplinks: [unwatched] }, undefined).text,
      /^unwatched .* ok +- +-$/m,
      "in no tier",
    );
    t.strictSame(uplinkAnswer(snapshot, "eth0"), {
      text: 'no uplink "eth0"; there are: ethernet, spare',
      json: null,
      bad: true,
    });
  },
);

t.test("an uplink's answer shows every target: what it said last, and when", async (t) => {
  const { path, properties } = uplink("ethernet", "eth0", "present");
  const Targets = [
    {
      Family: "ipv4",
      Target: "icmp://1.1.1.1",
      AnsweredAgoMs: 2_400,
      RoundTripMs: 12,
      FailedAgoMs: 190_000,
      Why: "no answer within 1s",
    },
    { Family: "ipv6", Target: "icmp://2606:4700::1111", FailedAgoMs: 500, Why: "ENETUNREACH" },
    { Family: "ipv6", Target: "icmp://2620:fe::fe" },
  ];
  const { text } = uplinkAnswer(
    { ...snapshot, uplinks: [{ path, properties: { ...properties, Targets } }] },
    "ethernet",
  );
  t.strictSame(text.split("\n").slice(-5), [
    "",
    "FAMILY  TARGET                  ANSWERED  RTT   FAILED  WHY",
    "IPv4    icmp://1.1.1.1          2s ago    12ms  3m ago  no answer within 1s",
    "IPv6    icmp://2606:4700::1111  never     -     0s ago  ENETUNREACH",
    "IPv6    icmp://2620:fe::fe      never     -     never   -",
  ]);
  const unasked = [{ path, properties: { ...properties, Targets: [] } }];
  t.notMatch(uplinkAnswer({ ...snapshot, uplinks: unasked }, "ethernet").text, /TARGET/, "nothing is asked: no table");
});

t.test("a modem's answer holds the step and the network's own words", async (t) => {
  const { text, bad } = modemAnswer(snapshot, "mbim_0");
  t.ok(bad);
  t.match(text, /step: 6\/10 register\n {2}last failure: emm 11 PlmnNotAllowed/);
  t.match(text, /^ {2}APN: web\.example \(database: Example\)\n {2}APN refused before: old \(remembered/m);
  t.match(modemAnswer(snapshot, "mbim_0").text, /^ {2}told by the operator: 05 \(310410, PCO 0xff00\)$/m);
  t.match(modemAnswer({ ...snapshot, modems: [] }, undefined), { text: "no modem", bad: true });
});

const storage = {
  path: "/net/wwand/device/usb_1_2d1",
  properties: {
    ...{ Bus: "usb", Address: "1-1", Verdict: "storage", Certainty: "known", Modem: "", Composition: "storage" },
    Summary: "HUAWEI_MOBILE (12d1:1f01) at usb 1-1: it shows itself as a disc with drivers, not as a modem",
    Findings: [
      {
        ...{ code: "storage-mode", severity: "blocks" },
        text: "it shows itself as a disc with drivers, not as a modem",
        remedy: "usb_modeswitch -v 12d1 -p 1f01 -J",
      },
    ],
    Interfaces: [
      {
        number: 0,
        triple: "08/06/50",
        kind: "storage",
        driver: "",
        module: "usb_storage",
        config: "CONFIG_USB_STORAGE",
        ports: [],
      },
    ],
    OtherCompositions: [{ name: "QMI", ids: "1e0e:9001", commands: ["AT+CUSBPIDSWITCH=9001,1,1"] }],
    CompositionRisk: "it restarts",
    CompositionSource: "its manual",
  },
};
const arduino = {
  path: "/net/wwand/device/usb_1_2d2",
  properties: {
    ...{ Bus: "usb", Address: "1-2", Verdict: "serial", Certainty: "known", Modem: "", Summary: "Arduino: left alone" },
    Findings: [{ code: "not-proven", severity: "blocks", text: "left alone", remedy: "" }],
    ...{ Interfaces: [], OtherCompositions: [] },
  },
};

t.test("devices that are not driven stand below the modems, one sentence each", async (t) => {
  const driven = { path: "/net/wwand/device/x", properties: { Modem: "/mbim_0", Summary: "driven" } };
  const { text, bad, json } = modemAnswer({ ...snapshot, devices: [storage, arduino, driven] }, undefined);
  t.strictSame(text.split("\n").slice(-4), [
    "",
    "not driven (wwanctl doctor says more):",
    storage.properties.Summary,
    "Arduino: left alone",
  ]);
  t.match(
    statusAnswer({ ...snapshot, modems: [], devices: [storage] }).text,
    `no modem\n${storage.properties.Summary}`,
    "status says why there is none",
  );
  t.notOk(bad, "there is a modem");
  t.match(json, [{ Name: "mbim_0", Path: "/net/wwand/modem/mbim_0", OfonoPath: "/mbim_0" }], "--json: the modems only");
});

const port = (path: string, role: string, because: string) => ({ path, role, because });
const serialStick = {
  path: "/net/wwand/device/usb_1_2d4",
  properties: {
    ...{ Bus: "usb", Address: "1-4", Ids: "12d1:1596", Verdict: "modem", Certainty: "known", Modem: "", Name: "at_1" },
    ...{ Summary: "HUAWEI Mobile: it speaks AT", ModemManufacturer: "huawei", ModemModel: "MS2372h-153" },
    ...{
      Imei: "00499********09",
      Findings: [],
      Interfaces: [],
      OtherCompositions: [],
      Composition: "serial ports only",
    },
    Ports: [port("/dev/ttyUSB0", "data", "^GETPORTMODE says MDM"), port("/dev/ttyUSB1", "primary", "it says PCUI")],
  },
};

t.test("a modem without a driver here: who it is below the list, everything by its name", async (t) => {
  const both = { ...snapshot, devices: [serialStick] };
  t.equal(
    modemAnswer(both, undefined).text.split("\n").at(-1),
    "  at_1: huawei MS2372h-153, IMEI 00499********09, /dev/ttyUSB0 data, /dev/ttyUSB1 primary",
  );
  const one = modemAnswer(both, "at_1");
  t.match(one.json, {
    Path: "/net/wwand/device/usb_1_2d4",
    Name: "at_1",
    Ports: [{ role: "data" }, { role: "primary" }],
  });
  t.ok(one.bad);
  t.strictSame(one.text.split("\n"), [
    "HUAWEI Mobile: it speaks AT",
    "  it is at_1: huawei MS2372h-153, IMEI 00499********09",
    "  PORT          FOR      BECAUSE",
    "  /dev/ttyUSB0  data     ^GETPORTMODE says MDM",
    "  /dev/ttyUSB1  primary  it says PCUI",
    "  composition: serial ports only",
  ]);
  t.match(modemAnswer(both, "at_7").text, /there are: mbim_0, at_1$/);
});

t.test("a driven modem's answer has its place and its ports", async (t) => {
  const ports = [port("/dev/cdc-wdm0", "control", "MBIM"), port("/dev/ttyUSB2", "primary", "it answers")];
  const properties = { Modem: "/mbim_0", Name: "mbim_0", Bus: "usb", Address: "1-1", Ids: "1199:9091", Ports: ports };
  const driven = { ...snapshot, devices: [{ path: "/net/wwand/device/usb_1_2d1", properties }] };
  const { text, json } = modemAnswer(driven, "mbim_0");
  t.match(
    text,
    / {2}plugged in: usb 1-1 \(1199:9091\)\n {2}port: \/dev\/cdc-wdm0 control\n {2}port: \/dev\/ttyUSB2 primary/,
  );
  t.match(json, { Device: { Path: "/net/wwand/device/usb_1_2d1", Address: "1-1", Ports: [{ role: "control" }, {}] } });
});

t.test("doctor: each device in full, then what is wrong and what to do about it", async (t) => {
  const healthy = { ...snapshot, modems: [] };
  const { text, bad, json } = doctorAnswer({ ...healthy, devices: [storage, arduino] });
  t.ok(bad);
  t.match(text, /^ {2}0 +08\/06\/50 +storage +none \(usb_storage, CONFIG_USB_STORAGE\) +-$/m);
  t.match(text, /^ {4}QMI \(1e0e:9001\): AT\+CUSBPIDSWITCH=9001,1,1\n {4}mind: it restarts\n {4}source: its manual$/m);
  t.strictSame(
    text.split("\n\n").at(-1),
    "usb 1-1: it shows itself as a disc with drivers, not as a modem\n  do: usb_modeswitch -v 12d1 -p 1f01 -J",
  );
  t.match(json, { devices: [{ Address: "1-1" }, { Address: "1-2" }], troubles: [{ about: "usb 1-1" }] });
  t.match(doctorAnswer({ ...healthy, devices: [arduino] }), { text: /\n\nnothing is wrong$/, bad: false });
  t.match(doctorAnswer({ ...healthy, devices: [] }), { text: /no device here looks like a modem/, bad: true });
});

t.test("a snapshot opens variants, joins oFono's view and covers identities", async (t) => {
  const call: Call = async (destination, _path, interfaceName, member) => {
    if (member === "GetManagedObjects")
      return [{ "/net/wwand/modem/mbim_0": { "net.wwand.Modem1": { OfonoPath: new Variant("o", "/mbim_0") } } }];
    if (member === "GetAll") return [{ Version: new Variant("s", "0.1.0") }];
    if (interfaceName === "org.ofono.SimManager")
      return [{ SubscriberIdentity: new Variant("s", "001010123456789"), Retries: new Variant("a{sy}", { pin: 3 }) }];
    throw new Error(`${destination} ${interfaceName}: the level does not have it`);
  };
  const { daemon, modems } = await readSnapshot(call);
  t.strictSame(daemon, { Version: "0.1.0" });
  t.strictSame(modems[0]?.properties, {
    OfonoPath: "/mbim_0",
    SimManager: { SubscriberIdentity: "00101********89", Retries: { pin: 3 } },
  });
});

t.test("why prints the daemon's chain, and is bad news where nothing carries the family", async (t) => {
  const saying =
    (...lines: readonly string[]): Call =>
    async () => [lines];
  t.match(await whyAnswer(saying("IPv4 leaves by ethernet (eth0)", "ethernet is up"), ""), {
    text: "IPv4 leaves by ethernet (eth0)\nethernet is up",
    bad: false,
  });
  t.ok((await whyAnswer(saying("IPv6: no uplink carries it"), "2001:db8::1")).bad);
  await t.rejects(whyAnswer(saying(), "wwan"), {
    message: /^"wwan" is not an IP address; of an uplink: wwanctl uplink/,
  });
});
