/** Short messages, from the virtual modem's network to whoever listens on the bus, and back. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import dbus from "dbus-next";
import t, { type Test } from "tap";
import { messageParts } from "../../src/virtual/model/message-network.js";
import { plain, RecordingClient } from "../dbus/interfaces/recording-client.js";
import { standing, startWwand, stateFolder, writeFiles } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import { script, scriptsMissing } from "../lab/ofono-scripts.js";
import { startModem } from "../lab/virtual-modem.js";
import { World } from "../lab/world.js";

t.setTimeout(110_000);

const iface = "org.ofono.MessageManager";
const sender = "+4930123";
const long = "The quick brown fox jumps over the lazy dog. ".repeat(6).trim();

/** What org.ofono signals about messages, for as long as the bus lives: `IncomingMessage +4930123: hello`. */
async function listenTo(t: Test, world: World): Promise<readonly string[]> {
  const heard: string[] = [];
  const bus = dbus.sessionBus({ busAddress: world.bus.address });
  bus.on("message", ({ type, interface: name, member, path, body }) => {
    if (type !== dbus.MessageType.SIGNAL) return;
    const [first, second] = body.map(plain);
    const from = Object.entries(second ?? {}).find(([key]) => key === "Sender")?.[1];
    if (name === iface && from !== undefined) heard.push(`${member} ${from}: ${first}`);
    if (name === "org.ofono.Message") heard.push(`${path.slice(-4)} ${first}=${second}`);
  });
  await new Promise((resolve) => bus.once("connect", resolve));
  const destination = "org.freedesktop.DBus";
  const add = (rule: string) =>
    bus.call(
      new dbus.Message({
        ...{ destination, path: "/org/freedesktop/DBus", interface: destination, member: "AddMatch" },
        ...{ signature: "s", body: [rule] },
      }),
    );
  await add(`type='signal',interface='${iface}'`);
  await add("type='signal',interface='org.ofono.Message'");
  t.teardown(() => bus.disconnect());
  return heard;
}

async function lab(t: Test, protocol: "mbim" | "qmi" | "at") {
  const world = await World.build(t);
  await world.pullCable();
  const modem = await startModem(world, {}, { port: "modem", net: "wwan0" }, protocol);
  await writeFiles(world, { config: standing(modem.url) });
  const heard = await listenTo(t, world);
  const path = `/${protocol}_0`;
  const messages = async () => JSON.parse(await modem.step("state")).model.messages;
  const hears = (what: string, count = 1) =>
    eventually(
      what,
      () => heard.filter((line) => line === what),
      ({ length }) => length === count,
    );
  /** The modem keeps nothing any more: all of it is told, or remembered. */
  const taken = () => eventually("taken", messages, ({ stored, waiting }) => stored.length + waiting.length === 0);
  const client = async () => {
    const it = await RecordingClient.connect(world.bus.address);
    t.teardown(() => it.close());
    return it;
  };
  const begun = () =>
    eventually(
      "the service centre is known",
      async () => JSON.stringify(await (await client()).properties(path, iface).catch(() => ({}))),
      (text) => text.includes('"ServiceCenterAddress":"+15550100000"'),
    );
  return { world, modem, heard, path, messages, hears, taken, client, begun };
}

const hexParts = (text: string): readonly string[] =>
  messageParts({ sender, text }, 77, "+15550100000", Date.UTC(2026, 0, 1)).map((pdu) => pdu.toString("hex"));

