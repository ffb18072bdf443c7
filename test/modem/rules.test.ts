import t from "tap";
import { attachMove, isAttached } from "../../src/modem/attach.js";
import { contextProblem, isApn, newContext, provisionedContext } from "../../src/modem/context-settings.js";
import { homeNetwork } from "../../src/modem/mnc.js";
import { ownPin, pinFits } from "../../src/modem/pin.js";
import { NetworkBackoff } from "../../src/modem/ports.js";
import { causeClass, replyDelayMs, retryWaitMs } from "../../src/modem/retry.js";
import { strengthPercent } from "../../src/modem/strength.js";
import type { PinState, RegistrationStatus } from "../../src/modem/types.js";
import { ModemError } from "../../src/runtime/error.js";

t.test("when wwand enters a PIN by itself: the whole grid", async (t) => {
  const said: string[] = [];
  for (const required of ["none", "pin", "puk"] as const)
    for (const retries of [undefined, 1, 2, 3])
      for (const configuredRefused of [false, true])
        for (const tried of [false, true])
          for (const remembered of [undefined, "1111"]) {
            const state: PinState = { required, ...(retries === undefined ? {} : { retries }) };
            const choice = ownPin({ state, remembered, configured: "2222", configuredRefused, tried });
            if ("enter" in choice)
              said.push(
                `${required} ${retries} refused=${configuredRefused} tried=${tried}: ${choice.from} ${choice.enter}`,
              );
          }
  t.strictSame(said, [
    "pin 3 refused=false tried=false: config 2222",
    "pin 3 refused=false tried=false: memory 1111",
    "pin 3 refused=true tried=false: memory 1111",
  ]);
  t.match(
    ownPin({
      state: { required: "pin", retries: 3 },
      remembered: undefined,
      configured: "12ab",
      configuredRefused: false,
      tried: false,
    }),
    {
      because: /no valid form/,
    },
  );
});

t.test("what a card could accept at all", async (t) => {
  t.strictSame(
    ["123", "1234", "12345678", "123456789", "12345678901234567", "12a4", "", "１２３４"].map((secret) =>
      [pinFits("pin", secret), pinFits("network", secret), pinFits("puk", secret)].map(Number).join(""),
    ),
    ["000", "110", "111", "010", "000", "000", "000", "000"],
  );
});

t.test("attach: the whole grid of what is done, and of what may be called attached", async (t) => {
  const lines: string[] = [];
  const statuses: RegistrationStatus[] = ["unknown", "unregistered", "searching", "denied", "registered", "roaming"];
  for (const status of statuses)
    for (const roamingAllowed of [false, true])
      for (const wanted of [false, true])
        for (const service of ["unknown", "detached", "attaching", "attached", "detaching"] as const) {
          const facts = { status, roamingAllowed, wanted, service };
          const move = attachMove(facts);
          const words = [status, roamingAllowed ? "allowed" : "", wanted ? "wanted" : "", service].filter(
            (w) => w !== "",
          );
          if (move !== "none" || isAttached(facts))
            lines.push(`${words.join(" ")}: ${isAttached(facts) ? "is" : move}`);
        }
  t.strictSame(lines, [
    "registered attached: detach",
    "registered wanted unknown: attach",
    "registered wanted detached: attach",
    "registered wanted attached: is",
    "registered allowed attached: detach",
    "registered allowed wanted unknown: attach",
    "registered allowed wanted detached: attach",
    "registered allowed wanted attached: is",
    "roaming attached: detach",
    "roaming wanted attached: detach",
    "roaming allowed attached: detach",
    "roaming allowed wanted unknown: attach",
    "roaming allowed wanted detached: attach",
    "roaming allowed wanted attached: is",
  ]);
});

