import t from "tap";
import { answerPdn, type PdnRequest } from "../../src/virtual/model/carrier.js";
import { freshModem, type ModemEvent, modemStep } from "../../src/virtual/model/modem.js";
import { leaseAt, leaseCount } from "../../src/virtual/model/pool.js";
import { freshSim, type SimEvent, type SimState, simStep } from "../../src/virtual/model/sim.js";
import { changesBetween, type ModemState, type Outcome, waitsOf } from "../../src/virtual/model/state.js";
import { mbimGeneric as profile } from "../../src/virtual/profiles/mbim-generic.js";

const plain: PdnRequest = { apn: "internet", username: "", password: "", auth: "none", pdn: "ipv4v6" };

/** Lets everything that is waited for come true. */
function ripen(state: ModemState): ModemState {
  const [wait] = waitsOf(profile, state);
  return wait === undefined ? state : ripen(modemStep(profile, state, wait.due).state);
}

const play = (state: ModemState, ...events: readonly ModemEvent[]): ModemState =>
  events.reduce((now, event) => ripen(modemStep(profile, now, event).state), state);

const searching = freshModem(profile);
const registered = ripen(searching);
const attached = play(registered, { type: "attach" });
const connected = play(attached, { type: "connect", id: 0, request: plain });

const word = (state: ModemState): string => {
  const { registration, packet, sessions } = state;
  const operator = registration.is === "registered" ? `:${registration.operator.standing}` : "";
  const cause = registration.is === "denied" ? `:${registration.cause}` : "";
  return `${registration.is}${operator}${cause} ${packet.is} ${sessions.map(({ id, is }) => `${id}:${is}`).join(",") || "-"}`;
};
const result = ({ state, refusal, ended }: Outcome): string =>
  [word(state), refusal?.why ?? "", ...ended.map(({ id, cause }) => `end ${id} ${cause ?? "by host"}`)]
    .filter((part) => part !== "")
    .join("; ");

t.test("a dialogue by USSD ends with the network that carried it", async (t) => {
  const asking = play(registered, { type: "ussdInitiate", text: "*111#" });
  t.match(asking.ussd, { dialogue: { is: "asking" }, word: { to: "code", said: { asks: true } } });
  t.match(modemStep(profile, asking, { type: "ussdInitiate", text: "*100#" }).refusal, { why: "busy" });
  const lost = play(asking, { type: "networkDeregister" });
  t.match(lost.ussd, { dialogue: { is: "idle" }, word: { to: "nothing", said: { because: "terminated" } } });
  t.match(modemStep(profile, lost, { type: "ussdInitiate", text: "*100#" }).refusal, { why: "notRegistered" });
  t.match(modemStep(profile, lost, { type: "ussdTell", text: "x", asks: false }).refusal, { why: "notRegistered" });
  for (const type of ["ussdCancel", "ussdEnd"] as const)
    t.match(modemStep(profile, registered, { type }).refusal, { why: "noDialogue" });
  const silent = play(registered, { type: "ussdInitiate", text: "*198#" });
  t.match(silent.ussd.dialogue, { is: "asked" }, "never a word");
  t.match(play(silent, { type: "ussdCancel" }).ussd, {
    dialogue: { is: "idle" },
    word: { said: { because: "cancelled" } },
  });
});

