/** The question "how long from registration to ConnMan's default route?", and "does a refusal make ConnMan spin?". */
import { Scope } from "../src/runtime/scope.js";
import { connmanMissing } from "../test/lab/connman.js";
import { internetHost } from "../test/lab/world.js";
import { monotonicMs, pause } from "./clock.js";
import { countRefusals } from "./connman/refusal.js";
import { print, type Series } from "./connman/report.js";
import { type Ears, listen } from "./connman/round.js";
import { buildPlace, enableCellular, type Place, quickModem, startConnmand, startDaemon } from "./connman/world.js";
import { Echo } from "./echo.js";
import { KernelEar } from "./kernel-ear.js";
import { thisMachine } from "./machine.js";
import { progress, type Say } from "./progress.js";

export interface ConnmanOptions {
  readonly rounds: number;
  readonly refusalSeconds: number;
  readonly json: boolean;
}

/** Time for both daemons to have nothing left to do at start when the network answers. */
const searchMs = 500;

/**
 * How long the network is away. After a loss wwand leaves a network alone for up to 2.4 s, also against a client's wish; a
 * shorter hole would measure that.
 */
const holeMs = 3_000;

export async function connman({ rounds, refusalSeconds, json }: ConnmanOptions): Promise<void> {
  const missing = connmanMissing();
  if (missing !== false) throw new Error(missing);
  const say = progress();
  const scope = new Scope();
  try {
    say("building a world");
    const place = await buildPlace(scope);
    const ears = openEars(scope, place);
    const again = await afterRestarts(place, ears, rounds, say);
    const back = await afterCoverage(place, ears, rounds, say);
    say(`counting for ${refusalSeconds} s`);
    const refusals = await countRefusals(place, refusalSeconds);
    say("");
    print({ machine: thisMachine(), series: [again, back], refusals }, json);
  } finally {
    await scope.close();
  }
}

function openEars(scope: Scope, { world, settings, bus }: Place): Ears {
  const routes = scope.own(new KernelEar("route4", world.host.path), (ear) => ear.close());
  const echo = new Echo({
    netns: world.host.path,
    serverNetns: world.internet.path,
    address: internetHost.ipv4,
    port: 7009,
    intervalMs: 1,
  });
  scope.own(echo, (opened) => opened.close());
  return { bus, settings, routes, echo };
}

/** Both daemons start anew each time; ConnMan knows from the first time that cellular is enabled. */
async function afterRestarts(place: Place, ears: Ears, rounds: number, say: Say): Promise<Series> {
  const { world, settings } = place;
  const modem = await quickModem(world, searchMs);
  const ways: Series["rounds"][number][] = [];
  for (let round = 0; round <= rounds; round++) {
    say(`restart ${round} of ${rounds}`);
    const programs: { end(): Promise<unknown> }[] = [];
    const way = await listen(ears, world, async () => {
      programs.unshift(await startDaemon(world, modem));
      programs.unshift(await startConnmand(world));
      if (round === 0) await enableCellular(settings);
    });
    // The first is not a restart: it enables cellular.
    if (round > 0) ways.push(way);
    for (const program of programs) await program.end();
  }
  await modem.program.end();
  return { name: "both daemons restarted, ethernet without carrier", rounds: ways };
}

/** Daemons that have run for a while, and a modem that hears its network again: the only thing that happens. */
async function afterCoverage(place: Place, ears: Ears, rounds: number, say: Say): Promise<Series> {
  const { world, settings, bus } = place;
  const modem = await quickModem(world, 0);
  const wwand = await startDaemon(world, modem);
  const connmand = await startConnmand(world);
  await settings.until("ConnMan connected", () => settings.state === "ready");
  const ways: Series["rounds"][number][] = [];
  for (let round = 1; round <= rounds; round++) {
    say(`coverage ${round} of ${rounds}`);
    const { mark } = bus.said;
    await modem.step("deregister");
    await bus.until(/^wwand: tells \S+ ConnectionManager Attached=false/, mark);
    await settings.until("ConnMan without a connection", () => settings.state === "idle");
    await pause(holeMs);
    let origin = 0;
    const way = await listen(ears, world, async () => {
      origin = monotonicMs();
      await modem.step("register");
    });
    ways.push({ ...way, origin });
  }
  for (const program of [connmand, wwand, modem.program]) await program.end();
  return { name: `the network is heard again after ${holeMs / 1_000} s, ethernet without carrier`, rounds: ways };
}
