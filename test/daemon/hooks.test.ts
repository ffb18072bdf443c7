/** Hooks: what they are told, in which order, and that none of them can hold anything up. */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { EventEmitter } from "eventemitter3";
import t, { type Test } from "tap";
import { followForHooks, type HookEvent } from "../../src/daemon/hook-events.js";
import { Hooks, hookTimeoutMs } from "../../src/daemon/hooks.js";
import type { Presence, Verdict } from "../../src/network/plan/types.js";
import type { UplinksState } from "../../src/network/uplinks/state.js";
import type { UplinksEvents } from "../../src/network/uplinks/types.js";
import { systemClock } from "../../src/runtime/clock.js";
import { createLog } from "../../src/runtime/log.js";
import { VirtualClock } from "../fakes/clock.js";
import { eventually } from "../lab/eventually.js";

function machine(t: Test, clock = systemClock) {
  const root = t.testdir({});
  const folder = join(root, "hooks.d");
  mkdirSync(folder);
  const said = join(root, "said");
  const lines: string[] = [];
  const log = createLog("info", (line) => void lines.push(line.trim()), "hook");
  const hooks = new Hooks({ folder: () => folder, clock, log });
  t.teardown(() => hooks.close());
  const add = (name: string, script: string, mode = 0o755) => {
    writeFileSync(join(folder, name), `#!/bin/sh\nsaid=${said}\n${script}\n`);
    chmodSync(join(folder, name), mode);
  };
  const heard = (until: string) =>
    eventually(
      `the hooks say ${until}`,
      () => readFile(said, "utf8").catch(() => ""),
      (text) => text.includes(until),
    );
  return { hooks, add, heard, lines, folder };
}

const toLte: HookEvent = {
  name: "switch",
  about: { FAMILY: "ipv4", FROM: "eth", TO: "lte", BECAUSE: "eth is down: 0 of 3 targets answered" },
};

t.test("every program hears an event by its environment, in name order, one after the other", async (t) => {
  const { hooks, add, heard } = machine(t);
  add("10-first", 'sleep 0.2; echo "first: $WWAND_EVENT $WWAND_FAMILY $WWAND_FROM $WWAND_TO: $WWAND_BECAUSE" >>$said');
  add("20-second", 'echo "second: $WWAND_TO" >>$said');
  hooks.tell(toLte);
  hooks.tell({ name: "uplink-up", about: { UPLINK: "eth", TO: "eth" } });
  t.equal(
    await heard("second: eth\n"),
    "first: switch ipv4 eth lte: eth is down: 0 of 3 targets answered\nsecond: lte\nfirst: uplink-up   eth: \nsecond: eth\n",
  );
});

t.test(
  "what a program prints is in the log, its failure is a warning, and the next one runs all the same",
  async (t) => {
    const { hooks, add, heard, lines } = machine(t);
    add("10-fails", "echo moved the tunnel; exit 3");
    add("20-after", "echo done >>$said");
    hooks.tell(toLte);
    await heard("done");
    t.strictSame(lines, ["<6>hook 10-fails: moved the tunnel", "<4>hook 10-fails: failed event=switch exitCode=3"]);
  },
);

t.test("nothing of wwand's own environment is handed on", async (t) => {
  const { hooks, add, heard } = machine(t);
  process.env.WWAND_TEST_SECRET = "1234";
  t.teardown(() => delete process.env.WWAND_TEST_SECRET);
  add("10-env", "env | sort >>$said; echo end >>$said");
  hooks.tell({ name: "none-up", about: {} });
  t.notMatch(await heard("end\n"), "1234");
});

t.test("what is no program, what is hidden, and what others may change is left out", async (t) => {
  const { hooks, add, heard, lines } = machine(t);
  add("10-text", "echo no >>$said", 0o644);
  add(".20-hidden", "echo no >>$said");
  add("30-backup~", "echo no >>$said");
  add("40-open", "echo no >>$said", 0o777);
  add("50-good", "echo yes >>$said");
  hooks.tell(toLte);
  t.equal(await heard("yes"), "yes\n");
  hooks.tell(toLte);
  t.equal(await heard("yes\nyes"), "yes\nyes\n");
  const told = "<4>hook: hook 40-open is left out: others than root may change it (chown root, chmod go-w)";
  t.strictSame(lines, [told], "once");
});

