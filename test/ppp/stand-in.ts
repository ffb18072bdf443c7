/**
 * A program in pppd's place, for machines whose kernel has no PPP: it keeps the option file that it was given, says what
 * pppd would, and ends as told. What is shown with it is the supervision; real links are test/kernel's.
 */
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import { eventually } from "../lab/eventually.js";

const script = `#!/bin/sh
here=$(dirname "$0")
cat /proc/self/fd/3 >"$here/options"
ls -A /etc/ppp >"$here/etc-ppp"
trap '' PIPE
trap 'echo hung up >"$here/hung-up"; echo "Terminating on signal 15"; exit 5' TERM
echo $$ >"$here/pid"
cat "$here/log"
while [ ! -e "$here/end" ]; do
  [ ! -e "$here/more" ] || { cat "$here/more"; rm "$here/more"; }
  sleep 0.05
done
exit "$(cat "$here/end")"
`;

export class StandIn {
  readonly folder: string;

  /** First in PATH from now on. */
  constructor(t: Test, log: readonly string[]) {
    this.folder = t.testdir({ pppd: script, log: text(log), tty: "" });
    chmodSync(join(this.folder, "pppd"), 0o755);
    const before = process.env.PATH;
    process.env.PATH = `${this.folder}:${before}`;
    t.teardown(() => {
      process.env.PATH = before;
    });
  }

  get ttyPath(): string {
    return join(this.folder, "tty");
  }

  say(lines: readonly string[]): void {
    writeFileSync(join(this.folder, "more"), text(lines));
  }

  end(exitCode: number): void {
    writeFileSync(join(this.folder, "end"), String(exitCode));
  }

  kept(name: "options" | "etc-ppp" | "hung-up"): string {
    return readFileSync(join(this.folder, name), "utf8");
  }

  hasHungUp(): boolean {
    return existsSync(join(this.folder, "hung-up"));
  }

  pid(): Promise<number> {
    const read = () => (existsSync(join(this.folder, "pid")) ? Number(readFileSync(join(this.folder, "pid"))) : 0);
    return eventually("the stand-in runs", read, (pid) => pid > 0);
  }
}

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");

export const isAlive = (pid: number): boolean => {
  try {
    // A zombie that nobody has waited for yet has no command line.
    return readFileSync(`/proc/${pid}/cmdline`, "latin1") !== "";
  } catch {
    return false;
  }
};
