/** Both ends of a line: channels, lines, flow, what is lost, who sleeps, and every way to end. */
import t from "tap";
import type { MuxChannel } from "../../src/cmux/channel.js";
import { encodeFrame, type FrameKind } from "../../src/cmux/frame.js";
import { encodeMessage, type MessageName } from "../../src/cmux/message.js";
import { Ends, heardOn, never } from "./ends.js";

const none: Buffer = Buffer.alloc(0);
const fromModem = (dlci: number, kind: FrameKind, info = none) =>
  encodeFrame({ dlci, kind, cr: kind === "UA" || kind === "DM", pf: kind !== "UIH", info });
const command = (name: MessageName, value = none) => fromModem(0, "UIH", encodeMessage(name, true, value));

/** A channel that is open, as both ends have it. */
async function opened(ends: Ends, dlci = 1): Promise<{ host: MuxChannel; modem: MuxChannel }> {
  const modem = new Promise<MuxChannel>((resolve) => ends.modem.events.once("opened", (channel) => resolve(channel)));
  const host = await ends.soon(ends.host.open(dlci, never));
  const both = { host, modem: await ends.soon(modem) };
  await ends.run(10);
  return both;
}

t.test("a channel carries what is written, in frames of N1 at most, in both directions", async (t) => {
  const ends = new Ends();
  const { host, modem } = await opened(ends);
  t.match(ends.sent.slice(0, 4).join(), /host f9033f011cf9,modem f9037301d7f9,host f9073f01def9,modem f907730115f9/);
  const [atModem, atHost] = [heardOn(modem), heardOn(host)];
  const long = "0123456789".repeat(30);
  await ends.soon(Promise.all([host.write(Buffer.from(long)), modem.write(Buffer.from("OK"))]));
  await ends.run();
  t.equal(atModem.text, long);
  t.equal(atHost.text, "OK");
  t.ok(
    ends.sent.every((line) => line.length <= "modem ".length + 2 * (31 + 6)),
    "no frame is longer than agreed",
  );
});

t.test("lines are told: DTR falls and rises, the modem's carrier comes and goes", async (t) => {
  const ends = new Ends();
  const { host, modem } = await opened(ends);
  const told: string[] = [];
  modem.events.on("signals", ({ ready }) => told.push(ready ? "DTR up" : "DTR down"));
  host.events.on("signals", ({ carrier }) => told.push(carrier ? "DCD up" : "DCD down"));
  await ends.soon(host.dropDtr());
  modem.setCarrier(true);
  await ends.run(10);
  modem.setCarrier(false);
  await ends.run(10);
  t.strictSame(told, ["DTR down", "DTR up", "DCD up", "DCD down"]);
});

t.test("one channel is held back, the other goes on; FCoff holds back all, FCon lets them go on", async (t) => {
  const ends = new Ends();
  const [first, second] = [await opened(ends, 1), await opened(ends, 2)];
  const [one, two] = [heardOn(first.modem), heardOn(second.modem)];
  first.modem.holdBack(true);
  await ends.run(10);
  const held = first.host.write(Buffer.from("held"));
  await ends.soon(second.host.write(Buffer.from("passes")));
  await ends.run(1_000);
  t.strictSame([one.text, two.text], ["", "passes"]);
  first.modem.holdBack(false);
  await ends.soon(held);
  await ends.run();
  t.equal(one.text, "held");

  ends.host.feed(command("FCoff"));
  const all = second.host.write(Buffer.from(" later"));
  await ends.run(1_000);
  t.equal(two.text, "passes");
  ends.host.feed(command("FCon"));
  await ends.soon(all);
  await ends.run();
  t.equal(two.text, "passes later");
});

t.test("every command of the modem is answered, also one that nobody knows", async (t) => {
  const ends = new Ends();
  await opened(ends);
  const answered = async (bytes: Buffer) => {
    ends.sent.length = 0;
    ends.host.feed(bytes);
    await ends.run();
    const [answer = ""] = ends.sent;
    return answer.slice("host f903efLL".length, -4);
  };
  t.equal(await answered(command("TEST", Buffer.from("hi"))), "21056869");
  t.equal(await answered(command("PSC")), "4101");
  t.equal(await answered(command("RPN", Buffer.of(0x07))), "911107080300" + "1113ffff");
  t.equal(await answered(command("RLS", Buffer.from([0x07, 0x01]))), "51050701");
  t.equal(await answered(command("SNC", Buffer.from([0x07, 0x01]))), "d1050701");
  t.equal(await answered(command("PN", Buffer.from("0110070ae5050302", "hex"))), "81110100070a1f000302");
  t.equal(await answered(fromModem(0, "UIH", Buffer.from([0x07, 0x01]))), "110307", "NSC");
});

t.test("a frame that is lost is sent again, N2 times at most", async (t) => {
  const ends = new Ends();
  let lost = 0;
  ends.pass = (bytes, from) => (from === "modem" && lost++ < 2 ? undefined : bytes);
  t.ok(await ends.soon(ends.host.open(1, never)), "the third SABM is answered");
  ends.pass = (bytes, from) => (from === "host" ? bytes : undefined);
  await t.rejects(ends.soon(ends.host.open(2, never)), { code: "timeout", message: "host: channel 2 is not answered" });
});

