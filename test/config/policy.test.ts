import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { jsonSchemaFiles } from "../../src/config/json-schema.js";
import { loadPolicy, policyFrom, reloadPolicy } from "../../src/config/policy.js";
import { policyDefaults } from "../../src/config/resolve.js";
import { parseDurationMs } from "../../src/config/units.js";
import { probeCost, worstCase } from "../../src/network/policy/worst-case.js";
import { ethernetFirst, policyOf } from "./policies.js";

const shipped = new URL("../../policy/", import.meta.url).pathname;

t.test("the shipped policy keeps its promise and says what it costs", async (t) => {
  const policy = loadPolicy([shipped]);
  t.strictSame(
    policy.uplinks.map((uplink) => [
      uplink.name,
      worstCase(uplink).formula,
      probeCost(uplink).bytesPerDay,
      uplink.steadyMs,
    ]),
    [
      ["ethernet", "4.1s = every.idle 1s + timeout 1s + 2 more rounds of 1s + switch 100ms", 44_928_000, 30_000],
      ["wwan", "303.1s = every.idle 5m + timeout 1s + 2 more rounds of 1s + switch 100ms", 124_416, 120_000],
    ],
  );
  t.strictSame(policy.group, {
    name: "default",
    tiers: [["ethernet"], ["wwan"]],
    noneUp: "keep-last",
    ignore: [],
    flows: { is: "drain", drainMs: 600_000 },
  });
});

t.test("what nobody wrote has the documented default", async (t) => {
  const policy = policyOf(ethernetFirst);
  const [eth, lte] = policy.uplinks;
  t.strictSame(policy.slo, { carrierMs: 1_200, blackholeMs: 5_000 });
  t.strictSame(policy.failback, {
    mode: { is: "steady" },
    stayMs: 0,
    flaps: { max: 3, withinMs: 600_000, holdMs: 600_000 },
  });
  t.match(eth, {
    address: { method: "foreign" },
    metered: false,
    steadyMs: 30_000,
    check: {
      pass: 1,
      timeoutMs: 1_000,
      every: { idleMs: 1_000, suspectMs: 500, downMs: 10_000 },
      verdict: { down: 3, up: 5 },
    },
  });
  t.match(lte, {
    match: { by: "modem" },
    address: { method: "bearer" },
    metered: true,
    steadyMs: 120_000,
    check: { name: "frugal", every: { idleMs: 300_000, suspectMs: 1_000, downMs: 60_000 } },
  });
});

