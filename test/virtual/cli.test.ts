import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { main } from "../../src/virtual/cli.js";
import { requestStep } from "../../src/virtual/control/client.js";

const bin = new URL("../../src/virtual/bin.ts", import.meta.url).pathname;
const node = ["--import=tsx", bin];

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** In this process: what ends by itself. */
async function virtual(...args: readonly string[]): Promise<Ended> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await main(args, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { code, out: out.join(""), err: err.join("") };
}

async function folderFor(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "wwand-virtual-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts `run` and waits for its first line. */
async function run(
  t: Test,
  ...args: readonly string[]
): Promise<{ readonly child: ChildProcess; readonly ready: string }> {
  const child = spawn(process.execPath, [...node, "run", "mbim-generic", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.teardown(() => child.kill("SIGKILL"));
  if (child.stdout === null) throw new Error("no stdout");
  const [line] = await once(child.stdout, "data");
  return { child, ready: String(line) };
}

t.test("run says when it is ready, ctl steers it, a signal ends it without a trace", async (t) => {
  const folder = await folderFor(t);
  const [link, control] = [join(folder, "modem"), join(folder, "control")];
  const { child, ready } = await run(t, "--pty", link, "--control", control, "--set", "searchMs=1");
  t.equal(ready, `ready mbim-generic pty=${link} control=${control}\n`);
  t.strictSame(await readdir(folder), ["control", "modem"]);
  t.match(await virtual("ctl", control, "signal", "-80"), { code: 0, out: "ok\n" });
  const state = await virtual("ctl", control, "state");
  t.match(JSON.parse(state.out), { model: { carrier: { rssiDbm: -80 }, sim: { slot: "ready" } } });
  t.match(await virtual("ctl", control, "sms", "hello"), { code: 2, err: /expected a sender and a text/ });
  t.match(await virtual("ctl", control, "fly"), { code: 2, err: /no step "fly"[\s\S]*drop-bearer/ });
  t.match(await virtual("ctl", control, "drop-bearer"), { code: 1, err: /there is no bearer/ });
  child.kill("SIGTERM");
  t.strictSame(await once(child, "exit"), [0, null]);
  t.strictSame(await readdir(folder), []);
  t.match(await virtual("ctl", control, "state"), { code: 2, err: /ENOENT/ });
});

t.test("the control socket answers nonsense, keeps order, and outlives its clients", async (t) => {
  const folder = await folderFor(t);
  const control = join(folder, "control");
  const { child } = await run(t, "--unix", join(folder, "modem"), "--control", control);
  const client = connect(control);
  client.setEncoding("utf8");
  client.write('not JSON\n{"step":5}\n{"step":"signal","args":["-70"]}\n{"step":"signal","args":"-70"}\n[]\n');
  let text = "";
  while (text.split("\n").length < 6) text += String((await once(client, "data"))[0]);
  const replies = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).failure ?? "ok");
  t.strictSame(replies, ["usage", "usage", "ok", "usage", "usage"]);
  client.destroy();
  t.match(await requestStep(control, { step: "unplug", args: [] }), { text: "ok" });
  t.strictSame(await readdir(folder), ["control"], "unplugged, the port is gone");
  child.kill("SIGINT");
  t.strictSame(await once(child, "exit"), [0, null]);
});

t.test("what a killed predecessor left is taken over, what lives or is something else is not", async (t) => {
  const folder = await folderFor(t);
  const [link, socket, control] = [join(folder, "pty"), join(folder, "socket"), join(folder, "control")];
  const first = await run(t, "--unix", socket, "--control", control);
  t.match(await virtual("run", "mbim-generic", "--unix", socket), { code: 1, err: /socket is in use/ });
  first.child.kill("SIGKILL");
  await once(first.child, "exit");
  await symlink("/dev/pts/9999", link);
  const second = await run(t, "--unix", socket, "--control", control);
  second.child.kill("SIGTERM");
  await once(second.child, "exit");
  const third = await run(t, "--pty", link);
  third.child.kill("SIGTERM");
  await once(third.child, "exit");
  t.strictSame(await readdir(folder), []);
  await writeFile(link, "precious");
  t.match(await virtual("run", "mbim-generic", "--pty", link), { code: 1, err: /exists and is no symbolic link/ });
});

t.test("several modems on one USB bus, each with steps of its own", async (t) => {
  const folder = await folderFor(t);
  const control = join(folder, "control");
  const child = spawn(
    process.execPath,
    [
      ...node,
      ..."run mbim-generic mbim-generic arduino-uno --usbip --listen 127.0.0.1:0 --control".split(" "),
      control,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  t.teardown(() => child.kill("SIGKILL"));
  const [text] = await once(child.stdout, "data");
  const [, first, second, third] =
    /^ready mbim-generic usb=(\S+) control=\S+\/control\nready mbim-generic usb=(\S+) .*-2\nready arduino-uno usb=(\S+) .*-3\n$/.exec(
      String(text),
    ) ?? [];
  t.match([first, second, third], [/^127\.0\.0\.1:\d+\/1-1$/, /\/1-2$/, /\/1-3$/]);
  const idsOf = async (path: string) =>
    /"usb": \{[^}]*"ids": "([^"]*)"/.exec((await virtual("ctl", path, "state")).out)?.[1];
  t.strictSame([await idsOf(control), await idsOf(`${control}-3`)], ["1209:0001", "2341:0043"]);
  t.match(await virtual("ctl", `${control}-3`, "received"), { code: 0, out: "interface 0: nothing\n" });
  t.match(await virtual("ctl", `${control}-2`, "mode", "sausage"), { code: 2, err: /there are: mbim/ });
  child.kill("SIGTERM");
  t.strictSame(await once(child, "exit"), [0, null]);
  t.strictSame(await readdir(folder), []);
});

t.test("a command line that makes no sense ends with 2 and says what was expected", async (t) => {
  t.match(await virtual("profiles"), { code: 0, out: /mbim-generic/ });
  t.match(await virtual(), { code: 2 });
  t.match(await virtual("run"), { code: 2, err: /which modem\? Name a profile/ });
  t.match(await virtual("run", "mbim-generic"), { code: 2, err: /--unix PATH, --pty LINK or --tcp PORT/ });
  t.match(await virtual("run", "mbim-generic", "--unix", "a", "--pty", "b"), { code: 2, err: /cannot be used with/ });
  t.match(await virtual("run", "mbim-generic", "--unix", "a", "--usbip"), { code: 2, err: /cannot be used with/ });
  t.match(await virtual("run", "mbim-generic", "--tcp", "1", "--pty", "b"), { code: 2, err: /cannot be used with/ });
  t.match(await virtual("run", "mbim-generic", "--tcp", "70000"), { code: 2, err: /from 1 to 65535/ });
  t.match(await virtual("run", "mbim-generic", "--unix", "a", "--attach"), { code: 2, err: /--attach belongs to/ });
  t.match(await virtual("run", "mbim-generic", "--usbip", "--net", "wwan0"), { code: 2, err: /leave --net out/ });
  t.match(await virtual("run", "mbim-generic", "at-generic", "--unix", "a"), { code: 2, err: /need --usbip/ });
  t.match(await virtual("run", "mbim-generic", "--usbip", "--listen", "3240"), { code: 2, err: /expected HOST:PORT/ });
  t.match(await virtual("run", "toaster", "--unix", "/nowhere/m"), { code: 1, err: /there are: mbim-generic/ });
  t.match(await virtual("run", "mbim-generic", "--unix", "/nowhere/m", "--set", "mtu=big"), {
    code: 1,
    err: /setting mtu/,
  });
  t.match(await virtual("run", "mbim-generic", "--unix", "/nowhere/m", "--set", "mtu"), {
    code: 2,
    err: /expected key=value/,
  });
});