t.test("a channel that the modem has not is refused; closed by us and opened anew", async (t) => {
  const ends = new Ends();
  const { host } = await opened(ends);
  await t.rejects(ends.soon(ends.host.open(4, never)), { code: "refused" });
  const heard = heardOn(host);
  host.close();
  t.match(heard.end, { code: "aborted" });
  await t.rejects(host.write(Buffer.from("AT")), { code: "unplugged" });
  const again = await opened(ends);
  const atModem = heardOn(again.modem);
  await ends.soon(again.host.write(Buffer.from("AT")));
  await ends.run();
  t.equal(atModem.text, "AT");
});

t.test("a wait that is abandoned ends at once, and leaves no channel open", async (t) => {
  const ends = new Ends();
  await opened(ends, 1);
  ends.pass = (bytes, from) => (from === "modem" ? undefined : bytes);
  const controller = new AbortController();
  const opening = ends.host.open(2, controller.signal);
  await ends.run(50);
  controller.abort();
  await t.rejects(ends.soon(opening), { code: "aborted" });
  ends.pass = (bytes) => bytes;
  await ends.run(500);
  t.ok(await ends.soon(ends.host.open(2, never)));
});

t.test("rubbish between frames costs nothing; a modem that speaks AT again is found out", async (t) => {
  const ends = new Ends();
  const { host, modem } = await opened(ends);
  const heard = heardOn(host);
  let ended: Error | undefined;
  ends.host.events.on("ended", (reason) => {
    ended = reason;
  });
  ends.host.feed(Buffer.from("\r\n+CPIN: READY\r\n"));
  await ends.soon(modem.write(Buffer.from("OK")));
  await ends.run(2_000);
  t.equal(heard.text, "OK");
  t.equal(ended, undefined, "it still answers TEST");
  // It echoes what it does not understand.
  ends.pass = (bytes, from) => {
    if (from === "host") setImmediate(() => ends.host.feed(bytes));
    return undefined;
  };
  ends.host.feed(Buffer.from("\r\nRDY\r\n"));
  await ends.run(2_000);
  t.match(ended, { code: "unplugged", message: /is not answered: the far end does not speak TS 27.010 any more/ });
  t.match(heard.end, { code: "unplugged" });
});

t.test("a modem that sleeps is woken by flags before anything is said", async (t) => {
  const ends = new Ends();
  const { host } = await opened(ends);
  ends.host.feed(command("PSC"));
  await ends.run(10);
  ends.sent.length = 0;
  let rows = 0;
  ends.pass = (bytes, from) => {
    if (from !== "host" || !bytes.equals(Buffer.alloc(bytes.length, 0xf9))) return bytes;
    rows += 1;
    if (rows === 3) setImmediate(() => ends.host.feed(Buffer.alloc(8, 0xf9)));
    return undefined;
  };
  await ends.soon(host.write(Buffer.from("AT")));
  t.equal(rows, 3);
  t.match(ends.sent.at(-1), /^host f907ef054154/);
});

t.test("a modem that sleeps for good is given up after T3", async (t) => {
  const ends = new Ends();
  const { host } = await opened(ends);
  ends.host.feed(command("PSC"));
  await ends.run(10);
  ends.pass = () => undefined;
  await t.rejects(ends.soon(host.write(Buffer.from("AT")), 15_000), { code: "unplugged" });
});

for (const [who, other] of [
  ["host", "modem"],
  ["modem", "host"],
] as const)
  t.test(`the ${who} ends it in order: the ${other} hears and answers, every channel is over`, async (t) => {
    const ends = new Ends();
    const { host, modem } = await opened(ends);
    const [atHost, atModem] = [heardOn(host), heardOn(modem)];
    const told: string[] = [];
    for (const end of ["host", "modem"] as const) ends[end].events.on("ended", ({ message }) => told.push(message));
    await ends.soon(ends[who].close());
    t.match(told.sort(), [
      `the multiplexer on ${[who, other].sort()[0]} was closed`,
      /the multiplexer on .* was closed/,
    ]);
    t.match([atHost.end, atModem.end], [{ code: "unplugged" }, { code: "unplugged" }]);
    t.match(ends.sent.at(-1), new RegExp(`^${other} .*c101`), "the last word is CLD's response");
    t.equal(ends.clock.armed, 0, "no timer is left");
  });

t.test("nobody answers CLD: it ends all the same; the line goes: everything ends at once", async (t) => {
  const ends = new Ends();
  await opened(ends);
  ends.pass = () => undefined;
  await ends.soon(ends.host.close());
  t.ok(ends.host.isOver);
  const other = new Ends();
  const { host } = await opened(other);
  const heard = heardOn(host);
  other.host.lost(new Error("unplugged"));
  t.match(heard.end, { code: "unplugged", message: "host is gone" });
  await t.rejects(other.host.open(2, never), { code: "unplugged" });
  t.equal(other.clock.armed > 0, true, "only the modem's own timers are left");
});
