import t from "tap";
import { type LevelEvent, type LevelState, levelOf, levelStep } from "../../src/modem/level.js";

const drivers = ["closed", "opening", "open", "closing"] as const;
const radios = ["off", "turningOn", "on", "turningOff", "stuck", "silencing", "fixed"] as const;
const wants = ["off", "powered", "online"] as const;

/** Every state there is, also those that no sequence reaches. */
const states: readonly LevelState[] = drivers.flatMap((driver) =>
  radios.flatMap((radio) =>
    [false, true].flatMap((simReady) => wants.map((want): LevelState => ({ driver, radio, simReady, want }))),
  ),
);
const events: readonly LevelEvent[] = [
  ...wants.map((want): LevelEvent => ({ type: "want", want })),
  ...(["off", "on", "fixed"] as const).map((radio): LevelEvent => ({ type: "opened", radio })),
  { type: "openFailed" },
  { type: "closed" },
  { type: "radioTold", on: true },
  { type: "radioTold", on: false },
  { type: "radioFailed" },
  { type: "simTold", ready: true },
  { type: "simTold", ready: false },
  { type: "retryDue" },
  { type: "gone" },
];

const print = ({ driver, radio, simReady, want }: LevelState): string =>
  `${driver} ${radio}${simReady ? " ready" : ""} (${want})`;

/** Moves of the states that a modem with a ready card can be in. */
const moves = (event: LevelEvent, filter: (state: LevelState) => boolean): readonly string[] =>
  states.filter(filter).flatMap((state) => {
    const [next, ...effects] = levelStep(state, event);
    if (next === state && effects.length === 0) return [];
    return [`${print(state)} -> ${[print(next), ...effects.map((effect) => effect.do)].join(", ")}`];
  });

const ready = (state: LevelState) => state.simReady && state.radio !== "fixed" && state.driver === "open";
const shut = (state: LevelState) => !state.simReady && state.radio === "off" && state.driver !== "open";

t.test("wishes with the driver shut", async (t) => {
  t.strictSame(moves({ type: "want", want: "online" }, shut), [
    "closed off (off) -> opening off (online), open",
    "closed off (powered) -> opening off (online), open",
    "opening off (off) -> opening off (online)",
    "opening off (powered) -> opening off (online)",
    "closing off (off) -> closing off (online)",
    "closing off (powered) -> closing off (online)",
  ]);
  t.strictSame(moves({ type: "want", want: "off" }, shut), [
    "closed off (powered) -> closed off (off)",
    "closed off (online) -> closed off (off)",
    "opening off (powered) -> opening off (off), abandonOpen",
    "opening off (online) -> opening off (off), abandonOpen",
    "closing off (powered) -> closing off (off)",
    "closing off (online) -> closing off (off)",
  ]);
});

t.test("the driver opens, fails to, and closes", async (t) => {
  t.strictSame(moves({ type: "opened", radio: "off" }, shut), [
    "opening off (off) -> closing off (off), close",
    "opening off (powered) -> open off (powered)",
    "opening off (online) -> open turningOn (online), radioOn",
  ]);
  t.strictSame(
    moves({ type: "opened", radio: "on" }, shut),
    [
      "opening off (off) -> closing on (off), close",
      "opening off (powered) -> open on (powered)",
      "opening off (online) -> open on (online)",
    ],
    "a radio that is on is left on",
  );
  t.strictSame(
    moves({ type: "openFailed" }, shut),
    [
      "opening off (off) -> closed off (off)",
      "opening off (powered) -> closed off (powered)",
      "opening off (online) -> closed off (online)",
    ],
    "nothing is tried again before its time",
  );
  t.strictSame(moves({ type: "closed" }, shut), [
    "closing off (off) -> closed off (off)",
    "closing off (powered) -> opening off (powered), open",
    "closing off (online) -> opening off (online), open",
  ]);
  t.strictSame(moves({ type: "retryDue" }, shut), [
    "closed off (powered) -> opening off (powered), open",
    "closed off (online) -> opening off (online), open",
  ]);
});

