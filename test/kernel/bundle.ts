import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { tree } from "./machine.js";

/** From where the guest runs it: two folders below the tree as test/lab is, so that paths relative to a module stay right. */
const place = join(tree, ".cache/kernel/program.mjs");

/** Puts a program into `folder` as one file: under TCG Node starts slowly, and each module to look for counts. */
export async function bundleProgram(entry: string, folder: string): Promise<void> {
  const { outputFiles } = await build({
    absWorkingDir: tree,
    entryPoints: [entry],
    outfile: place,
    write: false,
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
  for (const { path, contents } of outputFiles) await writeFile(join(folder, basename(path)), contents);
}
