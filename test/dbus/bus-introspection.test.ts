import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { XMLParser } from "fast-xml-parser";
import t, { type Test } from "tap";
import { generateContract } from "../../dbus-interfaces/generate.js";
import { Bus } from "../../src/dbus/bus.js";
import { contract } from "../../src/dbus/contract.js";
import type { ExportedInterface, InterfaceDescription } from "../../src/dbus/types.js";
import { Variant } from "../../src/dbus/types.js";
import { startPrivateBus } from "../lab/dbus.js";
import { Client, readableLog } from "./bus-client.js";

const run = promisify(execFile);
const name = "org.ofono";
const file = (path: string) => new URL(`../../${path}`, import.meta.url);

t.test("contract.ts is what the XML files say", async (t) => {
  t.equal(
    generateContract(),
    readFileSync(file("src/dbus/contract.ts"), "utf8"),
    "if not: node --import=tsx dbus-interfaces/generate.ts",
  );
});

/** An interface whose methods take what its file says and answer an empty dictionary, or nothing. */
function exportedOf(interfaceName: string, description: InterfaceDescription, heard: unknown[]): ExportedInterface {
  const methods = Object.entries(description.methods).map(([member, signatures]) => {
    const call = (body: readonly unknown[]) => {
      heard.push([member, ...body]);
      return signatures.out.join() === "a{sv}" ? { signature: "a{sv}", body: [{}] } : { signature: "", body: [] };
    };
    return [member, { inSignature: signatures.in, call }] as const;
  });
  return { name: interfaceName, xml: description.xml, methods: new Map(methods) };
}

const described: Readonly<Record<string, InterfaceDescription>> = contract;
const standard = "org.freedesktop.DBus.Introspectable";

async function everything(t: Test) {
  const daemon = await startPrivateBus();
  t.teardown(() => daemon.close());
  const bus = new Bus({ address: daemon.address, log: readableLog().log });
  t.teardown(() => bus.close());
  const heard: unknown[] = [];
  for (const [interfaceName, description] of Object.entries(described))
    if (interfaceName !== standard) bus.export("/modem0", exportedOf(interfaceName, description, heard));
  const operator = exportedOf("org.ofono.NetworkOperator", contract["org.ofono.NetworkOperator"], heard);
  bus.export("/modem0/operator/26201", operator);
  await bus.connect(AbortSignal.timeout(10_000));
  await bus.requestName(name);
  return { bus, address: daemon.address, heard };
}

const parser = new XMLParser({
  ignoreAttributes: false,
  isArray: (tag) => ["interface", "method", "signal", "property", "annotation", "arg", "node"].includes(tag),
});
/** `<node>` as data, without comments, blanks and doctype. */
const nodeOf = (xml: string) => parser.parse(xml).node[0];

async function introspect(client: Client, path: string): Promise<string> {
  const [xml] = await client.call({ destination: name, path, interface: standard, member: "Introspect" });
  return String(xml);
}

t.test("live introspection equals the files", async (t) => {
  const { address } = await everything(t);
  const client = await Client.connect(address);
  t.teardown(() => client.disconnect());
  const live = nodeOf(await introspect(client, "/modem0"));
  const shown = new Map(live.interface.map((one: { "@_name": string }) => [one["@_name"], one]));
  t.strictSame([...shown.keys()].sort(), Object.keys(described).sort());
  for (const interfaceName of Object.keys(described)) {
    const [inFile] = nodeOf(readFileSync(file(`dbus-interfaces/${interfaceName}.xml`), "utf8")).interface;
    t.strictSame(shown.get(interfaceName), inFile, interfaceName);
  }
});

