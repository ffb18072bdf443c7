/** One question of a client on its way: server after server, moved when the servers change, over by its deadline. */
import type { Clock } from "../../../runtime/clock.js";
import { errorAnswer, type Query, rcodeOf, rcodes } from "./message.js";

export interface NameServer {
  readonly address: string;
  /** The uplink that it is reached by; absent: as the kernel's routes have it. */
  readonly via?: { readonly interfaceName: string; readonly ifindex: number };
}

/** Sends the question to one server; resolves with its answer. Rejects with an errno, or the signal's reason. */
export type Ask = (server: NameServer, query: Query, signal: AbortSignal) => Promise<Buffer>;

export interface QuestionOptions {
  readonly query: Query;
  readonly ask: Ask;
  readonly clock: Clock;
  /** It has not answered in time, or not to the question. */
  readonly onFailed: (server: NameServer) => void;
  /** Called once. */
  readonly onAnswer: (answer: Buffer) => void;
}

/** Clients wait 5 s (glibc, Go) or ask the next server themselves: an answer must come before. */
const deadlineMs = 4_000;
/** Then the next server is asked too, while the one before may still answer. */
const tryMs = 1_000;

/** What a server says about itself and not about the name: another one may know better. */
const refusals: readonly number[] = [rcodes.serverFailure, rcodes.refused, rcodes.notImplemented];

export class Question {
  #servers: readonly NameServer[] = [];
  #asked = 0;
  #refused = 0;
  #attempts = new AbortController();
  #cancelTry: () => void = () => undefined;
  readonly #cancelDeadline: () => void;
  #isOver = false;

  constructor(private readonly options: QuestionOptions) {
    const { clock, query } = options;
    this.#cancelDeadline = clock.after(deadlineMs, () => this.#finish(errorAnswer(query.bytes, rcodes.serverFailure)));
  }

  /** From now on these are asked, from the first on; those of before are forgotten. None: it waits for some. */
  askAll(servers: readonly NameServer[]): void {
    if (this.#isOver) return;
    this.#attempts.abort(new Error("other servers"));
    this.#attempts = new AbortController();
    this.#servers = servers;
    this.#asked = 0;
    this.#refused = 0;
    this.#askNext();
  }

  /** It is answered with SERVFAIL now. */
  giveUp(): void {
    this.#finish(errorAnswer(this.options.query.bytes, rcodes.serverFailure));
  }

  #askNext(): void {
    this.#cancelTry();
    const server = this.#servers[this.#asked % this.#servers.length];
    if (server === undefined) return;
    this.#asked += 1;
    this.#cancelTry = this.options.clock.after(tryMs, () => {
      this.options.onFailed(server);
      this.#askNext();
    });
    const { signal } = this.#attempts;
    this.options.ask(server, this.options.query, signal).then(
      (answer) => signal.aborted || this.#heard(server, answer),
      () => signal.aborted || this.#failed(server),
    );
  }

  #heard(server: NameServer, answer: Buffer): void {
    const isRefusal = refusals.includes(rcodeOf(answer));
    if (isRefusal) this.#refused += 1;
    // All have said no: the last one's word is what the client would have had without us.
    if (isRefusal && this.#refused < this.#servers.length) this.#failed(server);
    else this.#finish(answer);
  }

  /** Each server once as fast as they fail; after that at the pace of the tries. */
  #failed(server: NameServer): void {
    this.options.onFailed(server);
    if (this.#asked < this.#servers.length) this.#askNext();
  }

  #finish(answer: Buffer): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelTry();
    this.#cancelDeadline();
    this.#attempts.abort(new Error("answered"));
    this.options.onAnswer(answer);
  }
}
