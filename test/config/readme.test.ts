/** What people read and copy: every example of policy/README.md and README.md is taken by the loaders, every key is there. */
import { readFileSync } from "node:fs";
import t from "tap";
import { daemonConfigFrom } from "../../src/config/daemon.js";
import { loadPolicy } from "../../src/config/policy.js";
import { policyOf } from "./policies.js";

const root = new URL("../../", import.meta.url).pathname;
const readme = readFileSync(`${root}policy/README.md`, "utf8");

interface Entry {
  readonly section: string;
  /** As the file has it, without the quotes. */
  readonly key: string;
  readonly meaning: string;
}

/** `- \`key\` \`nested\`, \`other\` (type; default): meaning`, over as many lines as it takes. */
const entry = /^- `([^`]+)`(?: `([^`]+)`)?(?:, `[^`]+`)*(?: \((?:[^()`]|`[^`]*`|\([^)]*\))*\))?:?([\s\S]*)$/;

function entriesOf(text: string): readonly Entry[] {
  const entries: Entry[] = [];
  let section = "";
  for (const block of text.split(/\n(?=- |#)|\n\n/)) {
    section = block.match(/^#+ `?\[*([^\n`\]]*)/)?.[1] ?? section;
    const [, key, nested = "", meaning] = block.match(entry) ?? [];
    if (key !== undefined)
      entries.push({ section, key: key + nested, meaning: (meaning ?? "").replaceAll(/\s+/g, " ") });
  }
  return entries;
}

/** Examples of a value stand at the end of a sentence; words that the text is about stand within one. */
const examplesIn = (meaning: string): readonly string[] =>
  [...meaning.matchAll(/(?:^|[.:,]) `(?!\[\[\w)((?:["[{]|[\w-]+ = |\d)[^`]*)`(?!:)|(?<=[.:] )`(\{[^`]*)`/g)].map(
    ([, one, table]) => one ?? table ?? "",
  );

/** What else has to be there for an example to make sense. */
const beside: Readonly<Record<string, string>> = {
  "failback.window": 'failback.mode = "window"',
  "failback.zone": 'failback.mode = "window"\nfailback.window = "02:00-04:00"',
  "uplink.eth.cap.zone": 'uplink.eth.cap.hard = "5GB"',
  "uplink.eth.ipv4": 'uplink.eth.address = "static"',
  "check.net.budget": 'slo.blackhole = "10m"',
};

const places: Readonly<Record<string, string>> = {
  "Top level": "",
  "uplink.NAME": "uplink.eth.",
  "check.NAME": "check.net.",
  "group.NAME": "group.default.",
};

const whole = (path: string, value: string): string =>
  [
    "version = 1",
    path.startsWith("uplink.eth.match") ? "" : 'uplink.eth.match.name = "eth0"',
    'uplink.eth.check = "net"\nuplink.lte.match.modem = "any"',
    path === "check.net.targets" ? "" : 'check.net.targets = ["icmp://192.0.2.1"]',
    path === "group.default.tiers" ? "" : 'group.default.tiers = [["eth"], ["lte"]]',
    beside[path] ?? "",
    `${path} = ${value}`,
  ].join("\n");

t.test("every example of a key of a policy is a policy's", async (t) => {
  const taken = entriesOf(readme).flatMap(({ section, key, meaning }) => {
    const place = places[section];
    if (place === undefined) return [];
    return examplesIn(meaning).map((example) => {
      const [, named, value = example] = /^([\w-]+) = (.*)$/.exec(example) ?? [];
      const path = named === undefined ? key : key.replace(new RegExp(`(\\b${named}\\b).*`), "$1");
      t.doesNotThrow(() => policyOf(whole(`${place}${path}`, value)), `${section}: ${key}: ${value}`);
      return key;
    });
  });
  for (const key of [
    "confirm.reach",
    "match.name",
    "ipv4",
    "dns",
    "roaming",
    "cap.soft",
    "budget",
    "degraded.loss",
    "drain",
  ])
    t.ok(taken.includes(key), `${key} has an example`);
});

t.test("every example of a class", async (t) => {
  const selectors = entriesOf(readme).filter(({ section, key }) => section === "class.NAME" && key.startsWith("any"));
  const examples = selectors.flatMap(({ key, meaning }) =>
    examplesIn(meaning).map((value) => (key === "any" ? value : `[{ ${key.replace(/^any/, "")} = ${value} }]`)),
  );
  t.ok(examples.length >= 6);
  for (const any of examples)
    t.doesNotThrow(() => policyOf(`${whole("class.x.any", any)}\nclass.x.order = 1\nclass.x.group = "default"`), any);
});

t.test("every target", async (t) => {
  const spans = [...readme.matchAll(/`((?:"\w+:\/\/|\{ url = "\w+:\/\/|\{ command = )[^`]*)`/g)].map(
    ([, one = ""]) => one,
  );
  const examples = spans.filter((one) => !/[A-Z]{3}|\.\.\./.test(one));
  t.ok(examples.length >= 8);
  for (const target of examples) t.doesNotThrow(() => policyOf(whole("check.net.targets", `[${target}]`)), target);
});

t.test("every wwand.toml that a README shows", async (t) => {
  for (const file of ["README.md", "policy/README.md"]) {
    const text = readFileSync(`${root}${file}`, "utf8");
    const shown = [...text.matchAll(/```toml\n([\s\S]*?)```/g), ...text.matchAll(/<<'END'\n([\s\S]*?)\nEND\n/g)];
    t.ok(shown.length > 0, file);
    for (const [, toml = ""] of shown) t.doesNotThrow(() => daemonConfigFrom(file, toml), toml);
  }
});

t.test("every policy that is shipped", async (t) => {
  for (const name of ["management", "prepaid-backup", "two-modems"])
    t.doesNotThrow(() => loadPolicy([`${root}policy/examples/${name}.toml`]), name);
});

/** The names of all keys below a JSON Schema. */
function keysOf(schema: unknown): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([name, inner]) =>
    name === "properties" ? [...Object.keys(inner), ...Object.values(inner).flatMap(keysOf)] : keysOf(inner),
  );
}

for (const name of ["policy", "wwand"])
  t.test(`every key of ${name}.schema.json is described`, async (t) => {
    const schema = JSON.parse(readFileSync(`${root}policy/${name}.schema.json`, "utf8"));
    const prose = readme.replaceAll(/```[\s\S]*?```/g, "");
    const words = new Set([...prose.matchAll(/`([^`\n]+)`/g)].flatMap(([, span = ""]) => span.split(/[^\w-]+/)));
    for (const key of new Set(keysOf(schema))) t.ok(words.has(key), key);
  });
