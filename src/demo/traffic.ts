/** What a user would notice: a ping every 10 ms and a download that goes on, both running while cables are pulled. */
import { once } from "node:events";
import { get } from "node:http";
import { type Child, start } from "./command.js";

export interface PingResult {
  readonly sent: number;
  readonly lost: number;
}

/** An ICMP echo every 10 ms by the system's own ping, which leaves the choice of route and source to the kernel. */
export class Ping {
  readonly #child: Child;

  constructor(address: string) {
    this.#child = start("ping", ["-n", "-i", "0.01", address]);
  }

  /** Resolves when the first answer came. */
  answered(): Promise<string> {
    return this.#child.line("bytes from");
  }

  /** Ends the ping and counts. A request still in flight at that moment is not a lost one. */
  async stop(): Promise<PingResult> {
    await this.#child.stop("SIGINT");
    const summary = this.#child.lines.find((line) => line.includes("packets transmitted")) ?? "";
    const [, sent = "0", received = "0"] = /(\d+) packets transmitted, (\d+) received/.exec(summary) ?? [];
    const answered = this.#child.lines.flatMap((line) => /icmp_seq=(\d+) ttl/.exec(line)?.[1] ?? []).map(Number);
    const lastAnswered = Math.max(0, ...answered);
    return {
      sent: Number(sent),
      lost: Math.max(0, lastAnswered - new Set(answered).size, lastAnswered - Number(received)),
    };
  }
}

/** One request for a piece of the file; resolves with the bytes that came. A new connection each time, as after a switch. */
async function fetchPiece(url: string, offset: number, pieceBytes: number, timeoutMs: number): Promise<number> {
  const range = `bytes=${offset}-${offset + pieceBytes - 1}`;
  const request = get(url, { agent: false, headers: { range }, signal: AbortSignal.timeout(timeoutMs) });
  const [response] = await once(request, "response");
  let received = 0;
  for await (const chunk of response) received += chunk.length;
  return received;
}

export interface DownloadResult {
  readonly bytes: number;
  /** Pieces that had to be asked for again. */
  readonly retries: number;
}

/**
 * Downloads piece after piece until stopped, as a browser or updater that resumes does: a piece that fails is asked for
 * again. A TCP connection itself cannot move to another source address.
 */
export class Download {
  readonly #stop = new AbortController();
  readonly #done: Promise<DownloadResult>;
  bytes = 0;

  constructor(url: string) {
    this.#done = this.#run(url);
  }

  async #run(url: string): Promise<DownloadResult> {
    let retries = 0;
    while (!this.#stop.signal.aborted) {
      try {
        this.bytes += await fetchPiece(url, this.bytes, 16_384, 500);
      } catch {
        // What failed is asked for again; how often is part of the result.
        retries += 1;
      }
    }
    return { bytes: this.bytes, retries };
  }

  async stop(): Promise<DownloadResult> {
    this.#stop.abort();
    return this.#done;
  }
}
