import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createConnection, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import handshake from "dbus-next/lib/handshake.js";
import t, { type Test } from "tap";
import { Bus } from "../../src/dbus/bus.js";
import { FrameSplitter } from "../../src/dbus/frames.js";
import { encodeMessage, type IncomingMessage, type OutgoingMessage, setSerial } from "../../src/dbus/message.js";
import type { ExportedInterface } from "../../src/dbus/types.js";
import { Variant } from "../../src/dbus/types.js";
import { decodeMessage } from "../../src/dbus/unmarshal.js";
import { ModemError } from "../../src/runtime/error.js";
import { type PrivateBus, startPrivateBus } from "../lab/dbus.js";
import { Client, oneMethod, readableLog } from "./bus-client.js";

const name = "net.wwand.test";
const on = { destination: name, path: "/t" };
const answer = { signature: "s", body: ["fine"] };

async function daemonFor(t: Test): Promise<PrivateBus> {
  const daemon = await startPrivateBus();
  t.teardown(() => daemon.close());
  return daemon;
}

/** A service with one exported interface and a client beside it, on a daemon of their own. */
async function serving(t: Test, exported: ExportedInterface) {
  const daemon = await daemonFor(t);
  const { log, lines } = readableLog();
  const bus = new Bus({ address: daemon.address, log });
  t.teardown(() => bus.close());
  bus.export("/t", exported);
  await bus.connect(AbortSignal.timeout(10_000));
  await bus.requestName(name);
  const client = await Client.connect(daemon.address);
  t.teardown(() => client.disconnect());
  return { daemon, bus, lines, client };
}

/** Fails unless `work` rejects with something like `wanted`; `t.rejects` knows the fields of Error only. */
async function fails(t: Test, work: Promise<unknown>, wanted: object): Promise<void> {
  const failed = { is: "not rejected" };
  t.match(await work.then(() => failed).catch((error: unknown) => error), wanted);
}

/** The next time that `bus` tells `event`, with its first argument. */
const next = (bus: Bus, event: "lost" | "connected"): Promise<unknown> =>
  new Promise((resolve) => {
    bus.events.once(event, (reason?: Error) => resolve(reason));
  });

/** A client that sends any bytes: no library lets one send what the next tests need. */
async function rawClient(t: Test, address: string) {
  const socket = createConnection(address.replace("unix:path=", ""));
  t.teardown(() => socket.destroy());
  await once(socket, "connect");
  await new Promise<void>((resolve, reject) =>
    handshake(socket, { authMethods: ["EXTERNAL"] }, (error) => (error ? reject(error) : resolve())),
  );
  const splitter = new FrameSplitter();
  const arrived: IncomingMessage[] = [];
  socket.on("data", (chunk: Buffer) => {
    for (const frame of splitter.push(chunk)) {
      const message = decodeMessage(frame);
      if (message !== undefined) arrived.push(message);
    }
  });
  const replyTo = async (serial: number): Promise<IncomingMessage> => {
    for (;;) {
      const found = arrived.find((message) => message.replySerial === serial);
      if (found !== undefined) return found;
      await once(socket, "data");
    }
  };
  const send = (message: Buffer, serial: number) => {
    setSerial(message, serial);
    socket.write(message);
    return replyTo(serial);
  };
  const driver = "org.freedesktop.DBus";
  const hello = {
    type: "call",
    flags: 0,
    path: "/org/freedesktop/DBus",
    interface: driver,
    destination: driver,
  } as const;
  await send(encodeMessage({ ...hello, member: "Hello", signature: "", body: [] }), 1);
  return send;
}

