/** A growing little-endian buffer that knows D-Bus alignment, counted from its start. */
export class Output {
  #bytes = Buffer.allocUnsafe(256);
  #end = 0;
  /** How many containers are open; see maxDepth in marshal.ts. */
  depth = 0;

  get length(): number {
    return this.#end;
  }

  /** The bytes so far; the object must not be used any more. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#end);
  }

  /** Pads with zeros to `boundary` (1, 2, 4 or 8) and makes room for `width` bytes more; returns where they go. */
  take(boundary: number, width: number): number {
    const at = (this.#end + boundary - 1) & -boundary;
    if (at + width > this.#bytes.length) this.#grow(at + width);
    if (at > this.#end) this.#bytes.fill(0, this.#end, at);
    this.#end = at + width;
    return at;
  }

  uint8(value: number): void {
    this.#bytes[this.take(1, 1)] = value;
  }

  uint32(value: number): void {
    const at = this.take(4, 4);
    this.#bytes.writeUInt32LE(value, at);
  }

  /** Overwrites four bytes written before. */
  patchUint32(at: number, value: number): void {
    this.#bytes.writeUInt32LE(value, at);
  }

  /** A length of four bytes (one for a signature), the text, a NUL. */
  text(value: string, lengthBytes: 1 | 4): void {
    const length = Buffer.byteLength(value);
    if (lengthBytes === 1) this.uint8(length);
    else this.uint32(length);
    const at = this.take(1, length + 1);
    this.#bytes.write(value, at);
    this.#bytes[at + length] = 0;
  }

  raw(value: Uint8Array): void {
    const at = this.take(1, value.length);
    this.#bytes.set(value, at);
  }

  /** Room of `width` bytes, aligned to it, filled in by `fill`. */
  number(width: 2 | 4 | 8, fill: (bytes: Buffer, at: number) => void): void {
    const at = this.take(width, width);
    fill(this.#bytes, at);
  }

  #grow(wanted: number): void {
    const larger = Buffer.allocUnsafe(Math.max(wanted, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}
