/** The guest as a process of the host: QEMU without KVM, the host's root shared read-only, one folder for what comes out. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { arch } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout, which the guest sees at the same path. */
export const tree = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "");

export interface Request {
  /** Scenarios by name; none: all of them. */
  readonly names?: readonly string[];
  /** A shell for a person instead, with this modem plugged in; empty: without one. */
  readonly shell?: string;
  readonly keepLogs?: boolean;
  /** For scenarios that choose moments at random. */
  readonly seed?: number;
}

/** Says to the guest what it is to do: files in `folder`, which it sees as /out. */
export async function writeRequest(folder: string, asked: Request): Promise<void> {
  const { names = [], shell, keepLogs = false, seed = randomInt(1_000_000) } = asked;
  const request = join(folder, "request");
  await mkdir(request, { recursive: true });
  await writeFile(join(request, "tree"), tree);
  await writeFile(join(request, "path"), process.env.PATH ?? "");
  await writeFile(join(request, "names"), names.join("\n"));
  await writeFile(join(request, "seed"), String(seed));
  await mkdir(join(request, "taken"), { recursive: true });
  if (keepLogs) await writeFile(join(request, "keep-logs"), "");
  if (shell !== undefined) await writeFile(join(request, "shell"), shell);
}

const megabytes = 768;

/**
 * What protects a machine from its programs costs this one time for nothing. The clock stays a device: time from the
 * processor's counter would be cheaper still, but on a busy host the kernel takes its rate for another, four times too fast.
 * @see Documentation/admin-guide/kernel-parameters.txt
 */
const bareKernel = "mitigations=off nosmap nosmep init_on_alloc=0 hardened_usercopy=off apparmor=0 audit=0 norandmaps";

/**
 * `console`: the guest's serial line is QEMU's standard output, or a person's terminal. The kernel hands what it does not know
 * of its command line to process 1, as environment.
 * @see qemu-system-x86_64(1)
 */
export function qemuCommand(folder: string, console: "output" | "terminal", guest = 0): readonly string[] {
  if (arch() !== "x64") throw new Error(`the guest is built for amd64 machines, this one is ${arch()}`);
  const built = (name: string) => join(tree, ".cache/kernel", name);
  const share = (path: string, tag: string, more: string) =>
    ["-virtfs", `local,path=${path.replaceAll(",", ",,")},mount_tag=${tag},security_model=none${more}`] as const;
  return [
    "qemu-system-x86_64",
    // TCG everywhere: a /dev/kvm that is there does not work on every virtual machine, and a test must not depend on it.
    ...[
      "-accel",
      "tcg,thread=multi",
      "-cpu",
      "max",
      "-m",
      String(megabytes),
      "-smp",
      "2",
      "-no-reboot",
      "-net",
      "none",
    ],
    ...(console === "terminal" ? ["-nographic"] : ["-display", "none", "-monitor", "none", "-serial", "stdio"]),
    ...["-kernel", built("kernel"), "-initrd", built("initramfs.gz")],
    ...["-append", `console=ttyS0 quiet panic=1 GUEST=${guest} ${bareKernel}`],
    ...share("/", "host", ",readonly=on,multidevs=remap"),
    ...share(folder, "out", ""),
  ];
}

/** A guest whose console nobody types at. It dies with this process, however that ends. */
export class Machine {
  /** The console's lines so far. */
  readonly console: string[] = [];
  /** Resolves when it is off, with the reason if that was not in order. */
  readonly off: Promise<string | undefined>;
  readonly #child: ChildProcess;

  constructor(command: readonly string[], heard: () => void) {
    this.#child = spawn("setpriv", ["--pdeathsig", "KILL", ...command], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      let rest = "";
      stream?.setEncoding("utf8").on("data", (text: string) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        this.console.push(...lines.map((line) => line.replace(/\r$/, "")));
        heard();
      });
      stream?.on("end", () => void (rest && this.console.push(rest)));
    }
    this.off = this.#ended();
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async #ended(): Promise<string | undefined> {
    try {
      const [code, signal] = await once(this.#child, "close");
      if (code === 0) return undefined;
      return `QEMU ended with ${code ?? signal}`;
    } catch (error) {
      return `QEMU does not start: ${String(error)}`;
    }
  }
}
