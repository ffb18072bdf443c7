import { EventEmitter } from "eventemitter3";
import t from "tap";
import { lateMs } from "../../src/discovery/coming.js";
import { Discovery } from "../../src/discovery/discovery.js";
import type { Protocol } from "../../src/discovery/kernel-drivers.js";
import type { PortAnswer, PortQuestion } from "../../src/discovery/probe.js";
import { type DeviceSnapshot, type PortSnapshot, portPath } from "../../src/discovery/snapshot.js";
import type { DeviceRow, Verdict } from "../../src/discovery/verdict.js";
import { ModemError } from "../../src/runtime/error.js";
import { silentLog } from "../../src/runtime/log.js";
import { settle, VirtualClock } from "../fakes/clock.js";
import { gadgets, modems, snapshotOf, usb } from "./machines.js";

interface Options {
  /** That a driver here speaks. */
  readonly protocols?: readonly Protocol[];
  /** That can be asked in; default: those. */
  readonly asks?: readonly Protocol[];
  /** By path, or by protocol and path. */
  readonly answers?: Readonly<Record<string, PortAnswer | Error | "never">>;
  readonly rows?: readonly DeviceRow[];
  readonly isTaken?: (verdict: Verdict) => boolean;
}

/** A machine whose devices a test plugs and unplugs; every question that was asked is noted. */
function machine({
  protocols = ["mbim"],
  asks = protocols,
  answers = {},
  rows = [],
  isTaken = () => false,
}: Options = {}) {
  const clock = new VirtualClock();
  const kernel = new EventEmitter<{ event: [] }>();
  const asked: string[] = [];
  let devices: readonly DeviceSnapshot[] = [];
  let looks = 0;
  const discovery = new Discovery({
    look: async () => {
      looks += 1;
      return snapshotOf(...devices);
    },
    listen: (changed) => {
      kernel.on("event", changed);
      return () => void kernel.off("event", changed);
    },
    rows: () => rows,
    isTaken,
    driven: new Set(protocols),
    prober: {
      protocols: new Set(asks),
      ask: ({ path, protocol }: PortQuestion, signal) => {
        asked.push(`${protocol} ${path}`);
        const answer = answers[`${protocol} ${path}`] ?? answers[path] ?? {};
        if (answer instanceof Error) return Promise.reject(answer);
        if (answer !== "never") return Promise.resolve(answer);
        return new Promise((_, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
        );
      },
    },
    clock,
    log: silentLog,
  });
  const now = async (...plugged: readonly DeviceSnapshot[]) => {
    devices = plugged;
    kernel.emit("event");
    await settle();
  };
  const told = () =>
    discovery.devices.map(({ certainty, report }) => `${certainty} ${report.verdict.is} ${report.device.address}`);
  return { clock, discovery, asked, now, told, kernel, looks: () => looks };
}

t.test("a cold start and a hotplug end in the same picture", async (t) => {
  const { now, told, asked, discovery } = machine({ answers: { "/dev/cdc-wdm0": { imei: "490154203237518" } } });
  await now(modems.mbim(), gadgets.ups);
  t.strictSame(told(), ["known modem 1-1"], "what has nothing to do with modems is not told");
  t.strictSame(asked, ["mbim /dev/cdc-wdm0"]);
  t.equal(discovery.devices[0]?.answered?.imei, "490154203237518");
  await now();
  t.strictSame(told(), []);
  await now(modems.mbim({ plugging: "6" }));
  t.strictSame(asked.length, 2, "another plugging-in is asked anew");
  discovery.close();
});

t.test("no byte to what nothing proves to be a modem", async (t) => {
  const { now, asked, told, discovery, clock } = machine({ protocols: ["mbim", "qmi", "at"] });
  const at = (device: DeviceSnapshot, address: string) => ({ ...device, address, path: `/devices/${address}` });
  const { arduino, ubloxGps, serialUps, securityKey, ups } = gadgets;
  await now(...[arduino, ubloxGps, serialUps, securityKey, ups].map((device, index) => at(device, `1-${index}`)));
  await clock.advance(lateMs);
  t.strictSame(told(), ["known serial 1-0", "known serial 1-1", "known serial 1-2"]);
  t.strictSame(asked, []);
  discovery.close();
});

t.test("ports are asked when the modem is complete, serial ports when the kernel has finished", async (t) => {
  const { now, asked, told, discovery, clock } = machine({ protocols: ["qmi", "at"] });
  const serial = ["ff/ff/ff eps 2 option ttyUSB0", ...[1, 2].map((number) => `ff/00/00 eps 3 option ttyUSB${number}`)];
  const half = usb("2c7c:0125", serial, { interfaceCount: 5 });
  await now(half);
  t.strictSame(
    [told(), asked],
    [["settling modem 1-1"], []],
    "two interfaces are to come, so it may be more than serial",
  );
  await now(modems.ec25());
  t.strictSame([told(), asked.slice(0, 1)], [["known modem 1-1"], ["qmi /dev/cdc-wdm0"]]);
  await now(half);
  await clock.advance(lateMs);
  t.strictSame(told(), ["known modem 1-1"], "at last with what there is");
  discovery.close();
});

/** `/dev/ttyUSB1 primary` of the first device. */
const roles = ({ discovery }: ReturnType<typeof machine>) =>
  discovery.devices[0]?.report.ports.map(({ port, role }) => `${portPath(port)} ${role}`);

const silent = new ModemError("timeout", "no answer");
const atOnly = { protocols: ["mbim", "qmi"], asks: ["mbim", "qmi", "at"] } as const;
const huaweiMap = new Map([
  ["MDM", 0],
  ["PCUI", 1],
  ["DIAG", 2],
]);

t.test("a modem of serial ports: asked all at once; what it says is told, and that nobody drives it", async (t) => {
  const stick = { imei: "490154203237518", manufacturer: "huawei", model: "MS2372h-153", vendorMap: huaweiMap };
  const all = machine({ ...atOnly, answers: { "/dev/ttyUSB1": stick, "/dev/ttyUSB0": stick } });
  await all.now(modems.ms2372h());
  t.strictSame(all.asked, ["at /dev/ttyUSB1", "at /dev/ttyUSB0"], "the likeliest first; the diagnostics port never");
  t.match(all.discovery.devices, [
    {
      certainty: "known",
      answered: { imei: "490154203237518", manufacturer: "huawei", model: "MS2372h-153", failure: undefined },
      report: { summary: /it speaks AT on \/dev\/ttyUSB1: .*driver not built yet, only MBIM and QMI$/ },
    },
  ]);
  t.strictSame(roles(all), ["/dev/ttyUSB0 data", "/dev/ttyUSB1 primary", "/dev/ttyUSB2 diagnostics"]);
  all.discovery.close();
});

t.test("of several AT ports the one that answers is the control port, whatever the tables say", async (t) => {
  const one = machine({ ...atOnly, answers: { "/dev/ttyUSB1": silent, "/dev/ttyUSB0": { imei: "490154203237518" } } });
  await one.now(modems.ms2372h());
  await one.clock.advance(1_000);
  t.match(one.discovery.devices[0]?.report.verdict, { control: { name: "ttyUSB0" } });
  t.match(roles(one), ["/dev/ttyUSB0 primary", "/dev/ttyUSB1 none", "/dev/ttyUSB2 diagnostics"]);
  t.equal(one.clock.armed, 0, "a port that is silent while another answers is let be");
  one.discovery.close();
});

t.test(
  "a port of which nobody knows anything is not waited for: neither a silent one nor one without driver",
  async (t) => {
    const answers = { "/dev/ttyUSB1": { imei: "490154203237518" }, "/dev/ttyUSB3": "never" } as const;
    const module = machine({ ...atOnly, answers });
    await module.now(modems.a7670e());
    t.strictSame(module.told(), ["known modem 1-1"]);
    t.strictSame(roles(module)?.slice(1), ["/dev/ttyUSB1 primary", "/dev/ttyUSB2 secondary", "/dev/ttyUSB3 none"]);
    module.discovery.close();

    const second = machine({ ...atOnly, answers: { "/dev/ttyUSB2": "never" } });
    await second.now(modems.a7670e());
    t.strictSame(second.told(), ["asking modem 1-1"], "one that is known for commands may be the better one");
    second.discovery.close();

    const adb = machine({ ...atOnly });
    await adb.now(modems.sim7600Rndis());
    t.strictSame(adb.told(), ["known modem 1-1"], "option refuses its ADB interface");
    adb.discovery.close();
  },
);

t.test(
  "a modem that boots: its ports are asked again for half a minute, then it is told who did not answer",
  async (t) => {
    const answers: Record<string, PortAnswer | Error> = { "/dev/ttyUSB0": silent, "/dev/ttyUSB1": silent };
    const late = machine({ ...atOnly, answers });
    await late.now(modems.ms2372h());
    t.strictSame(late.told(), ["asking modem 1-1"]);
    answers["/dev/ttyUSB1"] = { imei: "490154203237518" };
    await late.clock.advance(2_000);
    t.strictSame(late.told(), ["known modem 1-1"]);
    t.equal(late.discovery.devices[0]?.answered?.imei, "490154203237518");
    late.discovery.close();

    const mute = machine({ ...atOnly, answers: { "/dev/ttyUSB0": silent, "/dev/ttyUSB1": silent } });
    await mute.now(modems.ms2372h());
    await mute.clock.advance(10_000);
    t.equal(mute.asked.length, 10, "five times each");
    t.match(mute.discovery.devices[0]?.report.findings, [
      { code: "protocol-not-built" },
      { code: "probe-failed", text: /it did not say who it is: no answer; no answer$/ },
    ]);
    t.equal(mute.clock.armed, 0);
    mute.discovery.close();
  },
);

t.test("a QMI modem is known when it answers; its AT ports are asked when it has had time to register", async (t) => {
  const answers = { "/dev/cdc-wdm0": { imei: "490154203237518" }, "/dev/ttyUSB2": "never" } as const;
  const both = machine({ ...atOnly, answers });
  await both.now(modems.ec25());
  t.strictSame(both.told(), ["known modem 1-1"]);
  await both.clock.advance(4_999);
  t.strictSame(both.asked, ["qmi /dev/cdc-wdm0"]);
  await both.clock.advance(1);
  t.strictSame(both.asked, ["qmi /dev/cdc-wdm0", "at /dev/ttyUSB2", "at /dev/ttyUSB3"]);
  t.strictSame(both.told(), ["known modem 1-1"]);
  await both.clock.advance(20_000);
  t.strictSame(roles(both), [
    "/dev/cdc-wdm0 control",
    "/dev/ttyUSB0 diagnostics",
    "/dev/ttyUSB1 nmea",
    "/dev/ttyUSB2 none",
    "/dev/ttyUSB3 primary",
  ]);
  t.match(both.discovery.devices[0]?.report.findings, [], "a silent AT port is nothing to complain of");
  both.discovery.close();
  t.equal(both.clock.armed, 0);
});

t.test("a port that another program holds, or a user's row takes away, is not written to", async (t) => {
  const held = (holder?: string): DeviceSnapshot => {
    const device = modems.ms2372h();
    const withHolder = (port: PortSnapshot) => (port.name === "ttyUSB1" && holder ? { ...port, holder } : port);
    return { ...device, interfaces: device.interfaces.map((at) => ({ ...at, ports: at.ports.map(withHolder) })) };
  };
  const rows = [{ ids: "12d1:1596", because: "gammu has it", ports: { 0: "ignore" } }] as const;
  const shared = machine({ ...atOnly, rows });
  await shared.now(held("ModemManager (pid 812)"));
  t.strictSame([shared.asked, shared.told()], [[], ["known modem 1-1"]]);
  t.strictSame(
    shared.discovery.devices[0]?.report.ports.map(({ because }) => because),
    [
      "it was not asked: [[device]] in wwand.toml: gammu has it",
      "it was not asked: ModemManager (pid 812) holds it",
      "Huawei code 03",
    ],
  );
  t.match(shared.discovery.devices[0]?.report.findings, [
    { code: "protocol-not-built" },
    { code: "held", severity: "limits", text: "ModemManager (pid 812) holds /dev/ttyUSB1" },
  ]);
  await shared.now(held());
  t.strictSame(shared.asked, ["at /dev/ttyUSB1"], "asked as soon as it is free");
  shared.discovery.close();
});

t.test("a control device that is mute in its driver's protocol and answers in another one", async (t) => {
  const never = "never" as const;
  const answers = { "qmi /dev/cdc-wdm0": never, "mbim /dev/cdc-wdm0": { imei: "490154203237518" } };
  const other = machine({ ...atOnly, answers });
  await other.now(modems.ec25());
  await other.clock.advance(20_000);
  t.strictSame(other.asked.slice(0, 2), ["qmi /dev/cdc-wdm0", "mbim /dev/cdc-wdm0"]);
  t.match(other.discovery.devices, [
    {
      certainty: "known",
      report: {
        verdict: { protocol: "mbim", control: { name: "cdc-wdm0" } },
        findings: [{ code: "other-protocol", text: /qmi_wwan .* is for QMI, but it answers MBIM/ }],
      },
    },
  ]);
  other.discovery.close();

  const huawei = machine({
    ...atOnly,
    answers: { "at /dev/cdc-wdm0": silent, "/dev/ttyUSB0": silent, "/dev/ttyUSB2": silent, "mbim /dev/cdc-wdm0": {} },
  });
  await huawei.now(modems.huaweiNcm());
  await huawei.clock.advance(10_000);
  t.match(huawei.discovery.devices[0]?.report.verdict, { protocol: "mbim", control: { name: "cdc-wdm0" } });
  huawei.discovery.close();
});

t.test("ports that come later are asked, ports that go while they are asked are not waited for", async (t) => {
  const { now, asked, clock, discovery, told } = machine({ ...atOnly, answers: { "/dev/ttyUSB0": "never" } });
  const [one, two] = [
    ["ff/03/31 eps 3 option ttyUSB0", "ff/03/32 eps 2 -"],
    ["ff/03/31 eps 3 -", "ff/03/32 eps 2 option ttyUSB1"],
  ];
  await now(usb("12d1:1596", one));
  t.strictSame([asked, told()], [["at /dev/ttyUSB0"], ["asking modem 1-1"]]);
  await now(usb("12d1:1596", two));
  t.strictSame([asked, told()], [["at /dev/ttyUSB0", "at /dev/ttyUSB1"], ["known modem 1-1"]]);
  discovery.close();
  t.equal(clock.armed, 0);
});

t.test("a modem that never answers is told as such after the deadline, and stays on the list", async (t) => {
  const { now, told, discovery, clock } = machine({ answers: { "/dev/cdc-wdm0": "never" } });
  await now(modems.mbim());
  t.strictSame(told(), ["asking modem 1-1"]);
  await clock.advance(30_000);
  await settle();
  t.strictSame(told(), ["known modem 1-1"]);
  t.match(discovery.devices[0]?.report.findings, [{ code: "probe-failed", text: /no answer within 20 s/ }]);
  discovery.close();
  t.equal(clock.armed, 0, "no timer is left");
});

t.test("unplugged while it is asked: nobody waits, nobody is told", async (t) => {
  const { now, told, discovery, clock } = machine({ answers: { "/dev/cdc-wdm0": "never" } });
  await now(modems.mbim());
  await now();
  t.strictSame(told(), []);
  t.equal(clock.armed, 0);
  discovery.close();
});

t.test("protocols without a driver are listed and not asked; what is named by URL is nobody's here", async (t) => {
  const { now, told, asked, discovery } = machine({
    isTaken: (verdict) => verdict.is === "modem" && verdict.control.name === "cdc-wdm7",
  });
  const taken = usb("1199:9091", ["02/0e/00 eps 1 cdc_mbim cdc-wdm7 wwan7", "0a/00/02 eps 2 cdc_mbim"], {
    address: "1-2",
  });
  await now(modems.ec25(), taken);
  t.strictSame([told(), asked], [["known modem 1-1"], []]);
  t.match(discovery.devices[0]?.report.summary, /protocol qmi: driver not built yet/);
  discovery.close();
});

t.test("two modems of one model are told apart by what they say", async (t) => {
  const second = usb("1199:9091", ["02/0e/00 eps 1 cdc_mbim cdc-wdm1 wwan1", "0a/00/02 eps 2 cdc_mbim"], {
    address: "1-2",
  });
  const { now, discovery } = machine({
    answers: { "/dev/cdc-wdm0": { imei: "490154203237518" }, "/dev/cdc-wdm1": { imei: "490154203237526" } },
  });
  await now(modems.mbim(), second);
  t.strictSame(
    discovery.devices.map(({ report, answered }) => [report.device.address, answered?.imei]),
    [
      ["1-1", "490154203237518"],
      ["1-2", "490154203237526"],
    ],
  );
  discovery.close();
});

t.test("a storm of events is looked at at once and once more when it is over", async (t) => {
  const { kernel, now, told, looks, clock, discovery } = machine();
  for (let event = 0; event < 100; event++) kernel.emit("event");
  await now(modems.mbim());
  await clock.advance(50);
  await settle();
  t.equal(looks(), 2);
  t.strictSame(told(), ["known modem 1-1"]);
  discovery.close();
  t.equal(clock.armed, 0, "no timer is left");
});

t.test("while events go on and on it is looked every 200 ms", async (t) => {
  const { kernel, now, looks, clock, discovery } = machine();
  kernel.emit("event");
  await now(modems.mbim());
  for (let events = 0; events < 5; events++) {
    await clock.advance(39);
    kernel.emit("event");
    await settle();
  }
  t.equal(looks(), 1);
  await clock.advance(5);
  await settle();
  t.equal(looks(), 2);
  discovery.close();
});
