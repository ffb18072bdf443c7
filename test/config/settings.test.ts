/** `policy show`: what is printed is taken back, and means the same. */
import fc from "fast-check";
import t from "tap";
import { jsonSchemaFiles } from "../../src/config/json-schema.js";
import { policyWithSource } from "../../src/config/policy.js";
import { effectiveSettings, writtenSettings } from "../../src/config/settings.js";
import { originText, policyText } from "../../src/config/write-policy.js";
import { ethernetFirst, policyOf } from "./policies.js";

const loaded = (...texts: readonly string[]) =>
  policyWithSource(
    texts.map((text, index) => ({ file: `/etc/wwand/policy.d/${index}.toml`, text })),
    "policy.d",
  );

t.test("every value says who wrote it, where it was inherited from, or that it is a default", async (t) => {
  const site = '[check.internet]\ntimeout = "800ms"\n[check.frugal]\nevery = { idle = "10m" }\n';
  const origins = Object.fromEntries(
    effectiveSettings(loaded(ethernetFirst, site)).map((setting) => [
      `${setting.path.join(".")} = ${JSON.stringify(setting.value)}`,
      originText(setting),
    ]),
  );
  t.match(origins, {
    'uplink.eth.match.name = "eth0"': "0.toml:4",
    'uplink.lte.standby = "hot"': "default",
    'uplink.lte.roaming = "any"': "default",
    "uplink.lte.cost = 0": "default",
    "uplink.lte.metered = true": "default",
    'check.internet.timeout = "800ms"': "1.toml:2",
    'check.frugal.timeout = "800ms"': "inherited from check internet (1.toml:2)",
    'check.frugal.every.idle = "10m"': "1.toml:4",
    'check.frugal.every.down = "1m"': "default",
    'check.frugal.targets = ["icmp://1.1.1.1","icmp://9.9.9.9"]': "inherited from check internet (0.toml:10)",
    'slo.blackhole = "5s"': "default, written out it would hold for metered and unchecked uplinks too",
    'failback.spanning = "30s"': "default, for eth",
    'failback.spanning = "2m"': "default, for lte",
  });
});

