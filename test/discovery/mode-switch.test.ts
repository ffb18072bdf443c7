/** Sticks that begin as a disc: usb_modeswitch makes modems of them, once, where it may and can. */
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { Discovery } from "../../src/discovery/discovery.js";
import { ModeSwitch } from "../../src/discovery/mode-switch.js";
import type { DeviceSnapshot } from "../../src/discovery/snapshot.js";
import { createLog, silentLog } from "../../src/runtime/log.js";
import { VirtualClock } from "../fakes/clock.js";
import { eventually } from "../lab/eventually.js";
import { modems, snapshotOf, usb } from "./machines.js";

const disc = (plugging = "5", address = "1-3") =>
  usb("12d1:1f01", ["08/06/50 eps 2 usb-storage"], { name: "HUAWEI_MOBILE", address, plugging });
const rule = 'TargetVendor=0x12d1\nTargetProductList="14db,14dc"\nHuaweiNewMode=1\n';

/** In usb_modeswitch's place: notes how it was called, says what it was told to say. */
const script = `#!/bin/sh
here=$(dirname "$0")
for word; do printf '%s\\n' "<$word>"; done >>"$here/called"
cat "$here/says"
exit 1
`;

function machine(t: Test, { isWanted = true, hasRule = true, isInstalled = true } = {}) {
  const folder = t.testdir({ usb_modeswitch: script, says: " Error: can't claim the interface\n" });
  const program = join(folder, "usb_modeswitch");
  chmodSync(program, 0o755);
  const clock = new VirtualClock();
  const lines: string[] = [];
  const log = createLog(
    () => "info",
    (line) => lines.push(line.trim()),
  );
  const modeSwitch = new ModeSwitch({
    ...{ isWanted: () => isWanted, clock, log },
    failed: (plugging, failure) => discovery.switchFailed(plugging, failure),
    program: () => (isInstalled ? program : undefined),
    rule: async () => (hasRule ? rule : undefined),
  });
  let plugged: readonly DeviceSnapshot[] = [];
  let look = () => undefined as unknown;
  const discovery = new Discovery({
    look: async () => snapshotOf(...plugged),
    listen: (changed) => {
      look = changed;
      return () => undefined;
    },
    ...{ rows: () => [], isTaken: () => false, driven: new Set([]), clock, log: silentLog },
    prober: { protocols: new Set([]), ask: async () => ({}) },
  });
  discovery.events.on("changed", () => modeSwitch.follow(discovery.devices));
  t.teardown(() => {
    modeSwitch.close();
    discovery.close();
  });
  const now = async (...devices: readonly DeviceSnapshot[]) => {
    plugged = devices;
    look();
    await clock.advance(100);
  };
  const called = () => (existsSync(join(folder, "called")) ? readFileSync(join(folder, "called"), "utf8") : "");
  const findings = () => discovery.devices.flatMap(({ report }) => report.findings.map(({ text }) => text));
  return { clock, now, lines, called, findings };
}

t.test("a disc is switched once, by its place on the bus, and what became of it is told", async (t) => {
  const { clock, now, lines, called, findings } = machine(t);
  await now(disc());
  t.equal(called(), "", "udev's rule goes first");
  await clock.advance(5_000);
  await eventually(
    "the outcome",
    () => findings().join(),
    (said) => /it was to be made one/.test(said),
  );
  t.equal(
    called().replaceAll("\n", " "),
    `<-v> <12d1> <-p> <1f01> <-b> <1> <-g> <5> <-s> <20> <-f> <${rule.replaceAll("\n", " ")}> `,
  );
  t.match(lines, [/HUAWEI_MOBILE \(12d1:1f01\) at usb 1-3 is made a modem by usb_modeswitch/]);
  t.match(
    findings().join(),
    /disc with drivers.*it was to be made one: usb_modeswitch ended with exit code 1, saying "Error: can't claim the/,
  );
  await now(disc(), modems.mbim());
  await clock.advance(60_000);
  t.equal(lines.length, 1, "not again and again");
  await now();
  await now(disc("6"));
  t.notMatch(findings().join(), /it was to be made one/, "another plugging-in");
  await clock.advance(5_000);
  await eventually("another plugging-in", called, (text) => text.includes("<6>"));
});

t.test("what udev's rule or its user has switched meanwhile is left alone", async (t) => {
  const { clock, now, lines, called } = machine(t);
  await now(disc());
  await clock.advance(4_000);
  await now(modems.ms2372h({ plugging: "6", address: "1-3" }));
  await clock.advance(60_000);
  t.strictSame([lines, called()], [[], ""]);
});

for (const [why, options] of [
  ["mode-switch = false", { isWanted: false }],
  ["nothing is known of it", { hasRule: false }],
  ["usb_modeswitch is not installed", { isInstalled: false }],
] as const)
  t.test(`${why}: it stays a disc, which its finding explains`, async (t) => {
    const { clock, now, lines, called } = machine(t, options);
    await now(disc());
    await clock.advance(60_000);
    t.strictSame([lines, called()], [[], ""]);
  });
