/** Records of decisions: made again from the record, by the same policy and by another one. */
import fc from "fast-check";
import t from "tap";
import { recordFrom } from "../../src/config/record.js";
import { noMemory } from "../../src/network/plan/memory.js";
import type { FamilyObservation, Observations } from "../../src/network/plan/types.js";
import { plan } from "../../src/network/plan.js";
import type { Policy } from "../../src/network/policy/types.js";
import { movesOf } from "../../src/network/record/moves.js";
import { Recorder } from "../../src/network/record/recorder.js";
import { replayBy, reproduce } from "../../src/network/record/replay.js";
import type { Moved } from "../../src/network/record/types.js";
import { dayMinuteIn } from "../../src/network/uplinks/day-minute.js";
import { ethernetFirst, policyOf } from "../config/policies.js";
import { histories, policies } from "./histories.js";
import { eth0, Machine } from "./machine.js";
import { eth, lte, suspect, unplugged, up } from "./story.js";

/** Pieces as they would lie on the disk. */
class Pieces {
  readonly texts: string[] = [];
  begin(): void {
    this.texts.push("");
  }
  add(line: string): boolean {
    this.texts.push(`${this.texts.pop() ?? ""}${line}`);
    return true;
  }
}

const startMs = Date.parse("2026-03-01T00:00:00Z");

/** What the runner does with each observation. The hour jumps as it likes: clocks do. */
function recorded(turns: readonly (readonly [Policy, Observations])[], pieceBytes?: number) {
  const pieces = new Pieces();
  const recorder = new Recorder(pieces, { wwand: "test", ...(pieceBytes !== undefined && { pieceBytes }) });
  const moves: Moved[] = [];
  let [memory, nowMs] = [noMemory, 0];
  for (const [policy, { dayMinute: minute = 0, ...rest }] of turns) {
    const { mode } = policy.failback;
    const wallMs = startMs + minute * 60_000;
    const dayMinute = mode.is === "window" ? dayMinuteIn(mode.window.zone, new Date(wallMs)) : undefined;
    const basis = { ...rest, ...(dayMinute !== undefined && { dayMinute }) };
    nowMs += basis.elapsedMs;
    const decided = plan(policy, basis, memory);
    moves.push(...movesOf(memory, decided));
    recorder.turn({ policy, basis, previous: memory, decided, nowMs, wallMs });
    memory = decided.next;
  }
  recorder.end(nowMs, startMs);
  return { texts: pieces.texts, moves };
}

/** A while in which nothing happens, but traffic comes and goes: turns that a record mostly leaves out. */
function quietAfter({ isRecalled: _, ...seen }: Observations): readonly Observations[] {
  const later = (family: FamilyObservation, ms: number): FamilyObservation =>
    family.steadyForMs === 0 ? family : { ...family, steadyForMs: family.steadyForMs + ms };
  return [50_000, 20, 2_000].map((bytesPerS, at) => ({
    ...seen,
    elapsedMs: 40_000,
    uplinks: seen.uplinks.map((uplink) => {
      const { 4: v4, 6: v6 } = uplink.families;
      const sinceMs = 40_000 * (at + 1);
      return { ...uplink, bytesPerS, families: { 4: later(v4, sinceMs), 6: later(v6, sinceMs) } };
    }),
  }));
}

t.test("whatever happened, its record brings about the same decisions for the same reasons", async (t) => {
  fc.assert(
    fc.property(policies, policies, histories, fc.nat(40), (before, after, history, reloadedAt) => {
      const turns = history.flatMap((seen, at) =>
        [seen, ...quietAfter(seen)].map((one) => [at < reloadedAt ? before : after, one] as const),
      );
      const { texts, moves } = recorded(turns);
      const { lines, damage } = recordFrom(texts.join(""));
      const { same, difference } = reproduce(lines);
      const made = same.flatMap(({ moved }) => moved);
      return damage === undefined && difference === undefined && JSON.stringify(made) === JSON.stringify(moves);
    }),
    { numRuns: 150 },
  );
  t.pass("in 150 policies and histories");
});

