/** Steering as a table: services, wish and default route in; calls and words out. */
import t from "tap";
import { type ConnmanService, servicesOf } from "../../../src/network/steer/service.js";
import { steerAnswered, steerStep } from "../../../src/network/steer/step.js";
import { steerLines } from "../../../src/network/steer/tell.js";
import {
  noSteering,
  type SteerCall,
  type SteeredUplink,
  type SteerMemory,
  type SteerView,
} from "../../../src/network/steer/types.js";

const imsi = "001010123456789";
const eth = (state: ConnmanService["state"]): ConnmanService => ({
  path: "/e",
  type: "ethernet",
  state,
  interfaceName: "eth0",
});
const cell = (state: ConnmanService["state"]): ConnmanService => ({
  path: `/net/connman/service/cellular_${imsi}_context1`,
  type: "cellular",
  state,
  ...(state !== "idle" && { interfaceName: "wwan0" }),
});

const uplink = (name: string, more: Partial<SteeredUplink>): SteeredUplink => ({
  name,
  kind: "ethernet",
  tier: 0,
  standby: "hot",
  steadyMs: 2_000,
  cards: [],
  present: true,
  failing: false,
  verified: true,
  ...more,
});
const lan = (more: Partial<SteeredUplink> = {}) => uplink("lan", { interfaceName: "eth0", ...more });
const lte = (more: Partial<SteeredUplink> = {}) =>
  uplink("lte", { kind: "wwan", tier: 1, cards: [imsi], interfaceName: "wwan0", ...more });
/** No bearer: its interface is not known. */
const idleLte = (more: Partial<SteeredUplink> = {}) =>
  uplink("lte", { kind: "wwan", tier: 1, cards: [imsi], present: false, verified: false, ...more });

/** What was asked and answered so far, at a time that the story moves on. */
class Story {
  memory: SteerMemory = noSteering;
  nowMs = 1_000;
  #view: SteerView | undefined;
  readonly #asked: (readonly [call: SteerCall, askedMs: number])[] = [];

