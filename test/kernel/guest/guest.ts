/** The machine as a scenario has it: programs, what the kernel tells, daemons; all of it ends with the scenario. */
import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Test } from "tap";
import { type PrivateBus, startPrivateBus } from "../../lab/dbus.js";
import { within } from "../../lab/eventually.js";
import { Program } from "../../lab/program.js";
import { root, World } from "../../lab/world.js";
import type { KernelLog } from "./kernel-log.js";
import { Uevents } from "./uevents.js";

export interface Done {
  readonly code: number | null;
  /** Standard output and error as they came. */
  readonly out: string;
}

/** D-Bus policies of the daemons that lie unpacked in the guest's root, as their packages install them. */
const policyFolder = "/usr/share/dbus-1/system.d";
const busPolicies = (): readonly string[] => readdirSync(policyFolder).map((name) => join(policyFolder, name));
const runLimitMs = 30_000;
const endLimitMs = 5_000;

export class Guest {
  /** Since the scenario began. */
  readonly uevents = new Uevents();
  readonly #programs: Program[] = [];

  constructor(
    private readonly t: Test,
    /** Its logs, on the host once it has failed. */
    readonly folder: string,
    private readonly kernelLog: KernelLog,
  ) {
    mkdirSync(folder, { recursive: true });
    t.teardown(() => this.#end());
  }

  /** The kernel's log since the scenario began. */
  dmesg(): string {
    return this.kernelLog.lines().join("\n");
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
  async run(command: string, args: readonly string[] = [], limitMs = runLimitMs): Promise<Done> {
    const program = this.start(command, args);
    const what = [program.name, ...args].join(" ");
    const { code } = await within(what, program.ended(), limitMs);
    return { code, out: program.text };
  }

  /** Loads modules by name; without udev nobody else does. */
  async modprobe(...names: readonly string[]): Promise<void> {
    const { code, out } = await this.run("modprobe", ["--all", ...names]);
    if (code !== 0) throw new Error(`modprobe ${names.join(" ")}: ${out}`);
  }

  /** Host, ISP, carrier and internet as in test/scenarios; the host is this machine itself, where modems appear. */
  world(): Promise<World> {
    return World.build(this.t, { host: "this machine", busPolicies: busPolicies(), logFolder: this.folder });
  }

  /** A bus for daemons, with the rules of the system bus. */
  async bus(): Promise<PrivateBus> {
    const bus = await startPrivateBus({ policyFiles: [join(root, "packaging/dbus/net.wwand.conf"), ...busPolicies()] });
    this.t.teardown(() => bus.close());
    return bus;
  }

  async #end(): Promise<void> {
    for (const program of [...this.#programs].reverse().filter(({ isAlive }) => isAlive))
      await within(`${program.name} ends`, program.end(), endLimitMs).catch(() => program.end("SIGKILL"));
    this.uevents.close();
    writeFileSync(join(this.folder, "kernel.log"), `${this.dmesg()}\n`);
  }
}
