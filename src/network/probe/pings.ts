/** ICMP echo over a socket that is bound to the uplink. */
import { randomBytes, randomInt } from "node:crypto";
import { type Datagram, DatagramChannel, openPing, type SocketAddress } from "../../native/index.js";
import { echoBytes, echoPaddingBytes } from "../policy/probe-bytes.js";
import type { IpFamily } from "../types.js";
import type { Answer, Via } from "./ask.js";
import { bindingOf, familyNames } from "./binding.js";
import { cookieBytes, decodeReply, encodeRequest } from "./echo.js";

interface Question {
  readonly address: string;
  /** Of the whole packet. */
  readonly bytes: number;
  readonly sentMs: number;
  answered(roundTripMs: number): void;
  failed(error: unknown): void;
}

/** Echo requests over one socket, which is opened at the first question and again after the kernel ended it. */
export class Pings {
  readonly #id = randomInt(1, 0xffff);
  readonly #cookie = randomBytes(cookieBytes);
  readonly #questions = new Map<number, Question>();
  #sequence = 0;
  #socket: { readonly channel: DatagramChannel; readonly type: "dgram" | "raw" } | undefined;

  constructor(
    private readonly family: IpFamily,
    private readonly via: Via,
    private readonly nowMs: () => number,
  ) {}

  /** @param packetBytes Of the IP packet, which leaves whole (else EMSGSIZE) and which no router may fragment. */
  ask(address: string, signal: AbortSignal, packetBytes = echoBytes(this.family)): Promise<Answer> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const sequence = this.#sequence;
      this.#sequence = (this.#sequence + 1) & 0xffff;
      const leave = () => {
        this.#questions.delete(sequence);
        signal.removeEventListener("abort", abort);
      };
      const question: Question = {
        address,
        bytes: packetBytes,
        sentMs: this.nowMs(),
        answered: (roundTripMs) => {
          leave();
          resolve({ roundTripMs });
        },
        failed: (error) => {
          leave();
          reject(error);
        },
      };
      const abort = () => question.failed(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      this.#questions.set(sequence, question);
      this.#send(sequence, question).catch(question.failed);
    });
  }

  close(): void {
    this.#socket?.channel.close();
    this.#socket = undefined;
    this.#failAll(Object.assign(new Error("probe closed"), { code: "ECANCELED" }));
  }

  async #send(sequence: number, { address, bytes }: Question): Promise<void> {
    this.#socket ??= this.#open();
    const { channel } = this.#socket;
    const echo = { id: this.#id, sequence, cookie: this.#cookie };
    const request = encodeRequest(this.family, echo, echoPaddingBytes(this.family, bytes));
    await channel.send(request, { family: familyNames[this.family], address, port: 0 });
    this.via.spent(bytes);
  }

  #open(): { channel: DatagramChannel; type: "dgram" | "raw" } {
    const { fd, type } = openPing({ family: familyNames[this.family], ...bindingOf(this.via, this.family) });
    const channel = new DatagramChannel(
      fd,
      // Of a larger answer only the beginning is looked at.
      { maxMessageBytes: 512 },
      {
        onDatagrams: (datagrams) => {
          for (const datagram of datagrams) this.#heard(datagram, type);
        },
        onEnd: (error) => {
          this.#socket = undefined;
          this.#failAll(error ?? new Error("ping socket ended"));
        },
      },
    );
    channel.setRef(false);
    return { channel, type };
  }

  /** An answer to no question (late, doubled, forged, another program's) is nobody's. */
  #heard({ data, source, ageMs = 0 }: Datagram, type: "dgram" | "raw"): void {
    const reply = decodeReply(this.family, data, type === "raw" && this.family === 4);
    if (reply === undefined || !reply.cookie.equals(this.#cookie)) return;
    if (type === "raw" && reply.id !== this.#id) return;
    const question = this.#questions.get(reply.sequence);
    if (question === undefined || addressOf(source) !== question.address) return;
    this.via.spent(question.bytes);
    question.answered(Math.max(0, this.nowMs() - ageMs - question.sentMs));
  }

  #failAll(error: unknown): void {
    for (const question of [...this.#questions.values()]) question.failed(error);
  }
}

const addressOf = (source: SocketAddress | undefined): string | undefined =>
  source?.family === "inet" || source?.family === "inet6" ? source.address : undefined;
