/** DNS over UDP by the uplink, never by the system's resolver. */
import { randomInt } from "node:crypto";
import { DatagramChannel, openUdp } from "../../native/index.js";
import { datagramBytes } from "../policy/probe-bytes.js";
import type { ProbeTarget } from "../policy/types.js";
import type { IpFamily } from "../types.js";
import { NotAskable, type Via } from "./ask.js";
import { bindingOf, familyNames, familyOfAddress } from "./binding.js";
import { type DnsQuestion, type DnsReply, encodeQuestion, readReply } from "./dns-message.js";

/** After so long without an answer the next server is asked as well. */
const nextServerMs = 300;
/** "There is no such name" is an answer of somebody who could look it up. */
const goodCodes: readonly string[] = ["NOERROR", "NXDOMAIN"];
/** Without EDNS no answer is longer than half of it. */
const maxMessageBytes = 1_024;

/** A well-formed answer of a server that could look the name up. */
export async function askDns(
  { server, port, name }: ProbeTarget & { readonly kind: "dns" },
  family: IpFamily,
  via: Via,
  signal: AbortSignal,
): Promise<object> {
  const servers = server === "link" ? via.nameServers().filter((one) => familyOfAddress(one) === family) : [server];
  if (servers.length === 0) throw new NotAskable(`no IPv${family} name server of this uplink is known`);
  await lookUp({ name, type: "A" }, { servers, port }, via, signal);
  return {};
}

interface Servers {
  /** One or more, in the order in which they are asked. */
  readonly servers: readonly string[];
  readonly port: number;
}

/**
 * The first good answer; servers are asked one after the other, those behind a silent one in addition. Rejects when all have
 * refused, or with the signal's reason.
 */
export function lookUp(
  wanted: Pick<DnsQuestion, "name" | "type">,
  { servers, port }: Servers,
  via: Via,
  signal: AbortSignal,
): Promise<DnsReply> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const waiting = [...servers];
    const asked: { readonly close: () => void }[] = [];
    let silent = 0;
    let timer: NodeJS.Timeout | undefined;
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      for (const { close } of asked) close();
    };
    const abort = () => {
      end();
      reject(signal.reason);
    };
    const answered = (reply: DnsReply) => {
      end();
      resolve(reply);
    };
    const refused = (error: unknown) => {
      silent -= 1;
      next();
      if (silent > 0) return;
      end();
      reject(error);
    };
    const next = () => {
      const server = waiting.shift();
      if (server === undefined) return;
      silent += 1;
      clearTimeout(timer);
      timer = setTimeout(next, nextServerMs);
      const question = { id: randomInt(0x10000), ...wanted };
      asked.push(new Question(question, { address: server, port }, via, { answered, refused }));
    };
    signal.addEventListener("abort", abort, { once: true });
    next();
  });
}

/** Hears one of both, once, and not after `close`. */
interface Hearer {
  answered(reply: DnsReply): void;
  refused(error: unknown): void;
}

/** To one server, over a socket of its own, so that its port is as hard to guess as its id. */
class Question {
  #channel: DatagramChannel | undefined;
  #isOver = false;

  constructor(
    private readonly question: DnsQuestion,
    peer: { readonly address: string; readonly port: number },
    private readonly via: Via,
    private readonly hearer: Hearer,
  ) {
    try {
      this.#send(peer);
    } catch (error) {
      // Told in a turn of its own, as every other refusal is.
      queueMicrotask(() => this.#refuse(error));
    }
  }

  readonly close = (): void => {
    this.#isOver = true;
    this.#channel?.close();
  };

  #send(peer: { readonly address: string; readonly port: number }): void {
    const family = familyOfAddress(peer.address);
    const refuse = (error: unknown) => this.#refuse(error ?? new Error("its socket ended"));
    const count = (bytes: Buffer) => this.via.spent(datagramBytes(family, bytes.length));
    const fd = openUdp({ family: familyNames[family], ...bindingOf(this.via, family), peer });
    // A trouble is a closed port at the far end (ECONNREFUSED), or a router that knows no way.
    const troubles = { onTrouble: refuse, onEnd: refuse };
    const onDatagrams = (datagrams: readonly { readonly data: Buffer }[]) => {
      for (const { data } of datagrams) {
        count(data);
        this.#hear(data, peer.address);
      }
    };
    this.#channel = new DatagramChannel(fd, { maxMessageBytes }, { onDatagrams, ...troubles });
    const message = encodeQuestion(this.question);
    count(message);
    this.#channel.send(message).catch(refuse);
  }

  #hear(data: Buffer, server: string): void {
    const reply = this.#isOver ? undefined : readReply(data, this.question);
    if (reply === undefined) return;
    if (goodCodes.includes(reply.rcode)) {
      this.close();
      this.hearer.answered(reply);
    } else this.#refuse(new Error(`${server} says ${reply.rcode}`));
  }

  #refuse(error: unknown): void {
    if (this.#isOver) return;
    this.close();
    this.hearer.refused(error);
  }
}
