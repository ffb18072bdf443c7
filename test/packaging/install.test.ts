/** What `packaging/install` puts into a system image runs from there, and systemd takes the unit. */
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import t from "tap";
import { Program } from "../lab/program.js";
import { root } from "../lab/world.js";

const run = promisify(execFile);
const debs = join(root, ".cache/debs/root");
const analyze = join(debs, "usr/bin/systemd-analyze");
const libraries = join(debs, "usr/lib/x86_64-linux-gnu");

async function image(t: { teardown(clean: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "wwand-image-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await run(join(root, "packaging/install"), { env: { ...process.env, DESTDIR: folder } });
  return folder;
}

/** As a user starts it: nothing of the checkout or of the test runner is in its surroundings. */
const clean = ["-i", `PATH=${process.env.PATH}`];
const asUser = (folder: string, program: string, ...args: readonly string[]) =>
  run("env", [...clean, join(folder, "usr/bin", program), ...args], { cwd: "/" });

t.test("the programs run from an image, without the checkout", async (t) => {
  const folder = await image(t);
  for (const program of ["wwand", "wwanctl", "wwand-virtual"])
    t.match((await asUser(folder, program, "--help")).stdout, new RegExp(`^Usage: ${program} `));
  const reader = join(folder, "usr/lib/wwand/dist/database-reader.js");
  await run("env", [...clean, "node", reader], { cwd: "/" });
  const policies = join(folder, "usr/share/wwand/policy");
  const wrong = asUser(folder, "wwand", "--config", join(policies, "ethernet-first.toml"), "--policy-dir", policies);
  await t.rejects(wrong, { code: 78 }, "the daemon gets as far as its configuration");

  const pty = ["run", "mbim-generic", "--pty", join(folder, "modem")];
  const modem = spawn("env", [...clean, join(folder, "usr/bin/wwand-virtual"), ...pty], { cwd: "/" });
  t.teardown(() => modem.kill("SIGKILL"));
  t.match(await new Program("wwand-virtual", modem).line(/^ready /), folder, "the native addon is there");
});

/** What a Debian machine has and an empty image has not; only that they exist matters to systemd-analyze. */
const executables = [
  "bin/kill",
  "usr/sbin/connmand",
  "usr/sbin/ofonod",
  "usr/sbin/ModemManager",
  "usr/bin/dbus-daemon",
];
const units = {
  "dbus.socket": "[Socket]\nListenStream=/run/dbus/system_bus_socket\n",
  "dbus.service": "[Unit]\nRequires=dbus.socket\n[Service]\nExecStart=/usr/bin/dbus-daemon --system\n",
};

async function asOnDebian(folder: string): Promise<void> {
  const system = join(folder, "usr/lib/systemd/system");
  await cp(join(debs, "lib/systemd/system"), system, { recursive: true, force: false });
  for (const [name, text] of Object.entries(units)) await writeFile(join(system, name), text);
  for (const path of executables) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), "");
    await chmod(join(folder, path), 0o755);
  }
  const wanted = join(folder, "etc/systemd/system/multi-user.target.wants");
  await mkdir(wanted, { recursive: true });
  for (const unit of ["wwand.service", "connman.service"])
    await symlink(join("/usr/lib/systemd/system", unit), join(wanted, unit));
}

const missing = existsSync(analyze) ? false : "systemd-analyze is not unpacked in .cache/debs: run packaging/setup";

t.test("systemd has no complaint about the unit, alone and in a boot with ConnMan", { skip: missing }, async (t) => {
  const folder = await image(t);
  await asOnDebian(folder);
  const environment = { LD_LIBRARY_PATH: `${libraries}:${join(libraries, "systemd")}` };
  for (const unit of ["wwand.service", "wwand-wait-online.service", "multi-user.target"]) {
    const args = ["verify", "--man=no", `--root=${folder}`, unit];
    const { stderr } = await run(analyze, args, { env: environment });
    const aboutUs = stderr.split("\n").filter((line) => /wwand|connman|cycle/i.test(line));
    t.strictSame(aboutUs, [], unit);
  }
});
