import { EventEmitter } from "eventemitter3";
import t from "tap";
import { lateMs } from "../../src/discovery/coming.js";
import { Discovery } from "../../src/discovery/discovery.js";
import type { Protocol } from "../../src/discovery/kernel-drivers.js";
import type { PortAnswer, PortQuestion } from "../../src/discovery/probe.js";
import type { DeviceSnapshot } from "../../src/discovery/snapshot.js";
import type { DeviceRow, Verdict } from "../../src/discovery/verdict.js";
import { ModemError } from "../../src/runtime/error.js";
import { silentLog } from "../../src/runtime/log.js";
import { settle, VirtualClock } from "../fakes/clock.js";
import { gadgets, modems, snapshotOf, usb } from "./machines.js";

interface Options {
  readonly protocols?: readonly Protocol[];
  readonly answers?: Readonly<Record<string, PortAnswer | Error | "never">>;
  readonly rows?: readonly DeviceRow[];
  readonly isTaken?: (verdict: Verdict) => boolean;
}

/** A machine whose devices a test plugs and unplugs; every question that was asked is noted. */
function machine({ protocols = ["mbim"], answers = {}, rows = [], isTaken = () => false }: Options = {}) {
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
    prober: {
      protocols: new Set(protocols),
      ask: ({ path, protocol }: PortQuestion, signal) => {
        asked.push(`${protocol} ${path}`);
        const answer = answers[path] ?? {};
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
  const half = usb("2c7c:0125", ["ff/ff/ff eps 2 option ttyUSB0", "ff/00/00 eps 3 option ttyUSB1"], {
    interfaceCount: 5,
  });
  await now(half);
  t.strictSame(
    [told(), asked],
    [["settling modem 1-1"], []],
    "three interfaces are to come, so it may be more than serial",
  );
  await now(modems.ec25());
  t.strictSame([told(), asked], [["known modem 1-1"], ["qmi /dev/cdc-wdm0"]]);
  await now(half);
  await clock.advance(lateMs);
  t.strictSame(told(), ["known modem 1-1"], "at last with what there is");
  discovery.close();
});

t.test("of several AT ports the one that answers is the control port, whatever the tables say", async (t) => {
  const silent = new ModemError("timeout", "no answer");
  const { now, asked, discovery } = machine({
    protocols: ["at"],
    answers: { "/dev/ttyUSB1": silent, "/dev/ttyUSB0": { imei: "490154203237518", role: "at" } },
  });
  await now(modems.ms2372h());
  t.strictSame(asked, ["at /dev/ttyUSB1", "at /dev/ttyUSB0"]);
  t.match(discovery.devices[0]?.answered, {
    control: { name: "ttyUSB0" },
    imei: "490154203237518",
    failure: undefined,
  });
  discovery.close();
});

t.test("a modem that never answers is told as such after the deadline, and stays on the list", async (t) => {
  const { now, told, discovery, clock } = machine({ answers: { "/dev/cdc-wdm0": "never" } });
  await now(modems.mbim());
  t.strictSame(told(), ["asking modem 1-1"]);
  await clock.advance(30_000);
  await settle();
  t.strictSame(told(), ["known modem 1-1"]);
  t.match(discovery.devices[0]?.report.findings, [{ code: "probe-failed", text: /no answer within 30 s/ }]);
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
