import t from "tap";
import { type BearerEvent, type BearerState, bearerStep } from "../../src/modem/bearer-machine.js";
import { ModemError } from "../../src/runtime/error.js";

const call = { handle: 7, interfaceName: "wwan0", settings: {} };
const error = new ModemError("refused", "no");

const states: readonly BearerState[] = [
  { is: "idle", failures: 0 },
  { is: "starting", failures: 0 },
  { is: "starting", failures: 0, old: call },
  { is: "raising", failures: 0, call },
  { is: "raising", failures: 0, call, old: call },
  { is: "cancelling", failures: 0 },
  { is: "active", failures: 0, call, mayQuick: true },
  { is: "active", failures: 0, call, mayQuick: false },
  { is: "stopping", failures: 0, next: "rest", waitMs: 0 },
  { is: "stopping", failures: 1, next: "retry", waitMs: 2000 },
  { is: "backoff", failures: 1 },
];

const name = (state: BearerState): string => {
  if (state.is === "active") return state.mayQuick ? "active" : "active(shaky)";
  if (state.is === "stopping") return `stopping(${state.next})`;
  return "old" in state && state.old !== undefined ? `${state.is}(quick)` : state.is;
};

/** Every state not listed is thereby proven unmoved. */
const moves = (event: BearerEvent, standing = false): readonly string[] =>
  states.flatMap((state) => {
    const [next, ...effects] = bearerStep(state, event, standing);
    if (next === state && effects.length === 0) return [];
    const done = effects.map((effect) => {
      if (effect.do === "tell") return effect.what;
      return effect.do === "publish" ? `publish ${effect.call ? "call" : "none"}` : effect.do;
    });
    return [`${name(state)} -> ${[name(next), ...done].join(", ")}`];
  });

t.test("wishes", async (t) => {
  t.strictSame(moves({ type: "activate" }), ["idle -> starting, start", "backoff -> starting, start"]);
  t.strictSame(moves({ type: "deactivate", sayNow: false }), [
    "starting -> cancelling, cancelStart",
    "starting(quick) -> cancelling, cancelStart, down, withdraw",
    "raising -> stopping(rest), takeDown",
    "raising(quick) -> stopping(rest), down, takeDown",
    "active -> stopping(rest), down, takeDown",
    "active(shaky) -> stopping(rest), down, takeDown",
    "stopping(retry) -> stopping(rest)",
    "backoff -> idle",
  ]);
  t.strictSame(moves({ type: "deactivate", sayNow: true }), [
    "starting -> cancelling, cancelStart, publish none",
    "starting(quick) -> cancelling, cancelStart, down, withdraw, publish none",
    "raising -> stopping(rest), publish none, takeDown",
    "raising(quick) -> stopping(rest), down, publish none, takeDown",
    "cancelling -> cancelling, publish none",
    "active -> stopping(rest), down, publish none, takeDown",
    "active(shaky) -> stopping(rest), down, publish none, takeDown",
    "stopping(rest) -> stopping(rest), publish none",
    "stopping(retry) -> stopping(rest), publish none",
    "backoff -> idle",
  ]);
});

t.test("a start that comes through, in time or after its cancellation", async (t) => {
  t.strictSame(moves({ type: "started", call }), [
    "starting -> raising, raise",
    "starting(quick) -> raising(quick), raise",
    "cancelling -> stopping(rest), takeDown",
  ]);
  t.strictSame(moves({ type: "raised" }), [
    "raising -> active, up, publish call, stableAfter",
    "raising(quick) -> active(shaky), up, publish call, stableAfter",
    "active -> active, changed, publish call",
    "active(shaky) -> active(shaky), changed, publish call",
  ]);
  t.strictSame(moves({ type: "stopped" }), ["stopping(rest) -> idle, publish none", "stopping(retry) -> idle"]);
});

