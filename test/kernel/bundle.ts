/** The scenarios as one file: under TCG Node starts several times slower, and each module that it has to look for counts. */
import { join } from "node:path";
import { build } from "esbuild";
import { tree } from "./machine.js";

/** Two folders below the tree, as test/lab is: paths relative to a module stay what they were. */
const outfile = join(tree, ".cache/kernel/scenarios.mjs");

/** Quick enough (0.2 s) to be done for every run. */
export async function bundleScenarios(): Promise<void> {
  await build({
    absWorkingDir: tree,
    entryPoints: ["test/kernel/guest/main.ts"],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: true,
    legalComments: "none",
    logLevel: "warning",
    // dbus-next asks for both only where a bus address needs them.
    external: ["usocket", "x11"],
    // CommonJS packages inside an ES module bundle still ask for require.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
}
