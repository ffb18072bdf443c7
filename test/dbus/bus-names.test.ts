import t, { type Test } from "tap";
import { Bus } from "../../src/dbus/bus.js";
import { ruleText } from "../../src/dbus/matches.js";
import type { ReceivedSignal } from "../../src/dbus/types.js";
import { type PrivateBus, startPrivateBus } from "../lab/dbus.js";
import { Client, oneMethod, readableLog } from "./bus-client.js";

async function daemonFor(t: Test): Promise<PrivateBus> {
  const daemon = await startPrivateBus();
  t.teardown(() => daemon.close());
  return daemon;
}

async function busOn(t: Test, { address }: PrivateBus): Promise<Bus> {
  const bus = new Bus({ address, log: readableLog().log });
  t.teardown(() => bus.close());
  await bus.connect(AbortSignal.timeout(10_000));
  return bus;
}

/** Resolves when everything that the daemon and `service` sent to `bus` so far has been acted on. */
async function settled(bus: Bus, service: Bus): Promise<void> {
  for (const _ of [1, 2]) await bus.call(service.uniqueName ?? "", "/", "org.freedesktop.DBus.Peer", "Ping", "", []);
}

t.test("a name: taken over, queued for, given back; each is told", async (t) => {
  const daemon = await daemonFor(t);
  const [first, second] = [await busOn(t, daemon), await busOn(t, daemon)];
  const story: Record<string, string[]> = { first: [], second: [] };
  for (const [who, bus] of [
    ["first", first],
    ["second", second],
  ] as const) {
    bus.events.on("nameAcquired", (name) => story[who]?.push(`acquired ${name}`));
    bus.events.on("nameLost", (name) => story[who]?.push(`lost ${name}`));
  }
  t.equal(await first.requestName("net.a", { allowReplacement: true }), "owner");
  t.equal(await second.requestName("net.a", { doNotQueue: true }), "taken");
  t.equal(await second.requestName("net.a"), "queued");
  t.equal(await second.requestName("net.a", { replaceExisting: true }), "owner");
  await settled(first, second);
  await second.releaseName("net.a");
  await settled(first, second);
  t.strictSame(story, {
    first: ["acquired net.a", "lost net.a", "acquired net.a"],
    second: ["acquired net.a", "lost net.a"],
  });
});

t.test(
  "a name asked for before there is a bus is had when it comes; one that is taken by then is told as lost",
  async (t) => {
    const daemon = await daemonFor(t);
    const early = new Bus({ address: daemon.address, log: readableLog().log });
    t.teardown(() => early.close());
    for (const name of ["net.free", "net.taken"])
      await t.rejects(early.requestName(name, { doNotQueue: true }), { code: "unplugged" });
    const rival = await busOn(t, daemon);
    await rival.requestName("net.taken");
    const lost: string[] = [];
    early.events.on("nameLost", (name) => lost.push(name));
    await early.connect(AbortSignal.timeout(10_000));
    t.strictSame(lost, ["net.taken"]);
    const owner = await rival.call("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "GetNameOwner", "s", [
      "net.free",
    ]);
    t.strictSame(owner, [early.uniqueName]);
  },
);

t.test("owners of a name are told: the one there is, and every change", async (t) => {
  const daemon = await daemonFor(t);
  const [watcher, service] = [await busOn(t, daemon), await busOn(t, daemon)];
  const owners: (string | undefined)[] = [];
  const stop = watcher.watchName("net.connman", (owner) => owners.push(owner));
  const again: (string | undefined)[] = [];
  watcher.watchName("net.connman", (owner) => again.push(owner));
  await settled(watcher, service);
  await service.requestName("net.connman");
  await settled(watcher, service);
  stop();
  await service.releaseName("net.connman");
  await settled(watcher, service);
  const { uniqueName } = service;
  t.strictSame(owners, [undefined, uniqueName], "not told any more after stop");
  t.strictSame(again, [undefined, uniqueName, undefined], "the other listener is, though the rule is the same");
  const late: (string | undefined)[] = [];
  watcher.watchName("org.freedesktop.DBus", (owner) => late.push(owner));
  await settled(watcher, service);
  t.strictSame(late, ["org.freedesktop.DBus"]);
});

t.test("a caller that leaves is told once, also one that had left already", async (t) => {
  const daemon = await daemonFor(t);
  const callers: string[] = [];
  const service = await busOn(t, daemon);
  service.export(
    "/",
    oneMethod("Hold", "", (_, { sender }) => {
      callers.push(sender);
      return { signature: "", body: [] };
    }),
  );
  const client = await Client.connect(daemon.address);
  await client.call({ destination: service.uniqueName ?? "", path: "/", member: "Hold" });
  const [caller = ""] = callers;
  const gone: string[] = [];
  const left = new Promise<void>((resolve) => {
    service.watchSender(caller, () => {
      gone.push("watched while there");
      resolve();
    });
  });
  const unwatched = service.watchSender(caller, () => gone.push("not watched any more"));
  unwatched();
  client.disconnect();
  await left;
  await new Promise<void>((resolve) => {
    service.watchSender(caller, () => {
      gone.push("watched too late");
      resolve();
    });
  });
  t.strictSame(gone, ["watched while there", "watched too late"]);
});

t.test("signals of others: by sender name, path, member and first argument", async (t) => {
  const daemon = await daemonFor(t);
  const [watcher, service, stranger] = [await busOn(t, daemon), await busOn(t, daemon), await busOn(t, daemon)];
  await service.requestName("net.service");
  const heard: string[] = [];
  const note =
    (who: string) =>
    ({ member, body }: ReceivedSignal) =>
      heard.push(`${who}: ${member} ${body.join()}`);
  const stop = watcher.subscribe({ sender: "net.service", interface: "net.X", member: "News" }, note("name"));
  watcher.subscribe({ sender: service.uniqueName ?? "", path: "/b" }, note("path"));
  watcher.subscribe({ interface: "net.X", arg0: "it's" }, note("arg0"));
  await settled(watcher, service);
  const say = (bus: Bus, path: string, member: string, text: string) => bus.emit(path, "net.X", member, "s", [text]);
  say(service, "/a", "News", "one");
  say(service, "/b", "Other", "two");
  say(stranger, "/a", "News", "forged");
  say(stranger, "/a", "Other", "it's");
  await settled(watcher, service);
  await settled(watcher, stranger);
  t.strictSame(heard.splice(0), ["name: News one", "path: Other two", "arg0: Other it's"]);
  stop();
  stop();
  say(service, "/b", "News", "three");
  await settled(watcher, service);
  t.strictSame(heard, ["path: News three"]);
});

t.test("a service that comes back under its name is heard again", async (t) => {
  const daemon = await daemonFor(t);
  const watcher = await busOn(t, daemon);
  const heard: unknown[] = [];
  watcher.subscribe({ sender: "net.service", member: "News" }, ({ body }) => heard.push(...body));
  for (const life of ["first", "second"]) {
    const service = await busOn(t, daemon);
    await service.requestName("net.service");
    service.emit("/", "net.X", "News", "s", [life]);
    await settled(watcher, service);
    await service.close();
  }
  t.strictSame(heard, ["first", "second"]);
});

t.test("match rules quote what is between the quotes", async (t) => {
  t.equal(ruleText({ member: "News", arg0: "it's" }), "type='signal',member='News',arg0='it'\\''s'");
});
