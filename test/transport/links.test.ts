import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { closeFd, FdChannel, openPty, socketPair, writeFd } from "../../src/native/index.js";
import type { ByteLink, FrameLink } from "../../src/runtime/link.js";
import { byteLinkOver, frameLinkOver, serialLinkOver } from "../../src/transport/channel-link.js";
import { openDevice, openTty } from "../../src/transport/device.js";
import { portHolder } from "../../src/transport/holder.js";
import { openModemUrl, parseModemUrl } from "../../src/transport/modem-url.js";
import { connectUnix } from "../../src/transport/unix.js";
import { eventually } from "../lab/eventually.js";
import { HeardLink } from "./heard-link.js";

const folder = mkdtempSync(join(tmpdir(), "wwand-transport-"));
t.teardown(() => rmSync(folder, { recursive: true }));

interface FarEnd {
  readonly link: ByteLink | FrameLink;
  /** Writes as the modem does. */
  send(text: string): void;
  unplug(): void;
}

/** The same promises hold for every kind of link. */
const kinds: Readonly<Record<string, () => Promise<FarEnd>>> = {
  "unix socket": async () => {
    const path = join(folder, `${Math.random()}.sock`);
    const server = createServer().listen(path);
    await once(server, "listening");
    const accepted = once(server, "connection");
    const link = await connectUnix(path);
    const [socket]: Socket[] = await accepted;
    if (socket === undefined) throw new Error("nobody connected");
    socket.on("error", () => socket.destroy());
    server.close();
    return { link, send: (text) => void socket.write(text), unplug: () => socket.destroy() };
  },
  terminal: async () => {
    const { fd, path } = openPty();
    const link = await openTty(path, 115_200);
    return { link, send: (text) => void writeFd(fd, Buffer.from(text)), unplug: () => closeFd(fd) };
  },
  frames: async () => {
    const [near, far] = socketPair("seqpacket");
    const link = frameLinkOver(near, "/dev/test-wdm", 64);
    return { link, send: (text) => void writeFd(far, Buffer.from(text)), unplug: () => closeFd(far) };
  },
};

/** Empty when it was closed meanwhile. */
function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return "";
  }
}

const word = Buffer.from("word");

for (const [kind, plug] of Object.entries(kinds)) {
  t.test(`${kind}: what came before the listener is delivered to it first`, async (t) => {
    const { link, send } = await plug();
    send("early");
    await link.write(word);
    const heard = new HeardLink();
    link.listen(heard);
    await heard.until(() => heard.text === "early");
    send("late");
    await heard.until(() => heard.text === "earlylate");
    t.throws(() => link.listen(heard), /has its listener already/);
    link.close();
  });

  t.test(`${kind}: unplugged is told once, and writes are refused as unplugged from then on`, async (t) => {
    const { link, unplug } = await plug();
    const heard = new HeardLink();
    link.listen(heard);
    unplug();
    await heard.until(() => heard.closings.length > 0);
    t.match(heard.closings[0], { name: "ModemError", code: "unplugged" });
    await t.rejects(link.write(word), { name: "ModemError", code: "unplugged" });
    link.close();
    t.equal(heard.closings.length, 1);
  });

  t.test(`${kind}: unplugged before anybody listened is told to the listener`, async (t) => {
    const { link, unplug } = await plug();
    unplug();
    const heard = new HeardLink();
    link.listen(heard);
    await heard.until(() => heard.closings.length > 0);
    t.match(heard.closings, [{ code: "unplugged" }]);
  });

  t.test(`${kind}: close is told once, is idempotent, and may come from inside data`, async (t) => {
    const { link, send, unplug } = await plug();
    const heard = new HeardLink();
    link.listen({
      data: (bytes) => {
        heard.data(bytes);
        link.close();
        link.close();
      },
      closed: (reason) => heard.closed(reason),
    });
    send("x");
    await heard.until(() => heard.closings.length > 0);
    t.match(heard.closings, [{ name: "ModemError", code: "aborted", message: `${link.name} was closed` }]);
    await t.rejects(link.write(word), { code: "unplugged" });
    unplug();
  });

  t.test(`${kind}: closed before anybody listened is told to the listener`, async (t) => {
    const { link, unplug } = await plug();
    link.close();
    const heard = new HeardLink();
    link.listen(heard);
    t.match(heard.closings, [{ code: "aborted" }]);
    unplug();
  });
}

t.test("writes that wait when the modem is unplugged are all rejected as unplugged", async (t) => {
  const [near, far] = socketPair("stream");
  const link = byteLinkOver(near, "stream");
  link.listen(new HeardLink());
  const writes = Array.from({ length: 50 }, () => link.write(Buffer.alloc(50_000)));
  closeFd(far);
  const outcomes = await Promise.allSettled(writes);
  const reasons = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.code] : []));
  t.ok(reasons.length > 40);
  t.strictSame(new Set(reasons), new Set(["unplugged"]));
});

t.test("frames keep their boundaries, and one that the device would cut is refused", async (t) => {
  const [near, far] = socketPair("seqpacket");
  const link = frameLinkOver(near, "/dev/test-wdm", 8);
  const received: string[] = [];
  const device = new FdChannel(
    far,
    { kind: "frames" },
    { onMessages: (list) => received.push(...list.map(String)), onEnd: () => t.fail("the link went first") },
  );
  await Promise.all(["one", "two", "12345678"].map((text) => link.write(Buffer.from(text))));
  await t.rejects(link.write(Buffer.from("123456789")), {
    code: "invalid",
    message: /9 bytes do not fit a frame of 8/,
  });
  const heard = new HeardLink();
  link.listen(heard);
  for (const text of ["a", "bb", "ccc"]) await device.write(Buffer.from(text));
  await heard.until(() => heard.pieces.length === 3);
  t.strictSame(heard.pieces.map(String), ["a", "bb", "ccc"]);
  t.strictSame(received, ["one", "two", "12345678"]);
  device.close();
  link.close();
});