t.test("a message that names a file descriptor and brings none is answered, and the daemon lives", async (t) => {
  const { daemon, client } = await serving(
    t,
    oneMethod("Echo", "s", () => answer),
  );
  const send = await rawClient(t, daemon.address);
  const call = { type: "call", flags: 0, ...on, interface: "net.wwand.Test1", member: "Echo" } as const;
  const descriptor = encodeMessage({ ...call, signature: "u", body: [0] });
  descriptor[descriptor.indexOf(Buffer.from("08016700017500", "hex")) + 5] = "h".charCodeAt(0);
  t.match(await send(descriptor, 2), { type: "error", errorName: "org.freedesktop.DBus.Error.InvalidArgs" });

  const inVariant = encodeMessage({ ...call, signature: "v", body: [new Variant("u", 0)] });
  inVariant[inVariant.lastIndexOf(Buffer.from("017500", "hex")) + 1] = "h".charCodeAt(0);
  t.match(await send(inVariant, 3), { type: "error", errorName: "org.freedesktop.DBus.Error.UnknownMethod" });

  t.strictSame(await client.call({ ...on, member: "Echo", signature: "s", body: ["x"] }), ["fine"]);
});

t.test("a reply that the bus would drop us for becomes an error reply, and we stay", async (t) => {
  const path = { signature: "o", body: ["not a path"] };
  const { bus, client, lines } = await serving(
    t,
    oneMethod("Where", "", () => path),
  );
  const before = bus.uniqueName;
  t.equal(await client.errorName({ ...on, member: "Where" }), "net.wwand.Error.Failed");
  t.match(lines.join("\n"), /Where on \/t: value 0: "not a path" is not an object path/);
  await client.settled(name);
  t.equal(bus.uniqueName, before);
});

t.test("a signal that the bus would drop us for is logged; those around it arrive", async (t) => {
  const { bus, client, lines } = await serving(
    t,
    oneMethod("Echo", "", () => answer),
  );
  bus.emit("/t", "net.wwand.Test1", "First", "s", ["1"]);
  bus.emit("/t", "net.wwand.Test1", "Bad", "s", ["\ud800"]);
  bus.emit("/t", "net.wwand.Test1", "Bad-Name", "", []);
  bus.emit("no path", "net.wwand.Test1", "Bad", "", []);
  bus.emit("/t", "net.wwand.Test1", "Last", "u", [4294967295]);
  await client.settled(name);
  t.strictSame(client.story(), ['signal First "1"', "signal Last 4294967295"]);
  t.equal(lines.filter((line) => line.includes("not sent")).length, 3);
});

t.test("a handler that fails answers an error without its stack, and the process lives", async (t) => {
  const failures: Record<string, () => never> = {
    throws: () => {
      throw new TypeError("x is not a function at /src/secret.ts");
    },
    modem: () => {
      const failure = { domain: "mbim", code: 2, name: "Failure" } as const;
      throw new ModemError("badPin", "status 2", { failure });
    },
    string: () => {
      throw "just a string";
    },
  };
  const fail = (how: unknown) => failures[String(how)]?.() ?? answer;
  const methods = new Map([
    ["Now", { inSignature: "s", call: ([how]: readonly unknown[]) => fail(how) }],
    ["Later", { inSignature: "s", call: async ([how]: readonly unknown[]) => fail(how) }],
  ]);
  const { client } = await serving(t, { name: "org.ofono.Test", xml: "", methods });
  for (const member of ["Now", "Later"]) {
    const call = (how: string) => client.call({ ...on, member, signature: "s", body: [how] });
    await fails(t, call("throws"), { type: "org.ofono.Error.Failed", text: "The operation did not succeed" });
    await fails(t, call("modem"), {
      type: "org.ofono.Error.IncorrectPassword",
      text: "The PIN, PUK or password was wrong: mbim 2 Failure",
    });
    await fails(t, call("string"), { type: "org.ofono.Error.Failed" });
    t.strictSame(await call("not at all"), ["fine"]);
  }
});

t.test("who expects no reply gets none, not even an error", async (t) => {
  const heard: unknown[] = [];
  const exported = oneMethod("Tell", "s", ([what]) => {
    heard.push(what);
    if (what === "fail") throw new Error("failed");
    return answer;
  });
  const { client } = await serving(t, exported);
  const noReply = { ...on, signature: "s", flags: 1 };
  await client.call({ ...noReply, member: "Tell", body: ["work"] });
  await client.call({ ...noReply, member: "Tell", body: ["fail"] });
  await client.call({ ...noReply, member: "NoSuchMethod", body: ["x"] });
  await client.settled(name);
  t.strictSame(heard, ["work", "fail"]);
  t.strictSame(client.story(), []);
});

