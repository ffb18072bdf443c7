/** Timelines through the daemon's own runner in virtual time. */
import { readFileSync } from "node:fs";
import t from "tap";
import { timelineFrom } from "../../src/config/timeline.js";
import type { Policy } from "../../src/network/policy/types.js";
import { simulate } from "../../src/network/simulate/simulate.js";
import type { SimulatedSwitch } from "../../src/network/simulate/types.js";
import { ethernetFirst, policyOf } from "../config/policies.js";
import { eth0, Machine } from "./machine.js";

const example = (name: string): Policy =>
  policyOf(readFileSync(new URL(`../../policy/examples/${name}`, import.meta.url), "utf8"));

/** `AT UPLINK KEYS`, one event a line. */
function timeline(policy: Policy, lines: string, more = "") {
  const events = lines
    .trim()
    .split("\n")
    .map((line) => {
      const [at, uplink, ...keys] = line.trim().split(" ");
      return `[[event]]\nat = "${at}"\nuplink = "${uplink}"\n${keys.join(" ").split("; ").join("\n")}\n`;
    });
  return timelineFrom("timeline.toml", `version = 1\n${more}\n${events.join("")}`, policy);
}

/** `SECONDS GROUP FAMILY FROM -> TO`. */
async function switches(policy: Policy, lines: string, more = ""): Promise<readonly string[]> {
  const made = await simulate(policy, timeline(policy, lines, more));
  return made.map(({ atMs, group, family, from, to }) => {
    const way = `${from ?? "none"} -> ${to ?? "none"}`;
    return `${atMs / 1_000} ${group} v${family} ${way}`;
  });
}

const both = '0s eth link = "up"\n0s lte link = "up"';

t.test("silence is left after three failed rounds, and returned to after it was steady", async (t) => {
  t.strictSame(
    await switches(
      policyOf(ethernetFirst),
      `${both}
       1m eth ipv4 = { answers = "none" }
       2m eth ipv4 = { answers = "20ms" }`,
    ),
    ["0 default v4 none -> eth", "64 default v4 eth -> lte", "153 default v4 lte -> eth"],
  );
});

t.test(
  "the machine of the other tests, which has a kernel and real routing, decides the same for the same reasons",
  async (t) => {
    const machine = new Machine();
    const made: SimulatedSwitch[] = [];
    machine.uplinks.events.on("switched", ({ family, from, to, because }) =>
      made.push({ atMs: machine.clock.nowMs(), group: "default", family, from, to, because }),
    );
    await machine.uplinks.start();
    machine.dhcp();
    await machine.pass(1_000);
    machine.connect();
    await machine.pass(59_000);
    machine.silent.add("eth0");
    await machine.pass(60_000);
    machine.silent.clear();
    await machine.pass(60_000);
    machine.kernel.setCarrier(eth0, false);
    await machine.pass(1_000);
    await machine.uplinks.close();
    const policy = policyOf(ethernetFirst);
    const news = `0s eth link = "up"; ipv4 = { answers = "12ms" }
     1s lte link = "up"; ipv4 = { answers = "12ms" }
     1m eth ipv4 = { answers = "none" }
     2m eth ipv4 = { answers = "12ms" }
     3m eth link = "no-carrier"`;
    t.strictSame(await simulate(policy, timeline(policy, news, 'until = "181s"')), made);
    t.equal(made.length, 4);
  },
);

t.test("a modem that goes leaves nobody; both families are decided apart", async (t) => {
  const policy = policyOf(ethernetFirst.replace('"icmp://9.9.9.9"]', '"icmp://9.9.9.9", "icmp://[2620:fe::fe]"]'));
  t.strictSame(
    await switches(
      policy,
      `${both}
       0s eth ipv6 = { address = true }
       0s lte ipv6 = { address = true }
       1m eth ipv6 = { answers = "none" }
       2m lte link = "absent"
       3m eth link = "absent"`,
    ),
    [
      "0 default v4 none -> eth",
      "0 default v6 none -> eth",
      "64 default v6 eth -> lte",
      "120 default v6 lte -> eth",
      "180 default v4 eth -> none",
      "180 default v6 eth -> none",
    ],
  );
});

t.test("a login page is left; what is held takes no part", async (t) => {
  const policy = policyOf(ethernetFirst);
  const [, left] = await simulate(policy, timeline(policy, `${both}\n1m eth ipv4 = { answers = "portal" }`));
  t.match(left, {
    to: "lte",
    because: [/eth leads to a portal: icmp:\/\/1\.1\.1\.1 \(a login page, by the timeline\)/],
  });
  const held = await simulate(policy, timeline(policy, `${both}\n1m eth hold = "a reason"\n2m eth hold = ""`));
  t.match(
    held.map(({ atMs, to }) => [atMs, to]),
    [
      [0, "eth"],
      [60_000, "lte"],
      [120_000, "eth"],
    ],
  );
});

