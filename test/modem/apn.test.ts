/** Incidents of a card for which nobody has set an APN. */
import t from "tap";
import { NetworkBackoff } from "../../src/modem/ports.js";
import type { OperatorGuess } from "../../src/modem/setup.js";
import { type FailureCause, ModemError } from "../../src/runtime/error.js";
import { homeCard, homeNetwork } from "../fakes/driver.js";
import { MemoryStore } from "../fakes/store.js";
import { client, endOf, Rig, type RigOptions } from "./rig.js";

const unknownApn: FailureCause = { domain: "esm", code: 27, name: "MissingOrUnknownApn" };
const refusal = (failure: FailureCause) => new ModemError("refused", "CONNECT refused", { failure });

const guessOf = (...apns: readonly string[]): OperatorGuess => ({
  internet: apns.map((apn) => ({
    source: "database",
    from: "Example",
    apn,
    username: apn === "with-user" ? "u" : "",
    password: "",
    auth: apn === "with-user" ? "pap" : "none",
  })),
  others: [],
});

interface GuessRig extends RigOptions {
  readonly guess?: OperatorGuess;
  /** What the network refuses, by APN. */
  readonly refuses?: Readonly<Record<string, Error>>;
}

/** A modem without a word in its configuration, on a network that refuses some APNs. */
function rigOf({ guess = guessOf("first", "with-user", "third", "fourth"), refuses = {}, ...options }: GuessRig = {}) {
  const asked: string[] = [];
  const questions: string[] = [];
  const network = (rig: Rig) => {
    const { dataCalls } = rig.driver;
    if (dataCalls === undefined) throw new Error("no data calls");
    const start = dataCalls.start.bind(dataCalls);
    Object.assign(dataCalls, {
      start: async (request: Parameters<typeof start>[0], signal: AbortSignal) => {
        asked.push(`${request.apn}${request.username && `/${request.username}/${request.auth}`} ${request.protocol}`);
        const refused = refuses[request.apn] ?? refuses[`${request.apn} ${request.protocol}`];
        if (refused) throw refused;
        return start(request, signal);
      },
    });
  };
  const modem: RigOptions["modem"] = {
    provision: () => [],
    guess: async ({ home }) => {
      questions.push(`${home.mcc}-${home.mnc}`);
      return guess;
    },
    ...options.modem,
  };
  const rig = new Rig({ ...options, modem });
  network(rig);
  return { rig, asked, questions };
}

/** What a client hears of the context, in order. */
function heard(rig: Rig): string[] {
  const lines: string[] = [];
  rig.context.events.on("changed", (next, previous) => {
    for (const key of ["apn", "username", "auth", "active"] as const)
      if (next[key] !== previous[key]) lines.push(`${key}=${next[key]}`);
  });
  return lines;
}

t.test("the first APN is refused, the second works: told before Active, remembered over a restart", async (t) => {
  const store = new MemoryStore();
  const { rig, asked, questions } = rigOf({ store, refuses: { first: refusal(unknownApn) } });
  await rig.powerOn();
  t.match(rig.context.state, { apn: "first", origin: { source: "database", from: "Example" } }, "never empty");
  await rig.goOnline();
  const lines = heard(rig);
  await rig.context.setActive(true, client);
  t.strictSame(asked, ["first ip", "with-user/u/pap ip"]);
  t.strictSame(lines, ["apn=with-user", "username=u", "auth=pap", "active=true"]);
  t.strictSame(rig.context.state.origin.passedOver, ["first (database: Example): esm 27 MissingOrUnknownApn"]);
  t.match(store.saved.at(-1), { apnOutcomes: [{ plmn: "26201", apn: "with-user", username: "u" }] });
  t.strictSame(questions, ["262-01"]);

  const later = rigOf({ store });
  await later.rig.powerOn();
  t.match(later.rig.context.state, {
    apn: "with-user",
    origin: { source: "remembered", from: "worked on 26201, database: Example" },
  });
  await later.rig.goOnline();
  await later.rig.context.setActive(true, client);
  t.strictSame(later.asked, ["with-user/u/pap ip"]);
  t.strictSame(later.questions, [], "nobody had to be asked");
});

