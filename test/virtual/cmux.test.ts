/** A modem's multiplexed line, a test being the host: channels, calls beside commands, and what may happen to the line. */
import t from "tap";
import { Multiplexer } from "../../src/cmux/multiplexer.js";
import { silentLog } from "../../src/runtime/log.js";
import { AtLine } from "../../src/virtual/faces/at/line.js";
import type { LineFault } from "../../src/virtual/faces/face.js";
import { heardOn, never } from "../cmux/ends.js";
import { settle } from "../fakes/clock.js";
import { AtPorts } from "./at-ports.js";

const settings = { role: "initiator", maxInfoBytes: 127, frameMs: 300, messageMs: 300, mostTries: 3 } as const;

/** The host's end of the modem's line. */
class Host {
  readonly ports: AtPorts;
  readonly multiplexer: Multiplexer;
  readonly line: AtLine;
  happens: (fault: LineFault) => void = () => undefined;
  #isMultiplexed = false;
  #text = "";
  ended: string | undefined;

  constructor(profile = "at-generic", more: Readonly<Record<string, string>> = {}) {
    this.ports = new AtPorts(profile, more);
    const { clock } = this.ports;
    this.multiplexer = new Multiplexer({
      ...{ name: "/dev/ttyS1", clock, log: silentLog },
      settings: { ...settings, mayBeOpened: () => false },
      write: async (bytes) => void setImmediate(() => this.line.feed(bytes)),
    });
    this.multiplexer.events.on("ended", ({ message }) => {
      this.ended = message;
    });
    const watchLine = (happened: (fault: LineFault) => void) => {
      this.happens = happened;
      return () => undefined;
    };
    const send = (bytes: Buffer) => void setImmediate(() => this.#hear(Buffer.from(bytes)));
    this.line = new AtLine({ send, flush: () => undefined }, { ...this.ports.context(), watchLine });
  }

  /** What the modem says to a command on the plain line. */
  async ask(command: string): Promise<string> {
    this.#text = "";
    this.line.feed(Buffer.from(`${command}\r`));
    await this.run();
    return this.#text;
  }

  async multiplex(): Promise<void> {
    await this.ask("ATE0");
    await this.ask("AT+CMUX=0,0,5,127");
    this.#isMultiplexed = true;
  }

  speaksAt(): void {
    this.#isMultiplexed = false;
  }

  async run(ms = 0): Promise<void> {
    for (let turn = 0; turn < 10; turn++) await settle();
    await this.ports.clock.advance(ms);
    for (let turn = 0; turn < 10; turn++) await settle();
  }

  async soon<T>(promise: Promise<T>, ms = 3_000): Promise<T> {
    promise.catch(() => undefined);
    let isDone = false;
    const settled = promise.finally(() => {
      isDone = true;
    });
    settled.catch(() => undefined);
    for (let passed = 0; !isDone && passed < ms; passed += 50) await this.run(50);
    return settled;
  }

  async channel(dlci: number) {
    const channel = await this.soon(this.multiplexer.open(dlci, never));
    const heard = heardOn(channel);
    return {
      channel,
      heard,
      ask: async (command: string) => {
        heard.text = "";
        await this.soon(channel.write(Buffer.from(`${command}\r`)));
        await this.run(20);
        return heard.text;
      },
    };
  }

  #hear(bytes: Buffer): void {
    if (this.#isMultiplexed) this.multiplexer.feed(bytes);
    else this.#text += bytes.toString("latin1");
  }
}

t.test("+CMUX: what it offers, what it refuses, and a modem that has none of it", async (t) => {
  const host = new Host();
  await host.ask("ATE0");
  t.equal(await host.ask("AT+CMUX=?"), "\r\n+CMUX: (0),(0),(1-6),(1-1509),(1-255),(0-5),(2-255),,\r\n\r\nOK\r\n");
  for (const wrong of ["1", "0,1", "0,0,9", "0,0,5,2000", "", "0,0,5,127,10,3,30,10,2"])
    t.match(await host.ask(`AT+CMUX=${wrong}`), /ERROR/, wrong);
  t.match(await new Host("at-generic", { cmux: "0" }).ask("AT+CMUX=?"), /ERROR/);
});

t.test("three channels take commands side by side, each with settings of its own; a fourth is refused", async (t) => {
  const host = new Host();
  await host.multiplex();
  const [one, two] = [await host.channel(1), await host.channel(2)];
  t.match(await one.ask("ATE0"), /OK/);
  t.equal(await one.ask("AT+CGMM"), "\r\nVirtual AT Modem\r\n\r\nOK\r\n");
  t.equal(await two.ask("AT"), "AT\r\r\nOK\r\n", "this one still echoes");
  t.match(await two.ask("AT+CMUX=0"), /ERROR/, "a channel cannot be multiplexed");
  await t.rejects(host.soon(host.multiplexer.open(4, never)), { code: "refused" });
});

t.test("a call on one channel, commands on the other; DTR ends the call and DCD falls", async (t) => {
  const host = new Host();
  await host.multiplex();
  const [one, two] = [await host.channel(1), await host.channel(2)];
  const carrier: boolean[] = [];
  two.channel.events.on("signals", (signals) => carrier.push(signals.carrier));
  await one.ask("AT+CFUN=1");
  await host.run(2_000);
  await one.ask("AT+CGATT=1");
  await host.run(2_000);
  t.match(await two.ask("ATD*99***1#"), /CONNECT/);
  t.match(await one.ask("AT+CSQ"), /\+CSQ: /);
  await host.soon(two.channel.dropDtr());
  await host.run(50);
  t.match(two.heard.text, /NO CARRIER/);
  t.strictSame(carrier, [true, false]);
});

t.test("the modem ends it, restarts, loses and corrupts frames, holds channels back", async (t) => {
  const host = new Host();
  await host.multiplex();
  const one = await host.channel(1);
  host.happens("hold");
  await host.run(10);
  const held = one.channel.write(Buffer.from("ATE0\r"));
  await host.run(4_000);
  t.equal(one.heard.text, "", "nothing goes out");
  await host.soon(held);
  await host.run(50);
  t.match(one.heard.text, /OK/, "5 s later it does");
  for (const fault of ["lose", "corrupt"] as const) {
    host.happens(fault);
    t.ok(await host.soon(host.multiplexer.open(fault === "lose" ? 2 : 3, never)), `${fault}: asked again`);
  }
  host.happens("close");
  await host.run(50);
  t.match(host.ended, /was closed by the far end/);

  const other = new Host();
  await other.multiplex();
  await other.channel(1);
  other.happens("restart");
  await other.run(2_000);
  t.match(other.ended, /does not speak TS 27.010 any more/);
});

t.test("CLD of the host: the line speaks AT again", async (t) => {
  const host = new Host();
  await host.multiplex();
  await host.channel(1);
  await host.soon(host.multiplexer.close());
  t.match(host.ended, /was closed/);
  host.speaksAt();
  t.match(await host.ask("AT"), /OK/);
});
