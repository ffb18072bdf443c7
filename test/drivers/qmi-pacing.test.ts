/** Firmware that loses a request which comes too soon after another one, as `request-gap` in wwand.toml is for. */
import t, { type Test } from "tap";
import { openQmiDriver } from "../../src/drivers/qmi.js";
import type { Clock } from "../../src/runtime/clock.js";
import type { ByteLink, FrameLink } from "../../src/runtime/link.js";
import { silentLog } from "../../src/runtime/log.js";
import { qmiGeneric } from "../../src/virtual/profiles/qmi-generic.js";
import { parts } from "./mbim-rig.js";
import { never, Rig } from "./rig.js";

/** The same link to a modem that needs `gapMs` between two requests; `lost` counts what came too soon. */
function slow<L extends ByteLink | FrameLink>(link: L, clock: Clock, gapMs: number, lost: () => void): L {
  let lastMs = Number.NEGATIVE_INFINITY;
  return {
    ...link,
    write: async (bytes: Buffer) => {
      const sinceMs = clock.nowMs() - lastMs;
      lastMs = clock.nowMs();
      if (sinceMs >= gapMs) await link.write(bytes);
      else lost();
    },
  };
}

function rigOf(t: Test, requestGapMs: number | undefined) {
  let lost = 0;
  const paced = requestGapMs === undefined ? {} : { requestGapMs };
  const rig = new Rig(
    {
      name: "qmi",
      face: "qmi",
      open: (link, clock) =>
        openQmiDriver(
          slow(link, clock, 10, () => {
            lost += 1;
          }),
          { interfaceName: "wwan0", log: silentLog, signal: never, clock, ...paced },
        ),
    },
    qmiGeneric,
  );
  t.teardown(() => rig.cable.unplug());
  return { rig, lost: () => lost };
}

t.test("with the gap that it needs it is opened, read and registered, and nothing is lost", async (t) => {
  const { rig, lost } = rigOf(t, 10);
  const { registration, sim } = parts({ driver: await rig.open() });
  t.match(await rig.soon(sim.state(never), 5_000), { is: "ready", imsi: "001010123456789" });
  await rig.pass(1_000);
  t.match(await rig.soon(registration.state(never)), { status: "registered" });
  t.equal(lost(), 0);
});

t.test("without it requests vanish", async (t) => {
  const { rig, lost } = rigOf(t, undefined);
  const opened = rig.soon(rig.kind.open(rig.cable.link, rig.clock), 3_000);
  await Promise.race([opened.catch(() => undefined), rig.pass(3_000)]);
  t.ok(lost() > 0, `${lost()} lost`);
});
