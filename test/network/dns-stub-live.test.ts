/** wwand's stub between real resolvers and real clients, in a laboratory whose /etc is the test's own. */
import { createSocket, type Socket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import t, { type Test } from "tap";
import { DatagramChannel, inNetns, openUdp, sendTo } from "../../src/native/index.js";
import { FramedMessages, framed } from "../../src/network/dns/stub/framing.js";
import { type DnsBackend, defaultDnsConfig } from "../../src/network/dns/types.js";
import { createLog } from "../../src/runtime/log.js";
import { eventually, within } from "../lab/eventually.js";
import { NameServer } from "../lab/name-server.js";
import { Lab } from "../lab/netns.js";
import { inOwnLab } from "../lab/own-lab.js";
import { askGlibc, by, byForeign, type Network, network, opened } from "./dns-rig.js";

const soon = () => AbortSignal.timeout(10_000);
const name = "www.example.net";
const resolvConf = "/etc/resolv.conf";
const dhcp = "nameserver 192.0.2.1\noptions timeout:5 attempts:2\n";
const stubAddress = defaultDnsConfig.stubAddress;
const config = { ...defaultDnsConfig, stub: true };
/** More than one message of UDP holds without EDNS. */
const longText = ["a", "b", "c"].map((letter) => letter.repeat(250));

interface Machine {
  readonly ethernet: Network;
  readonly modem: Network;
  readonly isp: NameServer;
  readonly carrier: NameServer;
}

async function machine(t: Test): Promise<Machine> {
  const lab = new Lab();
  t.teardown(() => lab.close());
  const [ethernet, modem] = [await network(lab, "eth0", "192.0.2"), await network(lab, "wwan0", "198.51.100")];
  const text = [`--txt-record=long.example.net,${longText.join()}`];
  const [isp, carrier] = [new NameServer(ethernet.far, name, text), new NameServer(modem.far, name, text)];
  await isp.answer("203.0.113.1");
  await carrier.answer("203.0.113.2");
  writeFileSync(resolvConf, dhcp);
  return { ethernet, modem, isp, carrier };
}

async function stubbed(t: Test): Promise<DnsBackend> {
  const { backend, choice } = await opened({ file: resolvConf, stateDir: "/run" }, { config });
  t.match(choice, { backend: "file", stub: stubAddress });
  t.teardown(() => backend.restore(soon()));
  return backend;
}

const serversListed = () => readFileSync(resolvConf, "utf8").match(/^nameserver .*$/gm);

/** A question as any program sends it, and what comes back. */
class Client {
  readonly #socket: Socket = createSocket("udp4");
  readonly #answers = new Map<number, (answer: Buffer) => void>();

  static async open(t: Test): Promise<Client> {
    const client = new Client();
    client.#socket.bind(0, "127.0.0.1");
    await once(client.#socket, "listening");
    client.#socket.on("message", (answer) => client.#answers.get(answer.readUInt16BE(0))?.(answer));
    t.teardown(() => client.#socket.close());
    return client;
  }

  /** Asks again every two seconds, as clients do: UDP may lose any packet. */
  async ask(message: Buffer): Promise<Buffer> {
    const answer = new Promise<Buffer>((resolve) => this.#answers.set(message.readUInt16BE(0), resolve));
    this.send(message);
    const again = setInterval(() => this.send(message), 2_000);
    try {
      return await within("an answer", answer, 40_000);
    } finally {
      clearInterval(again);
    }
  }

  send(message: Buffer): void {
    this.#socket.send(message, 53, stubAddress);
  }
}

/** @param more EDNS, for one. */
function questionFor(host: string, id: number, type = 1, more: Buffer = Buffer.alloc(0)): Buffer {
  const labels = host.split(".").flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
  const header = Buffer.from("0000010000010000000000000000", "hex").subarray(0, 12);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(more.length > 0 ? 1 : 0, 10);
  return Buffer.concat([header, ...labels, Buffer.from([0, 0, type, 0, 1]), more]);
}

const addressIn = (answer: Buffer): string => answer.subarray(-4).join(".");
const rcodeIn = (answer: Buffer): number => answer.readUInt16BE(2) & 0xf;

async function overTcp(message: Buffer): Promise<Buffer> {
  const socket = connect(53, stubAddress);
  try {
    const messages = new FramedMessages();
    const answer = new Promise<Buffer>((resolve, reject) => {
      socket.on("error", reject);
      socket.on("data", (bytes) => messages.push(bytes).forEach(resolve));
    });
    socket.write(framed(message));
    return await within("an answer over TCP", answer);
  } finally {
    socket.destroy();
  }
}

async function followed(t: Test, { ethernet, modem }: Machine): Promise<void> {
  const dns = await stubbed(t);
  await dns.apply(byForeign(ethernet, modem), soon());
  t.strictSame(serversListed(), [`nameserver ${stubAddress}`, "nameserver 192.0.2.1"]);
  const longLived = new Resolver();
  const everybody = async () => [
    (await longLived.resolve4(name)).join(),
    (await new Resolver().resolve4(name)).join(),
    await askGlibc(name),
  ];
  const all = (address: string) => [address, address, address];
  t.strictSame(await everybody(), all("203.0.113.1"), "the DHCP client's servers, asked for it");

  for (const [to, plan, address] of [
    ["modem", by(modem), "203.0.113.2"],
    ["ethernet", byForeign(ethernet, modem), "203.0.113.1"],
  ] as const) {
    const startMs = performance.now();
    await dns.apply(plan, soon());
    t.equal((await longLived.resolve4(name)).join(), address);
    t.comment(
      `to the ${to}: an old c-ares has its answer ${(performance.now() - startMs).toFixed(1)} ms after the plan`,
    );
    t.strictSame(await everybody(), all(address));
  }
  await dns.restore(soon());
  t.equal(readFileSync(resolvConf, "utf8"), dhcp);
  t.equal((await longLived.resolve4(name)).join(), "203.0.113.1", "nobody listens any more: it goes on to the next");
}

async function killed(t: Test, { ethernet, modem }: Machine): Promise<void> {
  const dns = await stubbed(t);
  await dns.apply(by(modem), soon());
  t.strictSame(serversListed(), [`nameserver ${stubAddress}`, "nameserver 198.51.100.1"]);
  const taken = await opened({ file: resolvConf, stateDir: "/run" }, { config });
  t.equal(taken.choice.because, "dns=file resolv.conf=ours (left by an earlier run)");
  await dns.restore(soon());
  await taken.backend.apply(by(modem), soon());
  t.equal(await askGlibc(name), "203.0.113.2");
  await taken.backend.apply(byForeign(ethernet, modem), soon());
  t.strictSame(serversListed(), [`nameserver ${stubAddress}`, "nameserver 192.0.2.1"]);
  writeFileSync(resolvConf, "nameserver 192.0.2.9\nnameserver 192.0.2.1\n");
  await taken.backend.apply(byForeign(ethernet, modem), soon());
  t.strictSame(
    serversListed(),
    [`nameserver ${stubAddress}`, "nameserver 192.0.2.9", "nameserver 192.0.2.1"],
    "a DHCP client has written meanwhile: its servers are asked now",
  );
  t.equal((await new Resolver().resolve4(name)).join(), "203.0.113.1", "the second answers where the first is silent");
  await taken.backend.restore(soon());
  t.equal(readFileSync(resolvConf, "utf8"), "nameserver 192.0.2.9\nnameserver 192.0.2.1\n");
  writeFileSync(resolvConf, dhcp);
}

async function moved(t: Test, { ethernet, modem }: Machine): Promise<void> {
  const dns = await stubbed(t);
  const client = await Client.open(t);
  await dns.apply(by(ethernet), soon());
  await ethernet.far.ip("link set far down");
  const waiting = Array.from({ length: 20 }, (_, id) => client.ask(questionFor(name, id)));
  const startMs = performance.now();
  await dns.apply(by(modem, ethernet), soon());
  const answers = await Promise.all(waiting);
  t.strictSame(new Set(answers.map(addressIn)), new Set(["203.0.113.2"]));
  t.comment(`answered ${(performance.now() - startMs).toFixed(0)} ms after the switch`);
  await ethernet.far.ip("link set far up");
  await dns.restore(soon());
}

/** A socket holds some 280 answers while this process does something else: programs have one each. */
const questionsPerClient = 125;

/** Asked all at once, by as many programs as that takes. */
async function askMany(t: Test, questions: number): Promise<readonly Buffer[]> {
  const clients: Client[] = [];
  while (clients.length * questionsPerClient < questions) clients.push(await Client.open(t));
  const ids = Array.from({ length: questionsPerClient }, (_, at) => at + 1);
  return Promise.all(clients.flatMap((client) => ids.map((id) => client.ask(questionFor(name, id)))));
}

async function crowd(t: Test, { modem }: Machine): Promise<void> {
  const dns = await stubbed(t);
  const client = await Client.open(t);
  await dns.apply(by(modem), soon());
  const many = askMany(t, 500);
  for (const garbage of [Buffer.alloc(0), Buffer.from("wwand"), Buffer.alloc(40, 0xff), Buffer.alloc(1_400)])
    for (let times = 0; times < 10; times++) client.send(garbage);
  const answers = await many;
  t.equal(answers.length, 500);
  t.strictSame(new Set(answers.map(addressIn)), new Set(["203.0.113.2"]));
  t.equal(addressIn(await overTcp(questionFor(name, 7))), "203.0.113.2", "and TCP is served beside");
  await dns.restore(soon());
}

async function flooded(t: Test, { modem, carrier }: Machine): Promise<void> {
  const dns = await stubbed(t);
  await modem.far.ip("link set far down");
  await dns.apply(by(modem), soon());
  const startMs = performance.now();
  const answers = await askMany(t, 1_500);
  t.strictSame(new Set(answers.map(rcodeIn)), new Set([2]), "SERVFAIL for all");
  t.comment(`${answers.length} questions were over after ${(performance.now() - startMs).toFixed(0)} ms`);
  await modem.far.ip("link set far up");
  await carrier.answer("203.0.113.2");
  const client = await Client.open(t);
  await eventually(
    "names again",
    () => client.ask(questionFor(name, 4_711)).then(addressIn, String),
    (address) => address === "203.0.113.2",
  );
  await dns.restore(soon());
}

async function truncated(t: Test, { modem }: Machine): Promise<void> {
  const dns = await stubbed(t);
  const client = await Client.open(t);
  await dns.apply(by(modem), soon());
  const txt = 16;
  const short = await client.ask(questionFor("long.example.net", 1, txt));
  t.equal(short.readUInt16BE(2) & 0x0200, 0x0200, "TC: come again over TCP");
  t.ok(short.length <= 512);
  t.ok((await overTcp(questionFor("long.example.net", 2, txt))).length > 750);
  const edns = Buffer.from("0000291000000080000000", "hex");
  const whole = await client.ask(questionFor("long.example.net", 3, txt, edns));
  t.equal(whole.readUInt16BE(2) & 0x0200, 0, "4096 bytes by EDNS: no need for TCP");
  t.strictSame(await new Resolver().resolveTxt("long.example.net"), [longText]);
  await dns.restore(soon());
}

/** A name server by hand: sees the very bytes, and answers from wherever it likes. */
async function forged(t: Test, { modem, carrier }: Machine): Promise<void> {
  const dns = await stubbed(t);
  const client = await Client.open(t);
  await dns.apply(by(modem), soon());
  await carrier.end();
  const socketAt = (sourcePort: number) =>
    inNetns(modem.far.path, () => openUdp({ family: "inet", sourceAddress: "198.51.100.1", sourcePort }));
  const wrongPort = socketAt(5_353);
  const seen: Buffer[] = [];
  const answerWith = (question: Buffer, address: string, id = question.readUInt16BE(0)) => {
    const answer = Buffer.concat([question, Buffer.from("c00c000100010000000a0004", "hex"), addressBytes(address)]);
    answer.writeUInt16BE(id, 0);
    answer.writeUInt16BE(0x8180, 2);
    answer.writeUInt16BE(1, 6);
    return answer;
  };
  const server = new DatagramChannel(
    socketAt(53),
    {},
    {
      onDatagrams: ([datagram]) => {
        if (datagram?.source?.family !== "inet") return;
        const { data, source } = datagram;
        seen.push(data);
        sendTo(wrongPort, answerWith(data, "203.0.113.66"), source);
        void server.send(answerWith(data, "203.0.113.67", (data.readUInt16BE(0) + 1) & 0xffff), source);
        void server.send(answerWith(questionFor("evil.example", data.readUInt16BE(0)), "203.0.113.68"), source);
        void server.send(data, source);
        void server.send(answerWith(data, "203.0.113.4"), source);
      },
      onEnd: () => undefined,
    },
  );
  t.teardown(() => server.close());
  const asked = questionFor(name, 0x0102);
  const answer = await client.ask(asked);
  t.equal(
    addressIn(answer),
    "203.0.113.4",
    "neither the wrong port's, nor another id's, nor another question's answer",
  );
  t.strictSame(seen[0]?.subarray(2), asked.subarray(2), "passed on as it was asked");
  await client.ask(questionFor(name, 0x0102, 28));
  t.not(seen[0]?.readUInt16BE(0), seen[1]?.readUInt16BE(0), "each question under an id of its own");
  await dns.restore(soon());
}

const addressBytes = (address: string): Buffer => Buffer.from(address.split(".").map(Number));

async function taken(t: Test, { ethernet, modem }: Machine): Promise<void> {
  const occupant = createSocket("udp4");
  occupant.bind(53, stubAddress);
  await once(occupant, "listening");
  const lines: string[] = [];
  const log = createLog("info", (line) => lines.push(line));
  const { backend, choice, current } = await opened({ file: resolvConf, stateDir: "/run" }, { config, log });
  t.match(choice, { stub: stubAddress });
  await backend.apply(byForeign(ethernet, modem), soon());
  t.equal(readFileSync(resolvConf, "utf8"), dhcp, "without a stub there is nothing to put in");
  await backend.apply(by(modem), soon());
  t.strictSame(serversListed(), ["nameserver 198.51.100.1"]);
  t.match(lines.join(""), /no stub.*EADDRINUSE/);
  t.equal(lines.length, 1, "told once");
  t.match(current().because, /^dns=file resolv\.conf=file, no stub: .*EADDRINUSE/, "and shown for as long as it is so");
  t.equal(current().stub, undefined);
  await backend.restore(soon());
  occupant.close();
}

async function local(t: Test, { ethernet, modem }: Machine): Promise<void> {
  writeFileSync(resolvConf, "nameserver 127.0.0.1\n");
  const dns = await stubbed(t);
  await dns.apply(byForeign(ethernet, modem), soon());
  t.equal(readFileSync(resolvConf, "utf8"), "nameserver 127.0.0.1\n");
  await dns.restore(soon());
  writeFileSync(resolvConf, dhcp);
}

const stories: Readonly<Record<string, (t: Test, machine: Machine) => Promise<void>>> = {
  "each switch is followed by programs old and new, also from and to another program's servers": followed,
  "killed and started again; a DHCP client writes meanwhile": killed,
  "questions on their way when the cable is pulled are answered by the modem's server": moved,
  "500 questions at once, and garbage between them": crowd,
  "1500 questions that nobody answers: more than it keeps": flooded,
  "an answer that is too long for UDP": truncated,
  "answers from a wrong port, with a wrong id, to another question": forged,
  "another resolver has the stub's port": taken,
  "a resolver of this machine's own stays what programs ask": local,
};

t.setTimeout(110_000);

t.test("beside real programs", async (t) => {
  if (!(await inOwnLab(t, import.meta.url))) return;
  const shared = await machine(t);
  for (const [what, story] of Object.entries(stories)) await t.test(what, (t) => story(t, shared));
});
