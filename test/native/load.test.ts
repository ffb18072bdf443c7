import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import t from "tap";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A folder with a bundled program in `dist/` that opens a pty by the addon; the addon itself is not there yet. */
function bundled(format: "esm" | "cjs"): {
  folder: string;
  run(): { status: number | null; stdout: string; stderr: string };
} {
  const folder = mkdtempSync(join(tmpdir(), "wwand-bundle-"));
  const program = join(folder, format === "esm" ? "dist/program.mjs" : "dist/program.cjs");
  buildSync({
    stdin: {
      contents: `import { openPty } from "./src/native/index.js"; console.log(openPty().path);`,
      resolveDir: root,
      loader: "ts",
    },
    bundle: true,
    platform: "node",
    format,
    outfile: program,
    logLevel: "silent",
  });
  return { folder, run: () => spawnSync(process.execPath, [program], { encoding: "utf8" }) };
}

for (const format of ["esm", "cjs"] as const) {
  t.test(
    `a ${format} bundle finds the addon in a folder above it, and says how to get one when it is not there`,
    async (t) => {
      const { folder, run } = bundled(format);
      t.teardown(() => rmSync(folder, { recursive: true }));
      const without = run();
      t.equal(without.status, 1);
      t.match(without.stderr, /build\/Release\/wwand\.node is not in .*: run packaging\/setup/);
      mkdirSync(join(folder, "build/Release"), { recursive: true });
      writeFileSync(join(folder, "build/Release/wwand.node"), "not a shared object");
      t.match(run().stderr, /does not load into Node v.*: run packaging\/setup/);
      copyFileSync(join(root, "build/Release/wwand.node"), join(folder, "build/Release/wwand.node"));
      t.match(run().stdout, /^\/dev\/pts\/\d+/);
    },
  );
}

t.test("building again builds nothing and says so in one line", async (t) => {
  const build = () => execFileSync(join(root, "packaging/build-addon"), { encoding: "utf8" });
  // The first one builds where the tests run on another Node than the addon was built for.
  build();
  t.match(build(), /^build-addon: build\/Release\/wwand\.node is up to date for Node v[^\n]*\n$/);
});
