// Bundles the three programs, the demo and the reader of the provider database into dist/, each as one file beside the native addon in build/.
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const entries = {
  wwand: "src/main.ts",
  wwanctl: "src/cli/bin.ts",
  "wwand-virtual": "src/virtual/bin.ts",
  "wwand-demo": "src/demo/main.ts",
  // Started by wwand from beside itself: src/provisioning/database.ts names it.
  "database-reader": "src/provisioning/database-reader.ts",
};

/** Copied as they are: programs that wwand's own helpers run. */
const scripts = { "udhcpc-report.sh": "src/dhcp/report.sh" };

const root = join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "..");
const stampFile = join(root, "dist/.sources");

/** A hash over everything that goes into a bundle, so that a second run has nothing to do. */
function sourcesHash() {
  const hash = createHash("sha256");
  const files = ["src", "dbus-interfaces"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name)),
  );
  for (const file of [...files.sort(), join(root, "package-lock.json"), join(root, "packaging/build.mjs")])
    hash.update(file).update(readFileSync(file));
  return hash.digest("hex");
}

const hash = sourcesHash();
const built = [...Object.keys(entries).map((name) => `${name}.js`), ...Object.keys(scripts)];
const isBuilt = built.every((name) => existsSync(join(root, "dist", name)));
if (isBuilt && existsSync(stampFile) && readFileSync(stampFile, "utf8") === hash) process.exit(0);
console.log(`setup: bundling ${Object.keys(entries).join(", ")} into dist/`);
await build({
  absWorkingDir: root,
  entryPoints: entries,
  outdir: "dist",
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  sourcemap: true,
  legalComments: "none",
  logLevel: "warning",
  // netlink's own binding is never loaded (src/native stands in for it), usocket only for abstract bus addresses.
  external: ["usocket"],
  // CommonJS packages inside an ES module bundle still ask for require.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
});
for (const [name, source] of Object.entries(scripts)) copyFileSync(join(root, source), join(root, "dist", name));
writeFileSync(stampFile, hash);