t.test("a record in many pieces: each one is whole in itself, and together they have every decision", async (t) => {
  fc.assert(
    fc.property(policies, histories, (policy, history) => {
      const { texts, moves } = recorded(
        history.map((seen) => [policy, seen] as const),
        2_000,
      );
      const made = texts.flatMap((text) => {
        const { lines, damage } = recordFrom(text);
        const { same, difference } = reproduce(lines);
        return damage || difference ? [] : same.flatMap(({ moved }) => moved);
      });
      const joined = reproduce(recordFrom(texts.join("")).lines).same.flatMap(({ moved }) => moved);
      return JSON.stringify([made, joined]) === JSON.stringify([moves, moves]);
    }),
    { numRuns: 100 },
  );
  t.pass("in 100 policies and histories");
});

t.test("since when a return waits for a quiet moment is known, though nothing that is seen changed then", async (t) => {
  const policy = policyOf(`${ethernetFirst}
[failback]
mode = "quiet"
spanning = "30s"
quiet = { below = "1kB/s", at-most = "3m" }
`);
  const story = [
    [0, unplugged()],
    [10, up(1)],
    [40, up(31)], // it begins to wait here
    [70, suspect()],
    [100, up(1)],
    [130, up(31)],
    [220, up(121)], // 180 s after that
  ] as const;
  const history = story.map(([atS, v4], at) => ({
    uplinks: [eth(v4), { ...lte(up(600 + atS)), bytesPerS: 50_000 }],
    elapsedMs: (atS - (story[at - 1]?.[0] ?? 0)) * 1_000,
  }));
  const { texts, moves } = recorded(history.map((seen) => [policy, seen] as const));
  t.match(moves.at(-1), { from: "lte", to: "eth", because: [/was not quiet for 3m/] });
  const { lines } = recordFrom(texts.join(""));
  t.equal(reproduce(lines).difference, undefined);
});

/** An hour with a pulled cable, a silent network and their ends, through the daemon's own runner. */
async function badHour() {
  const pieces = new Pieces();
  const recorder = new Recorder(pieces, { wwand: "test" });
  const machine = new Machine(ethernetFirst, "self", () => new Date(startMs), recorder);
  await machine.ready();
  machine.kernel.setCarrier(eth0, false);
  await machine.pass(5_000);
  machine.kernel.setCarrier(eth0, true);
  machine.dhcp();
  await machine.pass(60_000);
  machine.silent.add("eth0");
  await machine.pass(60_000);
  machine.silent.clear();
  await machine.pass(60_000);
  await machine.uplinks.close();
  return { machine, text: pieces.texts.join("") };
}

t.test("a bad hour is recorded by the runner, short, and reproduced", async (t) => {
  const { machine, text } = await badHour();
  const { lines, damage } = recordFrom(text);
  t.equal(damage, undefined);
  const { same, difference } = reproduce(lines);
  t.equal(difference, undefined);
  t.strictSame(
    same.flatMap(({ moved }) =>
      moved.map(({ family, from, to }) => `IPv${family} ${from ?? "none"} -> ${to ?? "none"}`),
    ),
    machine.switches,
  );
  t.strictSame(
    replayBy(policyOf(ethernetFirst), lines),
    same,
    "as another policy's history too, whose own timers bring the returns about",
  );
  t.ok(machine.switches.length >= 5, machine.switches.join(", "));
  t.ok(text.length < 20_000, `${text.length} bytes`);
});

t.test("a policy that is reloaded between two switches is a cause, and is recorded with what came of it", async (t) => {
  const pieces = new Pieces();
  const recorder = new Recorder(pieces, { wwand: "test" });
  const machine = new Machine(ethernetFirst, "self", () => new Date(startMs), recorder);
  await machine.ready();
  machine.kernel.setCarrier(eth0, false);
  await machine.pass(5_000);
  machine.kernel.setCarrier(eth0, true);
  machine.dhcp();
  await machine.pass(180_000);
  machine.uplinks.reload(policyOf(ethernetFirst.replace('[["eth"], ["lte"]]', '[["lte"], ["eth"]]')));
  await machine.pass(5_000);
  machine.silent.add("wwan0");
  await machine.pass(600_000);
  await machine.uplinks.close();
  const { lines, damage } = recordFrom(pieces.texts.join(""));
  t.equal(damage, undefined);
  t.equal(new Set(lines.flatMap((line) => (line.is === "policy" ? line.generation : []))).size, 2);
  const { same, difference } = reproduce(lines);
  t.equal(difference, undefined);
  t.strictSame(
    same.flatMap(({ moved }) => moved.map(({ from, to, cause }) => `${from} -> ${to}: ${cause?.trigger}`)),
    ["null -> eth: appeared", "eth -> lte: carrier", "lte -> eth: failback", "eth -> lte: policy", "lte -> eth: check"],
  );
});

