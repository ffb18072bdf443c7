/** Walks the octets of a TPDU. Every access is checked; the error names the field. */
export class OctetReader {
  #at = 0;

  constructor(private readonly octets: Buffer) {}

  octet(what: string): number {
    return this.take(1, what).readUInt8();
  }

  /** @throws RangeError when they run past the end */
  take(count: number, what: string): Buffer {
    const end = this.#at + count;
    if (end > this.octets.length) throw new RangeError(`${what}: ${count} bytes run past the end`);
    const part = this.octets.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  rest(): Buffer {
    return this.octets.subarray(this.#at);
  }
}