t.test("every default of policy/README.md is the loader's", async (t) => {
  const readme = readFileSync(join(shipped, "README.md"), "utf8");
  const { every, meteredEvery, verdict, flaps, quiet, zone: _, flows: __, ...plain } = policyDefaults;
  const rows: Readonly<Record<string, readonly number[]>> = {
    "slo.carrier": [plain.carrierMs],
    "slo.blackhole": [plain.blackholeMs],
    "failback.spanning": [plain.steadyMs, plain.meteredSteadyMs],
    "failback.stay": [plain.stayMs],
    "failback.quiet.spanning": [quiet.spanningMs],
    "failback.quiet.at-most": [quiet.atMostMs],
    "failback.flaps.max": [flaps.max],
    "failback.flaps.within": [flaps.withinMs],
    "failback.flaps.hold": [flaps.holdMs],
    pass: [plain.pass],
    timeout: [plain.timeoutMs],
    "every.idle": [every.idleMs, meteredEvery.idleMs],
    "every.suspect": [every.suspectMs, meteredEvery.suspectMs],
    "every.down": [every.downMs, meteredEvery.downMs],
    "verdict.down": [verdict.down],
    "verdict.up": [verdict.up],
    "degraded.over": [plain.degradedOverMs],
    drain: [plain.drainMs],
    "confirm.within": [plain.confirmMs],
  };
  for (const [key, values] of Object.entries(rows)) {
    const entry = readme.split("\n").find((line) => line.startsWith(`- \`${key}\` (`)) ?? "";
    const [, defaults = ""] = /; default ([^)]*)\)/.exec(entry) ?? [];
    const documented = [...defaults.matchAll(/`([^`]+)`/g)].map(
      ([, text = ""]) => parseDurationMs(text) ?? Number(text),
    );
    t.strictSame(documented, values, key);
  }
});

t.test("a drop-in changes one key, an array is replaced, the later name wins", async (t) => {
  const policy = policyFrom(
    [
      { file: "10-base.toml", text: ethernetFirst },
      {
        file: "50-site.toml",
        text: '[check.internet]\ntargets = ["icmp://192.0.2.1"]\n[check.frugal]\nevery = { idle = "10m" }\n',
      },
      { file: "90-last.toml", text: '[check.internet]\ntimeout = "800ms"\n' },
    ],
    "policy.d",
  );
  const [eth, lte] = policy.uplinks;
  t.strictSame(
    eth?.check?.targets.map((target) => target.text),
    ["icmp://192.0.2.1"],
  );
  t.equal(eth?.check?.timeoutMs, 800);
  t.strictSame(lte?.check?.every, { idleMs: 600_000, suspectMs: 1_000, downMs: 60_000 });
  t.strictSame(policy.files, ["10-base.toml", "50-site.toml", "90-last.toml"]);
});

t.test("a drop-in names another interface or modem: match is one thing", async (t) => {
  const site = '[uplink.eth]\nmatch = { name = "lan0" }\n[uplink.lte]\nmatch = { imei = "867698040012345" }\n';
  const policy = policyFrom(
    [
      { file: "10-base.toml", text: ethernetFirst },
      { file: "50-site.toml", text: site },
    ],
    "policy.d",
  );
  t.strictSame(
    policy.uplinks.map(({ match }) => match),
    [
      { by: "name", patterns: ["lan0"] },
      { by: "imei", imei: "867698040012345" },
    ],
  );
});

t.test("a mistake in a drop-in is charged to the drop-in", async (t) => {
  const load = () =>
    policyFrom(
      [
        { file: "10-base.toml", text: ethernetFirst },
        { file: "50-site.toml", text: '# ours\n[uplink.eth]\ncheck = "internt"\n' },
      ],
      "policy.d",
    );
  t.throws(
    load,
    new Error(
      '50-site.toml:3:1: uplink.eth.check: expected the name of a check; did you mean "internet"?, found "internt"',
    ),
  );
});

t.test("the generation follows the meaning, not the wording", async (t) => {
  const base = policyOf(ethernetFirst).generation;
  t.equal(policyOf(`# a comment\n${ethernetFirst}`).generation, base);
  t.equal(policyOf(`${ethernetFirst}\n[slo]\nblackhole = "5000ms"\n`).generation, base, "the default, written out");
  t.not(policyOf(`${ethernetFirst}\n[slo]\nblackhole = "4500ms"\n`).generation, base);
});

t.test(
  "a switch can be charged to file and line of its group's tiers, which change nothing of what is meant",
  async (t) => {
    const site = { file: "50-site.toml", text: '\n\n[group.default]\ntiers = [["eth"], ["lte"]]\n' };
    const base = policyFrom([{ file: "10-base.toml", text: ethernetFirst }], "policy.d");
    const both = policyFrom([{ file: "10-base.toml", text: ethernetFirst }, site], "policy.d");
    t.equal(both.places.get("group.default.tiers"), "50-site.toml:4");
    t.match(base.places.get("group.default.tiers"), /^10-base\.toml:\d+$/);
    t.equal(both.generation, base.generation);
  },
);

t.test("a check extends a check that extends a check", async (t) => {
  const policy = policyOf(`
version = 1
[uplink.lte]
match = { imei = "867698040012345" }
check = "c"
[check.a]
targets = ["icmp://1.1.1.1", "icmp://9.9.9.9"]
pass = 2
every = { idle = "2s", down = "20s" }
[check.b]
extends = "a"
every = { idle = "3s" }
[check.c]
extends = "b"
timeout = "2s"
[group]
default = { tiers = [["lte"]] }
`);
  t.match(policy.uplinks[0]?.check, {
    name: "c",
    pass: 2,
    timeoutMs: 2_000,
    every: { idleMs: 3_000, suspectMs: 1_000, downMs: 20_000 },
  });
});