  /** The calls as `move lte`, and after how long to look again. */
  step(view: Omit<SteerView, "nowMs">): readonly string[] {
    this.#view = { ...view, nowMs: this.nowMs };
    const { memory, calls, againInMs } = steerStep(this.#view, this.memory);
    this.memory = memory;
    for (const call of calls) this.#asked.push([call, this.nowMs]);
    return [
      ...calls.map((call) => `${call.do} ${call.uplink}`),
      ...(againInMs === undefined ? [] : [`again in ${againInMs}`]),
    ];
  }

  answer(error?: string): void {
    for (const [call, askedMs] of this.#asked.splice(0))
      this.memory = steerAnswered(this.memory, {
        call,
        askedMs,
        answeredMs: this.nowMs,
        ...(error !== undefined && { error }),
      });
  }

  get lines(): readonly string[] {
    return this.#view
      ? steerLines(this.#view, this.memory).map(({ text, isProblem }) => `${isProblem ? "! " : ""}${text}`)
      : [];
  }
}

const both = [lan(), lte()];

t.test("what each situation asks for, the first time it is seen", async (t) => {
  const rows: readonly (readonly [string, Omit<SteerView, "nowMs">, readonly string[]])[] = [
    ["ConnMan is not there", { services: undefined, uplinks: both, wanted: "lan", carries: "lan" }, []],
    [
      "all is as wanted",
      { services: [eth("online"), cell("ready")], uplinks: both, wanted: "lan", carries: "lan" },
      [],
    ],
    [
      "cellular came first at ConnMan's start",
      { services: [cell("online"), eth("ready")], uplinks: both, wanted: "lan", carries: "lte" },
      ["move lan"],
    ],
    [
      "ethernet is grey",
      { services: [eth("online"), cell("ready")], uplinks: both, wanted: "lte", carries: "lan" },
      ["move lte"],
    ],
    [
      "the standby is not connected",
      { services: [eth("ready"), cell("idle")], uplinks: [lan(), idleLte()], wanted: "lan", carries: "lan" },
      ["connect lte"],
    ],
    [
      "a cold standby may stay so",
      {
        services: [eth("ready"), cell("idle")],
        uplinks: [lan(), idleLte({ standby: "cold" })],
        wanted: "lan",
        carries: "lan",
      },
      [],
    ],
    [
      "a cold standby is needed",
      {
        services: [eth("ready"), cell("idle")],
        uplinks: [lan({ failing: true }), idleLte({ standby: "cold" })],
        wanted: "lan",
        carries: "lan",
      },
      ["connect lte"],
    ],
    [
      "nothing is there at all",
      {
        services: [cell("idle")],
        uplinks: [lan({ present: false }), idleLte({ standby: "cold" })],
        wanted: undefined,
        carries: undefined,
      },
      ["connect lte"],
    ],
    [
      "it is connecting already",
      {
        services: [eth("ready"), cell("association")],
        uplinks: [lan({ failing: true }), idleLte()],
        wanted: "lan",
        carries: "lan",
      },
      [],
    ],
    // Asked now, connmand takes the default route away and sets none.
    [
      "connected, but without an address",
      {
        services: [eth("ready"), cell("ready")],
        uplinks: [lan(), lte({ present: false })],
        wanted: "lte",
        carries: "lan",
      },
      [],
    ],
    [
      "another card than ours",
      {
        services: [eth("ready"), { ...cell("idle"), path: "/cellular_262019876543210_context1" }],
        uplinks: [lan(), idleLte()],
        wanted: "lan",
        carries: "lan",
      },
      [],
    ],
    ["no service for what is wanted", { services: [eth("ready")], uplinks: both, wanted: "lte", carries: "lan" }, []],
    [
      "another program's default comes first",
      { services: [eth("ready")], uplinks: [lan()], wanted: "lan", carries: undefined },
      ["again in 1000"],
    ],
    [
      "a user has disconnected ethernet",
      {
        services: [cell("ready"), eth("idle")],
        uplinks: [lan({ present: false }), lte()],
        wanted: "lte",
        carries: "lte",
      },
      [],
    ],
  ];
  for (const [what, view, calls] of rows) {
    const story = new Story();
    t.strictSame(story.step(view), calls, what);
    t.ok(view.services === undefined || story.lines.length > 0, `${what}: is told`);
  }
});

const grey = { services: [eth("online"), cell("ready")], uplinks: both, wanted: "lte", carries: "lan" } as const;
const moved = { services: [cell("ready"), eth("online")], uplinks: both, wanted: "lte", carries: "lte" } as const;

t.test("asked, answered, and believed only when the route has stood", async (t) => {
  const story = new Story();
  t.strictSame(story.step(grey), ["move lte"]);
  t.strictSame(story.step(grey), [], "not twice");
  story.answer();
  t.strictSame(story.step(moved), ["again in 100"]);
  t.match(story.lines[0], /says that lte is first/);
  story.nowMs += 100;
  t.strictSame(story.step(moved), []);
  t.equal(story.lines[0], "ConnMan has lte first and the default route is there");
});

t.test("PreferredTechnologies: yes each time, never done; asked ever more rarely, and said why", async (t) => {
  const story = new Story();
  const askedMs: number[] = [];
  for (const endMs = story.nowMs + 100_000; story.nowMs < endMs; story.nowMs += 50)
    if (story.step(grey).includes("move lte")) {
      askedMs.push(story.nowMs);
      story.answer();
    }
  const gapsS = askedMs.slice(1).map((ms, at) => Math.round((ms - (askedMs[at] ?? 0)) / 1_000));
  t.strictSame(gapsS, [1, 2, 4, 8, 16, 32], "seconds");
  t.match(story.lines[0], /^! ConnMan says yes to lte and takes the default route back\. PreferredTechnologies/);
  t.strictSame(story.step(moved), [], "somebody removed the setting");
  t.notMatch(story.lines.join(), /!/);
});

t.test("taken back while the route was hardly believed: ConnMan's will too, and not asked at once again", async (t) => {
  const story = new Story();
  story.step(grey);
  story.answer();
  story.nowMs += 100;
  story.step(moved);
  story.nowMs += 300;
  t.strictSame(story.step(grey), ["again in 1000"]);
  t.match(story.lines[0], /PreferredTechnologies/);
});

t.test("ConnMan sorts again and again while ethernet is grey: put back at once, within limits", async (t) => {
  const story = new Story();
  let asked = 0;
  for (let turn = 0; turn < 20; turn++) {
    if (story.step(grey)[0] === "move lte") asked++;
    story.answer();
    story.step(moved);
    story.nowMs += 200;
    story.step(moved);
    story.nowMs += 1_500;
  }
  t.equal(asked, 6, "six within a minute");
  story.step(grey);
  t.match(story.lines[0], /^! ConnMan takes the default route away from lte again and again.*EnableOnlineCheck = true/);
  story.nowMs += 60_000;
  t.strictSame(story.step(grey), ["move lte"]);
});

t.test("a refusal is told in ConnMan's words and tried again", async (t) => {
  const story = new Story();
  story.step(grey);
  story.answer("net.connman.Error.InvalidService: Invalid service");
  t.strictSame(story.step(grey), ["again in 1000"]);
  t.match(story.lines[0], /^! ConnMan refuses to put lte first: net\.connman\.Error\.InvalidService/);
  story.nowMs += 1_000;
  t.strictSame(story.step(grey), ["move lte"]);
  story.answer("net.connman.Error.InvalidService: Invalid service");
  const other = { ...cell("ready"), path: "/net/connman/service/ethernet_02005e100002_cable", type: "ethernet" };
  const sorted = { ...grey, services: [{ ...other, interfaceName: "eth1" }, cell("ready")] };
  t.strictSame(story.step(sorted), ["move lte"], "the cable was pulled in that moment: not the same question");
});

t.test("the plan changes its mind before ConnMan has answered: the old answer counts for nothing", async (t) => {
  const story = new Story();
  story.step(grey);
  story.nowMs += 5;
  const healed = { ...grey, wanted: "lan", carries: "lte", services: moved.services };
  t.strictSame(story.step(healed), ["move lan"]);
  const now = story.memory;
  const old = {
    call: { do: "move", uplink: "lte", path: "/c", before: "/e" },
    askedMs: 1_000,
    answeredMs: 1_010,
  } as const;
  t.equal(steerAnswered(now, old).move, now.move);
});

t.test(
  "SingleConnectedTechnology: learned from what ConnMan does, then one at a time and tried now and then",
  async (t) => {
    const story = new Story();
    const alone = {
      services: [eth("online"), cell("idle")],
      uplinks: [lan(), idleLte()],
      wanted: "lan",
      carries: "lan",
    };
    t.strictSame(story.step(alone), ["connect lte"]);
    story.answer();
    story.nowMs += 50;
    const away = {
      services: [cell("ready"), eth("idle")],
      uplinks: [lan({ present: false }), lte()],
      wanted: "lte",
      carries: "lte",
    };
    t.strictSame(story.step(away), ["again in 2000"], "ethernet is tried after its steady time");
    t.match(story.lines.at(-1), /^! .*lan can be checked only by connecting it.*SingleConnectedTechnology/);
    story.nowMs += 2_000;
    t.strictSame(story.step(away), ["connect lan"]);
    story.answer();

    const failing = { ...alone, uplinks: [lan({ failing: true, verified: false }), idleLte()] };
    story.nowMs += 4_000;
    t.strictSame(story.step(failing), ["connect lte"], "still grey: back");
    story.answer();
    t.strictSame(story.step(away), ["again in 4000"], "twice as long as before");
    story.nowMs += 4_000;
    t.strictSame(story.step(away), ["connect lan"]);
    story.answer();
    story.nowMs += 10_000;
    t.strictSame(
      story.step({ ...alone, services: [eth("online"), cell("idle")] }),
      [],
      "good again: no hot standby is tried",
    );
  },
);

t.test("two that stay connected side by side prove that they may", async (t) => {
  const story = new Story();
  story.memory = { ...noSteering, connect: { attempts: {}, exclusive: true } };
  const side = { services: [eth("online"), cell("ready")], uplinks: both, wanted: "lan", carries: "lan" };
  story.step(side);
  story.nowMs += 5_000;
  story.step(side);
  t.notMatch(story.lines.join(), /SingleConnectedTechnology/);
});

t.test("Connect is refused: told, and asked again ever more rarely", async (t) => {
  const story = new Story();
  const view = {
    services: [eth("ready"), cell("failure")],
    uplinks: [lan(), idleLte()],
    wanted: "lan",
    carries: "lan",
  };
  t.strictSame(story.step(view), ["connect lte"]);
  story.answer("net.connman.Error.Failed: Input/output error");
  t.strictSame(story.step(view), ["again in 2000"]);
  t.match(story.lines, [
    "ConnMan has lan first and the default route is there",
    /^! ConnMan does not connect lte: net\.connman\.Error\.Failed/,
  ]);
  story.nowMs += 2_000;
  t.strictSame(story.step(view), ["connect lte"]);
  story.answer("net.connman.Error.InProgress: In progress");
  t.strictSame(story.step(view), ["again in 4000"]);
  t.notMatch(story.lines.join(), /!/, "being about to is no refusal");
});

t.test("GetServices is read whatever it holds", async (t) => {
  const variant = (signature: string, value: unknown) => ({ signature, value });
  const good = [
    "/s",
    {
      Type: variant("s", "ethernet"),
      State: variant("s", "ready"),
      Ethernet: variant("a{sv}", { Interface: variant("s", "eth0") }),
    },
  ];
  t.strictSame(servicesOf([good]), [{ path: "/s", type: "ethernet", state: "ready", interfaceName: "eth0" }]);
  for (const odd of [
    undefined,
    7,
    "x",
    [7],
    [["/s"]],
    [["/s", null]],
    [[1, {}]],
    [["/s", { Type: variant("s", "wifi"), State: variant("s", "dreaming") }]],
  ])
    t.strictSame(servicesOf(odd), []);
});
