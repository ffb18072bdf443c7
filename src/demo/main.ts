/** `npm run demo`: one ethernet, one modem, one cable that is pulled; in namespaces of its own, from nothing to nothing. */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { Bus } from "../dbus/bus.js";
import { Rtnetlink } from "../netlink/rtnetlink.js";
import { WWAND_TABLE } from "../network/routing/tables.js";
import { errorText } from "../runtime/error.js";
import { silentLog } from "../runtime/log.js";
import { Scope } from "../runtime/scope.js";
import { ip } from "./command.js";
import { defaultMoved, uplinkShows, within } from "./failover.js";
import { lookAround } from "./look-around.js";
import { busAddress, type Places, startBus, startModem, startWebServer, startWwand } from "./programs.js";
import { Story, type StoryEvent } from "./story.js";
import { buildWorld, moveCable, webServer } from "./topology.js";
import { Download, Ping } from "./traffic.js";
import { serveWeb } from "./web-server.js";

interface DemoOptions {
  readonly keep: boolean;
  readonly json: boolean;
  readonly serveWeb?: string;
}

interface Result {
  readonly failoverMs: number;
  readonly failbackMs: number;
  readonly lostPings: number;
}

/** The shipped policy waits 30 s; a person who watches does not want to. */
const failbackSeconds = 5;
const bringUpTimeoutMs = 30_000;
const switchTimeoutMs = 20_000;

const places: Places = { root: fileURLToPath(new URL("..", import.meta.url)), runtime: "/run/wwand-demo" };

function teller(json: boolean): (event: StoryEvent) => void {
  if (json) return ({ event, atMs, text }) => console.log(JSON.stringify({ event, at_ms: atMs, text }));
  return ({ atMs, text }) => console.log(`${(atMs / 1000).toFixed(3).padStart(8)} s  ${text}`);
}

interface Stage {
  readonly bus: Bus;
  readonly kernel: Rtnetlink;
  readonly story: Story;
}

/** Builds the world and starts every program; resolves when the backup is verified and ethernet carries the traffic. */
async function bringUp(scope: Scope, story: Story): Promise<Stage> {
  story.say("world", "building a small world: this host, an ISP, a mobile carrier and an internet");
  await mkdir(places.runtime, { recursive: true });
  await buildWorld();
  const kernel = scope.own(Rtnetlink.open(), (opened) => opened.close());
  scope.own(await startBus(places), (child) => child.stop());
  scope.own(await startWebServer("internet"), (child) => child.stop());
  scope.own(await startModem(places), (child) => child.stop());
  story.say("modem-plugged", "a virtual LTE modem is plugged in; its network interface is wwan0");
  const bus = scope.own(new Bus({ address: busAddress(places), log: silentLog }), (opened) => opened.close());
  await bus.connect(AbortSignal.timeout(bringUpTimeoutMs));
  scope.own(await story.follow(bus, kernel), (stop) => stop());
  const verified = Promise.all([
    uplinkShows(bus, "wwan", "Verdict4", "up"),
    uplinkShows(bus, "ethernet", "Verdict4", "up"),
  ]);
  const daemon = await startWwand(places, failbackSeconds, () => undefined);
  scope.own(daemon, (child) => child.stop());
  story.say("wwand", "wwand is running");
  await within(bringUpTimeoutMs, "both uplinks verified", verified).catch((error: unknown) => {
    throw new Error(`${errorText(error)}\nwwand's log:\n${daemon.lines.slice(-40).join("\n")}`);
  });
  story.say("ready", "both ways to the internet are verified; ethernet carries the traffic, the modem stands by");
  return { bus, kernel, story };
}

const indexOf = async (kernel: Rtnetlink, name: string): Promise<number> => {
  const link = await kernel.link(name);
  if (!link) throw new Error(`there is no interface ${name}`);
  return link.ifindex;
};