t.test("how long the network is left alone, by the class of its cause", async (t) => {
  const refused = (code: number) => new ModemError("refused", "no", { failure: { domain: "esm", code, name: "x" } });
  const waits = (error: unknown) => [1, 2, 3, 9, 40].map((failures) => retryWaitMs(error, failures, 0.5) / 1000);
  t.strictSame(waits(new ModemError("timeout", "no answer")), [2, 4, 8, 120, 120]);
  t.strictSame(waits(refused(26)), [30, 60, 120, 900, 900]);
  t.strictSame(waits(refused(27)), [300, 600, 1200, 3600, 3600]);
  t.strictSame(
    [0, 0.999].map((random) => Math.round(retryWaitMs(refused(26), 1, random) / 1000)),
    [24, 36],
    "jitter",
  );
  for (const random of [0, 0.5, 0.999])
    t.ok(
      retryWaitMs(new NetworkBackoff("T3396", 60_000), 1, random) >= 60_000,
      "a timer of the network is never undercut",
    );
  t.strictSame(
    [8, 26, 27, 29, 33, 34, 38].map((code) => causeClass({ domain: "esm", code, name: "x" })),
    ["permanent", "congestion", "permanent", "permanent", "permanent", "temporary", "temporary"],
  );
  t.equal(causeClass({ domain: "emm", code: 22, name: "Congestion" }), "congestion");
  t.equal(causeClass(undefined), "temporary");
  t.strictSame(
    [1, 2, 3, 4, 5, 9].map((failures) => replyDelayMs(failures, 0) / 1000),
    [2, 4, 8, 16, 30, 30],
  );
  t.equal(replyDelayMs(9, 34_000), 1000, "the reply comes before the client gives up");
  t.equal(replyDelayMs(9, 50_000), 0);
});

t.test("access point names", async (t) => {
  for (const good of ["internet", "n.ispsn", "a", "3g.example.com", "web-1.mnc001.mcc262.gprs", `${"a".repeat(63)}.b`])
    t.ok(isApn(good), good);
  for (const bad of [
    "",
    ".a",
    "a.",
    "a..b",
    "-a",
    "a-",
    "a b",
    "a_b",
    "ä",
    "a\n",
    "a".repeat(64),
    `${"abcdefghi.".repeat(10)}x`,
  ])
    t.notOk(isApn(bad), JSON.stringify(bad));
});

t.test("what a client may set in a context", async (t) => {
  const kind = (...args: Parameters<typeof contextProblem>) => contextProblem(...args)?.kind;
  t.equal(kind("internet", "name", "n".repeat(127)), undefined);
  t.equal(kind("internet", "name", "n".repeat(128)), "invalidFormat");
  t.equal(kind("internet", "username", "n".repeat(64)), "invalidFormat");
  t.equal(kind("internet", "password", "n".repeat(255)), undefined);
  t.equal(kind("internet", "password", "n".repeat(256)), "invalidFormat");
  t.equal(kind("internet", "apn", ""), "invalidFormat");
  t.equal(kind("internet", "messageProxy", "10.0.0.1:8080"), "invalidArguments");
  t.equal(kind("mms", "messageProxy", "10.0.0.1:8080"), undefined);
  t.match(newContext("mms"), { name: "MMS", apn: "", auth: "chap", protocol: "ip" });
  t.match(provisionedContext({ apn: "x" }), { name: "Internet", type: "internet", auth: "none" });
  t.match(provisionedContext({ apn: "x", username: "u" }), { auth: "chap" });
});

t.test("signal in per cent", async (t) => {
  t.strictSame(
    [-130, -120, -100, -80, -44].map((rsrpDbm) => strengthPercent({ rsrpDbm })),
    [0, 0, 50, 100, 100],
  );
  t.strictSame(
    [-113, -82, -51].map((rssiDbm) => strengthPercent({ rssiDbm })),
    [0, 50, 100],
  );
  t.equal(strengthPercent({ rssiDbm: -51, rsrpDbm: -110 }), 25, "RSRP says more");
  t.equal(strengthPercent({}), undefined);
});

t.test("MCC and MNC of an IMSI", async (t) => {
  const of = (imsi: string, at?: { mcc: string; mnc: string }) => Object.values(homeNetwork(imsi, at) ?? {}).join("-");
  t.equal(of("262011234567890"), "262-01");
  t.equal(of("310260123456789"), "310-260");
  t.equal(of("405861123456789"), "405-861");
  t.equal(of("405051234567890"), "405-05");
  t.equal(of("502121234567890"), "502-12");
  t.equal(of("502153123456789"), "502-153");
  t.equal(of("262011234567890", { mcc: "262", mnc: "011" }), "262-011", "the home network knows better than the table");
  t.equal(of("262011234567890", { mcc: "228", mnc: "01" }), "262-01");
  t.equal(of("262"), "", "too short to be one");
});
