const fixedHeaderBytes = 16;
const littleEndian = 0x6c;
const bigEndian = 0x42;
const protocolVersion = 1;
/** @see D-Bus Specification, "Message Format": 128 MiB. */
const maxMessageBytes = 1 << 27;

/** The length of the message that begins here. @throws RangeError when no message can begin so. */
function messageBytes(header: Buffer): number {
  const endian = header[0];
  if (endian !== littleEndian && endian !== bigEndian) throw new RangeError(`byte order mark ${endian}`);
  if (header[3] !== protocolVersion) throw new RangeError(`protocol version ${header[3]}`);
  const at = (offset: number) => (endian === littleEndian ? header.readUInt32LE(offset) : header.readUInt32BE(offset));
  const total = fixedHeaderBytes + Math.ceil(at(12) / 8) * 8 + at(4);
  if (total > maxMessageBytes) throw new RangeError(`a message of ${total} bytes`);
  return total;
}

/** Cuts the byte stream of a bus into whole messages. */
export class FrameSplitter {
  #chunks: Buffer[] = [];
  #have = 0;
  #wanted = fixedHeaderBytes;

  /** The messages that are complete with this chunk. @throws RangeError when the stream is not D-Bus (any more). */
  push(chunk: Buffer): readonly Buffer[] {
    this.#chunks.push(chunk);
    this.#have += chunk.length;
    const frames: Buffer[] = [];
    while (this.#have >= this.#wanted) {
      const joined = this.#chunks.length === 1 && this.#chunks[0] ? this.#chunks[0] : Buffer.concat(this.#chunks);
      const total = messageBytes(joined);
      const complete = joined.length >= total;
      if (complete) frames.push(joined.subarray(0, total));
      const rest = complete ? joined.subarray(total) : joined;
      this.#chunks = rest.length > 0 ? [rest] : [];
      this.#have = rest.length;
      this.#wanted = complete ? fixedHeaderBytes : total;
    }
    return frames;
  }
}
