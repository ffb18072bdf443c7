/** Drop-ins over several folders: which files are read, in which order, and what their merge is. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import fc from "fast-check";
import t from "tap";
import { ConfigError } from "../../src/config/error.js";
import { mergeDocuments } from "../../src/config/merge.js";
import { loadPolicy } from "../../src/config/policy.js";
import { policyTexts } from "../../src/config/policy-files.js";
import { ethernetFirst } from "./policies.js";

interface TestFolder {
  testdir(content: Readonly<Record<string, Readonly<Record<string, string>>>>): string;
}

/** Folders as an image, its administrator and this boot have them. */
function machine(
  t: TestFolder,
  folders: Readonly<Record<string, Readonly<Record<string, string>>>>,
): readonly string[] {
  const root = t.testdir(folders);
  return Object.keys(folders).map((name) => join(root, name));
}

t.test("the administrator's file replaces the image's of the same name, this boot's replaces both", async (t) => {
  const [usr = "", etc = "", run = ""] = machine(t, {
    usr: { "10-base.toml": ethernetFirst, "50-failback.toml": '[failback]\nspanning = "10s"\n' },
    etc: { "50-failback.toml": '[failback]\nspanning = "20s"\nstay = "7s"\n', "README.md": "not read" },
    run: { "50-failback.toml": '[failback]\nspanning = "40s"\n' },
  });
  const steadyOf = (...folders: readonly string[]) => loadPolicy(folders).uplinks[0]?.steadyMs;
  t.equal(steadyOf(usr), 10_000);
  t.equal(steadyOf(usr, etc), 20_000);
  t.equal(steadyOf(usr, etc, run), 40_000);
  t.equal(loadPolicy([usr, etc, run]).failback.stayMs, 0, "nothing of the replaced file is left");
  t.strictSame(loadPolicy([usr, etc, run]).files, [join(usr, "10-base.toml"), join(run, "50-failback.toml")]);
});

t.test("files are read by name, not by folder: an early name in a late folder does not win", async (t) => {
  const folders = machine(t, {
    etc: { "90-site.toml": '[failback]\nspanning = "20s"\n' },
    run: { "10-base.toml": ethernetFirst, "20-boot.toml": '[failback]\nspanning = "40s"\n' },
  });
  t.equal(loadPolicy(folders).uplinks[0]?.steadyMs, 20_000);
});

t.test("an empty file and a link to /dev/null take a name out of the policy", async (t) => {
  const image = { "10-base.toml": ethernetFirst, "20-a.toml": "[slo", "30-b.toml": "[slo" };
  const [usr = "", etc = ""] = machine(t, { usr: image, etc: { "20-a.toml": "" } });
  symlinkSync("/dev/null", join(etc, "30-b.toml"));
  t.strictSame(loadPolicy([usr, etc]).files, [join(usr, "10-base.toml")]);
});

t.test("a folder that is not there has no files; one that is no folder is taken as a file", async (t) => {
  const [etc = ""] = machine(t, { etc: { "10-base.toml": ethernetFirst, "new.toml": '[failback]\nstay = "3s"\n' } });
  const gone = join(etc, "nowhere");
  t.equal(policyTexts([gone]).length, 0);
  t.equal(loadPolicy([gone, join(etc, "10-base.toml"), join(etc, "new.toml")]).failback.stayMs, 3_000);
});

t.test("a file that cannot be read is a mistake with its name, never passed over", async (t) => {
  const [etc = ""] = machine(t, { etc: { "10-base.toml": ethernetFirst } });
  symlinkSync("/nonexistent/site.toml", join(etc, "50-site.toml"));
  t.throws(() => policyTexts([etc]), { name: ConfigError.name, file: join(etc, "50-site.toml") });
});

const fileName = fc.constantFrom("10-a.toml", "10-A.toml", "20-b.toml", "9.toml", "z.toml", ".hidden.toml", "b.txt");
const folderContent = fc.dictionary(fileName, fc.constantFrom("", "version = 1\n", "[slo]\n", "# x\n"));

t.test(
  "whatever the folders hold: one file for each name, of the last folder that has it, in name order",
  async (t) => {
    let run = 0;
    const root = t.testdir({});
    fc.assert(
      fc.property(fc.array(folderContent, { maxLength: 4 }), (folders) => {
        const base = join(root, String(run++));
        const paths = folders.map((_, index) => join(base, String(index)));
        folders.forEach((files, index) => {
          mkdirSync(paths[index] ?? "", { recursive: true });
          for (const [name, text] of Object.entries(files)) writeFileSync(join(paths[index] ?? "", name), text);
        });
        const read = policyTexts(paths);
        const names = read.map(({ file }) => basename(file));
        if (names.some((name, at) => at > 0 && name <= (names[at - 1] ?? ""))) return false;
        const candidates = new Set(folders.flatMap((files) => Object.keys(files)));
        return [...candidates].every((name) => {
          const last = folders.findLast((files) => Object.hasOwn(files, name))?.[name] ?? "";
          const isRead = name.endsWith(".toml") && !name.startsWith(".") && last !== "";
          return isRead ? read.find(({ file }) => basename(file) === name)?.text === last : !names.includes(name);
        });
      }),
      { numRuns: 60 },
    );
  },
);

const word = fc.constantFrom("a", "b", "c", "__proto__");
const { table } = fc.letrec<{ table: Readonly<Record<string, unknown>>; value: unknown }>((tie) => ({
  table: fc.dictionary(word, tie("value"), { maxKeys: 3 }),
  value: fc.oneof(
    { depthSize: "small" },
    fc.integer(),
    fc.array(fc.integer(), { maxLength: 2 }),
    fc.boolean(),
    tie("table"),
  ),
}));
const documentOf = (value: Readonly<Record<string, unknown>>, index: number) => ({
  file: `${index}.toml`,
  value,
  place: () => undefined,
});
const merged = (tables: readonly Readonly<Record<string, unknown>>[]) => mergeDocuments(tables.map(documentOf)).value;

const isTableLike = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Every value that is no table, with its path. */
const leavesOf = (value: unknown, path: readonly string[] = []): readonly (readonly [readonly string[], unknown])[] =>
  isTableLike(value)
    ? Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]))
    : [[path, value]];

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (isTableLike(inner) ? Object.getOwnPropertyDescriptor(inner, key)?.value : undefined),
    value,
  );

t.test(
  "the merge: every value is that of the last file that has its key, and a file twice is a file once",
  async (t) => {
    fc.assert(
      fc.property(fc.array(table, { maxLength: 4 }), (tables) => {
        const whole = merged(tables);
        const isLastWord = ([path, value]: readonly [readonly string[], unknown]) =>
          JSON.stringify(tables.map((one) => at(one, path)).findLast((found) => found !== undefined)) ===
          JSON.stringify(value);
        return (
          leavesOf(whole).every(isLastWord) &&
          JSON.stringify(merged([...tables, ...tables.slice(-1)])) === JSON.stringify(whole)
        );
      }),
    );
    t.pass("held");
  },
);
