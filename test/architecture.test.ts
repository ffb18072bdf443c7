import { readdir, readFile } from "node:fs/promises";
import { dirname, join, normalize, relative } from "node:path";
import t from "tap";

const src = new URL("../src", import.meta.url).pathname;

/** Which room may import from which. Arrows point from detail to idea; main.ts sees everything and nothing sees main.ts. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  runtime: [],
  codec: ["runtime"],
  native: ["runtime"],
  transport: ["native", "runtime"],
  mbim: ["codec", "runtime"],
  qmi: ["codec", "runtime"],
  at: ["runtime"],
  cmux: ["native", "runtime"],
  sms: ["runtime"],
  trace: ["mbim", "qmi", "at", "netlink", "codec", "runtime"],
  network: ["native", "runtime"],
  modem: ["network", "sms", "runtime"],
  ppp: ["native", "network", "runtime"],
  dhcp: ["network", "runtime"],
  drivers: ["modem", "network", "mbim", "qmi", "at", "cmux", "ppp", "dhcp", "sms", "codec", "runtime"],
  netlink: ["network", "native", "runtime"],
  dbus: ["modem", "network", "runtime"],
  config: ["modem", "network", "runtime"],
  virtual: ["cmux", "mbim", "qmi", "at", "sms", "trace", "codec", "native", "netlink", "network", "runtime"],
  provisioning: ["modem", "runtime"],
  discovery: ["drivers", "modem", "native", "transport", "runtime"],
  daemon: [
    "at",
    "config",
    "dbus",
    "dhcp",
    "discovery",
    "drivers",
    "modem",
    "native",
    "netlink",
    "network",
    "ppp",
    "provisioning",
    "trace",
    "transport",
    "runtime",
  ],
  cli: ["config", "dbus", "netlink", "network", "trace", "runtime"],
  demo: ["cli", "config", "dbus", "modem", "native", "netlink", "network", "runtime", "virtual"],
};

/** Packages with an edge of their own: each is wrapped in one room. */
const packageHome: Readonly<Record<string, readonly string[]>> = {
  "dbus-next": ["dbus"],
  netlink: ["netlink"],
  "smol-toml": ["config"],
  "toml-eslint-parser": ["config"],
  valibot: ["config", "drivers", "modem", "provisioning"],
  "fast-xml-parser": ["provisioning"],
  "ip-num": ["config", "network", "netlink", "virtual"],
  commander: ["cli", "daemon", "virtual", "demo"],
  "cli-table3": ["cli"],
  "dns-packet": ["network", "virtual"],
};

/** Rooms that are functions of values: no socket, file, process or timer may be reached from there. */
const pureRooms = ["codec", "modem", "sms"];
const edges = /^node:(fs|net|child_process|dgram|dns|http|https|tls|worker_threads|timers)/;

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
  /** What stands between `import` and `from`. */
  readonly names: string;
}

async function importsOfTree(): Promise<readonly Import[]> {
  const found: Import[] = [];
  for (const file of await readdir(src, { recursive: true })) {
    if (!file.endsWith(".ts")) continue;
    const text = await readFile(join(src, file), "utf8");
    for (const [, names = "", target = ""] of text.matchAll(/(?:import|export)\s*(?:\(|([^;"]*?)from)\s*"([^"]+)"/g))
      found.push({ file, room: file.includes("/") ? (file.split("/")[0] ?? "") : "", target, names: names.trim() });
  }
  return found;
}

const roomOf = ({ file, target }: Import): string =>
  relative(src, normalize(join(src, dirname(file), target))).split("/")[0] ?? "";

t.test("each room imports only what lies below it", async (t) => {
  const imports = await importsOfTree();
  t.ok(imports.length > 0, "the tree has imports to check");
  for (const found of imports.filter(({ target, room }) => target.startsWith(".") && room !== "")) {
    const target = roomOf(found);
    t.ok(
      target === found.room || mayImport[found.room]?.includes(target),
      `src/${found.file} (${found.room}) may not import ${target}`,
    );
  }
});

t.test("a package with an edge of its own is used in its room only", async (t) => {
  for (const { file, room, target } of await importsOfTree()) {
    const homes = packageHome[target.startsWith("@") ? target : (target.split("/")[0] ?? "")];
    if (homes && room !== "") t.ok(homes.includes(room), `src/${file} may not import ${target}`);
  }
  t.pass("checked");
});

t.test("pure rooms reach no socket, file, process or timer", async (t) => {
  // isIP and its kin are functions of text that happen to live in node:net.
  for (const { file, room, target, names } of await importsOfTree())
    if (pureRooms.includes(room) && !(target === "node:net" && /^\{[\s,]*(isIP(v[46])?[\s,]*)+\}$/.test(names)))
      t.notMatch(target, edges, `src/${file} imports ${target}`);
  t.pass("checked");
});
