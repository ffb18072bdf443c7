/**
 * Jazzer.js ships its addon built against glibc 2.38 and libstdc++ of GCC 13; Debian 12 has 2.36 and GCC 12. Of the newer
 * versions it uses three functions that exist there under other names. On such a system the versions are marked as
 * optional in the addon (VER_FLG_WEAK, see "Symbol Versioning" of the Linux Standard Base) and the functions preloaded.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const tooNew = ["GLIBC_2.38", "GLIBCXX_3.4.32"] as const;
const weak = 2;

const standIns = `
  #include <stdlib.h>
  long __isoc23_strtol(const char *text, char **end, int base) { return strtol(text, end, base); }
  unsigned long __isoc23_strtoul(const char *text, char **end, int base) { return strtoul(text, end, base); }
  extern void _ZNSt8ios_base4InitC1Ev(void *);
  void _ZSt21ios_base_library_initv(void) { static char init; _ZNSt8ios_base4InitC1Ev(&init); }
`;

/** @see System V ABI, "Hash Table" */
function elfHash(name: string): number {
  let hash = 0;
  for (const byte of Buffer.from(name)) {
    hash = ((hash << 4) + byte) >>> 0;
    const high = hash & 0xf0000000;
    hash = ((hash ^ (high >>> 24)) & ~high) >>> 0;
  }
  return hash;
}

/** Marks the entries of these versions, each a hash and flags (Elfxx_Vernaux). Those that are marked already stay so. */
function makeOptional(file: string): void {
  const bytes = readFileSync(file);
  for (const version of tooNew) {
    const entry = Buffer.alloc(6);
    entry.writeUInt32LE(elfHash(version));
    const at = bytes.indexOf(entry);
    if (at >= 0) bytes.writeUInt16LE(weak, at + 4);
  }
  writeFileSync(file, bytes);
}

function isOlderThan(major: number, minor: number): boolean {
  const { header }: { header?: { glibcVersionRuntime?: string } } = Object(process.report?.getReport());
  const [haveMajor = 0, haveMinor = 0] = (header?.glibcVersionRuntime ?? "").split(".").map(Number);
  return haveMajor < major || (haveMajor === major && haveMinor < minor);
}

/** What the environment of Jazzer.js needs on this system. */
export function addonEnvironment(cache: string): Readonly<Record<string, string>> {
  if (process.platform !== "linux" || !isOlderThan(2, 38)) return {};
  const require = createRequire(import.meta.url);
  const fuzzer = dirname(require.resolve("@jazzer.js/fuzzer/package.json"));
  makeOptional(join(fuzzer, `prebuilds/fuzzer-linux-${process.arch}.node`));
  const library = join(cache, "stand-ins.so");
  execFileSync("gcc", ["-shared", "-fPIC", "-x", "c", "-o", library, "-"], { input: standIns });
  return { LD_PRELOAD: library };
}
