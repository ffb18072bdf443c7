/** `wwanctl policy` on a machine without a daemon. */
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { main } from "../../src/cli/main.js";
import { knownFrom } from "../../src/cli/policy-plan.js";
import { policyShowAnswer } from "../../src/cli/policy-show.js";
import type { PlainDict } from "../../src/cli/snapshot.js";
import { loadPolicy } from "../../src/config/policy.js";
import { noMemory } from "../../src/network/plan/memory.js";
import { plan } from "../../src/network/plan.js";
import { sumOf } from "../../src/network/record/lines.js";
import { Recorder } from "../../src/network/record/recorder.js";
import { ethernetFirst, policyOf } from "../config/policies.js";
import { eth as ethernet, lte, unplugged, up } from "../network/story.js";

async function wwanctl(...argv: readonly string[]) {
  const said: { out: string[]; err: string[] } = { out: [], err: [] };
  const code = await main(["--bus", "unix:path=/nonexistent/bus", ...argv], {
    out: (text) => void said.out.push(text),
    err: (text) => void said.err.push(text),
  });
  return { out: said.out.join("\n"), err: said.err.join("\n"), code };
}

t.test("check prints what a sound policy promises and costs, with the sums", async (t) => {
  const folder = t.testdir({ "10-base.toml": ethernetFirst });
  const { out, code } = await wwanctl("policy", "check", folder);
  t.equal(code, 0);
  t.match(out, /^default +1 +eth +1\.1s +4s +4\.1s +40\.1s +15 MB +456 MB$/m);
  t.match(out, /^default +2 +lte +- +303s +- +- +51 kB +1\.5 MB$/m);
  t.match(
    out,
    /^ {2}eth: left when silent: 4\.1s = every\.idle 1s \+ timeout 1s \+ 2 more rounds of 1s \+ switch 100ms$/m,
  );
  t.match(out, /^ {2}eth: back when well: 40\.1s = every\.down 10s \+ spanning 30s \+ switch 100ms$/m);
  t.match(out, /\nfine: 1 file, generation [0-9a-f]{12}$/);
});

t.test("check names every mistake with its place, and exits 1", async (t) => {
  const folder = t.testdir({
    "10-base.toml": ethernetFirst,
    "50-site.toml": '[uplink.eth]\nchek = "x"\nmetered = 1\n',
  });
  const site = join(folder, "50-site.toml");
  const { out, code } = await wwanctl("policy", "check", folder);
  t.equal(code, 1);
  t.equal(
    out,
    `${site}:2:1: uplink.eth.chek: expected a known key; did you mean "check"?, found the unknown key "chek"
${site}:3:1: uplink.eth.metered: expected true or false, found the number 1

refused: 2 mistakes`,
  );
});

t.test("with --json: the same as data, with stable keys", async (t) => {
  const folder = t.testdir({ "10-base.toml": `${ethernetFirst}[uplink.spare]\nmatch = { name = "eth9" }\n` });
  const { out, code } = await wwanctl("--json", "policy", "check", folder);
  t.equal(code, 0);
  t.match(JSON.parse(out), {
    problems: [],
    remarks: [{ line: 15, column: 2, key: "uplink.spare", text: /^it is in no tier/ }],
    uplinks: [
      {
        group: "default",
        tier: 1,
        uplink: "eth",
        carrierMs: 1_100,
        noticedMs: 4_000,
        blackholeMs: 4_100,
        backMs: 40_100,
      },
      { group: "default", tier: 2, uplink: "lte", hasAlternative: false, backMs: null, bytesPerMonth: 1_520_640 },
    ],
  });
});

t.test("a modem that is connected only when it is needed: what that adds", async (t) => {
  const folder = t.testdir({ "10-base.toml": ethernetFirst, "50-site.toml": '[uplink.lte]\nstandby = "warm"\n' });
  const { out } = await wwanctl("policy", "check", folder);
  t.match(out, /^ {2}lte: stands by warm: connected when needed, which adds about 3s \(an estimate\)/m);
  const { out: json } = await wwanctl("--json", "policy", "check", folder);
  t.match(JSON.parse(json), { uplinks: [{ connectEstimatedMs: 0 }, { uplink: "lte", connectEstimatedMs: 3_000 }] });
});

t.test("a drop-in is tried beside the folder before it is put there", async (t) => {
  const folder = t.testdir({ etc: { "10-base.toml": ethernetFirst }, "50-try.toml": '[slo]\nblackhole = "2s"\n' });
  t.equal((await wwanctl("policy", "check", join(folder, "etc"))).code, 0);
  const { out, code } = await wwanctl("policy", "check", join(folder, "etc"), join(folder, "50-try.toml"));
  t.equal(code, 1);
  t.match(
    out,
    /uplink\.eth\.check: expected a worst case of at most 2s for eth, or a longer slo\.blackhole, found 4\.1s/,
  );
});