t.test("what was remembered starts to fail: the list begins anew", async (t) => {
  const store = new MemoryStore();
  const before = rigOf({ store, guess: guessOf("old") });
  await before.rig.goOnline();
  await before.rig.context.setActive(true, client);
  const { rig, asked, questions } = rigOf({ store, guess: guessOf("new"), refuses: { old: refusal(unknownApn) } });
  await rig.goOnline();
  await rig.context.setActive(true, client);
  t.strictSame(asked, ["old ip", "new ip"]);
  t.strictSame(questions, ["262-01"]);
  t.match(store.saved.at(-1), { apnOutcomes: [{ apn: "new" }] });
});

t.test("three an attempt, the rest at the next; then the client waits as after any refusal", async (t) => {
  const no = refusal(unknownApn);
  const { rig, asked } = rigOf({ refuses: { first: no, "with-user": no, third: no, fourth: no } });
  await rig.goOnline();
  const attempt = async () => {
    const outcome = rig.context.setActive(true, client);
    const end = endOf(outcome);
    await rig.clock.advance(36_000);
    return end;
  };
  t.equal(await attempt(), "refused");
  t.strictSame(asked.splice(0), ["first ip", "with-user/u/pap ip", "third ip"]);
  t.equal(rig.context.state.apn, "first", "nothing has proven better");
  t.equal(await attempt(), "resolved", "the network's own choice");
  t.strictSame(asked.splice(0), ["fourth ip", " ip"]);
  t.match(rig.context.state, { apn: "first", active: true, origin: { source: "network" } }, "a name for clients");
  t.equal(rig.context.state.origin.passedOver.length, 4);
});

t.test("a standing wish goes on soon while something is left, and rests when nothing is", async (t) => {
  const no = refusal(unknownApn);
  const refuses = { first: no, "with-user": no, third: no, fourth: no, "": no };
  const { rig, asked } = rigOf({ refuses, modem: { standingReasons: ["connect = true"] } });
  await rig.clock.advance(10_000);
  t.equal(asked.length, 5, "the whole list within seconds");
  await rig.clock.advance(200_000);
  t.equal(asked.length, 5, "then minutes of rest");
  await rig.clock.advance(400_000);
  t.equal(asked.length >= 8, true, "and from the first one again");
});

t.test("causes that do not speak of the APN, and the network's own timer, change nothing", async (t) => {
  const congestion = refusal({ domain: "esm", code: 26, name: "InsufficientResources" });
  const backoff = new NetworkBackoff("CONNECT refused", 600_000, { failure: unknownApn });
  for (const reason of [congestion, backoff]) {
    const { rig, asked } = rigOf({ refuses: { first: reason } });
    await rig.goOnline();
    const end = endOf(rig.context.setActive(true, client));
    await rig.clock.advance(36_000);
    t.equal(await end, "refused");
    t.strictSame(asked, ["first ip"]);
  }
});

t.test("what a client or the configuration has set is never tried with something else", async (t) => {
  const refuses = { mine: refusal(unknownApn) };
  const byClient = rigOf({ refuses });
  await byClient.rig.goOnline();
  await byClient.rig.context.set("apn", "mine");
  t.match(byClient.rig.context.state.origin, { source: "client" });
  const byConfig = rigOf({ refuses, modem: { provision: () => [{ apn: "mine" }] } });
  await byConfig.rig.goOnline();
  t.match(byConfig.rig.context.state.origin, { source: "config", from: "[[sim]] of wwand.toml" });
  for (const { rig, asked } of [byClient, byConfig]) {
    const end = endOf(rig.context.setActive(true, client));
    await rig.clock.advance(36_000);
    t.equal(await end, "refused");
    t.strictSame(asked, ["mine ip"]);
  }
  t.strictSame(byConfig.questions, []);
});

