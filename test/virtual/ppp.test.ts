/** A call dialled at an AT port; the host's end of PPP is spoken byte by byte. test/kernel has pppd at that end. */
import { createHash } from "node:crypto";
import t from "tap";
import {
  type ControlPacket,
  codes,
  controlPacketOf,
  type Option,
  optionBytes,
  optionsOf,
  payloadOf,
  protocols,
} from "../../src/virtual/ppp/control-packet.js";
import { Deframer, framed } from "../../src/virtual/ppp/hdlc.js";
import { type AtHost, AtPorts } from "./at-ports.js";

const names: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(protocols).map(([name, number]) => [number, name]),
);
const verbs: Readonly<Record<number, string>> = {
  1: "req",
  2: "ack",
  3: "nak",
  4: "rej",
  5: "term",
  6: "termAck",
  8: "protRej",
};
const hex = (text: string): Buffer => Buffer.from(text, "hex");
const magic: Option = { type: 5, value: hex("2c7b1d5a") };

/** What pppd would say, said by hand. */
class PppHostEnd {
  readonly #deframer = new Deframer();
  readonly #heard: { readonly protocol: number; readonly packet: ControlPacket; readonly payload: Buffer }[] = [];

  constructor(
    private readonly at: AtHost,
    private readonly ports: AtPorts,
  ) {}

  say(protocol: number, code: number, id: number, data: Buffer): void {
    this.at.face.feed(framed({ protocol, payload: payloadOf({ code, id, data }) }));
  }

  async listen(): Promise<readonly string[]> {
    await this.ports.clock.advance(100);
    for (const { protocol, payload } of this.#deframer.feed(Buffer.from(this.at.heard(), "latin1"))) {
      const packet = controlPacketOf(payload);
      if (packet) this.#heard.push({ protocol, packet, payload });
    }
    return this.#heard.map(({ protocol, packet: { code } }) => `${names[protocol]} ${verbs[code] ?? code}`);
  }

  last(protocol: number, code: number): ControlPacket {
    const found = this.#heard.findLast((one) => one.protocol === protocol && one.packet.code === code);
    if (found === undefined) throw new Error(`no ${names[protocol]} ${code} came`);
    return found.packet;
  }

  forget(): void {
    this.#heard.length = 0;
  }

  /** LCP to its end; `auth`: what to say to the modem's wish. */
  async agreeOnLink(auth: "ack" | "reject"): Promise<void> {
    await this.listen();
    const asked = this.last(protocols.lcp, codes.configureRequest);
    this.say(protocols.lcp, codes.configureRequest, 7, optionBytes([magic]));
    const code = auth === "ack" ? codes.configureAck : codes.configureReject;
    this.say(protocols.lcp, code, asked.id, asked.data);
    await this.listen();
    if (auth === "ack") return;
    const again = this.last(protocols.lcp, codes.configureRequest);
    this.say(protocols.lcp, codes.configureAck, again.id, again.data);
    await this.listen();
  }

  async answerChallenge(username: string, password: string): Promise<void> {
    const { id, data } = this.last(protocols.chap, 1);
    const challenge = data.subarray(1, 17);
    const hash = createHash("md5")
      .update(Buffer.from([id]))
      .update(password)
      .update(challenge)
      .digest();
    this.say(protocols.chap, 2, id, Buffer.concat([Buffer.from([16]), hash, Buffer.from(username)]));
    await this.listen();
  }

  /** Takes what the modem offers in exchange for zeros. */
  async agreeOn(protocol: number, zeros: readonly Option[]): Promise<readonly Option[]> {
    this.say(protocol, codes.configureRequest, 1, optionBytes(zeros));
    await this.listen();
    const offered = this.last(protocol, codes.configureNak);
    this.say(protocol, codes.configureRequest, 2, offered.data);
    const asked = this.last(protocol, codes.configureRequest);
    this.say(protocol, codes.configureAck, asked.id, asked.data);
    await this.listen();
    return optionsOf(offered.data) ?? [];
  }
}

async function dialled(context: string, ppp: AtPorts["ppp"] = {}) {
  const ports = new AtPorts("huawei-ms2372h");
  ports.ppp = ppp;
  const at = ports.open();
  await at.ask("ATE0");
  await ports.register();
  await at.ask("AT+CGATT=1");
  await at.ask(`AT+CGDCONT=1,${context}`);
  at.write("ATD*99***1#\r");
  const [connect = "", rest = ""] = at.heard().split("CONNECT\r\n");
  t.equal(connect, "\r\n");
  const host = new PppHostEnd(at, ports);
  at.face.feed(Buffer.alloc(0));
  const deframed = new Deframer().feed(Buffer.from(rest, "latin1"));
  t.equal(deframed.length, 1, "the modem asks first");
  // The first question is asked again.
  await ports.clock.advance(3_000);
  return { ports, at, host };
}