t.test("what is not there is answered with the names that clients of oFono know", async (t) => {
  const { client } = await serving(
    t,
    oneMethod("Echo", "s", () => answer),
  );
  const echo = { ...on, interface: "net.wwand.Test1", member: "Echo", signature: "s", body: ["x"] };
  const unknownMethod = "org.freedesktop.DBus.Error.UnknownMethod";
  t.equal(await client.errorName(echo), "no error");
  t.equal(await client.errorName({ ...echo, member: "echo" }), unknownMethod, "member");
  t.equal(await client.errorName({ ...echo, interface: "net.wwand.Other1" }), unknownMethod, "interface");
  t.equal(await client.errorName({ ...echo, signature: "u", body: [1] }), unknownMethod, "argument type");
  t.equal(await client.errorName({ ...echo, signature: "ss", body: ["x", "y"] }), unknownMethod, "argument count");
  t.equal(await client.errorName({ ...echo, member: "constructor" }), unknownMethod, "a name every object has");
  t.equal(await client.errorName({ ...echo, path: "/t/u" }), "org.freedesktop.DBus.Error.UnknownObject", "path");
  const properties = { ...on, interface: "org.freedesktop.DBus.Properties", member: "GetAll", signature: "s" };
  t.equal(await client.errorName({ ...properties, body: ["net.wwand.Test1"] }), unknownMethod, "Properties");
});

t.test("a call without interface finds the method; the handler knows who calls", async (t) => {
  const { client } = await serving(
    t,
    oneMethod("WhoAmI", "", (_, { sender }) => ({ signature: "s", body: [sender] })),
  );
  const [mine] = await client.call({ ...on, member: "WhoAmI" });
  t.equal(mine, Reflect.get(client.bus, "name"));
  t.match(mine, /^:1\.\d+$/);
  const [machine] = await client.call({
    ...on,
    path: "/anywhere",
    interface: "org.freedesktop.DBus.Peer",
    member: "GetMachineId",
  });
  t.match(machine, /^[0-9a-f]{32}$/);
});

/** A service whose method `Wait` answers when the test says so, and the caller's bus. */
async function mute(t: Test) {
  const waiting: (() => void)[] = [];
  const called: (() => void)[] = [];
  const exported = oneMethod("Wait", "", () => {
    called.shift()?.();
    return new Promise((resolve) => waiting.push(() => resolve(answer)));
  });
  const { daemon, lines } = await serving(t, exported);
  const caller = new Bus({ address: daemon.address, log: readableLog().log });
  t.teardown(() => caller.close());
  await caller.connect(AbortSignal.timeout(10_000));
  const nextCall = () => new Promise<void>((resolve) => called.push(resolve));
  return { daemon, caller, lines, nextCall, answerAll: () => waiting.splice(0).forEach((done) => void done()) };
}

t.test("a call that is never answered ends: by deadline, by abort, with the bus", async (t) => {
  const { daemon, caller, nextCall, answerAll } = await mute(t);
  const wait = (options: { signal?: AbortSignal; timeoutMs?: number }) =>
    caller.call(name, "/t", "net.wwand.Test1", "Wait", "", [], options);

  const arrived = nextCall();
  await t.rejects(wait({ timeoutMs: 20 }), { code: "timeout", message: /Wait: no reply within 20 ms/ });
  await arrived;
  const abort = new AbortController();
  const reached = nextCall();
  const abandoned = wait({ signal: abort.signal });
  await reached;
  abort.abort(new Error("not needed any more"));
  await t.rejects(abandoned, { code: "aborted", cause: { message: "not needed any more" } });
  await t.rejects(wait({ signal: AbortSignal.abort() }), { code: "aborted" }, "aborted before it began");

  answerAll();
  const inTime = nextCall();
  const answered = wait({});
  await inTime;
  answerAll();
  t.strictSame(await answered, ["fine"], "late answers to others have not been taken for this one");

  const lost = nextCall();
  const interrupted = wait({});
  await lost;
  await Promise.all([daemon.stop(), t.rejects(interrupted, { code: "unplugged" })]);
  await t.rejects(wait({}), { code: "unplugged", message: /no bus/ }, "nor does one begun without a bus");
});