t.test("the radio follows the wish, one move at a time", async (t) => {
  t.strictSame(moves({ type: "want", want: "online" }, ready), [
    "open off ready (off) -> open turningOn ready (online), radioOn",
    "open off ready (powered) -> open turningOn ready (online), radioOn",
    ...["turningOn", "on", "turningOff", "stuck", "silencing"].flatMap((radio) =>
      ["off", "powered"].map((want) => `open ${radio} ready (${want}) -> open ${radio} ready (online)`),
    ),
  ]);
  t.strictSame(
    moves({ type: "want", want: "powered" }, (state) => ready(state) && state.want === "online"),
    [
      "open off ready (online) -> open off ready (powered)",
      "open turningOn ready (online) -> open turningOn ready (powered)",
      "open on ready (online) -> open turningOff ready (powered), radioOff",
      "open turningOff ready (online) -> open turningOff ready (powered)",
      "open stuck ready (online) -> open turningOff ready (powered), radioOff",
      "open silencing ready (online) -> open silencing ready (powered)",
    ],
  );
  const online = (state: LevelState) => ready(state) && state.want === "online";
  t.strictSame(
    moves({ type: "want", want: "off" }, online),
    [
      "open off ready (online) -> closing off ready (off), close",
      "open turningOn ready (online) -> closing turningOn ready (off), close",
      "open on ready (online) -> closing turningOff ready (off), close",
      "open turningOff ready (online) -> closing turningOff ready (off), close",
      "open stuck ready (online) -> closing stuck ready (off), close",
      "open silencing ready (online) -> closing silencing ready (off), close",
    ],
    "who was online stays so until all of it is taken down",
  );
  t.strictSame(
    moves({ type: "radioTold", on: false }, online),
    [
      "open turningOn ready (online) -> open off ready (online)",
      "open on ready (online) -> open off ready (online)",
      "open turningOff ready (online) -> open turningOn ready (online), radioOn",
      "open stuck ready (online) -> open off ready (online)",
      "open silencing ready (online) -> open turningOn ready (online), radioOn",
    ],
    "a radio that others turn off is not fought over",
  );
  const powered = (state: LevelState) => ready(state) && state.want === "powered";
  t.strictSame(moves({ type: "radioTold", on: true }, powered), [
    "open off ready (powered) -> open on ready (powered)",
    "open turningOn ready (powered) -> open silencing ready (powered), radioOff",
    "open turningOff ready (powered) -> open stuck ready (powered)",
    "open silencing ready (powered) -> open on ready (powered)",
  ]);
  t.strictSame(moves({ type: "radioFailed" }, online), [
    "open turningOn ready (online) -> open off ready (online)",
    "open turningOff ready (online) -> open stuck ready (online)",
    "open silencing ready (online) -> open on ready (online)",
  ]);
});

t.test("the level follows from the facts, in oFono's order", async (t) => {
  const grid = states
    .filter(({ driver }) => driver === "open")
    .map((state) => `${print(state).slice(5)}: ${levelOf(state)}`);
  t.strictSame(
    grid.filter((line) => line.endsWith("online")),
    [
      "on ready (online): online",
      "turningOff ready (off): online",
      "turningOff ready (powered): online",
      "turningOff ready (online): online",
      "stuck ready (off): online",
      "stuck ready (powered): online",
      "stuck ready (online): online",
      "fixed ready (off): online",
      "fixed ready (powered): online",
      "fixed ready (online): online",
    ],
  );
  t.ok(grid.filter((line) => !line.includes("ready")).every((line) => line.endsWith(": sim")));
  t.ok(
    states.every((state) => (state.driver === "closed" || state.driver === "opening") === (levelOf(state) === "off")),
  );
});

t.test("no event in any state costs what is wanted, but the device's own end", async (t) => {
  for (const state of states)
    for (const event of events) {
      const [next, ...effects] = levelStep(state, event);
      const wish = event.type === "want" ? event.want : event.type === "gone" ? "off" : state.want;
      t.equal(next.want, wish, `${print(state)} ${event.type}`);
      t.ok(effects.length <= 1, "one move at a time");
      if (event.type === "gone") t.equal(levelOf(next), "off");
    }
});
