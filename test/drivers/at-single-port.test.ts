/** One serial line: how it is found, shared and lost; calls over a terminal that a test has open as pppd would. */
import { constants, openSync } from "node:fs";
import { EventEmitter } from "eventemitter3";
import t, { type Test } from "tap";
import { encodeFrame } from "../../src/cmux/frame.js";
import { formsOf, habitOf } from "../../src/drivers/at/multiplexing.js";
import type { PppCall } from "../../src/drivers/at/ppp-dialler.js";
import { openSinglePortDriver } from "../../src/drivers/at/single-port.js";
import { FdChannel } from "../../src/native/index.js";
import type { PppEvents } from "../../src/ppp/connection.js";
import { ModemError } from "../../src/runtime/error.js";
import type { ByteLink } from "../../src/runtime/link.js";
import { silentLog } from "../../src/runtime/log.js";
import type { VirtualProfile } from "../../src/virtual/model/profile.js";
import { framed } from "../../src/virtual/ppp/hdlc.js";
import { mbimGeneric } from "../../src/virtual/profiles/mbim-generic.js";
import type { CableOptions } from "./face-cable.js";
import { internet, type Kind, kinds, never, online, Rig } from "./rig.js";

/** pppd with its terminal, as far as the driver and the modem see it. */
class Terminal implements PppCall {
  readonly events = new EventEmitter<PppEvents>();
  readonly interfaceName = "ppp0";
  readonly only = undefined;
  readonly settings = {
    ipv4: { method: "static", obtained: "ppp", address: "10.64.0.9", prefixLength: 32, dns: [] },
  } as const;
  readonly #channel: FdChannel;
  heard = "";
  isHungUp = false;

  constructor(readonly path: string) {
    const fd = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    this.#channel = new FdChannel(
      fd,
      { kind: "bytes" },
      {
        onMessages: (messages) => {
          this.heard += Buffer.concat(messages).toString("latin1");
        },
        onEnd: () => {
          this.isHungUp = true;
          this.events.emit("ended", new ModemError("refused", "carrier lost"));
        },
      },
    );
  }

  write(bytes: Buffer): Promise<void> {
    return this.#channel.write(bytes);
  }

  async stop(): Promise<void> {
    this.#channel.close();
  }
}

/** @see RFC 1661 5.5 */
const terminateRequest = framed({ protocol: 0xc021, payload: Buffer.from([5, 1, 0, 4]) });

class Story {
  readonly terminals: Terminal[] = [];
  readonly rig: Rig;

  constructor(t: Test, channels: number, options: CableOptions = {}, timing: Partial<VirtualProfile["timing"]> = {}) {
    const base = kinds.find(({ name }) => name === "at cmux");
    if (base?.at?.cmux === undefined) throw new Error("there is no such kind");
    const { cmux, ...plain } = base.at;
    const kind: Kind = {
      ...base,
      at: channels === 0 ? plain : { ...plain, cmux: { ...cmux, channels } },
      open: (link, clock) => {
        if (link.kind !== "bytes") throw new Error("a serial line has no frames");
        return openSinglePortDriver(link, {
          ...{ log: silentLog, clock, signal: never, baudRate: 115_200, record: (it: ByteLink) => it },
          startPpp: async ({ ttyPath }) => {
            const terminal = new Terminal(ttyPath);
            this.terminals.push(terminal);
            return terminal;
          },
        });
      },
    };
    this.rig = new Rig(kind, { ...mbimGeneric, timing: { ...mbimGeneric.timing, ...timing } }, options);
    t.teardown(async () => {
      await this.rig.soon(this.rig.driver?.close() ?? Promise.resolve());
      for (const terminal of this.terminals) await terminal.stop();
      this.rig.cable.unplug();
    });
  }

  /** Real terminals need turns of the real event loop. */
  async until(holds: () => boolean): Promise<void> {
    for (let turn = 0; turn < 400 && !holds(); turn++) await this.rig.pass(turn % 4 === 0 ? 20 : 0);
  }
}

t.test(
  "a call over a channel: the terminal carries it, commands go on, hung up by either side, dialled again",
  async (t) => {
    const story = new Story(t, 3);
    const { rig } = story;
    const { dataCalls, signal } = await online(rig);
    const call = await rig.soon(dataCalls.start(internet, never), 5_000);
    t.match(call, { interfaceName: "ppp0" });
    const [first] = story.terminals;
    await story.until(() => first?.heard.includes("~\xff}#\xc0!") === true);
    t.match(first?.heard, /^~\xff\}#\xc0!/, "the modem's LCP, and not a word of AT");
    t.match(await rig.soon(signal.state(never)), { rssiDbm: /-/ }, "commands meanwhile");
    await rig.soon(dataCalls.stop(call.handle, never));

    const second = await rig.soon(dataCalls.start(internet, never), 5_000);
    const again = story.terminals[1];
    await story.until(() => again?.heard.includes("\xc0!") === true);
    t.ok(again?.heard.includes("\xc0!"), "PPP begins anew on a terminal of its own");
    // The modem's own end of it: LCP is not up, so that DCD and NO CARRIER are all that tells.
    await again?.write(terminateRequest);
    await story.until(() => again?.isHungUp === true);
    t.equal(again?.isHungUp, true, "whoever has the terminal open reads its end");
    t.equal(rig.last("callEnded")[0], second.handle);
    await rig.soon(dataCalls.start(internet, never), 5_000);
    t.equal(story.terminals.length, 3);
  },
);