t.test("another policy on the same hour: never back to ethernet", async (t) => {
  const { text } = await badHour();
  const stay = policyOf(`${ethernetFirst}\n[failback]\nmode = "never"\n`);
  const moved = replayBy(stay, recordFrom(text).lines).flatMap((one) => one.moved);
  t.strictSame(
    moved.map(({ from, to }) => `${from} -> ${to}`),
    ["null -> eth", "eth -> lte"],
  );
  const slow = policyOf(`${ethernetFirst}\n[failback]\nspanning = "50s"\n`);
  const returned = replayBy(slow, recordFrom(text).lines).find(({ moved: [one] }) => one?.from === "lte");
  t.equal(returned?.line, undefined, "the moment is this policy's own: nothing happened then");
  t.match(returned?.moved[0]?.because[0], /steady for 50s/);
});

/** The policy and some turns, few enough to try every byte. */
async function shortRecord(): Promise<Buffer> {
  const lines = (await badHour()).text.split("\n");
  return Buffer.from(`${lines.slice(0, 8).join("\n")}\n`);
}

t.test("a record cut at any byte is used as far as it is whole", async (t) => {
  const bytes = await shortRecord();
  const wrong: string[] = [];
  let whole = 0;
  for (let length = 0; length < bytes.length; length++) {
    const isWhole = length > 0 && bytes[length - 1] === 0x0a;
    if (isWhole) whole++;
    const { lines, damage } = recordFrom(bytes.subarray(0, length).toString());
    if (lines.length !== whole || damage?.line !== (isWhole ? undefined : whole + 1))
      wrong.push(`${length}: ${lines.length} lines of ${whole}, ${damage?.line} ${damage?.why}`);
  }
  t.strictSame(wrong, []);
});

t.test("a record altered at any byte is used up to that line", async (t) => {
  const bytes = await shortRecord();
  const wrong: string[] = [];
  let line = 1;
  for (const [at, byte] of bytes.entries()) {
    const altered = Buffer.from(bytes);
    altered[at] = byte ^ 0x01;
    const { lines, damage } = recordFrom(altered.toString());
    if (damage?.line !== line || lines.length !== line - 1) wrong.push(`${at}: ${damage?.line}, ${lines.length} lines`);
    if (byte === 0x0a) line++;
  }
  t.strictSame(wrong, []);
  t.equal(line, 9);
});

t.test("a line taken out, a line of another version, a file of something else", async (t) => {
  const { text } = await badHour();
  const lines = text.split("\n");
  const without = [...lines.slice(0, 4), ...lines.slice(5)].join("\n");
  t.match(recordFrom(without).damage, { line: 5, why: /a line before it is missing/ });
  t.match(recordFrom(lines.slice(1).join("\n")).damage, { line: 1 });
  t.match(recordFrom("").damage, { line: 1, why: "the file is empty" });
  t.match(recordFrom("version = 1\n").damage, { line: 1, why: /altered/ });
});

t.test("what was decided otherwise is found in its line", async (t) => {
  const { text } = await badHour();
  const { lines } = recordFrom(text);
  const at = lines.findIndex((line) => line.is === "turn" && line.moved?.[0]?.from === "eth");
  const told = lines.map((line, index) => (index === at && line.is === "turn" ? { ...line, moved: [] } : line));
  t.match(reproduce(told).difference, { line: at + 1, recorded: [], made: [{ from: "eth", to: "lte" }] });
});

t.test("no target, no command and no identity of a card gets into a record", async (t) => {
  const { text } = await badHour();
  const policy = recordFrom(text).lines[0];
  t.ok(policy?.is === "policy");
  t.match(
    JSON.stringify(policy),
    /"uplinks":\[\{"name":"eth","steadyMs":30000,"cost":0,"address":\{"method":"foreign"\},"check":\{/,
  );
  t.notMatch(JSON.stringify(policy), /icmp|targets|match|imei|iccid|command/);
});