const zero4 = hex("00000000");
const asksIpv4: readonly Option[] = [
  { type: 3, value: zero4 },
  { type: 129, value: zero4 },
  { type: 131, value: zero4 },
];

t.test("CHAP, both families, packets both ways, and the host hangs up", async (t) => {
  const { ports, at, host } = await dialled('"IPV4V6","secure"');
  await host.agreeOnLink("ack");
  await host.answerChallenge("wwand", "carrier");
  t.match(host.last(protocols.chap, 3), { code: 3 }, "taken");
  const ipv4 = await host.agreeOn(protocols.ipcp, asksIpv4);
  t.strictSame(
    ipv4.map(({ value }) => value.join(".")),
    ["10.64.0.2", "10.64.0.1", "10.64.0.1"],
  );
  const [interfaceId] = await host.agreeOn(protocols.ipv6cp, [{ type: 1, value: Buffer.alloc(8) }]);
  const [session] = ports.machine.state.sessions;
  t.equal(interfaceId?.value.toString("hex"), session?.is === "active" ? session.lease.interfaceId : "");
  const packet = hex("4500001400000000400100000a4000020a400001");
  at.face.feed(framed({ protocol: protocols.ipv4, payload: packet }));
  t.strictSame(ports.fromHost, [packet]);
  t.ok(ports.toHost(packet));
  host.say(protocols.lcp, codes.echoRequest, 9, hex("2c7b1d5a"));
  host.forget();
  t.strictSame(await host.listen(), ["ipv4 69", "lcp 10"], "the packet, and the echo's answer");
  host.say(protocols.lcp, codes.terminateRequest, 10, Buffer.alloc(0));
  t.match(at.heard(), /NO CARRIER\r\n$/);
  t.strictSame(ports.machine.state.sessions, []);
  t.strictSame(await at.ask("AT"), ["OK"], "back in command mode");
});

t.test("no credentials: the stick goes on without and ends during IPCP", async (t) => {
  const { at, host } = await dialled('"IP","secure"');
  await host.agreeOnLink("reject");
  host.say(protocols.ipcp, codes.configureRequest, 1, optionBytes(asksIpv4));
  t.ok((await host.listen()).includes("lcp term"));
  host.say(protocols.lcp, codes.terminateAck, host.last(protocols.lcp, codes.terminateRequest).id, Buffer.alloc(0));
  t.equal(at.heard(), "\r\nNO CARRIER\r\n");
  t.strictSame(await at.ask("AT"), ["OK"]);
});

t.test("no credentials for a network that insists on them: the call is over", async (t) => {
  const { at, host } = await dialled('"IP","secure"', { insists: "yes" });
  await host.agreeOnLink("reject").catch(() => undefined);
  t.strictSame(await at.ask("AT"), ["OK"]);
});

t.test("a wrong password is taken by this stick, and known to the network", async (t) => {
  const { host } = await dialled('"IP","secure"');
  await host.agreeOnLink("ack");
  await host.answerChallenge("wwand", "wrong");
  const heard = await host.listen();
  t.strictSame([heard.includes("chap nak"), heard.includes("lcp term")], [true, true]);
});

t.test("IPv6 on a network that gives IPv4 only is rejected as a protocol", async (t) => {
  const { host } = await dialled('"IP","internet"');
  await host.agreeOnLink("reject");
  await host.agreeOn(protocols.ipcp, asksIpv4);
  host.say(protocols.ipv6cp, codes.configureRequest, 1, optionBytes([{ type: 1, value: Buffer.alloc(8) }]));
  t.ok((await host.listen()).includes("lcp protRej"));
});

for (const [how, hear] of [
  [
    "the line goes when the host has heard",
    async (host: PppHostEnd) => {
      const { id } = host.last(protocols.lcp, codes.terminateRequest);
      host.say(protocols.lcp, codes.terminateAck, id, Buffer.alloc(0));
    },
  ],
  ["of a host that does not answer after a second", (_: PppHostEnd, ports: AtPorts) => ports.clock.advance(1_000)],
] as const)
  t.test(`the network ends the call: ${how}`, async (t) => {
    const { ports, at, host } = await dialled('"IP","internet"');
    await host.agreeOnLink("reject");
    await host.agreeOn(protocols.ipcp, asksIpv4);
    host.forget();
    ports.machine.send({ type: "dropBearer", cause: 36 });
    t.strictSame(await host.listen(), ["lcp term"]);
    t.equal(at.heard(), "", "the line is there");
    await hear(host, ports);
    t.equal(at.heard(), "\r\nNO CARRIER\r\n");
    t.strictSame(await at.ask("AT"), ["OK"]);
  });

