/**
 * Private network namespaces for tests: created by `ip netns`, named after this process, always torn down: by `close`, at
 * exit, on SIGINT and SIGTERM; what a killed test left behind is swept by the next one. Needs root (or a user namespace with
 * a /run of its own).
 */
import { type ChildProcess, execFile, execFileSync, type SpawnOptions, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { promisify } from "node:util";

const run = promisify(execFile);
const prefix = "wwlab";
let counter = 0;
const alive = new Set<Lab>();

/** One end of a veth pair. */
export interface VethEnd {
  readonly in: Namespace;
  readonly name: string;
  /** Interface index of choice: ends with different indexes report carrier at once, equal ones are paced like a real NIC. */
  readonly ifindex?: number;
  /** With prefix length, e.g. `192.0.2.2/24`. */
  readonly addresses?: readonly string[];
}

export class Namespace {
  readonly #children = new Set<ChildProcess>();
  constructor(
    /** As in `ip netns exec NAME`. */
    readonly name: string,
  ) {}

  /** For setns and `Rtnetlink.open({ netns })`. */
  get path(): string {
    return `/run/netns/${this.name}`;
  }

  /** Runs `ip -n NAME ...`; the arguments are split at blanks. Returns what it printed, without trailing blanks. */
  async ip(args: string): Promise<string> {
    const { stdout } = await run("ip", ["-n", this.name, ...args.trim().split(/\s+/)]);
    return tidy(stdout);
  }

  /** Runs a program inside and returns its standard output; rejects with its standard error when it fails. */
  async run(command: string, ...args: string[]): Promise<string> {
    const { stdout } = await run("ip", ["netns", "exec", this.name, command, ...args], { maxBuffer: 64 << 20 });
    return tidy(stdout);
  }

  /** Starts a program inside that lives until it ends or the lab closes (SIGKILL). */
  spawn(command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const child = spawn("ip", ["netns", "exec", this.name, command, ...args], { stdio: "ignore", ...options });
    this.#children.add(child);
    child.once("exit", () => this.#children.delete(child));
    child.once("error", () => this.#children.delete(child));
    return child;
  }

  /** Runs several lines as `ip` does each, in one process: a slow machine can tell. Stops at the first that fails. */
  async batch(lines: readonly string[]): Promise<void> {
    const child = run("ip", ["-n", this.name, "-batch", "-"]);
    child.child.stdin?.end(`${lines.join("\n")}\n`);
    await child;
  }

  /** Sets `/proc/sys/<path>` as seen inside, e.g. `net/ipv4/ip_forward`. */
  sysctl(path: string, value: string | number): Promise<void> {
    return this.sysctls({ [path]: value });
  }

  async sysctls(values: Readonly<Record<string, string | number>>): Promise<void> {
    const lines = Object.entries(values).map(([path, value]) => `echo ${value} > /proc/sys/${path}`);
    await this.run("sh", "-c", lines.join(" && "));
  }

  /** Ends the children; the namespace itself goes with the lab. */
  stop(): void {
    for (const child of this.#children) child.kill("SIGKILL");
    this.#children.clear();
  }
}

export class Lab {
  readonly #namespaces: Namespace[] = [];

  constructor() {
    if (alive.size === 0) guardExit();
    alive.add(this);
  }

  /** A new namespace with lo up. `label` shows in its name. */
  async namespace(label: string): Promise<Namespace> {
    sweepDead();
    const namespace = new Namespace(`${prefix}-${process.pid}-${counter++}-${label}`);
    await run("ip", ["netns", "add", namespace.name]);
    this.#namespaces.push(namespace);
    await namespace.ip("link set lo up");
    return namespace;
  }

  /** The namespace that this process is in, under a name: only the name goes with the lab. */
  async ownNamespace(label: string): Promise<Namespace> {
    const namespace = new Namespace(`${prefix}-${process.pid}-${counter++}-${label}`);
    await run("ip", ["netns", "attach", namespace.name, String(process.pid)]);
    this.#namespaces.push(namespace);
    return namespace;
  }

  /** A veth pair between two namespaces, both ends up and addressed. IPv6 duplicate detection is off: addresses work at once. */
  async veth(a: VethEnd, b: VethEnd): Promise<void> {
    const index = (end: VethEnd) => (end.ifindex === undefined ? "" : `index ${end.ifindex}`);
    await a.in.ip(`link add ${a.name} ${index(a)} type veth peer name ${b.name} ${index(b)} netns ${b.in.name}`);
    for (const end of [a, b]) {
      const addresses = (end.addresses ?? []).map(
        (address) => `address add ${address} dev ${end.name} ${address.includes(":") ? "nodad" : ""}`,
      );
      await end.in.batch([...addresses, `link set ${end.name} up`]);
    }
  }

  /** A TUN device without a reader, raw-ip like a modem's: `NOARP`, point-to-point. Gone with the namespace. */
  async tun(inside: Namespace, name: string): Promise<void> {
    await inside.ip(`tuntap add dev ${name} mode tun`);
  }

  /** Removes everything. Idempotent. */
  close(): void {
    for (const namespace of this.#namespaces.splice(0)) {
      namespace.stop();
      removeNamespace(namespace.name);
    }
    alive.delete(this);
  }
}

/** A lab that closes when the test ends. */
export function labFor(t: { teardown(close: () => void): void }): Lab {
  const lab = new Lab();
  t.teardown(() => lab.close());
  return lab;
}

const tidy = (text: string): string => text.replace(/[ \t]+$/gm, "").trimEnd();

function removeNamespace(name: string): void {
  try {
    execFileSync("ip", ["netns", "delete", name], { stdio: "ignore" });
  } catch (error) {
    process.stderr.write(`namespace ${name} stays: ${String(error)}\n`);
  }
}

/** Removes namespaces of test processes that were killed before they could. */
function sweepDead(): void {
  for (const name of namespaceNames()) {
    const pid = Number(name.match(new RegExp(`^${prefix}-(\\d+)-`))?.[1]);
    if (!Number.isInteger(pid) || isAlive(pid)) continue;
    for (const orphan of processesIn(name)) process.kill(orphan, "SIGKILL");
    removeNamespace(name);
  }
}

function processesIn(name: string): number[] {
  try {
    const pids = execFileSync("ip", ["netns", "pids", name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return pids.split("\n").filter(Boolean).map(Number).filter(isAlive);
  } catch {
    return []; // another test swept it meanwhile
  }
}

function namespaceNames(): string[] {
  try {
    return readdirSync("/run/netns");
  } catch {
    return []; // the folder comes into being with the first `ip netns add`
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

let guarded = false;
function guardExit(): void {
  if (guarded) return;
  guarded = true;
  const closeAll = () => {
    for (const lab of [...alive]) lab.close();
  };
  process.once("exit", closeAll);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => {
      closeAll();
      process.kill(process.pid, signal);
    });
}

/** Ends what still runs in the namespace: mbim-proxy and qmi-proxy outlive the call that started them. */
export async function endAll(namespace: Namespace): Promise<void> {
  const pids = await namespace.run("ip", "netns", "pids", namespace.name);
  for (const pid of pids.split("\n")) {
    try {
      if (Number(pid) > 0) process.kill(Number(pid), "SIGKILL");
    } catch {
      // It was `ip` itself, which has ended by now.
    }
  }
}
