/** The machine as a scenario has it: programs, what the kernel tells, daemons; all of it ends with the scenario. */
import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type PrivateBus, startPrivateBus } from "../../lab/dbus.js";
import { within } from "../../lab/eventually.js";
import { Program } from "../../lab/program.js";
import { root, World, type WorldOptions } from "../../lab/world.js";
import type { KernelLog } from "./kernel-log.js";
import { type PluggedModem, type PlugOptions, plugIn } from "./modem.js";
import { Uevents } from "./uevents.js";

/** What the machine is for: a test, or a measurement. */
export interface Owner {
  teardown(close: () => Promise<void>): void;
  passing(): boolean;
}

export interface Done {
  readonly code: number | null;
  /** Standard output and error as they came. */
  readonly out: string;
}

/** D-Bus policies of the daemons that lie unpacked in the guest's root, as their packages install them. */
const policyFolders = ["/etc/dbus-1/system.d", "/usr/share/dbus-1/system.d"];
const busPolicies = (): readonly string[] =>
  policyFolders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
const runLimitMs = 30_000;
const endLimitMs = 5_000;

export class Guest {
  readonly uevents = new Uevents();
  readonly #programs: Program[] = [];
  #capture: Promise<void> | undefined;

  /** Its logs, on the host once it has failed. */
  readonly folder: string;
  /** For what is left to chance; a failed run can be repeated with it. */
  readonly seed: number;
  readonly #kernelLog: KernelLog;

  constructor(
    private readonly t: Owner,
    { folder, seed, kernelLog }: { readonly folder: string; readonly seed: number; readonly kernelLog: KernelLog },
  ) {
    this.folder = folder;
    this.seed = seed;
    this.#kernelLog = kernelLog;
    mkdirSync(folder, { recursive: true });
    t.teardown(() => this.#end());
  }

  /** The kernel's log since the scenario began. */
  dmesg(): string {
    return this.#kernelLog.lines().join("\n");
  }

  /** Starts a program; it is ended with the scenario. What it prints is in the scenario's folder, too. */
  start(command: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Program {
    const child = spawn("setpriv", ["--pdeathsig", "KILL", command, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    const program = new Program(basename(command), child);
    program.copyTo(createWriteStream(join(this.folder, `${this.#programs.length}-${program.name}.log`)));
    this.#programs.push(program);
    return program;
  }

  /** Runs a program to its end, which must come within `limitMs`. */
  async run(
    command: string,
    args: readonly string[] = [],
    env: NodeJS.ProcessEnv = {},
    limitMs = runLimitMs,
  ): Promise<Done> {
    const program = this.start(command, args, env);
    const { code } = await within([program.name, ...args].join(" "), program.ended(), limitMs);
    return { code, out: program.text };
  }

  /** The same, and rejects when it fails. Resolves with what it printed. */
  async must(command: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<string> {
    const { code, out } = await this.run(command, args, env);
    if (code !== 0) throw new Error(`${[command, ...args].join(" ")} ended with ${code}: ${out}`);
    return out;
  }

  /** Loads modules by name; without udev nobody else does. */
  async modprobe(...names: readonly string[]): Promise<void> {
    await this.must("modprobe", ["--all", ...names]);
  }

  /** Plugs a virtual modem into a USB port. Resolves when the kernel sees the device; see `PluggedModem.ready`. */
  plug(profile: string, options?: PlugOptions): Promise<PluggedModem> {
    return plugIn(this, profile, options);
  }

  /** Records all USB traffic from now on into the scenario's folder, for Wireshark. */
  captureUsb(): Promise<unknown> {
    this.#capture ??= this.#startCapture();
    return this.#capture;
  }

  /** Host, ISP, carrier and internet as in test/scenarios; the host is this machine itself, where modems appear. */
  world(options: Pick<WorldOptions, "ethernet"> = {}): Promise<World> {
    return World.build(this.t, {
      ...options,
      host: "this machine",
      busPolicies: busPolicies(),
      logFolder: this.folder,
    });
  }

  /** A bus for daemons, with the rules of the system bus. */
  async bus(): Promise<PrivateBus> {
    const bus = await startPrivateBus({ policyFiles: [join(root, "packaging/dbus/net.wwand.conf"), ...busPolicies()] });
    this.atEnd(() => bus.close());
    return bus;
  }

  /** What was begun last is ended first. */
  atEnd(end: () => Promise<unknown>): void {
    this.t.teardown(async () => {
      await end();
    });
  }

  async #startCapture(): Promise<void> {
    await this.modprobe("usbmon");
    const file = join(this.folder, "usb.pcap");
    // It gives a file that it opens itself to root, which the host's user, whose file it is there, may not.
    const capture = 'exec tcpdump -i usbmon0 -s 4096 -Z root -U -w - >"$1"';
    const tcpdump = this.start("sh", ["-c", capture, "tcpdump", file]);
    await tcpdump.line(/listening on usbmon0/);
  }

  async #end(): Promise<void> {
    for (const program of [...this.#programs].reverse().filter(({ isAlive }) => isAlive))
      await within(`${program.name} ends`, program.end(), endLimitMs).catch(() => program.end("SIGKILL"));
    this.uevents.close();
    writeFileSync(join(this.folder, "kernel.log"), `${this.dmesg()}\n`);
  }
}