t.test("addresses become canonical at the edge", async (t) => {
  const policy = policyOf(`
version = 1
[uplink.eth]
match = { name = "eth0" }
address = "static"
ipv4 = { address = "192.0.2.7/24", gateway = "192.0.2.1" }
ipv6 = { address = "2001:DB8:0:0:0:0:0:7/64", gateway = "FE80::1" }
dns = ["2620:FE:0::FE"]
check = "internet"
[check.internet]
targets = ["icmp://[2620:00fe::00fe]", "tcp://192.0.2.9:443"]
[group]
default = { tiers = [["eth"]] }
`);
  t.strictSame(policy.uplinks[0]?.address, {
    method: "static",
    ipv4: { address: "192.0.2.7", prefixLength: 24, gateway: "192.0.2.1" },
    ipv6: { address: "2001:db8::7", prefixLength: 64, gateway: "fe80::1" },
  });
  t.strictSame(policy.uplinks[0]?.dns, ["2620:fe::fe"]);
  t.match(policy.uplinks[0]?.check?.targets, [
    { kind: "icmp", families: [6], host: "2620:fe::fe" },
    { kind: "tcp", families: [4], host: "192.0.2.9", port: 443 },
  ]);
});

t.test("every kind of target, with what nobody wrote", async (t) => {
  const targets = `[
    { url = "icmp://192.0.2.1", size = 1400 },
    "dns://link", "dns://9.9.9.9/example.org.", "tls://GW.example", "http://check.example/generate_204?a=b",
    { url = "http://check.example/success.txt", body = "success" },
    { url = "https://gw.example:8443", status = 403, verify = false, ca = "/etc/ssl/own.pem" },
    { command = ["/usr/local/bin/vpn-alive", "--quick"], cost = "2kB" },
  ]`;
  const policy = policyOf(ethernetFirst.replace('["icmp://1.1.1.1", "icmp://9.9.9.9"]', targets));
  const both = { families: [4, 6] };
  t.strictSame(
    policy.uplinks[0]?.check?.targets.map(({ text: _, ...target }) => target),
    [
      { kind: "icmp", host: "192.0.2.1", packetBytes: 1_400, families: [4] },
      { kind: "dns", server: "link", port: 53, name: "example.com", ...both },
      { kind: "dns", server: "9.9.9.9", port: 53, name: "example.org.", families: [4] },
      { kind: "tls", host: "gw.example", port: 443, verify: true, ...both },
      { kind: "http", host: "check.example", port: 80, path: "/generate_204?a=b", status: 204, verify: true, ...both },
      {
        kind: "http",
        host: "check.example",
        port: 80,
        path: "/success.txt",
        status: undefined,
        body: "success",
        verify: true,
        ...both,
      },
      {
        kind: "https",
        host: "gw.example",
        port: 8_443,
        path: "/",
        status: 403,
        verify: false,
        caFile: "/etc/ssl/own.pem",
        ...both,
      },
      { kind: "command", command: ["/usr/local/bin/vpn-alive", "--quick"], costBytes: 2_000, ...both },
    ],
  );
});

t.test("a reload of a bad file keeps the last good policy and says why", async (t) => {
  const folder = t.testdir({ "10-base.toml": ethernetFirst, "notes.txt": "not read" });
  const good = loadPolicy([folder]);
  writeFileSync(join(folder, "50-site.toml"), "[uplink.eth]\nmetered = 1\n");
  const bad = reloadPolicy([folder], good);
  t.equal(bad.policy, good, "still the one in force");
  t.match(bad.error, {
    file: join(folder, "50-site.toml"),
    line: 2,
    key: "uplink.eth.metered",
    expected: "true or false",
  });
  writeFileSync(join(folder, "50-site.toml"), "[uplink.eth]\nmetered = true\n");
  const mended = reloadPolicy([folder], good);
  t.equal(mended.error, undefined);
  t.equal(mended.policy.uplinks[0]?.metered, true);
});

t.test("no policy at all leaves routes and names alone", async (t) => {
  const folder = t.testdir({});
  t.match(loadPolicy([folder]), { uplinks: [], group: { tiers: [] } });
  rmSync(folder, { recursive: true });
  t.match(loadPolicy([folder]), { uplinks: [] }, "the folder need not be there");
  mkdirSync(folder);
});

t.test("the JSON Schemas in policy/ are current", async (t) => {
  for (const [name, text] of Object.entries(jsonSchemaFiles()))
    t.strictSame(
      JSON.parse(readFileSync(join(shipped, name), "utf8")),
      JSON.parse(text),
      `${name}: node --import=tsx src/config/write-json-schema.ts writes it`,
    );
});