t.test("an error of another service keeps its name", async (t) => {
  const { bus } = await serving(
    t,
    oneMethod("Echo", "", () => answer),
  );
  const call = bus.call("net.nobody", "/", "net.nobody.X", "Y", "", []);
  await fails(t, call, { errorName: "org.freedesktop.DBus.Error.ServiceUnknown" });
  await t.rejects(bus.call("net.nobody", "no path", "net.nobody.X", "Y", "", []), /not valid as path/);
  await t.rejects(bus.call("net.nobody", "/", "net.nobody.X", "Y", "u", [-1]), /not an integer/);
});

t.test("the bus daemon is killed and comes back: everything is announced afresh", async (t) => {
  const { daemon, bus } = await serving(
    t,
    oneMethod("Echo", "s", () => answer),
  );
  const other = new Bus({ address: daemon.address, log: readableLog().log });
  t.teardown(() => other.close());
  await other.connect(AbortSignal.timeout(10_000));
  await other.requestName("net.wwand.peer");
  const owners: boolean[] = [];
  const gone: string[] = [];
  const heard: unknown[] = [];
  let ownerChanged: () => void = () => undefined;
  const peerIsThere = () =>
    new Promise<void>((resolve) => {
      ownerChanged = () => {
        if (owners.at(-1) === true) resolve();
      };
    });
  const peerWasThere = peerIsThere();
  bus.watchName("net.wwand.peer", (owner) => {
    owners.push(owner !== undefined);
    ownerChanged();
  });
  bus.watchSender(other.uniqueName ?? "", () => gone.push("left"));
  bus.subscribe({ sender: "net.wwand.peer", member: "News" }, ({ body }) => heard.push(...body));

  await peerWasThere;
  const lost = next(bus, "lost");
  await daemon.stop();
  t.match(await lost, { code: "unplugged" });
  bus.emit("/t", "net.wwand.Test1", "Unheard", "", []);
  const peerIsBack = peerIsThere();
  await Promise.all([next(bus, "connected"), next(other, "connected"), daemon.start()]);
  await peerIsBack;

  t.strictSame(owners, [true, false, true]);
  t.strictSame(gone, ["left"], "a unique name dies with its bus, once");
  other.emit("/n", "net.wwand.Peer1", "News", "s", ["again"]);
  const client = await Client.connect(daemon.address);
  t.teardown(() => client.disconnect());
  t.strictSame(await client.call({ ...on, member: "Echo", signature: "s", body: ["x"] }), ["fine"]);
  await bus.call("net.wwand.peer", "/", "org.freedesktop.DBus.Peer", "Ping", "", []);
  await bus.call("net.wwand.peer", "/", "org.freedesktop.DBus.Peer", "Ping", "", []);
  t.strictSame(heard, ["again"]);
});

t.test("a bus that is not there at start is waited for as long as the caller likes", async (t) => {
  const daemon = await daemonFor(t);
  await daemon.stop();
  const { log, lines } = readableLog();
  const bus = new Bus({ address: daemon.address, log });
  t.teardown(() => bus.close());
  const impatient = new AbortController();
  setImmediate(() => impatient.abort(new Error("no patience")));
  await t.rejects(bus.connect(impatient.signal), { message: "no patience" });
  const connecting = bus.connect(AbortSignal.timeout(10_000));
  await daemon.start();
  await connecting;
  t.match(bus.uniqueName, /^:1\./);
  t.match(lines[0], /^<4>bus unix:path=.*trying on/);
  await t.rejects(bus.connect(AbortSignal.timeout(10)), /connect on a bus connection that is up/);
});

