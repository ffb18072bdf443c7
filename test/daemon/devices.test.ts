/** What the log says of devices as they come and go. */
import t from "tap";
import { DeviceJournal } from "../../src/daemon/devices.js";
import { Discovery } from "../../src/discovery/discovery.js";
import type { DeviceSnapshot } from "../../src/discovery/snapshot.js";
import { createLog, silentLog } from "../../src/runtime/log.js";
import { modems, snapshotOf, usb } from "../discovery/machines.js";
import { settle, VirtualClock } from "../fakes/clock.js";

/** A machine with one place to plug into, and the lines of its log. */
function machine() {
  const clock = new VirtualClock();
  const lines: string[] = [];
  let plugged: readonly DeviceSnapshot[] = [];
  let look = () => undefined as unknown;
  const discovery = new Discovery({
    look: async () => snapshotOf(...plugged),
    listen: (changed) => {
      look = changed;
      return () => undefined;
    },
    rows: () => [],
    isTaken: () => false,
    driven: new Set(["mbim", "qmi"]),
    prober: { protocols: new Set(["mbim", "qmi", "at"]), ask: async () => ({}) },
    clock,
    log: silentLog,
  });
  const log = createLog(
    () => "info",
    (line) => lines.push(line.trim()),
  );
  const journal = new DeviceJournal(log);
  discovery.events.on("changed", () => journal.tell(discovery.devices));
  const now = async (...devices: readonly DeviceSnapshot[]) => {
    plugged = devices;
    look();
    await settle();
    await clock.advance(50);
    await settle();
  };
  return { clock, now, discovery, lines };
}

t.test("one line however the parts come, and none about drivers while the kernel is still at it", async (t) => {
  const { now, lines, clock, discovery } = machine();
  const qmi = "ff/ff/ff eps 3 qmi_wwan cdc-wdm0 wwan0";
  const serial = (driver: string) => [0, 1, 2, 3].map((number) => `ff/00/00 eps 3 ${driver.replace("#", `${number}`)}`);
  await now(usb("2c7c:0125", [...serial("- < option:loadable"), qmi]));
  t.equal(discovery.devices[0]?.certainty, "known", "it is used at once");
  await now(usb("2c7c:0125", [...serial("- < option:coming"), qmi]));
  await now(usb("2c7c:0125", [...serial("- < option:live"), qmi]));
  t.strictSame(lines, []);
  await now(modems.ec25());
  t.match(lines, [/EC25 \(2c7c:0125\).*: QMI modem on \/dev\/cdc-wdm0 with wwan0$/]);
  await clock.advance(20_000);
  t.equal(lines.length, 1);
  discovery.close();
});

t.test("pulled, the drivers let go one by one: nobody says that they refused it", async (t) => {
  const { now, lines, discovery } = machine();
  await now(modems.mbim());
  await now(usb("1199:9091", ["02/0e/00 eps 1 - < cdc_mbim:live", "0a/00/02 eps 2 cdc_mbim"]));
  await now(usb("1199:9091", ["02/0e/00 eps 1 - < cdc_mbim:live"]));
  await now();
  t.match(lines, [/MBIM modem on/, /gone/]);
  t.equal(lines.length, 2);
  discovery.close();
});

t.test("a driver that did refuse is told, a second later", async (t) => {
  const { now, lines, clock, discovery } = machine();
  await now(usb("1199:9091", ["02/0e/00 eps 1 - < cdc_mbim:live", "0a/00/02 eps 2 - < cdc_mbim:live"]));
  t.strictSame(lines, []);
  await clock.advance(1_000);
  await settle();
  t.match(lines, [/cdc_mbim is loaded and refused them/]);
  discovery.close();
});