t.test("a path between objects lists its children and nothing else; one that leads nowhere is unknown", async (t) => {
  const { address } = await everything(t);
  const client = await Client.connect(address);
  t.teardown(() => client.disconnect());
  const root = nodeOf(await introspect(client, "/"));
  t.strictSame(root.node, [{ "@_name": "modem0" }]);
  t.strictSame(
    root.interface.map((one: { "@_name": string }) => one["@_name"]),
    [standard],
  );
  t.strictSame(nodeOf(await introspect(client, "/modem0")).node, [{ "@_name": "operator" }]);
  t.strictSame(nodeOf(await introspect(client, "/modem0/operator")).node, [{ "@_name": "26201" }]);
  t.equal(nodeOf(await introspect(client, "/modem0/operator/26201")).node, undefined);
  const nowhere = { destination: name, path: "/modem1", interface: standard, member: "Introspect" };
  t.equal(await client.errorName(nowhere), "org.freedesktop.DBus.Error.UnknownObject");
  const between = {
    destination: name,
    path: "/modem0/operator",
    interface: "org.ofono.Modem",
    member: "GetProperties",
  };
  t.equal(await client.errorName(between), "org.freedesktop.DBus.Error.UnknownObject");
});

const missing = (program: string) => (existsSync(program) ? false : `${program} is not installed`);

t.test("busctl and gdbus read it", { skip: missing("/usr/bin/busctl") || missing("/usr/bin/gdbus") }, async (t) => {
  const { address } = await everything(t);
  const { stdout: tree } = await run("busctl", [`--address=${address}`, "tree", "--list", name]);
  t.match(tree, /^\/modem0\/operator\/26201$/m);
  const { stdout: listed } = await run("busctl", [`--address=${address}`, "introspect", name, "/modem0"]);
  t.match(listed, /org\.ofono\.SimManager +interface/);
  t.match(listed, /\.ResetPin +method +sss +-/);
  t.match(listed, /\.ContextAdded +signal +oa\{sv\}/);
  const where = ["--address", address, "--dest", name, "--object-path", "/modem0"];
  const { stdout: seen } = await run("gdbus", ["introspect", ...where]);
  t.match(seen, /GetModems\(out a\(oa\{sv\}\) modems\);/);
});

const python = "/usr/bin/python3";
const hasPythonDbus = await run(python, ["-c", "import dbus"]).then(
  () => false,
  () => "python3-dbus is not installed",
);

t.test("dbus-python converts its arguments by it", { skip: hasPythonDbus }, async (t) => {
  const { address, heard } = await everything(t);
  const script = `
import dbus
bus = dbus.bus.BusConnection("${address}")
modem = bus.get_object("${name}", "/modem0")
dbus.Interface(modem, "org.ofono.Modem").SetProperty("Powered", True)
dbus.Interface(modem, "org.ofono.SimManager").GetIcon(7)
dbus.Interface(modem, "org.ofono.SimManager").ResetPin("puk", "12345678", "1234")
dbus.Interface(modem, "org.ofono.ConnectionManager").RemoveContext("/modem0/context1")
try:
    dbus.Interface(modem, "org.ofono.SimManager").GetIcon("seven")
except TypeError:
    print("refused")
`;
  const { stdout } = await run(python, ["-c", script]);
  t.equal(stdout.trim(), "refused");
  t.strictSame(heard, [
    ["SetProperty", "Powered", new Variant("b", true)],
    ["GetIcon", 7],
    ["ResetPin", "puk", "12345678", "1234"],
    ["RemoveContext", "/modem0/context1"],
  ]);
});

t.test("one interface is on a path once, and paths are checked before the bus sees them", async (t) => {
  const bus = new Bus({ address: "unix:path=/nowhere", log: readableLog().log });
  const exported = exportedOf("org.ofono.Manager", contract["org.ofono.Manager"], []);
  const withdraw = bus.export("/", exported);
  t.throws(() => bus.export("/", { ...exported }), /\/ has org\.ofono\.Manager already/);
  withdraw();
  const withdrawSecond = bus.export("/", { ...exported });
  withdraw();
  t.throws(() => bus.export("/", exported), /already/, "an old withdrawal does not take a new export");
  withdrawSecond();
  t.throws(() => bus.export("modem0", exported), /not an object path/);
  t.throws(() => bus.export("/modem-0", exported), /not an object path/);
  t.throws(() => bus.export("/", { ...exported, name: "Manager" }), /not an interface name/);
});
