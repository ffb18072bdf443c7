import t from "tap";
import { createLog } from "../../src/runtime/log.js";
import { SparingLog } from "../../src/runtime/sparing-log.js";
import { VirtualClock } from "../fakes/clock.js";

t.test("a babbling modem gets one line a minute, and the line says how many it stands for", async (t) => {
  const lines: string[] = [];
  const clock = new VirtualClock();
  const sparing = new SparingLog(
    createLog("warning", (line) => void lines.push(line)),
    clock,
  );
  for (let i = 0; i < 1_000; i++) sparing.warning("message dropped", { transaction: i });
  await clock.advance(60_000);
  sparing.warning("message dropped", { transaction: 1_000 });
  await clock.advance(60_000);
  sparing.warning("message dropped", { transaction: 1_001 });
  t.strictSame(lines, [
    "<4>message dropped transaction=0\n",
    "<4>message dropped transaction=1000 suppressed=999\n",
    "<4>message dropped transaction=1001\n",
  ]);
});