t.test("what the host and the network may do, in every stage of the way up", async (t) => {
  const stages: Readonly<Record<string, ModemState>> = {
    noCard: modemStep(profile, searching, { type: "simRemove" }).state,
    locked: modemStep(profile, searching, { type: "pinLock" }).state,
    radioOff: modemStep(profile, searching, { type: "setRadio", on: false }).state,
    unplugged: modemStep(profile, connected, { type: "powerDown" }).state,
    searching,
    denied: modemStep(profile, searching, { type: "reject", cause: 15 }).state,
    registered,
    attached,
    connected,
  };
  const row = (event: ModemEvent) =>
    Object.entries(stages).map(([name, state]) => `${name}: ${result(modemStep(profile, state, event))}`);
  t.strictSame(row({ type: "attach" }), [
    "noCard: off detached -; simAbsent",
    "locked: off detached -; pinRequired",
    "radioOff: off detached -; radioOff",
    "unplugged: off detached -; radioOff",
    "searching: searching detached -; notRegistered",
    "denied: denied:15 detached -; network",
    "registered: registered:home attaching -",
    "attached: registered:home attached -",
    "connected: registered:home attached 0:active",
  ]);
  t.strictSame(row({ type: "connect", id: 0, request: plain }), [
    "noCard: off detached -; simAbsent",
    "locked: off detached -; pinRequired",
    "radioOff: off detached -; radioOff",
    "unplugged: off detached -; radioOff",
    "searching: searching detached -; notRegistered",
    "denied: denied:15 detached -; notRegistered",
    "registered: registered:home detached -; detached",
    "attached: registered:home attached 0:activating",
    "connected: registered:home attached 0:active; alreadyActive",
  ]);
  t.strictSame(row({ type: "register", selection: { mode: "manual", plmn: "00102" } }), [
    "noCard: off detached -; simAbsent",
    "locked: off detached -; pinRequired",
    "radioOff: off detached -; radioOff",
    "unplugged: off detached -; radioOff",
    "searching: searching detached -",
    "denied: searching detached -",
    "registered: searching detached -",
    "attached: searching detached -",
    "connected: searching detached -; end 0 36",
  ]);
  t.strictSame(row({ type: "reject", cause: 11 }), [
    "noCard: off detached -",
    "locked: off detached -",
    "radioOff: off detached -",
    "unplugged: off detached -",
    "searching: denied:11 detached -",
    "denied: denied:11 detached -",
    "registered: denied:11 detached -",
    "attached: denied:11 detached -",
    "connected: denied:11 detached -; end 0 36",
  ]);
  for (const [type, ends] of [
    ["networkDetach", "registered:home detached -; end 0 36"],
    ["detach", "registered:home detached -; end 0 by host"],
    ["simRemove", "off detached -; end 0 36"],
    ["pinLock", "off detached -; end 0 36"],
    ["powerDown", "off detached -; end 0 36"],
    ["networkDeregister", "deregistered detached -; end 0 36"],
    ["roam", "searching detached -; end 0 36"],
    ["hostReset", "registered:home attached -; end 0 by host"],
  ] as const)
    t.equal(result(modemStep(profile, connected, { type, cause: undefined } as ModemEvent)), ends, type);
});

t.test("the ticket of an abandoned wait is worth nothing", async (t) => {
  const [stale] = waitsOf(profile, searching);
  const again = modemStep(profile, modemStep(profile, searching, { type: "setRadio", on: false }).state, {
    type: "setRadio",
    on: true,
  }).state;
  t.equal(again.registration.is, "searching");
  if (stale)
    t.equal(modemStep(profile, again, stale.due).state, again, "the first search was abandoned with the radio");
  t.equal(ripen(again).registration.is, "registered");
});

t.test("registration follows the weather", async (t) => {
  t.equal(
    word(play(attached, { type: "roam" })),
    "registered:roaming attached -",
    "packet service comes back by itself",
  );
  t.equal(word(play(attached, { type: "roam" }, { type: "home" })), "registered:home attached -");
  t.equal(word(play(registered, { type: "networkDeregister" })), "deregistered detached -");
  const lost = play(registered, { type: "networkDeregister" });
  const hopeless = modemStep(profile, lost, { type: "register", selection: { mode: "auto" } }).state;
  const [search] = waitsOf(profile, hopeless);
  if (search) t.equal(modemStep(profile, hopeless, search.due).state.registration.is, "searching", "no cell answers");
  t.equal(word(play(lost, { type: "networkRegister" })), "registered:home detached -");
  t.equal(word(play(registered, { type: "reject", cause: 13 }, { type: "accept" })), "registered:home detached -");
  const manual = { type: "register", selection: { mode: "manual", plmn: "99970" } } as const;
  t.equal(word(play(registered, manual)), "denied:11 detached -", "a forbidden network says why");
  const nowhere = { type: "register", selection: { mode: "manual", plmn: "26201" } } as const;
  t.equal(result(modemStep(profile, registered, nowhere)), "registered:home detached -; noSuchOperator");
});

