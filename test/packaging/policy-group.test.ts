/** The D-Bus policy for a ConnMan, or a person, that is not root: membership of the group `wwand` is what it takes. */
import { execFile } from "node:child_process";
import { appendFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import t from "tap";
import { Bus } from "../../src/dbus/bus.js";
import { silentLog } from "../../src/runtime/log.js";
import { startPrivateBus } from "../lab/dbus.js";
import { inOwnLab, isUserMapped } from "../lab/own-lab.js";
import { root } from "../lab/world.js";

const run = promisify(execFile);
/** Numbers that are nobody's in a fresh /etc/passwd. */
const [connman, stranger, group] = [64_101, 64_102, 64_100];

const mayNot = isUserMapped(connman) && isUserMapped(stranger) ? false : "no other users here: run as root";

if (await inOwnLab(t, import.meta.url))
  t.test("who is in the group may call both names, and only that", { skip: mayNot }, async (t) => {
    appendFileSync("/etc/passwd", `connman:x:${connman}:${connman}::/:/usr/sbin/nologin\n`);
    appendFileSync("/etc/passwd", `stranger:x:${stranger}:${stranger}::/:/usr/sbin/nologin\n`);
    appendFileSync("/etc/group", `wwand:x:${group}:connman\n`);
    const daemon = await startPrivateBus({ policyFiles: [join(root, "packaging/dbus/net.wwand.conf")] });
    t.teardown(() => daemon.close());
    const bus = new Bus({ address: daemon.address, log: silentLog });
    t.teardown(() => bus.close());
    await bus.connect(AbortSignal.timeout(10_000));
    for (const name of ["org.ofono", "net.wwand"]) t.equal(await bus.requestName(name), "owner");

    // Groups count as the process has them, which a service manager takes from /etc/group.
    const as = (uid: number) => [`--reuid=${uid}`, `--regid=${uid}`, "--init-groups"];
    const send = ["dbus-send", `--bus=${daemon.address}`, "--print-reply", "--reply-timeout=5000"];
    const call = (uid: number, ...args: readonly string[]) =>
      run("setpriv", [...as(uid), ...send, ...args]).then(
        () => "ok",
        (error: { readonly stderr: string }) => /Error (\S+?):/.exec(error.stderr)?.[1] ?? error.stderr,
      );
    const denied = "org.freedesktop.DBus.Error.AccessDenied";
    for (const name of ["org.ofono", "net.wwand"]) {
      const ping = [`--dest=${name}`, "/", "org.freedesktop.DBus.Peer.Ping"];
      t.equal(await call(connman, ...ping), "ok", `a member may call ${name}`);
      t.equal(await call(stranger, ...ping), denied, `a stranger may not call ${name}`);
    }
    await bus.releaseName("org.ofono");
    // In wwand no connection owns both names, and a rule for one holds for whoever owns it.
    // Trace1 hands out what was said to and by the modem. Every other interface of ours is for members, new ones too.
    const interfaces = (await readdir(join(root, "dbus-interfaces"))).filter((file) => file.startsWith("net.wwand."));
    t.ok(interfaces.includes("net.wwand.Trace1.xml"));
    for (const file of interfaces) {
      const name = file.replace(/\.xml$/, "");
      const told = await call(connman, "--dest=net.wwand", "/nowhere", `${name}.Nothing`);
      if (name === "net.wwand.Trace1") t.equal(told, denied, "a member may not read traces");
      else t.not(told, denied, `a member may call ${name}`);
    }
    const driver = ["--dest=org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.RequestName"];
    t.equal(await call(connman, ...driver, "string:org.ofono", "uint32:0"), denied, "a member may not own it");
  });
