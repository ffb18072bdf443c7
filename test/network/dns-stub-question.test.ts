/** A question on its way from server to server, in time that a test moves. */
import t from "tap";
import { receivedFrom } from "../../src/network/dns/stub/message.js";
import { type NameServer, Question } from "../../src/network/dns/stub/question.js";
import { settle, VirtualClock } from "../fakes/clock.js";

const bytes = Buffer.from("123401000001000000000000037777770000010001", "hex");
const header = (rcode: number) => Buffer.from(`1234818${rcode}0001000000000000`, "hex");
const good = header(0);
const [a, b]: readonly NameServer[] = [{ address: "192.0.2.1" }, { address: "192.0.2.2" }];
const other: NameServer = { address: "198.51.100.1" };
if (a === undefined || b === undefined) throw new Error("two servers");

class Story {
  readonly clock = new VirtualClock();
  /** `1000 192.0.2.1`: asked so many milliseconds after the beginning. */
  readonly asked: string[] = [];
  readonly failed: string[] = [];
  readonly answers: string[] = [];
  readonly question: Question;
  readonly #waiting = new Map<string, { resolve: (answer: Buffer) => void; reject: (error: Error) => void }>();

  constructor() {
    const received = receivedFrom(bytes);
    if (received.is !== "query") throw new Error(received.is);
    this.question = new Question({
      query: received.query,
      clock: this.clock,
      ask: (server) => {
        this.asked.push(`${this.clock.nowMs()} ${server.address}`);
        return new Promise((resolve, reject) => this.#waiting.set(server.address, { resolve, reject }));
      },
      onFailed: ({ address }) => this.failed.push(address),
      onAnswer: (answer) => this.answers.push(`${this.clock.nowMs()} rcode ${answer.readUInt16BE(2) & 0xf}`),
    });
  }

  async answer(server: NameServer, answer: Buffer): Promise<void> {
    this.#waiting.get(server.address)?.resolve(answer);
    await settle();
  }

  async refuse(server: NameServer): Promise<void> {
    this.#waiting.get(server.address)?.reject(new Error("ECONNREFUSED"));
    await settle();
  }
}

t.test("the first server answers", async (t) => {
  const story = new Story();
  story.question.askAll([a, b]);
  await story.clock.advance(30);
  await story.answer(a, good);
  t.strictSame([story.asked, story.answers, story.failed], [["0 192.0.2.1"], ["30 rcode 0"], []]);
  t.equal(story.clock.armed, 0, "no timer stays");
});

t.test(
  "the first is silent: the second is asked too after a second, and whoever answers first has answered",
  async (t) => {
    const story = new Story();
    story.question.askAll([a, b]);
    await story.clock.advance(1_200);
    t.strictSame(story.asked, ["0 192.0.2.1", "1000 192.0.2.2"]);
    t.strictSame(story.failed, ["192.0.2.1"]);
    await story.answer(a, good);
    t.strictSame(story.answers, ["1200 rcode 0"]);
  },
);

t.test("nobody listens at the first: the second at once", async (t) => {
  const story = new Story();
  story.question.askAll([a, b]);
  await story.refuse(a);
  t.strictSame(story.asked, ["0 192.0.2.1", "0 192.0.2.2"]);
  await story.refuse(b);
  t.strictSame(story.asked.length, 2, "no storm at servers that refuse");
  await story.clock.advance(1_000);
  t.strictSame(story.asked.slice(2), ["1000 192.0.2.1"], "but one more try a second later");
});

t.test("a server that cannot does not speak for the others; the last one's word is passed on", async (t) => {
  const story = new Story();
  story.question.askAll([a, b]);
  await story.answer(a, header(5));
  t.strictSame(story.asked, ["0 192.0.2.1", "0 192.0.2.2"]);
  await story.answer(b, header(2));
  t.strictSame(story.answers, ["0 rcode 2"]);
});

t.test("that there is no such name is an answer", async (t) => {
  const story = new Story();
  story.question.askAll([a, b]);
  await story.answer(a, header(3));
  t.strictSame(story.answers, ["0 rcode 3"]);
});

t.test("nobody answers: SERVFAIL after four seconds, before the client gives up", async (t) => {
  const story = new Story();
  story.question.askAll([a, b]);
  await story.clock.advance(10_000);
  t.strictSame(story.answers, ["4000 rcode 2"]);
  t.strictSame(story.asked, ["0 192.0.2.1", "1000 192.0.2.2", "2000 192.0.2.1", "3000 192.0.2.2"]);
  t.equal(story.clock.armed, 0);
});

t.test(
  "the traffic moves while it waits: the new uplink's server is asked at once, late words of the old count no more",
  async (t) => {
    const story = new Story();
    story.question.askAll([a]);
    await story.clock.advance(1_500);
    story.question.askAll([other]);
    t.equal(story.asked.at(-1), "1500 198.51.100.1");
    await story.answer(a, header(2));
    t.strictSame(story.answers, []);
    await story.answer(other, good);
    t.strictSame(story.answers, ["1500 rcode 0"]);
  },
);

t.test("no server yet: it waits for one, and not longer than for an answer", async (t) => {
  const story = new Story();
  story.question.askAll([]);
  await story.clock.advance(2_000);
  story.question.askAll([a]);
  t.strictSame(story.asked, ["2000 192.0.2.1"]);
  await story.answer(a, good);
  t.strictSame(story.answers, ["2000 rcode 0"]);
  const waiting = new Story();
  waiting.question.askAll([]);
  await waiting.clock.advance(4_000);
  t.strictSame(waiting.answers, ["4000 rcode 2"]);
});

t.test("wwand ends: whoever waits is told", async (t) => {
  const story = new Story();
  story.question.askAll([a]);
  story.question.giveUp();
  story.question.giveUp();
  t.strictSame(story.answers, ["0 rcode 2"]);
  t.equal(story.clock.armed, 0);
});