t.test("what the network grants, by APN, credentials and PDN type", async (t) => {
  const asked = (request: Partial<PdnRequest>) => {
    const answer = answerPdn(profile, { ...plain, ...request });
    return answer.is === "refused"
      ? `refused ${answer.cause}`
      : `${answer.apn} ${answer.pdn} ${answer.cause ?? ""}`.trim();
  };
  t.equal(asked({}), "internet ipv4v6");
  t.equal(asked({ apn: "" }), "internet ipv4v6", "empty means the default");
  t.equal(asked({ apn: "Internet", pdn: "ipv6" }), "internet ipv6", "case does not matter");
  t.equal(asked({ apn: "nowhere" }), "refused 27");
  t.equal(asked({ apn: "barred" }), "refused 8");
  t.equal(asked({ apn: "unsubscribed" }), "refused 33");
  t.equal(asked({ apn: "secure" }), "refused 29");
  const right = { apn: "secure", auth: "chap", username: "wwand", password: "carrier" } as const;
  t.equal(asked(right), "secure ipv4v6");
  t.equal(asked({ ...right, auth: "pap" }), "refused 29");
  t.equal(asked({ ...right, password: "guess" }), "refused 29");
  t.equal(asked({ apn: "v4only", pdn: "ipv4" }), "v4only ipv4");
  t.equal(asked({ apn: "v4only", pdn: "ipv4v6" }), "v4only ipv4 50", "half of it, with the reason");
  t.equal(asked({ apn: "v4only", pdn: "ipv6" }), "refused 50");
  t.equal(asked({ apn: "v6only", pdn: "ipv4" }), "refused 51");
  t.equal(asked({ apn: "v6only", pdn: "default" }), "v6only ipv6");
});

t.test("a refused or overtaken session leaves nothing behind", async (t) => {
  const asking = modemStep(profile, attached, { type: "connect", id: 3, request: { ...plain, apn: "nowhere" } }).state;
  const [wait] = waitsOf(profile, asking);
  if (wait) t.equal(result(modemStep(profile, asking, wait.due)), "registered:home attached -; end 3 27");
  const cancelled = modemStep(profile, asking, { type: "disconnect", id: 3 });
  t.equal(result(cancelled), "registered:home attached -; end 3 by host");
  if (wait)
    t.equal(modemStep(profile, cancelled.state, wait.due).state, cancelled.state, "the late answer finds nobody");
  t.equal(result(modemStep(profile, attached, { type: "disconnect", id: 3 })), "registered:home attached -; notActive");
  const ids = Array.from({ length: profile.device.maxSessions }, (_, id) => id);
  const full = play(attached, ...ids.map((id) => ({ type: "connect", id, request: plain }) as const));
  t.match(result(modemStep(profile, full, { type: "connect", id: 99, request: plain })), /tooManySessions/);
});

t.test("addresses: one lease each, another after change-ip", async (t) => {
  const both = play(connected, { type: "connect", id: 1, request: plain });
  const addresses = (state: ModemState) => state.sessions.flatMap((s) => (s.is === "active" ? [s.lease.ipv4] : []));
  t.strictSame(addresses(both), ["10.64.0.2", "10.64.0.3"]);
  const moved = modemStep(profile, both, { type: "changeIp" }).state;
  t.strictSame(addresses(moved), ["10.64.0.4", "10.64.0.5"]);
  t.strictSame(changesBetween(both, moved), ["addresses"]);
  const fixed = play(connected, { type: "fixedIp", on: true }, { type: "dropBearer", cause: 36 });
  t.strictSame(addresses(play(fixed, { type: "connect", id: 0, request: plain })), ["10.64.0.2"], "the same again");
  const leases = Array.from({ length: leaseCount }, (_, number) => leaseAt(profile.pool, number));
  for (const key of ["ipv4", "ipv6Prefix", "interfaceId", "ipv6"] as const)
    t.equal(new Set(leases.map((lease) => lease[key])).size, leaseCount, `${key} is unique`);
  t.notOk(
    leases.some(({ ipv4 }) => ipv4 === profile.pool.ipv4Router),
    "nobody gets the router's address",
  );
  t.notOk(
    leases.some(({ ipv6Prefix }) => ipv6Prefix === profile.pool.ipv6Prefix),
    "nor its /64",
  );
});

