/**
 * The real systemd-resolved, as packaging/setup unpacked it, in a laboratory of its own (own-lab.ts): it takes 127.0.0.53
 * and /run/systemd/resolve, and /etc/resolv.conf leads there as on any machine that uses it.
 */
import { execFile, spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { isUserMapped } from "./own-lab.js";
import { Program } from "./program.js";
import { root } from "./world.js";

const unpacked = join(root, ".cache/debs/root");
const binary = [join(unpacked, "usr/lib/systemd/systemd-resolved"), join(unpacked, "lib/systemd/systemd-resolved")];
const libraries = join(unpacked, "usr/lib/x86_64-linux-gnu");
const run = promisify(execFile);

/** Debian's own D-Bus policy for it. */
export const resolvedBusPolicy = join(unpacked, "usr/share/dbus-1/system.d/org.freedesktop.resolve1.conf");

/** What it keeps of each link over its own end. */
export const resolvedState = "/run/systemd/resolve";

const program = (): string | undefined => binary.find((path) => existsSync(path));

/** For tap's `skip`. */
export const resolvedMissing = (): string | false =>
  program() === undefined ? "systemd-resolved is not unpacked in .cache/debs: run packaging/setup" : false;

/** Any number that is nobody's in a fresh /etc/passwd; where only root exists, it stays root. */
const ownUid = 64_053;

export class Resolved {
  #program: Program | undefined;

  /** @param address The bus that it calls the system bus; started after `prepareEtc`, whose user its policy names. */
  constructor(private readonly address: string) {}

  /** Gives /etc what Debian's package gives it: the user, and resolv.conf as a symlink. */
  static prepareEtc(): void {
    const uid = isUserMapped(ownUid) ? ownUid : 0;
    appendFileSync("/etc/passwd", `systemd-resolve:x:${uid}:${uid}::/:/usr/sbin/nologin\n`);
    appendFileSync("/etc/group", `systemd-resolve:x:${uid}:\n`);
    mkdirSync("/run/systemd", { recursive: true, mode: 0o755 });
    rmSync("/etc/resolv.conf", { force: true });
    symlinkSync(join(resolvedState, "stub-resolv.conf"), "/etc/resolv.conf");
  }

  /** Resolves when it serves its name on the bus. */
  async start(): Promise<void> {
    const child = spawn("setpriv", ["--pdeathsig", "KILL", program() ?? "systemd-resolved"], {
      stdio: ["ignore", "pipe", "pipe"],
      env: this.#env,
    });
    const started = new Program("systemd-resolved", child);
    this.#program = started;
    const early = started.ended().then(() => {
      throw new Error(`systemd-resolved ended: ${started.text}`);
    });
    early.catch(() => undefined); // it ends some day
    const served = run("gdbus", ["wait", "--system", "--timeout=20", "org.freedesktop.resolve1"], { env: this.#env });
    await Promise.race([served, early]);
  }

  async kill(): Promise<void> {
    await this.#program?.end("SIGKILL");
  }

  /** resolvectl(1); what it prints, without trailing blanks. */
  async ctl(...args: readonly string[]): Promise<string> {
    const { stdout } = await run(join(unpacked, "usr/bin/resolvectl"), ["--no-pager", ...args], { env: this.#env });
    return stdout.replace(/[ \t]+$/gm, "").trimEnd();
  }

  /** Servers, domains and default route of one link, as an operator reads them. */
  async link(name: string): Promise<string> {
    const told = [await this.ctl("dns", name), await this.ctl("domain", name), await this.ctl("default-route", name)];
    return told.map((line) => line.replace(/^Link \d+ \(.*?\):\s*/, "") || "-").join(", ");
  }

  get #env(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      LD_LIBRARY_PATH: `${libraries}:${join(libraries, "systemd")}`,
      DBUS_SYSTEM_BUS_ADDRESS: this.address,
    };
  }
}
