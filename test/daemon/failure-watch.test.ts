/** What is a failure and what is not: only failures are kept. */
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventEmitter } from "eventemitter3";
import t from "tap";
import { watchUplinks } from "../../src/daemon/failure-watch.js";
import { Traces } from "../../src/daemon/traces.js";
import type { Presence, Verdict } from "../../src/network/plan/types.js";
import type { UplinksState } from "../../src/network/uplinks/state.js";
import type { UplinksEvents } from "../../src/network/uplinks/types.js";
import { silentLog } from "../../src/runtime/log.js";
import { readBundle } from "../../src/trace/bundle.js";
import { TraceRing } from "../../src/trace/ring.js";
import { VirtualClock } from "../fakes/clock.js";

/** The reasons that are told when traffic leaves `wired` in this condition. */
function toldOf(presence: Presence, verdict: Verdict): readonly string[] {
  const events = new EventEmitter<UplinksEvents>();
  const seen = { presence, verdict };
  const state = { uplinks: [{ name: "wired", families: { 4: seen, 6: seen } }] } as unknown as UplinksState;
  const told: string[] = [];
  watchUplinks({ events, state: () => state }, ({ reason }) => told.push(reason));
  const move = { family: 4, from: "wired", to: "mobile", because: ["eth0 is silent"], tookMs: 1 } as const;
  events.emit("switched", { ...move, cause: { trigger: "check" }, atMs: 0, at: new Date(0) });
  return told;
}

t.test("traffic leaves an uplink", async (t) => {
  const reason = "IPv4 traffic: wired -> mobile (eth0 is silent)";
  t.strictSame(toldOf("present", "down"), [reason], "that does not answer");
  t.strictSame(toldOf("no-carrier", "up"), [reason], "whose cable was pulled");
  t.strictSame(toldOf("present", "up"), [], "that is in order: for a better one");
  t.strictSame(toldOf("standby", "unverified"), [], "that wwand has given back");
});

async function tracesIn(t: { teardown(close: () => Promise<void>): void }) {
  const folder = await mkdtemp(join(tmpdir(), "wwand-traces-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const clock = new VirtualClock();
  const ring = new TraceRing(clock);
  return { clock, ring, folder: join(folder, "trace"), traces: new Traces(clock, folder, ring, silentLog) };
}

t.test("a failure is kept with what came after it, once in ten minutes, for nobody else to read", async (t) => {
  const { clock, ring, folder, traces } = await tracesIn(t);
  const failure = { modem: "mbim_0", reason: "8/10 activate: refused" };
  ring.add({ is: "note", text: "before" });
  traces.failed(failure);
  ring.add({ is: "note", text: "after" });
  await clock.advance(2_000);
  traces.failed(failure);
  await traces.close();
  const [kept, ...more] = await traces.list();
  t.match(kept, { modem: "mbim_0", reason: "8/10 activate: refused" });
  t.strictSame(more, []);
  t.equal((await stat(join(folder, kept?.name ?? ""))).mode & 0o777, 0o600);
  const { entries } = await readBundle(await traces.read(kept?.name ?? "", true));
  t.match(entries, [{ text: "before" }, { text: "after" }]);
  await clock.advance(600_000);
  traces.failed(failure);
  await traces.close();
  t.equal((await traces.list()).length, 2, "kept at once when the daemon ends");
});

t.test("a machine that fails all day keeps the last twenty", async (t) => {
  const { clock, folder, traces } = await tracesIn(t);
  for (let n = 0; n < 25; n++) {
    traces.failed({ modem: "mbim_0", reason: `failure ${n}` });
    await clock.advance(2_000);
  }
  await traces.close();
  t.equal((await readdir(folder)).length, 20);
  t.equal((await traces.list()).filter(({ reason }) => reason === "failure 24").length, 1, "the newest is among them");
  t.notMatch(await traces.list(), [{ reason: "failure 0" }]);
});

t.test("names that are none", async (t) => {
  const { traces } = await tracesIn(t);
  for (const name of ["nothing", "../sim/x", "/etc/passwd"])
    await t.rejects(traces.read(name, true), { code: "invalid", message: /there is no trace/ });
  t.match(await readBundle(await traces.read("", false)), { header: { identities: "pseudonyms" }, entries: [] });
});
