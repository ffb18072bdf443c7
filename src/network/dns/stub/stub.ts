/**
 * wwand's own small forwarding resolver on a loopback address: programs that read resolv.conf once and for all ask it, and
 * it asks the servers of whichever uplink carries the traffic now. It keeps no answers, so there is nothing to flush.
 */
import type { Clock } from "../../../runtime/clock.js";
import { askTcp, askUdp } from "./ask.js";
import { errorAnswer, type Query, rcodes, receivedFrom } from "./message.js";
import { type Ask, type NameServer, Question } from "./question.js";
import { listenTcp } from "./tcp-listener.js";
import { listenUdp } from "./udp-listener.js";

export interface StubOptions {
  /** Of the loopback interface. */
  readonly address: string;
  readonly clock: Clock;
}

const dnsPort = 53;
/** Each costs a socket a second for up to four seconds; what comes beyond is refused at once. */
const mostQuestions = 512;

export class DnsStub {
  readonly #questions = new Map<string, Question>();
  #servers: readonly NameServer[] = [];
  #stopListening: (() => void) | undefined;

  constructor(private readonly options: StubOptions) {}

  get address(): string {
    return this.options.address;
  }

  /** Rejects with EADDRINUSE, EACCES or EADDRNOTAVAIL; nothing is open then. */
  async open(): Promise<void> {
    if (this.#stopListening) return;
    const { address } = this.options;
    const stopTcp = await listenTcp(address, dnsPort, (...heard) => this.#hear(askTcp, ...heard));
    try {
      const udp = listenUdp(address, dnsPort, (...heard) => this.#hear(askUdp, ...heard));
      this.#stopListening = () => {
        stopTcp();
        udp.close();
      };
    } catch (error) {
      stopTcp();
      throw error;
    }
  }

  /** Whoever asks from now on is answered by these, and whoever waits too. */
  use(servers: readonly NameServer[]): void {
    if (isSame(servers, this.#servers)) return;
    this.#servers = servers;
    for (const question of this.#questions.values()) question.askAll(servers);
  }

  /** Whoever waits gets SERVFAIL. Idempotent. */
  close(): void {
    for (const question of [...this.#questions.values()]) question.giveUp();
    this.#stopListening?.();
    this.#stopListening = undefined;
  }

  #hear(ask: Ask, message: Buffer, from: string, answer: (message: Buffer) => void): void {
    const received = receivedFrom(message);
    if (received.is === "refusal") answer(received.answer);
    if (received.is !== "query") return;
    const { query } = received;
    const key = `${from} ${query.id} ${query.question.toString("latin1")}`;
    // Asked again by an impatient client: the first one's answer is on its way.
    if (this.#questions.has(key)) return;
    if (this.#questions.size >= mostQuestions) answer(errorAnswer(message, rcodes.serverFailure));
    else this.#begin(key, query, ask, answer);
  }

  #begin(key: string, query: Query, ask: Ask, answer: (message: Buffer) => void): void {
    const question = new Question({
      query,
      ask,
      clock: this.options.clock,
      onFailed: (server) => this.#failed(server),
      onAnswer: (message) => {
        this.#questions.delete(key);
        answer(message);
      },
    });
    this.#questions.set(key, question);
    question.askAll(this.#servers);
  }

  /** The others are asked first from now on. */
  #failed(server: NameServer): void {
    if (this.#servers[0] === server) this.#servers = [...this.#servers.slice(1), server];
  }
}

/** Also in another order: which of them answers has been learnt. */
const isSame = (a: readonly NameServer[], b: readonly NameServer[]): boolean =>
  a.map(textOf).sort().join() === b.map(textOf).sort().join();

const textOf = ({ address, via }: NameServer): string => `${address}@${via?.ifindex ?? ""}`;