/** Pulls the cable and plugs it in again while a ping and a download run. */
async function pullAndPlug({ kernel, story }: Stage): Promise<Result> {
  const [eth0, wwan0] = [await indexOf(kernel, "eth0"), await indexOf(kernel, "wwan0")];
  const ping = new Ping(webServer.ipv4);
  await within(5_000, "first ping answer", ping.answered());
  const download = new Download(`http://${webServer.ipv4}:${webServer.port}/`);
  story.say("traffic", `a ping every 10 ms and an HTTP download from ${webServer.ipv4} are running`);
  await new Promise((resolve) => setTimeout(resolve, 1_000));

  const movedAway = defaultMoved(kernel, 4, wwan0);
  story.say("cable-pulled", "the ethernet cable is pulled");
  const pulledMs = performance.now();
  await moveCable(false);
  const failoverMs = (await within(switchTimeoutMs, "traffic on wwan0", movedAway)) - pulledMs;
  story.say("failover", `traffic is on wwan0, ${failoverMs.toFixed(1)} ms after the cable was pulled`);
  await new Promise((resolve) => setTimeout(resolve, 2_000));

  const movedBack = defaultMoved(kernel, 4, eth0);
  story.say("cable-back", `the cable is back; wwand waits until ethernet was steady for ${failbackSeconds} s`);
  const pluggedMs = performance.now();
  await moveCable(true);
  const failbackMs = (await within(switchTimeoutMs, "traffic back on eth0", movedBack)) - pluggedMs;
  story.say(
    "failback",
    `traffic is back on ethernet, ${(failbackMs / 1000).toFixed(1)} s after the cable was plugged in`,
  );
  await new Promise((resolve) => setTimeout(resolve, 500));

  const [pings, downloaded] = [await ping.stop(), await download.stop()];
  story.say("pings", `${pings.sent} pings sent, ${pings.lost} lost`);
  const megabytes = (downloaded.bytes / 1e6).toFixed(1);
  story.say("download", `${megabytes} MB downloaded, ${downloaded.retries} of its requests had to be repeated`);
  return { failoverMs, failbackMs, lostPings: pings.lost };
}

/** What wwand left behind after it ended in order; empty is right. */
async function leftovers(): Promise<readonly string[]> {
  const dumps = await Promise.all([
    ip(`route show table ${WWAND_TABLE}`).catch(() => ""),
    ip("route show table all proto 200"),
    ip("rule show"),
    ip("-4 address show dev wwan0").catch(() => ""),
  ]);
  return dumps.flatMap((dump) =>
    dump.split("\n").filter((line) => /proto (200|wwand)|lookup 20\d{3}|inet 10\.64|^default/.test(line)),
  );
}

async function demo({ keep, json }: DemoOptions): Promise<number> {
  const story = new Story(teller(json));
  const scope = new Scope();
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  let result: Result | undefined;
  try {
    const stage = await Promise.race([bringUp(scope, story), interrupted.then(() => undefined)]);
    if (stage === undefined) return 1;
    result = await Promise.race([pullAndPlug(stage), interrupted.then(() => undefined)]);
    if (keep && result) {
      console.log(lookAround(places, json));
      await interrupted;
    }
  } finally {
    await scope.close();
  }
  const left = await leftovers();
  story.say(
    "torn-down",
    left.length === 0 ? "everything is taken down, nothing is left" : `left behind: ${left.join("; ")}`,
  );
  const ok = result !== undefined && left.length === 0;
  report(result, ok, json);
  return ok ? 0 : 1;
}

function report(result: Result | undefined, ok: boolean, json: boolean): void {
  const rounded = (ms: number | undefined) => (ms === undefined ? null : Math.round(ms * 10) / 10);
  if (json)
    console.log(
      JSON.stringify({
        event: "result",
        ok,
        failover_ms: rounded(result?.failoverMs),
        failback_ms: rounded(result?.failbackMs),
        lost_pings: result?.lostPings ?? null,
      }),
    );
  else console.log(ok ? "\nok" : "\nthe demo did not reach its end");
}

const program = new Command("npm run demo --")
  .description(
    "Shows wwand at work in a laboratory of its own: a modem comes online, a cable is pulled, traffic goes on.",
  )
  .option("--keep", "leave everything running until Ctrl-C and say how to look around", false)
  .option("--json", "print one JSON object per event, last the result", false)
  .option("--serve-web <port>", "internal: be the demo's web server");
const options = program.parse().opts<DemoOptions>();

if (options.serveWeb !== undefined) serveWeb(Number(options.serveWeb));
else if (process.env.WWAND_LAB === undefined) {
  console.error(`the demo must not touch this host's network: run it as "npm run demo"`);
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await demo(options);
  } catch (error) {
    console.error(`demo: ${errorText(error)}`);
    report(undefined, false, options.json);
    process.exitCode = 1;
  }
  process.exit();
}
