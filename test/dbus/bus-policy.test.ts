import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import t from "tap";
import { Bus } from "../../src/dbus/bus.js";
import { startPrivateBus } from "../lab/dbus.js";
import { Client, oneMethod, readableLog } from "./bus-client.js";

const run = promisify(execFile);
const policy = fileURLToPath(new URL("../../packaging/dbus/net.wwand.conf", import.meta.url));
const nobody = { uid: 65534, gid: 65534 };
const isRoot = process.getuid?.() === 0;

/** `ok`, or the name of the error that a user who is nobody gets; dbus-send knows nothing of us. */
async function asNobody(address: string, ...args: string[]): Promise<string> {
  const command = [`--bus=${address}`, "--print-reply", "--reply-timeout=5000", ...args];
  return run("dbus-send", command, nobody).then(
    () => "ok",
    (error: { readonly stderr: string }) => /Error (\S+?):/.exec(error.stderr)?.[1] ?? error.stderr,
  );
}

/** In a user namespace that has no such user the attempt throws at once. */
const mayBecomeNobody = await (async () => run("true", [], nobody))().then(
  () => false,
  () => "cannot become another user here",
);

t.test(
  "the policy file on a bus that denies by default",
  { skip: isRoot ? mayBecomeNobody : "needs root" },
  async (t) => {
    const daemon = await startPrivateBus({ policyFiles: [policy] });
    t.teardown(() => daemon.close());
    const { log, lines } = readableLog();
    const bus = new Bus({ address: daemon.address, log });
    t.teardown(() => bus.close());
    const heard: unknown[] = [];
    bus.subscribe({ interface: "org.freedesktop.resolve1.Link" }, ({ body }) => heard.push(...body));
    bus.export(
      "/",
      oneMethod("Echo", "", () => ({ signature: "", body: [] })),
    );
    await bus.connect(AbortSignal.timeout(10_000));

    t.equal(await bus.requestName("org.ofono"), "owner", "root may own both names");
    t.equal(await bus.requestName("net.wwand"), "owner");
    await t.rejects(bus.requestName("net.other"), /not allowed to own/, "and no other by this file");

    const client = await Client.connect(daemon.address);
    t.teardown(() => client.disconnect());
    t.strictSame(await client.call({ destination: "org.ofono", path: "/", member: "Echo" }), [], "root may call");

    const denied = "org.freedesktop.DBus.Error.AccessDenied";
    for (const name of ["org.ofono", "net.wwand"]) {
      const ping = await asNobody(daemon.address, `--dest=${name}`, "/", "org.freedesktop.DBus.Peer.Ping");
      t.equal(ping, denied, `nobody may not call ${name}`);
    }
    const driver = ["--dest=org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.RequestName"];
    t.equal(await asNobody(daemon.address, ...driver, "string:org.ofono", "uint32:0"), denied, "nobody may not own it");

    const signal = ["--type=signal", "/", "org.freedesktop.resolve1.Link.Changed", "string:dns"];
    await run("dbus-send", [`--bus=${daemon.address}`, ...signal], nobody);
    for (const _ of [1, 2]) await client.call({ destination: "org.ofono", path: "/", member: "Echo" });
    t.strictSame(heard, ["dns"], "signals of services that are not root reach the owner of the names");
    const complaints = daemon.stderr.split("\n").filter((line) => line.includes("configuration file"));
    for (const complaint of complaints)
      t.match(complaint, 'Unknown group "wwand"', "nothing else is amiss with the file");
    t.strictSame(lines, []);
  },
);

t.test("root may call agents that have no name of their own", { skip: isRoot ? false : "needs root" }, async (t) => {
  const daemon = await startPrivateBus({ policyFiles: [policy] });
  t.teardown(() => daemon.close());
  const open = async () => {
    const bus = new Bus({ address: daemon.address, log: readableLog().log });
    t.teardown(() => bus.close());
    await bus.connect(AbortSignal.timeout(10_000));
    return bus;
  };
  const [service, agent] = [await open(), await open()];
  agent.export(
    "/agent",
    oneMethod("Release", "", () => ({ signature: "", body: [] }), "org.ofono.SimToolkitAgent"),
  );
  const release = (iface: string) => service.call(agent.uniqueName ?? "", "/agent", iface, "Release", "", []);
  t.strictSame(await release("org.ofono.SimToolkitAgent"), []);
  await t.rejects(release("org.example.Agent"), /Rejected send message/);
});