t.test("a terminal hung up during a write says unplugged, whatever errno the kernel chose", async (t) => {
  const { fd, path } = openPty();
  const link = await openTty(path, 115_200);
  t.equal(link.dropDtr, undefined, "a pty has no modem lines");
  closeFd(fd);
  await t.rejects(link.write(word), { code: "unplugged", failure: { domain: "errno", code: 5, name: "EIO" } });
  link.close();
});

t.test("a serial port is for one program while it is open, and for the next one after", async (t) => {
  const { fd, path } = openPty();
  chmodSync(path, 0o666);
  const link = serialLinkOver(openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK), path);
  // A terminal stays as exclusive as it was while anybody has it open.
  const held = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  const openAsNobody = () =>
    spawnSync("setpriv", ["--reuid=65534", "--clear-groups", "--inh-caps=-all", "sh", "-c", `exec 3<>${path}`], {
      encoding: "utf8",
    });
  t.match(openAsNobody(), { status: 2, stderr: /busy/ });
  link.close();
  t.equal(openAsNobody().status, 0);
  closeSync(held);
  closeFd(fd);
});

t.test("a link through a symlink, as the virtual modem offers its pty", async (t) => {
  const { fd, path } = openPty();
  const symlink = join(folder, "modem");
  symlinkSync(path, symlink);
  const link = await openModemUrl(parseModemUrl(`mbim+pty:${symlink}`), new AbortController().signal);
  t.equal(link.name, symlink);
  const heard = new HeardLink();
  link.listen(heard);
  writeFd(fd, Buffer.from("\r\n\0\xff", "latin1"));
  await heard.until(() => heard.pieces.length > 0);
  t.strictSame(Buffer.concat(heard.pieces), Buffer.from("\r\n\0\xff", "latin1"), "raw");
  link.close();
  closeFd(fd);
});

t.test("what cannot be opened is refused with the reason, and leaves no descriptor", async (t) => {
  const before = readdirSync("/proc/self/fd").length;
  await t.rejects(openDevice("/dev/cdc-wdm99"), { code: "unplugged", failure: { name: "ENOENT", code: 2 } });
  await t.rejects(openDevice("/dev"), { code: "invalid", failure: { name: "EISDIR" } });
  await t.rejects(openTty("/dev/full", 115_200), { code: "invalid", failure: { name: "ENOTTY" } });
  const { fd, path } = openPty();
  await t.rejects(openTty(path, 12_345), { code: "invalid", message: /baudRate 12345/ });
  closeFd(fd);
  await t.rejects(connectUnix(join(folder, "nobody.sock")), { code: "unplugged", failure: { name: "ENOENT" } });
  await t.rejects(connectUnix("@wwand-nobody"), { code: "unplugged", failure: { name: "ECONNREFUSED" } });
  const { signal } = new AbortController();
  await t.rejects(openModemUrl(parseModemUrl("mbim+dev:/dev/cdc-wdm99?proxy=wwand-nobody"), signal), {
    code: "unplugged",
  });
  const gone = AbortSignal.abort(new Error("shutting down"));
  await t.rejects(openModemUrl(parseModemUrl("mbim+dev:/dev/cdc-wdm99"), gone), { message: "shutting down" });
  // Fewer is fine: links of earlier tests are still being closed in the pool.
  t.ok(readdirSync("/proc/self/fd").length <= before);
});

t.test("a device that vanishes at whatever moment of being opened leaves no descriptor", async (t) => {
  const fifo = join(folder, "fifo");
  execFileSync("mkfifo", [fifo]);
  const open = () => readdirSync("/proc/self/fd").filter((fd) => targetOf(`/proc/self/fd/${fd}`) === fifo);
  for (let turns = 0; turns < 40; turns += 1) {
    const path = join(folder, `vanishes-${turns}`);
    symlinkSync(fifo, path);
    const opening = openDevice(path).then(
      (link) => link.close(),
      () => undefined,
    );
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    rmSync(path);
    await opening;
  }
  await eventually("all closed", open, (fds) => fds.length === 0);
  t.strictSame(open(), []);
  t.equal(await portHolder(join(folder, "vanishes-0")), undefined, "what is gone is held by nobody");
});

t.test("waiting for a server that is about to listen ends with the signal", async (t) => {
  const abort = new AbortController();
  const connecting = connectUnix("@wwand-about-to-listen", abort.signal);
  abort.abort(new Error("never mind"));
  await t.rejects(connecting, { message: "never mind" });
});

t.test("a port that another program holds is refused with the program's name and id", async (t) => {
  // /dev/full stands in for a cdc-wdm: a character device that several programs can have open.
  const holder = spawn("sleep", ["60"], { stdio: [openSync("/dev/full", "r"), "ignore", "ignore"] });
  await once(holder, "spawn");
  await t.rejects(openDevice("/dev/full"), { code: "busy", message: `sleep (pid ${holder.pid}) holds /dev/full` });
  holder.kill();
  await once(holder, "exit");
});

t.test("our own further descriptors of a port do not count as another program", async (t) => {
  const own = openSync("/dev/full", "r");
  // The next hurdle after the holders: poll(2) does not know /dev/full.
  await t.rejects(openDevice("/dev/full"), { failure: { name: "EPERM" }, cause: { syscall: "poll" } });
  closeSync(own);
});