t.test("apn taken out of wwand.toml again: the context keeps its number and follows the guess", async (t) => {
  const store = new MemoryStore();
  const before = rigOf({ store, modem: { provision: () => [{ apn: "configured" }] } });
  await before.rig.powerOn();
  t.match(before.rig.context, { number: 1, state: { apn: "configured", origin: { source: "config" } } });
  const { rig } = rigOf({ store });
  await rig.powerOn();
  t.match(rig.context, { number: 1, state: { apn: "first", origin: { source: "database" } } });
  t.equal(rig.modem.packetData?.contexts.length, 1);
});

t.test("one family only: found once, asked for at once the next time", async (t) => {
  const store = new MemoryStore();
  const refuses = { "v4 dual": refusal({ domain: "esm", code: 50, name: "PdnTypeIpv4OnlyAllowed" }) };
  const modem = { provision: () => [{ apn: "v4", protocol: "dual" as const }] };
  for (const expected of [["v4 dual", "v4 ip"], ["v4 ip"]]) {
    const { rig, asked } = rigOf({ store, refuses, modem });
    await rig.goOnline();
    await rig.context.setActive(true, client);
    t.strictSame(asked, expected);
    t.equal(rig.context.state.protocol, "dual", "what the client wished stays");
  }
});

t.test("abroad another APN works than at home; each is asked for where it worked", async (t) => {
  const store = new MemoryStore();
  const abroad = { ...homeNetwork, mcc: "208", mnc: "01" };
  const guess = guessOf("home", "roaming");
  for (const [registration, refuses, apn] of [
    [homeNetwork, {}, "home"],
    [abroad, { home: refusal(unknownApn) }, "roaming"],
    [homeNetwork, { roaming: refusal(unknownApn) }, "home"],
  ] as const) {
    const { rig, asked } = rigOf({ store, guess, refuses, registration });
    await rig.goOnline();
    await rig.context.setActive(true, client);
    t.equal(asked.at(-1), `${apn} ip`);
    t.equal(rig.context.state.apn, apn);
  }
  const { rig, asked } = rigOf({ store, guess, registration: abroad });
  await rig.goOnline();
  await rig.context.setActive(true, client);
  t.strictSame(asked, ["roaming ip"]);
});

t.test("nothing is known until the network tells its APN at attach", async (t) => {
  const { rig, asked } = rigOf({ guess: guessOf() });
  Object.assign(rig.driver, {
    offeredApns: {
      read: async () =>
        rig.driver.packetState.state === "attached"
          ? [{ apn: "lte.example", username: "", password: "", auth: "none", from: "told by the network at attach" }]
          : [],
    },
  });
  await rig.powerOn();
  t.match(rig.context.state, { apn: "", origin: { source: "network" } });
  const lines = heard(rig);
  await rig.modem.setOnline(true, client);
  await rig.clock.advance(10);
  t.strictSame(lines, ["apn=lte.example"], "clients like ConnMan offer a service from now on");
  t.match(rig.context.state.origin, { source: "modem", from: "told by the network at attach" });
  await rig.context.setActive(true, client);
  t.strictSame(asked, ["lte.example ip"]);
});

t.test("a call that was under way when the name became known is not put down to that name", async (t) => {
  const store = new MemoryStore();
  const { rig, asked } = rigOf({ store, guess: guessOf(), modem: { standingReasons: ["connect = true"] } });
  const told = { apn: "lte.example", username: "", password: "", auth: "none", from: "told" } as const;
  Object.assign(rig.driver, {
    offeredApns: { read: async () => (rig.driver.packetState.state === "attached" ? [told] : []) },
  });
  await rig.clock.advance(10_000);
  t.strictSame(asked, [" ip"]);
  t.match(rig.context.state, { apn: "lte.example", active: true, origin: { source: "network" } });
  t.match(store.saved.at(-1), { apnOutcomes: [{ apn: "", from: "network: the network's default" }] });
});

