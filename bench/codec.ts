/** How fast are messages read and written, and what does each cost in memory, beside libqmi and libmbim in the same run? */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { type Job, jobs } from "./codec/messages.js";
import { type Compared, codecTable } from "./codec/report.js";
import { figures } from "./figures.js";
import { machineText, thisMachine } from "./machine.js";

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly json: boolean;
}

/** What both programs print. */
interface Measured {
  readonly perSecond: number;
  readonly bytes: number;
}

const root = new URL("..", import.meta.url).pathname;
const headers = join(root, ".cache/headers/root/usr");

/** Debian's folder of this architecture: `x86_64-linux-gnu`. */
const archFolder = (): string => join(headers, "lib", readdirSync(join(headers, "lib"))[0] ?? "");

/** Compiles peer.c over the headers of packaging/peer-headers and the libraries that Debian's tools use. */
function buildPeer(): string {
  if (!existsSync(headers))
    throw new Error("the headers of libqmi and libmbim are missing: see packaging/peer-headers");
  const folder = archFolder();
  const folders = ["glib-2.0", "gio-unix-2.0", "libmbim-glib", "libqmi-glib", "libqrtr-glib"];
  const includes = [...folders.map((name) => join(headers, "include", name)), join(folder, "glib-2.0/include")];
  const libraries = ["qmi-glib", "mbim-glib", "gobject-2.0", "glib-2.0"].map(
    (name) => `-l:${readlinkSync(join(folder, `lib${name}.so`))}`,
  );
  const program = join(root, ".cache/bench/codec-peer");
  mkdirSync(join(root, ".cache/bench"), { recursive: true });
  const flags = ["-O2", "-o", program, join(root, "bench/codec/peer.c"), ...includes.map((path) => `-I${path}`)];
  execFileSync("gcc", [...flags, ...libraries]);
  return program;
}

/** Room for all that a look at the memory allocates, in MiB. */
const youngMiB = 256;

function measure(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Measured {
  const text = execFileSync(program, args, { encoding: "utf8", env: { ...process.env, ...env } });
  const { perSecond, bytes }: Measured = JSON.parse(text);
  return { perSecond, bytes };
}

/** Their rate is measured with GLib's own allocator for small things, which malloc does not see; their bytes without it. */
function theirs({ name, bytes }: Job, peer: string, seconds: number): Measured {
  const args = [name, bytes.toString("hex")];
  const counted = measure(peer, [...args, "0.02"], { G_SLICE: "always-malloc" });
  return { ...measure(peer, [...args, String(seconds)]), bytes: counted.bytes };
}

function ours({ name }: Job, seconds: number): Measured {
  const flags = [
    "--import=tsx",
    "--expose-gc",
    `--max-semi-space-size=${youngMiB}`,
    `--min-semi-space-size=${youngMiB}`,
  ];
  return measure(process.execPath, [...flags, join(root, "bench/codec/work-process.ts"), name, String(seconds)]);
}

export async function codec({ rounds, seconds, json }: Options): Promise<void> {
  const peer = buildPeer();
  const measured = jobs.map((job) => ({ job, ours: [] as Measured[], theirs: [] as Measured[] }));
  for (let round = 1; round <= rounds; round++)
    for (const one of measured) {
      one.ours.push(ours(one.job, seconds));
      one.theirs.push(theirs(one.job, peer, seconds));
    }
  const compared = measured.map(({ job, ours: mine, theirs: peers }): Compared => {
    const median = (all: readonly Measured[], of: keyof Measured) => figures(all.map((one) => one[of])).median;
    const both = (of: keyof Measured) => ({ ours: median(mine, of), theirs: median(peers, of) });
    const { what, library, bytes } = job;
    return { what, library, messageBytes: bytes.length, perSecond: both("perSecond"), allocated: both("bytes") };
  });
  const machine = thisMachine();
  if (json) console.log(JSON.stringify({ machine, rounds, seconds, compared }, undefined, 2));
  else console.log(`${machineText(machine)}\n\n${codecTable(compared)}`);
}