for (const protocol of ["mbim", "qmi", "at"] as const)
  t.test(`over ${protocol}`, async (t) => {
    const { world, modem, heard, path, messages, hears, taken, client, begun } = await lab(t, protocol);
    let daemon = await startWwand(world);
    await begun();

    await t.test("a text, a long one, one to be shown at once", async (t) => {
      await modem.step("sms", sender, "hello", "there");
      await hears(`IncomingMessage ${sender}: hello there`);
      await modem.step("sms", "Bank", long);
      await hears(`IncomingMessage Bank: ${long}`);
      await modem.step("sms", "class0", sender, "look!");
      await hears(`ImmediateMessage ${sender}: look!`);
      await taken();
      t.equal(heard.length, 3);
    });

    await t.test("the same message again is not told again", async (t) => {
      const [pdu = ""] = hexParts("once");
      for (const count of [1, 2, 3]) {
        await modem.step("sms-pdu", pdu);
        await taken();
        t.equal(heard.filter((line) => line.endsWith(": once")).length, 1, `sent ${count} times`);
      }
    });

    await t.test("what came while nobody was there is told at the start, once, the oldest first", async (t) => {
      t.equal((await daemon.end()).code, 0);
      await modem.step("sms-capacity", "1");
      for (const text of ["first", "second", "third"]) await modem.step("sms", sender, text);
      t.match(await messages(), { stored: { length: 1 }, waiting: { length: 2 } }, "no room for more");
      daemon = await startWwand(world);
      for (const text of ["first", "second", "third"]) await hears(`IncomingMessage ${sender}: ${text}`);
      await taken();
      await modem.step("sms-capacity", "20");
      await daemon.end();
      daemon = await startWwand(world);
      await begun();
      const told = heard.filter((line) => /: (first|second|third)$/.test(line));
      t.strictSame(
        told.map((line) => line.split(": ")[1]),
        ["first", "second", "third"],
      );
    });

    await t.test("killed between the parts of a message, which come in any order", async (t) => {
      const [first = "", second = ""] = hexParts(long);
      await modem.step("sms-pdu", second);
      await taken();
      t.match(await daemon.end("SIGKILL"), { signal: "SIGKILL" });
      const folder = join(stateFolder(world), "sms");
      const [file = ""] = await readdir(folder);
      t.equal((await stat(join(folder, file))).mode & 0o077, 0, "nobody else may read it");
      await modem.step("sms-pdu", first);
      daemon = await startWwand(world);
      await hears(`IncomingMessage ${sender}: ${long}`);
      await taken();
      t.equal(heard.filter((line) => line === `IncomingMessage ${sender}: ${long}`).length, 1);
    });

    await t.test("a text is sent; to the modem itself it comes back", async (t) => {
      const bus = await client();
      const [sent] = await bus.call(path, iface, "SendMessage", "ss", "+15550100123", long);
      const id = String(sent).slice(-4);
      await hears(`${id} State=sent`);
      await hears(`IncomingMessage +15550100123: ${long}`);
      t.strictSame(await bus.call(path, iface, "GetMessages"), [[]]);
      const parts = (await messages()).sent.slice(-2);
      t.equal(parts.map(({ text }: { text: string }) => text).join(""), long);
    });

    await t.test("the service centre is set", async (t) => {
      const bus = await client();
      await bus.set(path, iface, "ServiceCenterAddress", "s", "+4917100");
      t.equal((await messages()).serviceCentre, "+4917100");
      t.match(await bus.properties(path, iface), { ServiceCenterAddress: "+4917100" });
    });

    await t.test("refused for good it has failed, for a moment it is tried again", async (t) => {
      const bus = await client();
      const send = async (text: string) =>
        String((await bus.call(path, iface, "SendMessage", "ss", sender, text))[0]).slice(-4);
      // MBIM has one word for all of the network's causes.
      if (protocol !== "mbim") {
        await modem.step("sms-refuse", "21");
        await hears(`${await send("never")} State=failed`);
      }
      await modem.step("sms-refuse", "38");
      const id = await send("later");
      await daemon.line(/message not sent/);
      await modem.step("sms-refuse", "0");
      await hears(`${id} State=sent`);
      t.match((await messages()).sent.at(-1), { text: "later" });
    });

    await t.test("pulled out while it sends: it is sent when the modem is back", async (t) => {
      const bus = await client();
      await modem.step("mute", "on");
      const [sent] = await bus.call(path, iface, "SendMessage", "ss", sender, "in time");
      await modem.step("unplug");
      await modem.step("mute", "off");
      await modem.step("replug");
      await hears(`${String(sent).slice(-4)} State=sent`);
      t.match((await messages()).sent.at(-1), { text: "in time" });
    });

    await t.test("nothing of it is in the log", async (t) => {
      t.equal((await daemon.end()).code, 0);
      t.notMatch(daemon.text, /quick brown fox|in time|4930123|15550100123/);
    });
  });

t.test("Debian's scripts send, list and cancel", { skip: scriptsMissing() }, async (t) => {
  const { world, modem, path, hears, begun, client } = await lab(t, "mbim");
  await startWwand(world);
  await begun();
  const run = (name: string, ...args: readonly string[]) => script(world, name, ...args);
  await modem.step("deregister");
  const status = async () => JSON.stringify(await (await client()).properties(path, "org.ofono.NetworkRegistration"));
  await eventually("without a network", status, (text) => !text.includes('"registered"'));
  const [, message = ""] = await run("send-sms", path, sender, "by script", "1");
  t.match(message, new RegExp(`^${path}/message_[0-9A-F]{40}$`));
  const id = message.slice(-4);
  t.match(await (await client()).call(path, iface, "GetMessages"), [[[message, { State: "pending" }]]]);
  t.match(await (await client()).properties(path, iface), { UseDeliveryReports: true });
  t.strictSame(await run("cancel-sms", message), []);
  await hears(`${id} State=cancelled`);
  const [, next = ""] = await run("send-sms", path, sender, "by script", "0");
  await modem.step("register");
  await hears(`${next.slice(-4)} State=sent`);
});