t.test("a check that two uplinks run at different paces has both said, neither as a value of the file", async (t) => {
  const text = policyText(effectiveSettings(loaded(ethernetFirst.replace('check = "frugal"', 'check = "internet"'))));
  t.match(text, /^# every\.idle += "1s" +# default, for eth$/m);
  t.match(text, /^# every\.idle += "5m" +# default, for lte$/m);
});

/** Policies as people might write them. */
const duration = fc.constantFrom("250ms", "1s", "1.25s", "9s", "1m");
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const check = fc.record({
  targets: optional(
    fc.uniqueArray(fc.constantFrom("icmp://1.1.1.1", "icmp://[2620:fe::fe]", "tcp://192.0.2.1:443"), { minLength: 1 }),
  ),
  timeout: optional(duration),
  every: optional(fc.record({ idle: optional(duration), suspect: optional(duration) })),
  degraded: optional(
    fc.record({ over: optional(fc.constantFrom("10s", "30s")), loss: fc.constant({ enter: "15%", leave: "5%" }) }),
  ),
  verdict: optional(fc.record({ down: optional(fc.integer({ min: 1, max: 9 })) })),
});
const uplink = fc.record({
  metered: optional(fc.boolean()),
  standby: optional(fc.constantFrom("hot", "warm", "cold")),
  roaming: optional(fc.constantFrom("any", "home", ["26201", "310410"])),
  cost: optional(fc.constantFrom(0, 2, 0.5)),
  cap: optional(fc.record({ hard: fc.constant("5GB"), every: optional(fc.constantFrom("month", "week", "day")) })),
  check: optional(fc.constantFrom("first", "second", "third")),
  dns: optional(fc.constantFrom(["9.9.9.9"], ["2620:fe::fe", "9.9.9.9"])),
});

const failback = fc.record({
  spanning: optional(duration),
  mode: optional(fc.constantFrom("steady", "quiet", "manual", "never")),
  flaps: optional(fc.record({ max: optional(fc.integer({ min: 1, max: 9 })), hold: optional(duration) })),
});

/** As TOML; JSON of scalars and lists is TOML. */
const tableText = (header: string, table: object): string =>
  [`[${header}]`, ...pairs(table).map(([key, value]) => `${key} = ${JSON.stringify(value)}`)].join("\n");
const pairs = (table: object, above = ""): readonly (readonly [string, unknown])[] =>
  Object.entries(table).flatMap(([key, value]) => {
    if (value === undefined) return [];
    if (typeof value === "object" && !Array.isArray(value)) return pairs(value, `${above}${key}.`);
    return [[`${above}${key}`, value] as const];
  });

const policyFile = fc
  .record({ first: check, second: check, third: check, eth: uplink, lte: uplink, back: failback })
  .map(({ first, second, third, eth, lte, back }) =>
    [
      // A promise that everything keeps: the paces are anything.
      'version = 1\n[slo]\nblackhole = "1d"',
      tableText("failback", back),
      tableText("uplink.eth", { "match.name": ["eth0", 'x"#'], ...eth, check: eth.check ?? "first" }),
      tableText("uplink.lte", { "match.modem": "any", ...lte }),
      tableText("check.first", { ...first, targets: first.targets ?? ["icmp://9.9.9.9"] }),
      tableText("check.second", { extends: "first", ...second }),
      tableText("check.third", { extends: "second", ...third }),
      tableText("group.default", { tiers: [["eth"], ["lte"]] }),
    ].join("\n"),
  );

t.test("what is shown, written or effective, is taken back as the same policy", async (t) => {
  fc.assert(
    fc.property(policyFile, (file) => {
      const original = loaded(file);
      for (const settings of [writtenSettings(original.merged), effectiveSettings(original)])
        if (policyOf(policyText(settings)).generation !== original.policy.generation) return false;
      return true;
    }),
  );
  t.pass("held");
});

/** Keys that are absent when nobody writes them: there is no default to show. */
const withoutDefault = [
  ...["version", "uplink.x.match", "uplink.x.ipv4", "uplink.x.ipv6", "uplink.x.dns", "uplink.x.check"],
  ...["check.x.extends", "check.x.targets", "check.x.budget", "group.x.tiers", "group.x.ignore"],
  ...["check.x.degraded", "class.x.order", "class.x.any", "class.x.group"],
  ...["confirm", "uplink.x.cap"],
  // Said only where they are written, or beside it.
  ...["failback.window", "failback.zone", "failback.quiet"],
];

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
}

function keysOf({ properties, additionalProperties }: SchemaNode, above: string): readonly string[] {
  if (withoutDefault.includes(above)) return [above];
  const prefix = above === "" ? "" : `${above}.`;
  if (properties) return Object.entries(properties).flatMap(([key, inner]) => keysOf(inner, prefix + key));
  return typeof additionalProperties === "object" ? keysOf(additionalProperties, `${prefix}x`) : [above];
}

t.test("a cap is shown with the days it goes by", async (t) => {
  const capped = loaded(`${ethernetFirst}[uplink.lte.cap]\nhard = "5GB"\n`);
  const lines = effectiveSettings(capped).map(({ path, value }) => `${path.join(".")} = ${JSON.stringify(value)}`);
  t.strictSame(
    lines.filter((line) => line.includes("cap.")),
    [
      'uplink.lte.cap.hard = "5GB"',
      'uplink.lte.cap.every = "month"',
      "uplink.lte.cap.on-day = 1",
      'uplink.lte.cap.zone = "UTC"',
      'uplink.lte.cap.counts = "rx+tx"',
    ],
  );
});

t.test("every key of the language is shown with its default, or has none", async (t) => {
  const schema: SchemaNode = JSON.parse(jsonSchemaFiles()["policy.schema.json"] ?? "{}");
  const bare =
    'version = 1\n[uplink.x]\nmatch.name = "eth0"\ncheck = "x"\n[check.x]\ntargets = ["icmp://1.1.1.1"]\n[group.default]\ntiers = [["x"]]\n';
  const shown = effectiveSettings(loaded(bare)).map(({ path }) => path.join(".").replace(/^group\.default/, "group.x"));
  const missing = keysOf(schema, "").filter((key) => !shown.includes(key) && !withoutDefault.includes(key));
  t.strictSame(missing, [], "each needs a row in src/config/settings.ts, or a place in withoutDefault here");
});