t.test("a link that leads nowhere is told, and keeps nobody else from being run", async (t) => {
  const { hooks, add, heard, lines, folder } = machine(t);
  symlinkSync("/opt/removed/hook", join(folder, "10-broken"));
  add("20-works", 'echo "heard" >>$said');
  hooks.tell(toLte);
  await heard("heard");
  t.match(lines, [/<4>.*hook 10-broken is left out: .*ENOENT/]);
});

t.test("a program that does not end is ended after its time, and the next event is told", async (t) => {
  const clock = new VirtualClock();
  const { hooks, add, heard, lines } = machine(t, clock);
  add("10-hangs", 'echo "$WWAND_EVENT" >>$said; [ "$WWAND_EVENT" = switch ] && exec sleep 1000; true');
  hooks.tell(toLte);
  hooks.tell({ name: "none-up", about: {} });
  await heard("switch");
  await clock.advance(hookTimeoutMs);
  await heard("none-up");
  t.strictSame(lines, ["<4>hook 10-hangs: ended after 30 s event=switch"]);
});

t.test("the end of wwand ends the program that runs, and tells nothing more", async (t) => {
  const { hooks, add, heard } = machine(t);
  add("10-hangs", 'echo "$WWAND_EVENT" >>$said; exec sleep 1000');
  hooks.tell(toLte);
  hooks.tell({ name: "none-up", about: {} });
  await heard("switch");
  await hooks.close();
  hooks.tell({ name: "none-up", about: {} });
  t.equal(await heard("switch"), "switch\n");
});

t.test("no folder is no mistake", async (t) => {
  const lines: string[] = [];
  const log = createLog("debug", (line) => void lines.push(line));
  const hooks = new Hooks({ folder: () => "/nonexistent/hooks.d", clock: systemClock, log });
  hooks.tell(toLte);
  await hooks.close();
  t.strictSame(lines, []);
});

/** `eth present up`: one uplink, both families alike. */
function stateOf(...uplinks: readonly (readonly [name: string, presence: Presence, verdict: Verdict])[]): UplinksState {
  return {
    uplinks: uplinks.map(([name, presence, verdict]) => {
      const seen = { presence, verdict, evidence: "as it is" };
      return { name, interfaceName: `${name}0`, families: { 4: seen, 6: seen } };
    }),
  } as unknown as UplinksState;
}

t.test(
  "an uplink that is up is told at the start; one that comes, goes, and the last one are told as they happen",
  async (t) => {
    const events = new EventEmitter<UplinksEvents>();
    let now = stateOf(["eth", "present", "up"], ["lte", "absent", "unverified"]);
    const told: string[] = [];
    const stop = followForHooks({ events, state: () => now }, ({ name, about }) =>
      told.push([name, about.GROUP ?? "", about.UPLINK ?? about.TO].join(" ").replace(/ +/g, " ").trim()),
    );
    const become = (state: UplinksState) => {
      now = state;
      events.emit("changed", now);
    };
    become(stateOf(["eth", "present", "suspect"], ["lte", "present", "unverified"]));
    become(stateOf(["eth", "present", "degraded"], ["lte", "present", "up"]));
    const moved = { family: 4, from: "eth", to: "lte", because: ["eth is down"], tookMs: 1 } as const;
    const moment = { cause: { trigger: "check" }, atMs: 0, at: new Date(0) } as const;
    events.emit("switched", { ...moved, ...moment, because: ["eth is degraded"] });
    events.emit("groupSwitched", { ...moved, ...moment, group: "control" });
    become(stateOf(["eth", "no-carrier", "unverified"], ["lte", "present", "up"]));
    become(stateOf(["eth", "no-carrier", "unverified"], ["lte", "present", "down"]));
    stop();
    become(stateOf(["eth", "present", "up"], ["lte", "present", "up"]));
    t.strictSame(told, [
      "uplink-up eth",
      "uplink-up lte",
      "switch lte",
      "group-switch control lte",
      "uplink-down eth",
      "uplink-down lte",
      "none-up",
    ]);
  },
);
