import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { XMLParser } from "fast-xml-parser";
import t from "tap";
import {
  contextIface,
  dataIface,
  modemIface,
  onlineRig,
  operatorIface,
  path,
  registrationIface,
  rig,
  simIface,
} from "./rig.js";

const managerIface = "org.ofono.Manager";
const run = promisify(execFile);

t.test("plugged in: ModemAdded with everything a client needs to decide, and the same from GetModems", async (t) => {
  const { client, modems } = await rig(t);
  t.strictSame(await client.call("/", managerIface, "GetModems"), [[]], "the name is there before any modem");
  modems.add();
  modems.add({ path: "/mbim_1" });
  await client.until("/ Manager ModemAdded /mbim_1");
  t.strictSame(await client.take(), ["/ Manager ModemAdded /mbim_0", "/ Manager ModemAdded /mbim_1"]);
  const properties = await client.properties(path, modemIface);
  t.match(properties, { Type: "hardware", Powered: false, Interfaces: [] });
  t.strictSame(await client.call("/", managerIface, "GetModems"), [
    [
      ["/mbim_0", properties],
      ["/mbim_1", properties],
    ],
  ]);
});

t.test("unplugged under a live bearer: interfaces go first, ModemRemoved is last, nothing is left", async (t) => {
  const { client, modems, modem } = await onlineRig(t);
  modem.packetData?.contexts[0]?.bringUp();
  await client.until(`${path}/context1 ConnectionContext Active=true`);
  await client.take();
  modems.remove(modem);
  await client.until(`/ Manager ModemRemoved ${path}`);
  t.strictSame(await client.take(), [
    `${path} Modem Interfaces=[]`,
    `${path} Modem Features=[]`,
    `/ Manager ModemRemoved ${path}`,
  ]);
  for (const gone of [path, `${path}/context1`, `${path}/operator/26201`])
    t.equal(await client.outcome(client.properties(gone, modemIface)), "org.freedesktop.DBus.Error.UnknownObject");
  t.strictSame(await client.call("/", managerIface, "GetModems"), [[]]);
  modem.become({ powered: false });
  modem.packetData?.detach();
  t.strictSame(await client.take(), [], "what is gone says nothing more");
});

t.test("a modem that runs already when it is found, as after a restart of the daemon", async (t) => {
  const { client, modems, modem } = await onlineRig(t);
  modems.remove(modem);
  await client.until(`/ Manager ModemRemoved ${path}`);
  await client.take();
  modems.list.push(modem);
  modems.events.emit("added", modem);
  await client.until(`/ Manager ModemAdded ${path}`);
  t.match(await client.properties(path, modemIface), {
    Powered: true,
    Online: true,
    Interfaces: [registrationIface, dataIface, simIface],
  });
  t.match(await client.properties(path, simIface), { SubscriberIdentity: "262011234567890" });
  t.match(await client.properties(`${path}/context1`, contextIface), { AccessPointName: "internet" });
});

t.test("the bus daemon dies and comes back: everything is there again and announced again", async (t) => {
  const { bus, service, another, client } = await onlineRig(t);
  await client.set(`${path}/context1`, contextIface, "Active", "b", true);
  const lost = new Promise<void>((resolve) => service.events.once("lost", () => resolve()));
  await bus.stop();
  await lost;
  const back = new Promise<void>((resolve) => service.events.once("connected", resolve));
  await bus.start();
  const early = await another();
  await back;
  await early.until(`/ Manager ModemAdded ${path}`);
  t.match(await early.properties(`${path}/context1`, contextIface), { Active: true, Settings: { Interface: "wwan0" } });
  t.strictSame(await early.call("/", managerIface, "GetModems"), [[[path, await early.properties(path, modemIface)]]]);
  await early.set(`${path}/context1`, contextIface, "Active", "b", false);
  t.ok((await early.take()).includes(`${path}/context1 ConnectionContext Active=false`), "and signals flow");
});

t.test("at exit everything goes, the newest first", async (t) => {
  const { client, withdraw } = await onlineRig(t);
  withdraw();
  await client.until(`/ Manager ModemRemoved ${path}`);
  t.equal(
    await client.outcome(client.call("/", managerIface, "GetModems")),
    "org.freedesktop.DBus.Error.UnknownObject",
  );
});

/** An interface as `method in out`, `signal args` lines, whatever the order and the names of arguments. */
function shape(xml: string, name: string): readonly string[] {
  const many = ["interface", "method", "signal", "arg", "annotation", "property"];
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    isArray: (tag) => many.includes(tag),
  });
  interface Member {
    readonly name: string;
    readonly arg?: readonly { readonly type: string; readonly direction?: string }[];
  }
  interface Parsed {
    readonly node: {
      readonly interface: readonly { readonly name: string; readonly method?: Member[]; readonly signal?: Member[] }[];
    };
  }
  const parsed: Parsed = parser.parse(xml);
  const found = parsed.node.interface.find((one) => one.name === name);
  const args = (member: Member, direction: string) =>
    (member.arg ?? []).flatMap((arg) => ((arg.direction ?? "out") === direction ? arg.type : [])).join("");
  return [
    ...(found?.method ?? []).map((method) => `${method.name}(${args(method, "in")}) -> (${args(method, "out")})`),
    ...(found?.signal ?? []).map((signal) => `signal ${signal.name}(${args(signal, "out")})`),
  ].sort();
}

const objects = [
  ["/", managerIface],
  [path, modemIface],
  [path, simIface],
  [path, registrationIface],
  [path, dataIface],
  [`${path}/context1`, contextIface],
  [`${path}/operator/26201`, operatorIface],
] as const;

t.test("live introspection is the contract's XML, on every object", async (t) => {
  const { client } = await onlineRig(t);
  for (const [object, name] of objects) {
    const [xml] = await client.call(object, "org.freedesktop.DBus.Introspectable", "Introspect");
    const file = await readFile(new URL(`../../../dbus-interfaces/${name}.xml`, import.meta.url), "utf8");
    t.strictSame(shape(String(xml), name), shape(file, name), name);
    t.ok(shape(file, name).length > 0);
  }
});

t.test("busctl, which knows nothing of us, sees the tree", { skip: await missing("busctl") }, async (t) => {
  const { bus } = await onlineRig(t);
  const { stdout } = await run("busctl", [`--address=${bus.address}`, "--list", "tree", "org.ofono"]);
  t.strictSame(
    stdout.trim().split("\n").sort(),
    ["/", path, `${path}/context1`, `${path}/operator`, `${path}/operator/26201`].sort(),
  );
});

async function missing(program: string): Promise<string | false> {
  try {
    await run(program, ["--version"]);
    return false;
  } catch {
    return `${program} is not installed`;
  }
}