/** Speaks the authentication of a bus daemon and then does what `then` says. */
async function fakeDaemon(t: Test, line: string, then: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () => socket.write(`${line}\r\n`));
    socket.on("data", (chunk: Buffer) => {
      if (chunk.includes("BEGIN")) then(socket);
    });
  });
  const folder = await mkdtemp(join(tmpdir(), "wwand-fake-bus-"));
  server.listen(`${folder}/bus`);
  await once(server, "listening");
  t.teardown(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
  return `unix:path=${folder}/bus`;
}

const helloRefused = encodeMessage({
  type: "error",
  flags: 1,
  replySerial: 1,
  errorName: "org.freedesktop.DBus.Error.LimitsExceeded",
  signature: "s",
  body: ["too many connections"],
} satisfies OutgoingMessage);
setSerial(helloRefused, 1);

/** A bus connection whose search can be given up at its first warning. */
function watchedForWarning(address: string) {
  const abort = new AbortController();
  const { log, lines } = readableLog();
  const warning = (text: string) => {
    log.warning(text);
    abort.abort(new Error("seen"));
  };
  return { bus: new Bus({ address, log: { ...log, warning } }), lines, seen: abort.signal };
}

const misbehaviours: readonly (readonly [what: string, line: string, then: (socket: Socket) => void, log: RegExp])[] = [
  ["refuses us", "REJECTED EXTERNAL", () => undefined, /No authentication methods left/],
  ["closes during authentication", "OK 1234", (socket) => socket.destroy(), /bus connection lost|closed/],
  [
    "talks garbage",
    "OK 1234",
    (socket) => socket.write("GET / HTTP/1.1\r\n\r\n"),
    /what came in is not D-Bus: byte order/,
  ],
  ["refuses Hello", "OK 1234", (socket) => socket.write(helloRefused), /too many connections/],
];

for (const [what, line, then, cause] of misbehaviours)
  t.test(`a daemon that ${what} is tried again`, async (t) => {
    const address = await fakeDaemon(t, line, then);
    const { bus, lines, seen } = watchedForWarning(address);
    t.teardown(() => bus.close());
    await t.rejects(bus.connect(seen), { message: "seen" });
    t.match(lines.join("\n"), cause);
  });

t.test("an address that cannot be reached from here says what was expected", async (t) => {
  for (const address of ["unix:abstract=/tmp/x", "launchd:env=X", "nonsense", ""]) {
    const { bus, lines, seen } = watchedForWarning(address);
    await t.rejects(bus.connect(seen), { message: "seen" });
    t.match(lines[0], /was expected|names no place/, address);
    await bus.close();
  }
});

t.test("listeners that throw spare the bus", async (t) => {
  const { bus, client, lines } = await serving(
    t,
    oneMethod("Echo", "", () => answer),
  );
  const fail = () => {
    throw new Error("listener is broken");
  };
  bus.subscribe({ member: "News" }, fail);
  bus.watchName("net.wwand.new", fail);
  bus.events.on("nameAcquired", fail);
  await bus.requestName("net.wwand.new");
  await bus.call(name, "/", "org.freedesktop.DBus.Peer", "Ping", "", []);
  bus.emit("/t", "net.wwand.Test1", "News", "", []);
  await client.settled(name);
  t.equal(lines.filter((line) => line.includes("listener is broken")).length, 3 + 1, "each is logged");
});

t.test("after close nothing reconnects", async (t) => {
  const { daemon, bus, client } = await serving(
    t,
    oneMethod("Echo", "", () => answer),
  );
  bus.emit("/t", "net.wwand.Test1", "LastWords", "", []);
  const left = new Promise<void>((resolve) =>
    client.bus.on("message", ({ member, body }) => {
      if (member === "NameOwnerChanged" && body[0] === name && body[2] === "") resolve();
    }),
  );
  await bus.close();
  await bus.close();
  await left;
  t.strictSame(client.story(), ["signal LastWords "]);
  t.equal(bus.uniqueName, undefined);
  await daemon.stop();
  await daemon.start();
  await t.rejects(bus.connect(AbortSignal.timeout(1000)), /that is closed/);
});
