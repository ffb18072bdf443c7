/** Whatever comes in whatever order: the machine stays within its promises. */
import fc from "fast-check";
import t from "tap";
import type { FrameKind } from "../../src/cmux/frame.js";
import { muxStep } from "../../src/cmux/machine.js";
import { encodeMessage, type MessageName } from "../../src/cmux/message.js";
import {
  freshMux,
  type MuxEffect,
  type MuxEvent,
  type MuxSettings,
  type MuxState,
  readySignals,
} from "../../src/cmux/state.js";
import { signalsValue } from "../../src/cmux/values.js";

const settings = (role: MuxSettings["role"]): MuxSettings => ({
  role,
  maxInfoBytes: 31,
  frameMs: 100,
  messageMs: 300,
  mostTries: 3,
  mayBeOpened: (dlci) => role === "responder" && dlci <= 3,
});

const dlci = fc.integer({ min: 0, max: 5 });
const message = fc
  .tuple(
    fc.constantFrom<MessageName>("PN", "PSC", "CLD", "TEST", "FCon", "FCoff", "MSC", "NSC", "RPN", "RLS", "SNC"),
    fc.boolean(),
    fc.uint8Array({ maxLength: 9 }),
  )
  .map(([name, isCommand, value]) => encodeMessage(name, isCommand, Buffer.from(value)));
const frame = fc
  .record({
    dlci,
    kind: fc.constantFrom<FrameKind>("SABM", "UA", "DM", "DISC", "UIH", "UI"),
    cr: fc.boolean(),
    pf: fc.boolean(),
    info: fc.oneof(
      message,
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    ),
  })
  .map((value): MuxEvent => ({ type: "frame", frame: value }));
const event: fc.Arbitrary<MuxEvent> = fc.oneof(
  { weight: 6, arbitrary: frame },
  fc.constantFrom<MuxEvent>({ type: "flags" }, { type: "check" }, { type: "leave" }),
  dlci.map((value): MuxEvent => ({ type: "open", dlci: value })),
  dlci.map((value): MuxEvent => ({ type: "close", dlci: value })),
  dlci.map((value): MuxEvent => ({ type: "signals", dlci: value, signals: readySignals })),
  fc
    .constantFrom("DLC 0", "DLC 1", "DLC 2", "CLD ", "TEST ", "MSC 1")
    .map((timer): MuxEvent => ({ type: "due", timer })),
);
const role = fc.constantFrom<MuxSettings["role"]>("initiator", "responder");

function run(events: readonly MuxEvent[], of: MuxSettings): { states: MuxState[]; effects: MuxEffect[][] } {
  const states = [freshMux];
  const effects: MuxEffect[][] = [];
  for (const one of events) {
    const [next, ...told] = muxStep(states.at(-1) ?? freshMux, one, of);
    states.push(next);
    effects.push(told);
  }
  return { states, effects };
}

t.test("it ends once, and nothing has an effect after that", async () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), role, (events, which) => {
      const { states, effects } = run(events, settings(which));
      const end = effects.findIndex((told) => told.some(({ do: what }) => what === "end"));
      if (end < 0) return states.every(({ is }) => is !== "over");
      return effects.slice(end + 1).every(({ length }) => length === 0);
    }),
  );
});

t.test("data comes of open channels only", async () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), role, (events, which) => {
      const { states, effects } = run(events, settings(which));
      return effects.every((told, at) =>
        told.every((effect) => effect.do !== "data" || states[at]?.dlcs.get(effect.dlci)?.link.is === "open"),
      );
    }),
  );
});

t.test("no question is asked more often than N2, and every question has its timer", async () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), role, (events, which) => {
      const { states, effects } = run(events, settings(which));
      const areBounded = states.every(({ asked }) => [...asked.values()].every(({ tries }) => tries <= 3));
      const areTimed = states
        .slice(1)
        .every(({ asked }, at) =>
          [...asked]
            .filter(([key, question]) => states[at]?.asked.get(key) !== question)
            .every(([key]) => effects[at]?.some((effect) => effect.do === "wait" && effect.timer === key)),
        );
      return areBounded && areTimed;
    }),
  );
});

t.test("frames of ours are never longer than they may be, and commands carry the initiator's bit", async () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), role, (events, which) => {
      const sent = run(events, settings(which))
        .effects.flat()
        .flatMap((effect) => (effect.do === "send" ? [effect.frame] : []));
      return sent.every(({ kind, cr }) => cr === ((which === "initiator") !== (kind === "UA" || kind === "DM")));
    }),
  );
});

t.test("MSC of a channel that is not open changes nothing but is answered", async (t) => {
  const of = settings("responder");
  const open = { dlci: 0, kind: "SABM", cr: true, pf: true, info: Buffer.alloc(0) } as const;
  const [state] = muxStep(freshMux, { type: "frame", frame: open }, of);
  const info = encodeMessage("MSC", true, signalsValue(2, readySignals));
  const [after, ...effects] = muxStep(state, { type: "frame", frame: { ...open, kind: "UIH", info } }, of);
  t.strictSame(after.dlcs, state.dlcs);
  t.match(effects, [{ do: "send", frame: { dlci: 0, kind: "UIH" } }]);
});