t.test("short questions go over a third channel while a search holds up the first", async (t) => {
  const { rig } = new Story(t, 3, {}, { scanMs: 60_000 });
  const { registration, signal } = await online(rig);
  const scan = registration.scan(never);
  await rig.pass(20);
  t.match(await rig.soon(signal.state(never)), { rssiDbm: /-/ });
  t.match(await rig.soon(scan, 90_000), [{ name: "Wwand Mobile" }], "and the search goes on");
});

t.test("a line that cannot be multiplexed: one after the other on the same line", async (t) => {
  const story = new Story(t, 0);
  const { rig } = story;
  const { dataCalls, signal } = await online(rig);
  const call = await rig.soon(dataCalls.start(internet, never), 5_000);
  const [terminal] = story.terminals;
  await story.until(() => terminal?.heard.includes("\xc0!") === true);
  t.ok(terminal?.heard.includes("\xc0!"));
  await t.rejects(rig.soon(signal.state(never)), { code: "busy" }, "no commands meanwhile");
  rig.machine.send({ type: "handover" });
  await terminal?.write(terminateRequest);
  await story.until(() => terminal?.heard.includes("NO CARRIER") === true);
  await rig.soon(dataCalls.stop(call.handle, never), 10_000);
  t.match(await rig.soon(signal.state(never)), { rssiDbm: /-/ }, "and again after it");
  await rig.pass(200);
  t.match(rig.last("registrationChanged"), [{ status: "registered" }], "what was missed is asked for");
});

t.test("a program died: the line is still multiplexed, and is taken back", async (t) => {
  const story = new Story(t, 3);
  const { rig } = story;
  const { link } = rig.cable;
  await link.write(Buffer.from("ATE0\r"));
  await link.write(Buffer.from("AT+CMUX=0\r"));
  await link.write(encodeFrame({ dlci: 0, kind: "SABM", cr: true, pf: true, info: Buffer.alloc(0) }));
  await link.write(encodeFrame({ dlci: 1, kind: "SABM", cr: true, pf: true, info: Buffer.alloc(0) }));
  await rig.pass();
  t.match(await (await rig.soon(rig.open(), 8_000)).identity.read(never), { model: "Virtual AT Modem" });
});

t.test("CMUX is agreed on and no frame is answered: the plain line, after all", async (t) => {
  const story = new Story(t, 3, { unheard: (bytes) => bytes[0] === 0xf9 && bytes[1] !== 0xf9 });
  const { rig } = story;
  t.match(await (await rig.soon(rig.open(), 20_000)).identity.read(never), { model: "Virtual AT Modem" });
});

t.test("closing ends the multiplexer: the next program finds a modem that speaks AT", async (t) => {
  const story = new Story(t, 3);
  const { rig } = story;
  const driver = await rig.open();
  const wrote: string[] = [];
  const { link } = rig.cable;
  const write = link.write.bind(link);
  Object.assign(link, {
    write: (bytes: Buffer) => {
      wrote.push(bytes.toString("hex"));
      return write(bytes);
    },
  });
  await rig.soon(driver.close());
  t.match(wrote.at(-1), /c301f2f9$/, "CLD is the last word");
});

t.test("families are asked in the way that they are known to take", async (t) => {
  for (const [maker, model, ...texts] of [
    ["u-blox", "LARA-R6001", "AT+CMUX=0,0,5,31", "AT+CMUX=0,0,,31", "AT+CMUX=0"],
    ["u-blox", "SARA-R410M-02B", "AT+CMUX=0,0,,127", "AT+CMUX=0,0,,127", "AT+CMUX=0"],
    ["Quectel", "EG25", "AT+CMUX=0,0,5,127,10,3,30,10,2", "AT+CMUX=0,0,,127", "AT+CMUX=0"],
    ["Telit", "ME910G1-W1", "AT+CMUX=0,0,5,127,10,3,30,10,2", "AT+CMUX=0,0,,127", "AT+CMUX=0"],
    ["SIMCOM INCORPORATED", "A7670E-FASE", "AT+CMUX=0,0,5,127", "AT+CMUX=0,0,,127", "AT+CMUX=0"],
    ["Sierra Wireless", "HL7800", "AT+CMUX=0,0,5,127", "AT+CMUX=0,0,,127", "AT+CMUX=0"],
  ] as const) {
    const forms = formsOf(habitOf(maker, model), 115_200);
    t.strictSame(
      forms.map(([text]) => text),
      texts,
      model,
    );
  }
  t.equal(formsOf(habitOf("", ""), 921_600)[0]?.[0], "AT+CMUX=0,0,,127", "a speed without a number is left as it is");
  for (const maker of ["Telit", "u-blox"]) t.equal(habitOf(maker, "").settlesSpeed, true, maker);
});