t.test("a source that fails or hangs costs its knowledge, not the connection", async (t) => {
  const { rig } = rigOf({ modem: { guess: () => Promise.reject(new Error("disk on fire")) } });
  await rig.powerOn();
  t.equal(rig.context.state.apn, "");
  const slow = rigOf({ modem: { guess: () => new Promise(() => undefined) } });
  await slow.rig.powerOn();
  t.equal(slow.rig.modem.packetData, undefined);
  await slow.rig.clock.advance(11_000);
  t.equal(slow.rig.context.state.apn, "");
});

t.test("ResetContexts begins with the best guess again; MMS stands behind the internet", async (t) => {
  const guess = { ...guessOf("first"), others: [{ type: "mms" as const, apn: "mms.example" }] };
  const { rig } = rigOf({ guess });
  await rig.powerOn();
  const shown = () => rig.modem.packetData?.contexts.map(({ number, state: { type, apn } }) => [number, type, apn]);
  t.strictSame(shown(), [
    [1, "internet", "first"],
    [2, "mms", "mms.example"],
  ]);
  await rig.context.set("apn", "mine");
  await rig.modem.packetData?.setPowered(false);
  await rig.modem.packetData?.resetContexts();
  t.strictSame(shown(), [
    [3, "internet", "first"],
    [4, "mms", "mms.example"],
  ]);
});

t.test("what works after ResetContexts is remembered for the network that served all along", async (t) => {
  const store = new MemoryStore();
  const { rig } = rigOf({ store });
  await rig.goOnline();
  await rig.context.set("apn", "mine");
  const { packetData } = rig.modem;
  await packetData?.setPowered(false);
  await packetData?.resetContexts();
  await packetData?.setPowered(true);
  await rig.clock.advance(10);
  await rig.context.setActive(true, client);
  t.match(store.saved.at(-1), { apnOutcomes: [{ plmn: "26201", apn: "first" }] });
});

const ofonos = {
  powered: false,
  roamingAllowed: true,
  contexts: [
    { number: 3, type: "internet", name: "Mine", protocol: "dual", apn: "ofono.example" },
    { number: 5, type: "internet", name: "Internet", protocol: "ip", apn: "" },
    { number: 7, type: "mms", name: "MMS", protocol: "ip", apn: "mms.example" },
  ].map((context) => ({ username: "", password: "", auth: "none", messageProxy: "", messageCenter: "", ...context })),
} as unknown as NonNullable<Awaited<ReturnType<NonNullable<NonNullable<RigOptions["modem"]>["imported"]>>>>;

t.test("oFono's state is taken over once, with its numbers; its empty APN is filled", async (t) => {
  const store = new MemoryStore();
  let asked = 0;
  const imported = async () => {
    asked++;
    return ofonos;
  };
  const { rig } = rigOf({ store, modem: { imported } });
  await rig.powerOn();
  const packetData = rig.modem.packetData;
  t.match(packetData?.state, { powered: false, roamingAllowed: true });
  t.strictSame(
    packetData?.contexts.map(({ number, state: { apn, origin } }) => [number, apn, origin.source]),
    [
      [3, "ofono.example", "import"],
      [5, "first", "database"],
      [7, "mms.example", "import"],
    ],
  );
  t.match(store.saved.at(-1), { lastContextNumber: 7, importedImsis: [homeCard.imsi] });
  const added = await packetData?.addContext("internet");
  t.equal(added?.number, 8);
  await rigOf({ store, modem: { imported } }).rig.powerOn();
  t.equal(asked, 1);
});

t.test("wwand.toml goes before what was taken over, under the same number", async (t) => {
  const { rig } = rigOf({ modem: { imported: async () => ofonos, provision: () => [{ apn: "configured" }] } });
  await rig.powerOn();
  t.match(rig.context, { number: 3, state: { apn: "configured", origin: { source: "config" } } });
});