t.test("without a place: the folders that wwand.toml names; none there is no mistake", async (t) => {
  const folder = t.testdir({ mine: { "10-base.toml": ethernetFirst }, empty: {} });
  const config = async (paths: readonly string[]) => {
    const file = join(folder, "wwand.toml");
    await writeFile(file, `[paths]\npolicy-dir = ${JSON.stringify(paths)}\n`);
    return wwanctl("policy", "check", "--config", file);
  };
  t.match(await config([join(folder, "empty"), join(folder, "mine")]), { code: 0, out: /fine: 1 file/ });
  t.match(await config([join(folder, "empty")]), { code: 0, out: /^no policy file in .*empty: wwand leaves routes/ });
});

t.test("a place that is not there is a usage error, not an empty policy", async (t) => {
  t.match(await wwanctl("policy", "check", "/nonexistent/policy.d"), {
    code: 2,
    err: "wwanctl: /nonexistent/policy.d: no such file or folder",
  });
});

t.test("show prints a policy that check takes back, each value with its place", async (t) => {
  const folder = t.testdir({ "10-base.toml": ethernetFirst, "50-site.toml": '[uplink.lte]\nstandby = "cold"\n' });
  const { out, code } = await wwanctl("policy", "show", "--effective", folder);
  t.equal(code, 0);
  t.match(out, /^standby +=+ "cold" +# 50-site\.toml:2$/m);
  t.match(out, /^metered +=+ true +# default$/m);
  const generation = out.match(/generation ([0-9a-f]{12})/)?.[1] ?? "";
  const again = join(t.testdir({ "shown.toml": out }), "shown.toml");
  t.match(await wwanctl("policy", "check", again), { code: 0, out: new RegExp(`generation ${generation}$`) });
});

const shipped = new URL("../../policy/", import.meta.url).pathname;
const simulated = (...argv: readonly string[]) => wwanctl("policy", "simulate", "--policy", ...argv);

t.test("plan without a daemon: what would be put, and what it cannot know", async (t) => {
  const folder = t.testdir({
    "10-base.toml": ethernetFirst.replace('"eth0"', '"no-such-*"'),
    "bad.txt": "version = 2\n",
  });
  const { out, code } = await wwanctl("policy", "plan", join(folder, "10-base.toml"));
  t.equal(code, 0);
  t.match(out, /^because eth is absent: no such interface$/m);
  t.match(out, /^not known: verdicts: no daemon runs; what is there is taken for up$/m);
  t.match(out, /^not known: lte: its connection, which only a daemon has$/m);
  t.match(await wwanctl("policy", "plan", join(folder, "bad.txt")), { code: 1, out: /version: expected 1/ });
});

t.test("plan beside a daemon: connections, holds and verdicts are what that shows", async (t) => {
  const uplink = (properties: PlainDict) => ({ path: "/net/wwand/uplink/any", properties });
  const told = { Interface: "wwan0", Verdict4: "up", Verdict6: "unverified", Eligibility: "ok" };
  const network = { Addresses: ["198.51.100.5/30"], Gateway4: "", Gateway6: "", DomainNameServers: ["198.51.100.53"] };
  const { bearers, holds, networks, verdicts } = knownFrom(policyOf(ethernetFirst), {
    failover: { Actuating: "self" },
    uplinks: [
      uplink({ Name: "lte", ...told, ...network, Eligibility: "roaming on 20801 (allowed: home)" }),
      uplink({ Name: "eth", ...told, Interface: "eth0", Verdict4: "down", Eligibility: "held: it is being serviced" }),
    ],
  });
  const ipv4 = { method: "static", address: "198.51.100.5", prefixLength: 30, dns: ["198.51.100.53"] };
  t.strictSame(
    [...bearers],
    [["lte", { interfaceName: "wwan0", settings: { ipv4 } }]],
    "ethernet is the kernel's to tell",
  );
  t.strictSame([...holds], [["eth", "it is being serviced"]]);
  t.strictSame([...networks], [["lte", { plmn: "20801", isHome: false }]]);
  t.match(verdicts.get("eth"), { 4: "down" });
});

t.test("simulate: the shipped bad day, minute by minute", async (t) => {
  const { out, code } = await simulated(join(shipped, "ethernet-first.toml"), join(shipped, "timelines/bad-day.toml"));
  t.equal(code, 0);
  t.strictSame(
    out.split("\n").filter((line) => /^\d/.test(line)),
    [
      "00:00:00.000  * ethernet: link up; IPv4 answers 8ms",
      "00:00:00.000  default IPv4: none -> ethernet",
      "00:00:02.000  * wwan: link up; IPv4 answers 45ms",
      "00:01:00.000  * ethernet: link no-carrier",
      "00:01:00.000  default IPv4: ethernet -> wwan",
      "00:01:30.000  * ethernet: link up",
      "00:02:00.000  default IPv4: wwan -> ethernet",
      "00:10:00.000  * ethernet: IPv4 answers none",
      "00:10:04.000  default IPv4: ethernet -> wwan",
      "00:15:00.000  * ethernet: IPv4 answers 8ms",
      "00:15:33.000  default IPv4: wwan -> ethernet",
      "00:30:00.000  * ethernet: IPv4 loss 2%",
      "02:00:00.000  * ethernet: IPv4 loss 0%; held: it is being serviced",
      "02:00:00.000  default IPv4: ethernet -> wwan",
      "02:10:00.000  * ethernet: no longer held",
      "02:10:00.000  default IPv4: wwan -> ethernet",
      "02:20:00.000  end",
    ],
  );
  t.match(out, /^ {16}IPv4: wwan: ethernet is down: no answer from icmp:\/\/1\.1\.1\.1, .* within 1s; wwan is up/m);
});

t.test("simulate --json names the policy's generation and every switch with its reasons", async (t) => {
  const folder = t.testdir({
    "policy.toml": ethernetFirst,
    "day.toml": 'version = 1\nuntil = "10s"\n[[event]]\nat = "1s"\nuplink = "eth"\nlink = "up"\n',
  });
  const { out } = await wwanctl(
    ...["--json", "policy", "simulate", "--policy", join(folder, "policy.toml"), join(folder, "day.toml")],
  );
  t.strictSame(JSON.parse(out), {
    generation: loadPolicy([join(folder, "policy.toml")]).generation,
    untilMs: 10_000,
    switches: [
      {
        ...{ atMs: 1_000, group: "default", family: "ipv4", from: "", to: "eth" },
        because: ["IPv4: eth: first choice; eth is unverified (not asked yet)", "lte is absent: no bearer"],
      },
    ],
  });
});

t.test("simulate reads a timeline from standard input, and names it so", async (t) => {
  const program = new URL("../../src/cli/bin.ts", import.meta.url).pathname;
  const policy = join(shipped, "ethernet-first.toml");
  const played = (input: string) =>
    spawnSync(process.execPath, ["--import=tsx", program, "policy", "simulate", "--policy", policy, "-"], {
      ...{ input, encoding: "utf8" },
    });
  const event = '[[event]]\nat = "0s"\nuplink = "ethernet"\nlink = "up"\n';
  t.match(played(`version = 1\nuntil = "5s"\n${event}`), { status: 0, stdout: /default IPv4: none -> ethernet/ });
  t.match(played(event), {
    status: 1,
    stdout: /^standard input.*: version: expected the key "version", found nothing$/m,
  });
});

t.test("simulate of a timeline with a mistake says where, and exits 1", async (t) => {
  const folder = t.testdir({
    "policy.toml": ethernetFirst,
    "day.toml": 'version = 1\n[[event]]\nat = "1s"\nuplink = "ehternet"\n',
  });
  const { out, code } = await simulated(join(folder, "policy.toml"), join(folder, "day.toml"));
  t.equal(code, 1);
  t.match(out, /day\.toml:4:1: event\[0\]\.uplink: expected the name of an uplink: "eth", "lte", found "ehternet"$/);
  t.match(await simulated(join(folder, "policy.toml"), "/nonexistent"), { code: 1, out: /expected a readable file/ });
});

t.test("show of files with a mistake says the mistake, and exits 1", async (t) => {
  const folder = t.testdir({ "10-base.toml": "version = 2\n" });
  t.match(await wwanctl("policy", "show", folder), { code: 1, out: /10-base\.toml:1:1: version: expected 1/ });
});

t.test("what the daemon runs by is compared with its files", async (t) => {
  const folder = t.testdir({ "10-base.toml": ethernetFirst });
  const show = (daemonGeneration: string | undefined) =>
    policyShowAnswer([folder], { effective: false, daemonGeneration });
  t.match(show("0123456789ab").text, "NOT IN FORCE: the daemon runs generation 0123456789ab; reload with SIGHUP");
  const { generation } = loadPolicy([folder]);
  t.notMatch(show(generation).text, "NOT IN FORCE");
  t.notMatch(show(undefined).text, "NOT IN FORCE");
});

/** Two turns: ethernet is chosen, then left for the modem. */
function recordText(policy = policyOf(ethernetFirst)): string {
  const lines: string[] = [];
  const recorder = new Recorder({ begin: () => undefined, add: (line) => lines.push(line) > 0 }, { wwand: "test" });
  const startMs = Date.parse("2026-03-01T00:00:00Z");
  let memory = noMemory;
  for (const [nowMs, eth] of [
    [0, up()],
    [60_000, unplugged()],
  ] as const) {
    const basis = { uplinks: [ethernet(eth), lte(up())], elapsedMs: nowMs };
    const decided = plan(policy, basis, memory);
    recorder.turn({ policy, basis, previous: memory, decided, nowMs, wallMs: startMs + nowMs });
    memory = decided.next;
  }
  recorder.end(70_000, startMs + 70_000);
  return lines.join("");
}

t.test("simulate --recorded: every decision is made again, and is the same", async (t) => {
  const file = join(t.testdir({ "day.record": recordText() }), "day.record");
  const { out, code } = await wwanctl("policy", "simulate", "--recorded", file);
  const { generation } = policyOf(ethernetFirst);
  t.equal(
    out,
    `2026-03-01T00:00:00.000Z  same: default IPv4: none -> eth
                            IPv4: eth: first choice; eth is up (answer from icmp://1.1.1.1 in 12ms)
2026-03-01T00:01:00.000Z  same: default IPv4: eth -> lte
                            IPv4: lte: eth is gone; lte is up (answer from icmp://1.1.1.1 in 12ms)
                            eth is no-carrier: eth0 has no carrier
2 decisions, all the same; recorded 2026-03-01T00:00:00.000Z to 2026-03-01T00:01:10.000Z, policy ${generation}`,
  );
  t.equal(code, 0);
});

t.test("simulate --recorded names each policy that was in force, in their order", async (t) => {
  const [first, second] = [policyOf(ethernetFirst), policyOf(`${ethernetFirst}\n[failback]\nspanning = "50s"\n`)];
  const pieces = [first, first, second].map((policy) => recordText(policy));
  const file = join(t.testdir({ "day.record": pieces.join("") }), "day.record");
  const { out } = await wwanctl("policy", "simulate", "--recorded", file);
  t.match(out, `, policy ${first.generation}, then ${second.generation}`);
});

t.test("simulate --recorded --policy: what another policy would have done with that day", async (t) => {
  const other = ethernetFirst
    .replace('[["eth"], ["lte"]]', '[["lte"], ["eth"], ["spare"]]')
    .concat('[uplink.spare]\nmatch = { name = "eth9" }\n')
    .replace('check = "frugal"', "");
  const folder = t.testdir({ "day.record": recordText(), "other.toml": other });
  const { out, code } = await wwanctl(
    ...["policy", "simulate", "--recorded", join(folder, "day.record"), "--policy", join(folder, "other.toml")],
  );
  t.match(out, /^2026-03-01T00:00:00\.000Z {2}default IPv4: none -> lte\n/);
  t.equal(out.match(/->/g)?.length, 1, "the cable is nothing to it");
  t.match(out, /^not known: spare: it is not in the record; taken for absent$/m);
  t.match(out, /^not known: lte: what this policy's check would say; verdicts are those of the record$/m);
  t.notMatch(out, /not known: eth/);
  t.equal(code, 0);
});

t.test(
  "simulate --recorded of a record that was cut: what is before the cut is used, and the exit code tells",
  async (t) => {
    const text = recordText();
    const cut = text.slice(0, text.indexOf("no-carrier"));
    const file = join(t.testdir({ "day.record": cut, "empty.record": "" }), "day.record");
    const { out, code } = await wwanctl("policy", "simulate", "--recorded", file);
    t.equal(out.split("\n").at(-1), `${file}:3: it is cut off; the 2 lines before it were used`);
    t.match(out, /^1 decision, all the same;.*, without an end: it goes on, or wwand was killed$/m);
    t.equal(code, 1);
    const empty = await wwanctl("policy", "simulate", "--recorded", join(file, "../empty.record"));
    t.match(empty, { code: 1, out: /empty\.record:1: the file is empty; nothing before it could be used$/ });
    t.match(await wwanctl("policy", "simulate", "--recorded", "/nonexistent"), { code: 1, out: /a readable file/ });
  },
);

t.test("simulate --recorded names the first decision that comes out otherwise", async (t) => {
  let sum = "";
  const forged = recordText()
    .trimEnd()
    .split("\n")
    .map((line) => {
      const json = line.slice(9).replace('"to":"lte"', '"to":"eth"');
      sum = sumOf(sum, json);
      return `${sum} ${json}\n`;
    })
    .join("");
  const file = join(t.testdir({ "day.record": forged }), "day.record");
  const { out, code } = await wwanctl("policy", "simulate", "--recorded", file);
  t.match(out, `${file}:3: DIFFERENT\n  recorded: default IPv4: eth -> eth\n`);
  t.match(out, /^ {2}now: default IPv4: eth -> lte$/m);
  t.match(out, /^1 decision before it came out the same;/m);
  t.equal(code, 1);
  const { out: json } = await wwanctl("--json", "policy", "simulate", "--recorded", file);
  t.match(JSON.parse(json), { same: [{ line: 2 }], difference: { line: 3, made: [{ to: "lte" }] }, damage: null });
});