t.test("a modem that may not roam carries nothing abroad and everything again at home", async (t) => {
  const policy = policyOf(ethernetFirst.replace('check = "frugal"', 'check = "frugal"\nroaming = "home"'));
  const made = await switches(
    policy,
    `0s lte link = "up"
     1m lte roaming = "20801"
     2m lte roaming = ""`,
  );
  t.strictSame(made, ["0 default v4 none -> lte", "60 default v4 lte -> none", "120 default v4 none -> lte"]);
});

t.test("the card's month ends at its cap, and begins anew at midnight", async (t) => {
  const policy = policyOf(ethernetFirst.replace('check = "frugal"', 'check = "frugal"\ncap = { hard = "1GB" }'));
  const made = await simulate(
    policy,
    timeline(policy, '0s lte link = "up"\n1m lte used = "1GB"', 'start = "2026-01-31T23:50:00Z"'),
  );
  t.match(
    made.map(({ atMs, from, to }) => `${atMs / 1_000} ${from ?? "none"} -> ${to ?? "none"}`),
    ["0 none -> lte", "65 lte -> none", "600 none -> lte"],
  );
});

t.test("loss: the rules about quality move all traffic but that of the class that bears it", async (t) => {
  const made = await switches(
    example("management.toml"),
    `0s ethernet link = "up"
     0s wwan link = "up"
     1m ethernet ipv4 = { loss = "40%" }`,
  );
  t.match(made, [
    "0 default v4 none -> ethernet",
    "0 control v4 none -> ethernet",
    /^\d+(\.\d+)? default v4 ethernet -> wwan$/,
  ]);
  t.notMatch(made.join("\n"), /control v4 ethernet -> wwan/);
});

t.test("the cable: a class moves with it, and is told by its group's name", async (t) => {
  const made = await switches(
    example("management.toml"),
    '0s ethernet link = "up"\n0s wwan link = "up"\n1m ethernet link = "no-carrier"',
  );
  t.strictSame([...made].sort(), [
    "0 control v4 none -> ethernet",
    "0 default v4 none -> ethernet",
    "60 control v4 ethernet -> wwan",
    "60 default v4 ethernet -> wwan",
  ]);
});

t.test("a window of the day is that of the timeline's own clock", async (t) => {
  const policy = policyOf(`${ethernetFirst}[failback]\nmode = "window"\nwindow = "02:00-04:00"\nzone = "UTC"\n`);
  const lines = `${both}\n20s eth link = "no-carrier"\n40s eth link = "up"`;
  const [, , back] = await switches(policy, lines, 'start = "2026-01-15T01:58:00Z"\nuntil = "3m"');
  t.equal(back, "120.02 default v4 lte -> eth", "with the first answer after the hour has come");
  t.equal((await switches(policy, lines, 'start = "2026-01-15T05:00:00Z"\nuntil = "3m"')).length, 2);
});

t.test("a quiet moment: the download of ten minutes is over, and ten seconds later traffic is back", async (t) => {
  const policy = policyOf(`${ethernetFirst}\n[failback]\nmode = "quiet"\n`);
  const told = await switches(
    policy,
    `${both}
     0s lte traffic = "2MB/s"
     1m eth link = "no-carrier"
     2m eth link = "up"
     12m lte traffic = "100B/s"`,
  );
  t.strictSame(told.slice(0, 2), ["0 default v4 none -> eth", "60 default v4 eth -> lte"]);
  const [atS = 0, ...way] = (told[2] ?? "").split(" ");
  t.equal(way.join(" "), "default v4 lte -> eth");
  t.ok(Number(atS) >= 730 && Number(atS) <= 732, `after ${atS} s`);
  t.equal(told.length, 3);
});

t.test("addresses that wwand gives itself: static ones, and those of a DHCP server", async (t) => {
  const fixed = 'address = "static"\nipv4 = { address = "192.0.2.7/24", gateway = "192.0.2.1" }';
  for (const address of [fixed, 'address = "dhcp"'])
    t.strictSame(
      await switches(
        policyOf(ethernetFirst.replace('check = "internet"', `check = "internet"\n${address}`)),
        `${both}\n1m eth link = "no-carrier"`,
      ),
      ["0 default v4 none -> eth", "60 default v4 eth -> lte"],
      address,
    );
});

t.test("the same seed gives the same day, another one another", async (t) => {
  const policy = policyOf(ethernetFirst);
  const lossy = `${both}\n1m eth ipv4 = { loss = "60%" }`;
  const day = (seed: number) => switches(policy, lossy, `seed = ${seed}\nuntil = "30m"`);
  const [first, again, other] = [await day(7), await day(7), await day(8)];
  t.strictSame(again, first);
  t.notSame(other, first);
  t.ok(first.length > 1, "so much loss is left");
});