t.test("the network ends the call, and the modem lets nothing but the carrier fall", async (t) => {
  const { ports, at, host } = await dialled('"IP","internet"');
  await host.agreeOnLink("reject");
  await host.agreeOn(protocols.ipcp, asksIpv4);
  ports.ppp = { ends: "carrier" };
  host.forget();
  ports.machine.send({ type: "dropBearer", cause: 36 });
  t.equal(at.heard(), "\r\nNO CARRIER\r\n");
});

t.test("pppd at the other end: bytes go both ways, and either side ends it", async (t) => {
  const ports = new AtPorts("huawei-ms2372h");
  const diary: string[] = [];
  ports.startPppd = ({ hears, ended }) => {
    hears(Buffer.from("asks"));
    return {
      feed: (bytes) => void diary.push(bytes.toString()),
      terminate: () => ended(),
      drop: () => void diary.push("line gone"),
    };
  };
  const at = ports.open();
  await at.ask("ATE0");
  await ports.register();
  await at.ask("AT+CGATT=1");
  const dial = () => at.write("ATD*99***1#\r");
  dial();
  at.write("answers");
  t.strictSame([at.heard(), diary], ["\r\nCONNECT\r\nasks", ["answers"]]);
  await ports.clock.advance(100);
  ports.machine.send({ type: "dropBearer", cause: 36 });
  t.equal(at.heard(), "\r\nNO CARRIER\r\n");
  dial();
  at.face.hostLeft();
  t.equal(diary.at(-1), "line gone");
});

t.test("+++ between two silences: commands beside the call, until ATH ends it", async (t) => {
  const { ports, at, host } = await dialled('"IP","internet"');
  await host.agreeOnLink("reject");
  await host.agreeOn(protocols.ipcp, asksIpv4);
  at.heard();
  for (const [text, pauseMs] of [
    ["+++", 500],
    ["+++AT\r", 2_000],
  ] as const) {
    at.write(text);
    await ports.clock.advance(pauseMs);
  }
  t.equal(at.heard(), "", "with data around it, it is data");
  for (const plus of "+++") {
    at.write(plus);
    await ports.clock.advance(100);
  }
  await ports.clock.advance(1_000);
  t.equal(at.heard(), "\r\nOK\r\n");
  t.strictSame(await at.ask("ATD*99***1#"), ["ERROR"], "one call is there");
  t.equal(ports.machine.state.sessions.length, 1);
  t.strictSame(await at.ask("ATH"), ["OK"]);
  t.strictSame(ports.machine.state.sessions, []);
  at.write("ATD*99***1#\r");
  t.match(at.heard(), /CONNECT/);
});

t.test("what is dialled without packet service, or is no packet call, finds nobody", async (t) => {
  const ports = new AtPorts("huawei-ms2372h");
  const at = ports.open();
  t.ok((await at.ask("ATD*99#")).includes("NO CARRIER"));
  await ports.register();
  await at.ask("AT+CGATT=1");
  for (const number of ["ATD5551234;", "ATD*99***0#", "ATD*99***17#"])
    t.ok((await at.ask(number)).includes("NO CARRIER"), number);
  for (const number of ["ATDT*99#", "ATD*99**PPP*1#", 'AT+CGDATA="PPP",1']) {
    at.write(`${number}\r`);
    t.match(at.heard(), /CONNECT\r\n/, number);
    at.face.hostLeft();
    at.heard();
  }
});

t.test("frames: cut anywhere, damaged, escaped", async (t) => {
  const packet = { protocol: protocols.ipv6, payload: hex("7e7d0300ff2041") };
  const bytes = framed(packet);
  for (let at = 0; at <= bytes.length; at++) {
    const deframer = new Deframer();
    t.strictSame([...deframer.feed(bytes.subarray(0, at)), ...deframer.feed(bytes.subarray(at))], [packet]);
  }
  for (let at = 1; at < bytes.length - 1; at++) {
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8(damaged.readUInt8(at) ^ 0x40, at);
    t.strictSame(new Deframer().feed(damaged), [], `byte ${at}`);
  }
  t.strictSame(new Deframer().feed(hex("7e7d7e")), [], "aborted");
});
