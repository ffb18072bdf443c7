/** A timeline through the very runner that the daemon has, in virtual time: the same timeline gives the same switches. */
import { silentLog } from "../../runtime/log.js";
import { VirtualClock } from "../../runtime/virtual-clock.js";
import { noDns } from "../dns/types.js";
import { noFirewall } from "../firewall/types.js";
import type { Decisions } from "../packet/types.js";
import { defaultGroup, type Policy } from "../policy/types.js";
import type { ConnmanPort } from "../steer/connman.js";
import type { RoutingPort, Switched } from "../uplinks/actuator.js";
import { Uplinks } from "../uplinks.js";
import { PictureKernel } from "./picture-kernel.js";
import { scriptedAsker } from "./scripted-asker.js";
import { Surroundings } from "./surroundings.js";
import type { SimulatedSwitch, Timeline } from "./types.js";

/** A kernel that takes every route at once. */
const takesAll: RoutingPort = {
  apply: async () => ({ installed: [], failures: [] }),
  switchDefault: async () => undefined,
};

const noConnman: ConnmanPort = {
  watch: () => () => undefined,
  services: async () => [],
  ask: async () => undefined,
};

/** In the order in which they were carried out. @param atEnd Hears what was decided last. */
export async function simulate(
  policy: Policy,
  timeline: Timeline,
  atEnd: (decisions: Decisions) => void = () => undefined,
): Promise<readonly SimulatedSwitch[]> {
  const clock = new VirtualClock();
  const kernel = new PictureKernel(() => clock.nowMs());
  const surroundings = new Surroundings(policy, kernel);
  const uplinks = new Uplinks({
    ...{ policy, kernel, clock, log: silentLog, routing: takesAll, dns: noDns, firewall: noFirewall },
    connman: noConnman,
    mode: { actuating: "self", because: "" },
    openAsker: scriptedAsker(surroundings, clock, timeline.seed),
    // Nothing comes from outside while the virtual time stands still.
    afterPoll: queueMicrotask,
    wallClock: () => new Date(timeline.startsAt.getTime() + clock.nowMs()),
  });
  const switches: SimulatedSwitch[] = [];
  const note = ({ group = defaultGroup, family, from, to, because }: Switched) =>
    void switches.push({ atMs: clock.nowMs(), group, family, from, to, because });
  uplinks.events.on("switched", note);
  uplinks.events.on("groupSwitched", note);
  try {
    await uplinks.start();
    for (const news of timeline.news) {
      await clock.advance(news.atMs - clock.nowMs());
      surroundings.change(news, uplinks);
    }
    await clock.advance(timeline.endMs - clock.nowMs());
    atEnd(uplinks.decisions);
  } finally {
    await uplinks.close();
  }
  return switches;
}