t.test("a failure: only a standing wish redials", async (t) => {
  const failed: BearerEvent = { type: "failed", error, waitMs: 2000 };
  t.strictSame(moves(failed), [
    "starting -> idle, publish none",
    "starting(quick) -> idle, down, withdraw, publish none",
    "raising -> stopping(retry), publish none, takeDown",
    "raising(quick) -> stopping(retry), down, withdraw, publish none, takeDown",
    "cancelling -> idle, publish none",
    "active -> stopping(retry), down, publish none, takeDown",
    "active(shaky) -> stopping(retry), down, publish none, takeDown",
  ]);
  t.strictSame(
    moves(failed, true).filter((line) => line.includes("backoff")),
    [
      "starting -> backoff, publish none, retryAfter",
      "starting(quick) -> backoff, down, withdraw, publish none, retryAfter",
    ],
  );
  t.strictSame(moves({ type: "stopped" }, true), [
    "stopping(rest) -> idle, publish none",
    "stopping(retry) -> backoff, retryAfter",
  ]);
  t.strictSame(moves({ type: "retryDue" }), ["backoff -> starting, start"]);
});

t.test("a loss: one quick re-activation per stable period, the uplinks hear of it first", async (t) => {
  const lost: BearerEvent = { type: "lost", error, waitMs: 2000 };
  t.strictSame(moves(lost), [
    "raising -> idle, withdraw, publish none",
    "raising(quick) -> idle, down, withdraw, publish none",
    "active -> starting(quick), tellLost, start",
    "active(shaky) -> idle, tellLost, down, withdraw, publish none",
  ]);
  t.strictSame(
    moves(lost, true).filter((line) => line.includes("backoff")),
    [
      "raising -> backoff, withdraw, publish none, retryAfter",
      "raising(quick) -> backoff, down, withdraw, publish none, retryAfter",
      "active(shaky) -> backoff, tellLost, down, withdraw, publish none, retryAfter",
    ],
  );
  t.strictSame(moves({ type: "stable" }), ["active(shaky) -> active"]);
});

t.test("other addresses on a living call", async (t) => {
  t.strictSame(moves({ type: "newSettings", settings: { mtu: 1400 } }), [
    "raising -> raising, raise",
    "raising(quick) -> raising(quick), raise",
    "active -> active, raise",
    "active(shaky) -> active(shaky), raise",
  ]);
});

t.test("clients see other addresses as an end and a beginning; another MTU is nothing to them", async (t) => {
  const settings = { ipv4: { method: "static", address: "192.0.2.9", prefixLength: 30, dns: [] } } as const;
  t.strictSame(moves({ type: "newSettings", settings }), [
    "raising -> raising, raise",
    "raising(quick) -> raising(quick), publish none, raise",
    "active -> active, publish none, raise",
    "active(shaky) -> active(shaky), publish none, raise",
  ]);
  t.strictSame(moves({ type: "started", call: { ...call, handle: 8, settings } }).slice(0, 2), [
    "starting -> raising, raise",
    "starting(quick) -> raising(quick), publish none, raise",
  ]);
  t.strictSame(moves({ type: "started", call: { ...call, interfaceName: "wwan7" } }).slice(0, 2), [
    "starting -> raising, raise",
    "starting(quick) -> raising(quick), down, withdraw, publish none, raise",
  ]);
});

t.test("the device goes away: everything rests, everything is told, nothing is asked of it", async (t) => {
  t.strictSame(moves({ type: "gone", error }), [
    "starting -> idle, cancelStart, publish none",
    "starting(quick) -> idle, cancelStart, down, withdraw, publish none",
    "raising -> idle, withdraw, publish none",
    "raising(quick) -> idle, down, withdraw, publish none",
    "cancelling -> idle, cancelStart, publish none",
    "active -> idle, down, withdraw, publish none",
    "active(shaky) -> idle, down, withdraw, publish none",
    "stopping(rest) -> idle, publish none",
    "stopping(retry) -> idle, publish none",
    "backoff -> idle, publish none",
  ]);
});

t.test("failures are counted until the bearer has been stable, and forgotten with other settings", async (t) => {
  const [failed] = bearerStep({ is: "starting", failures: 3 }, { type: "failed", error, waitMs: 1 }, true);
  t.same(failed, { is: "backoff", failures: 4 });
  const [again] = bearerStep(failed, { type: "retryDue" }, true);
  t.same(again, { is: "starting", failures: 4 });
  const [stable] = bearerStep({ is: "active", failures: 4, call, mayQuick: false }, { type: "stable" }, true);
  t.match(stable, { is: "active", failures: 0, mayQuick: true });
  t.strictSame(moves({ type: "forget" }), ["stopping(retry) -> stopping(retry)", "backoff -> backoff"]);
});
