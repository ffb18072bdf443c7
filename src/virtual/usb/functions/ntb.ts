/** NCM transfer blocks of 16 bits. Pure. @see USB NCM 1.0 3.2, 3.3; MBIM 1.0 7 */

const nthSignature = 0x484d434e; // NCMH
const nthBytes = 12;
const ndpHeadBytes = 8;
const entryBytes = 4;
/** Datagrams begin at multiples of this. */
export const ntbAlignment = 4;

/** NCM0: ethernet frames without checksum. */
export const ethernetSignature = 0x304d434e;
const ipsSignature = 0x00535049;
/** IPS and the session: IP packets. @see MBIM 1.0 table 7-1 */
export const ipSignature = (sessionId: number): number => (ipsSignature | (sessionId << 24)) >>> 0;
/** The session of an IPS signature, or undefined for another kind of table. */
export const sessionOf = (signature: number): number | undefined =>
  (signature & 0xffffff) === ipsSignature ? signature >>> 24 : undefined;

/** The datagrams of one index table. They share memory with the block. */
export interface Datagrams {
  readonly signature: number;
  readonly datagrams: readonly Buffer[];
}

/** @throws RangeError when the block makes no sense; hosts that write one are broken */
export function parseNtb(block: Buffer): readonly Datagrams[] {
  if (block.length < nthBytes || block.readUInt32LE(0) !== nthSignature) throw new RangeError("no NTH16 header");
  const claimed = block.readUInt16LE(8);
  if (claimed > block.length) throw new RangeError(`a block of ${claimed} bytes in a transfer of ${block.length}`);
  // Zero: the block ends with the transfer.
  const bytes = claimed === 0 ? block : block.subarray(0, claimed);
  const tables: Datagrams[] = [];
  let indexBytes = 0;
  for (let at = bytes.readUInt16LE(10); at !== 0; ) {
    const table = parseTable(bytes, at);
    // Tables that share bytes could name one datagram a thousand times, or lead in a circle.
    indexBytes += tableBytes(table.datagrams.length);
    if (indexBytes > bytes.length) throw new RangeError("index tables without end");
    tables.push(table);
    at = bytes.readUInt16LE(at + 6);
  }
  return tables;
}

function parseTable(block: Buffer, at: number): Datagrams {
  if (at + ndpHeadBytes > block.length) throw new RangeError(`NDP16 at ${at} runs past the block`);
  const end = at + block.readUInt16LE(at + 4);
  if (end > block.length || end < at + ndpHeadBytes) throw new RangeError(`NDP16 at ${at} is ${end - at} bytes long`);
  const datagrams: Buffer[] = [];
  for (let entry = at + ndpHeadBytes; entry + entryBytes <= end; entry += entryBytes) {
    const [index, length] = [block.readUInt16LE(entry), block.readUInt16LE(entry + 2)];
    if (index === 0 || length === 0) break;
    if (index + length > block.length) throw new RangeError(`a datagram of ${length} bytes at ${index}`);
    datagrams.push(block.subarray(index, index + length));
  }
  return { signature: block.readUInt32LE(at), datagrams };
}

interface Table {
  readonly signature: number;
  /** Index and length of each datagram. */
  readonly entries: number[];
}

const aligned = (bytes: number): number => (bytes + ntbAlignment - 1) & ~(ntbAlignment - 1);
const tableBytes = (datagrams: number): number => ndpHeadBytes + (datagrams + 1) * entryBytes;

/** Collects datagrams into one block: header, datagrams, index tables. Each datagram is copied once. */
export class NtbBuilder {
  readonly #block: Buffer;
  readonly #tables: Table[] = [];
  #used = nthBytes;
  #tablesBytes = 0;

  constructor(maxBytes: number) {
    this.#block = Buffer.allocUnsafe(maxBytes);
  }

  get isEmpty(): boolean {
    return this.#tables.length === 0;
  }

  /** `head` and `body` become one datagram. False: it has no room, and nothing has changed. */
  add(signature: number, head: Buffer, body: Buffer): boolean {
    const last = this.#tables.at(-1);
    const table = last?.signature === signature ? last : undefined;
    const growth = table === undefined ? tableBytes(1) : entryBytes;
    const at = aligned(this.#used);
    const length = head.length + body.length;
    if (aligned(at + length) + this.#tablesBytes + growth > this.#block.length) return false;
    head.copy(this.#block, at);
    body.copy(this.#block, at + head.length);
    if (table === undefined) this.#tables.push({ signature, entries: [at, length] });
    else table.entries.push(at, length);
    this.#block.fill(0, this.#used, at);
    this.#used = at + length;
    this.#tablesBytes += growth;
    return true;
  }

  /** The block; the builder is used up. */
  finish(sequence: number): Buffer {
    let at = aligned(this.#used);
    this.#block.fill(0, this.#used, at);
    const first = at;
    for (const [number, table] of this.#tables.entries()) {
      const end = at + tableBytes(table.entries.length / 2);
      this.#writeTable(table, at, number + 1 < this.#tables.length ? end : 0);
      at = end;
    }
    this.#block.writeUInt32LE(nthSignature, 0);
    this.#block.writeUInt16LE(nthBytes, 4);
    this.#block.writeUInt16LE(sequence & 0xffff, 6);
    this.#block.writeUInt16LE(at, 8);
    this.#block.writeUInt16LE(this.#tables.length === 0 ? 0 : first, 10);
    return this.#block.subarray(0, at);
  }

  #writeTable({ signature, entries }: Table, at: number, next: number): void {
    this.#block.writeUInt32LE(signature, at);
    this.#block.writeUInt16LE(tableBytes(entries.length / 2), at + 4);
    this.#block.writeUInt16LE(next, at + 6);
    let entry = at + ndpHeadBytes;
    for (const value of [...entries, 0, 0]) {
      this.#block.writeUInt16LE(value, entry);
      entry += 2;
    }
  }
}