t.test("the card counts tries, and power does not bring them back", async (t) => {
  const { sim: card } = profile;
  const locked = freshSim({ ...card, pinEnabled: true });
  const wrong: SimEvent = { type: "enterPin", pin: "0000" };
  const after = (state: SimState, ...events: readonly SimEvent[]) =>
    events.reduce((now, event) => simStep(card, now, event).sim, state);
  const show = ({ slot, pinTriesLeft, pukTriesLeft }: SimState) => `${slot} ${pinTriesLeft}/${pukTriesLeft}`;
  t.equal(show(locked), "pinLocked 3/10");
  t.equal(show(after(locked, wrong)), "pinLocked 2/10");
  t.equal(show(after(locked, wrong, { type: "enterPin", pin: "1234" })), "ready 3/10");
  t.equal(show(after(locked, { type: "enterPin", pin: "12" })), "pinLocked 3/10", "what is no PIN costs no try");
  const puk = after(locked, wrong, wrong, wrong);
  t.equal(show(puk), "pukLocked 0/10");
  t.equal(show(after(puk, { type: "simRemove" }, { type: "simInsert" })), "pukLocked 0/10");
  t.strictSame(simStep(card, puk, { type: "enterPin", pin: "1234" }).refusal, { why: "pinRequired" });
  const unblock = (secret: string): SimEvent => ({ type: "enterPuk", puk: secret, newPin: "4321" });
  t.equal(show(after(puk, unblock("00000000"))), "pukLocked 0/9");
  const fresh = after(puk, unblock(card.puk));
  t.equal(show(fresh), "ready 3/10");
  t.equal(
    show(after(fresh, { type: "pinLock" }, { type: "enterPin", pin: "4321" })),
    "ready 3/10",
    "the new PIN holds",
  );
  const dead = after(puk, ...Array.from({ length: 10 }, () => unblock("00000000")));
  t.equal(show(dead), "blocked 0/0");
  t.strictSame(simStep(card, dead, unblock(card.puk)).refusal, { why: "cardBlocked" });
  t.equal(show(after(freshSim(card), wrong)), "ready 3/10", "a PIN that is off is not checked");
  t.equal(show(after(freshSim(card), { type: "enablePin", pin: "1234" }, { type: "pinLock" })), "pinLocked 3/10");
  const off = after(locked, { type: "disablePin", pin: "1234" }, { type: "simRemove" }, { type: "simInsert" });
  t.equal(show(off), "ready 3/10");
});

t.test("unplugged and plugged in again: cold, but the same card and the same weather", async (t) => {
  const away = modemStep(profile, play(connected, { type: "signal", rssiDbm: -99 }), { type: "powerDown" }).state;
  t.strictSame(waitsOf(profile, away), [], "nothing goes on without power");
  t.equal(word(play(away, { type: "accept" }, { type: "home" }, { type: "setRadio", on: true })), "off detached -");
  const back = modemStep(profile, away, { type: "powerUp" }).state;
  t.equal(word(back), "searching detached -");
  t.equal(back.carrier.rssiDbm, -99);
  const pinned = modemStep(profile, away, { type: "enablePin", pin: "1234" }).state;
  t.equal(modemStep(profile, pinned, { type: "powerUp" }).state.sim.slot, "pinLocked");
});

t.test("contexts are kept by their numbers, through a power cycle, whatever the radio does", async (t) => {
  const shown = (state: ModemState) => state.contexts.map(({ cid, pdn, apn }) => `${cid} ${pdn} ${apn}`);
  t.strictSame(shown(searching), ["1 ipv4v6 internet"], "what the modem has stored");
  const both = play(
    searching,
    { type: "defineContext", cid: 5, pdn: "ipv6", apn: "v6only" },
    { type: "defineContext", cid: 2, pdn: "ipv4", apn: "v4only" },
    { type: "defineContext", cid: 1, pdn: "ipv4", apn: "" },
    { type: "powerDown" },
    { type: "undefineContext", cid: 5 },
    { type: "powerUp" },
  );
  t.strictSame(shown(both), ["1 ipv4 ", "2 ipv4 v4only"]);
  t.strictSame(shown(freshModem({ ...profile, storedApn: "" })), []);
});
