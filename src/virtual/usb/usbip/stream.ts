/** Cuts a byte stream into messages without copying what arrived in one piece. */
import type { Parsed } from "./messages.js";

export class MessageStream {
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Nothing can be understood before so many bytes are there. */
  #neededBytes = 1;

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** The next message, or undefined when not all of it is there. @throws UsbipError when the stream makes no sense */
  next<T>(parse: (bytes: Buffer) => Parsed<T>): T | undefined {
    if (this.#bytes < this.#neededBytes) return undefined;
    const all = this.#joined();
    const parsed = parse(all);
    if (parsed.is === "nonsense") throw new UsbipError(parsed.detail);
    if (parsed.is === "more") {
      this.#neededBytes = parsed.neededBytes;
      return undefined;
    }
    this.#neededBytes = 1;
    this.#bytes -= parsed.bytes;
    this.#chunks = this.#bytes === 0 ? [] : [all.subarray(parsed.bytes)];
    return parsed.message;
  }

  #joined(): Buffer {
    const [first] = this.#chunks;
    const all = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }
}

/** The client does not speak USB/IP, or not this part of it. */
export class UsbipError extends Error {
  override readonly name = "UsbipError";
}
