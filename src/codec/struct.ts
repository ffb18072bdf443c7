/**
 * Fixed structures with references: scalars stand one after the other, what varies in length stands behind them and is
 * found by an offset from the structure's start. Little-endian. Structures are declared as data, types follow.
 * @see MBIM 1.0 10.3 (InformationBuffer, DataBuffer, OL_PAIR_LIST)
 */

/** Why bytes must not be seen: PINs and passwords by nobody, identities (IMSI, IMEI, ICCID, numbers) only where asked for. */
export type Hiding = "secret" | "identity";

/** Follows a reading, for whoever covers bytes in place. Each part is a view of the very bytes that are read. */
export interface ReadWatcher {
  /** These bytes belong to a declared field. */
  read(part: Buffer): void;
  /** These do, and must not be seen. */
  hidden(part: Buffer, hides: Hiding): void;
}

/** One member of a structure. `T` is the value that programs see. */
export interface Field<T> {
  read(from: StructReader): T;
  write(to: StructWriter, value: T): void;
  /** The value as a log prints it: secrets and identities are already covered. */
  show(value: T): string;
  /** Present where the value must not be seen: the same value, same length, unreadable. */
  cover?(value: T): T;
  /** What it or a part of it hides. */
  readonly hides?: Hiding | undefined;
}

/** The most that any of these hides. */
export function hidingOf(parts: readonly { readonly hides?: Hiding | undefined }[]): Hiding | undefined {
  const found = parts.flatMap(({ hides }) => hides ?? []);
  return found.includes("secret") ? "secret" : found[0];
}

/** The number of elements of a list declared elsewhere in the structure. Not a value of its own. */
export interface CountField extends Field<unknown> {
  readonly counts: string;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;

/** The value type of a declared structure: every field but the counts. */
export type Values<F extends Fields> = {
  readonly [K in keyof F as F[K] extends CountField ? never : K]: F[K] extends Field<infer T> ? T : never;
};

const isCount = (field: Field<unknown>): field is CountField => "counts" in field;

/**
 * Firmware may refer twice to one text. A list of thousands of references to all of a message is nothing that a modem has
 * to say: without a bound, its values would take the square of its length.
 */
const maxCover = 4;

/** Walks the fixed part and follows references. Every access is checked; the error names the field. */
export class StructReader {
  #at = 0;
  #last: Buffer | undefined;
  /** Bytes that references led to so far. */
  #referred = 0;
  /** The same, with what stands behind each to fill four bytes. */
  #padded = 0;
  #counts: Map<string, number> | undefined;

  constructor(
    private readonly bytes: Buffer,
    /** Where in the message this is, e.g. `providers[2].name`. */
    public path: string,
    private readonly watcher?: ReadWatcher,
  ) {}

  /** The next `size` bytes of the fixed part. */
  take(size: number): Buffer {
    const part = this.#slice(this.#at, size);
    this.#at += size;
    this.#last = part;
    this.watcher?.read(part);
    return part;
  }

  /** Takes what must not be seen: the last part that `read` takes, behind the number of its bytes if there is one. */
  hiding<T>(hides: Hiding, read: () => T): T {
    const value = read();
    if (this.#last !== undefined) this.watcher?.hidden(this.#last, hides);
    return value;
  }

  /** Whatever of the structure has not been taken yet. */
  rest(): Buffer {
    return this.take(this.bytes.length - this.#at);
  }

  /** A reader for the `size` bytes at `offset` from the structure's start. */
  part(offset: number, size: number): StructReader {
    this.#referred += size;
    this.#padded += pad4(size);
    if (this.#referred > maxCover * this.bytes.length)
      throw new RangeError(`${this.path}: references cover the ${this.bytes.length} bytes again and again`);
    return new StructReader(this.#slice(offset, size), this.path, this.watcher);
  }

  /** A reader for what begins at `offset` and ends with this structure. */
  from(offset: number): StructReader {
    return new StructReader(this.#slice(offset, Math.max(0, this.bytes.length - offset)), this.path, this.watcher);
  }

  #slice(offset: number, size: number): Buffer {
    if (offset === 0 && size === this.bytes.length) return this.bytes;
    if (offset + size > this.bytes.length)
      throw new RangeError(`${this.path}: ${size} bytes at ${offset} run past the end (${this.bytes.length})`);
    return this.bytes.subarray(offset, offset + size);
  }

  /** What the structure has been so far: its fixed part, and what that refers to behind it. */
  get length(): number {
    return this.#at + this.#padded;
  }

  u8(): number {
    return this.bytes.readUInt8(this.#pass(1));
  }

  u16(): number {
    return this.bytes.readUInt16LE(this.#pass(2));
  }

  u32(): number {
    return this.bytes.readUInt32LE(this.#pass(4));
  }

  u64(): bigint {
    return this.bytes.readBigUInt64LE(this.#pass(8));
  }

  setCount(list: string, count: number): void {
    this.#counts ??= new Map();
    this.#counts.set(list, count);
  }

  countOf(list: string): number {
    return this.#counts?.get(list) ?? 0;
  }

  /** As `take`, for numbers: where they begin, without a Buffer for each unless somebody watches. */
  #pass(size: number): number {
    const at = this.#at;
    if (this.watcher !== undefined) this.take(size);
    else if (at + size > this.bytes.length) this.#slice(at, size);
    else this.#at += size;
    return at;
  }
}

const pad4 = (size: number): number => (size + 3) & ~3;

/** Offset and size, size and offset, or the offset alone. */
export type ReferenceForm = "offsetFirst" | "sizeFirst" | "offset";

interface Reference {
  readonly place: number;
  readonly data: Buffer;
  readonly form: ReferenceForm;
}

/** Most structures of a request need no more. */
const firstBytes = 64;

/** Collects the fixed part and what it refers to; `finish` lays the latter behind, each padded to four bytes. */
export class StructWriter {
  #fixed = Buffer.allocUnsafe(firstBytes);
  #references: Reference[] | undefined;
  #size = 0;

  constructor(private readonly siblings: Readonly<Record<string, unknown>>) {}

  put(bytes: Buffer): void {
    const at = this.#reserve(bytes.length);
    bytes.copy(this.#fixed, at);
  }

  u8(value: number): void {
    const at = this.#reserve(1);
    this.#fixed.writeUInt8(value, at);
  }

  u16(value: number): void {
    const at = this.#reserve(2);
    this.#fixed.writeUInt16LE(value, at);
  }

  u32(value: number): void {
    const at = this.#reserve(4);
    this.#fixed.writeUInt32LE(value, at);
  }

  u64(value: bigint): void {
    const at = this.#reserve(8);
    this.#fixed.writeBigUInt64LE(value, at);
  }

  /** Reserves the reference; empty data is the null reference. */
  reference(data: Buffer, form: ReferenceForm): void {
    if (data.length > 0) {
      this.#references ??= [];
      this.#references.push({ place: this.#size, data, form });
    }
    const at = this.#reserve(form === "offset" ? 4 : 8);
    this.#fixed.fill(0, at, this.#size);
  }

  /** Room for `size` more bytes of the fixed part, and where it begins. */
  #reserve(size: number): number {
    const at = this.#size;
    this.#size += size;
    if (this.#size > this.#fixed.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#size, 2 * this.#fixed.length));
      this.#fixed.copy(larger, 0, 0, at);
      this.#fixed = larger;
    }
    return at;
  }

  lengthOf(list: string): number {
    const value = this.siblings[list];
    if (!Array.isArray(value)) throw new TypeError(`${list} is not a list`);
    return value.length;
  }

  /** The structure; the writer is used up. */
  finish(): Buffer {
    if (this.#references === undefined) return this.#fixed.subarray(0, this.#size);
    const start = pad4(this.#size);
    const total = this.#references.reduce((sum, { data }) => sum + pad4(data.length), start);
    const bytes = Buffer.alloc(total);
    this.#fixed.copy(bytes, 0, 0, this.#size);
    let at = start;
    for (const { place, data, form } of this.#references) {
      bytes.writeUInt32LE(at, form === "sizeFirst" ? place + 4 : place);
      if (form !== "offset") bytes.writeUInt32LE(data.length, form === "sizeFirst" ? place : place + 4);
      data.copy(bytes, at);
      at += pad4(data.length);
    }
    return bytes;
  }
}

interface Row {
  readonly name: string;
  readonly field: Field<unknown>;
  readonly isCount: boolean;
}

/** Each table is read thousands of times: what can be told once from its declaration is. */
const rows = new WeakMap<Fields, readonly Row[]>();

function rowsOf(fields: Fields): readonly Row[] {
  const known = rows.get(fields);
  if (known !== undefined) return known;
  const made = Object.entries(fields).map(([name, field]): Row => ({ name, field, isCount: isCount(field) }));
  rows.set(fields, made);
  return made;
}

/** Reads the declared fields in order. What follows them belongs to newer firmware and is left alone. */
function readFields<F extends Fields>(fields: F, from: StructReader): Values<F> {
  const path = from.path;
  const out: Record<string, unknown> = {};
  for (const { name, field, isCount } of rowsOf(fields)) {
    from.path = path === "" ? name : `${path}.${name}`;
    const value = field.read(from);
    if (!isCount) out[name] = value;
  }
  from.path = path;
  return out as Values<F>;
}

/**
 * Decodes one structure.
 * @throws RangeError naming the field whose bytes are missing or make no sense
 */
export const decodeStruct = <F extends Fields>(fields: F, bytes: Buffer, watcher?: ReadWatcher): Values<F> =>
  readFields(fields, new StructReader(bytes, "", watcher));

function writeFields(fields: Fields, to: StructWriter, values: Readonly<Record<string, unknown>>): void {
  for (const { name, field, isCount } of rowsOf(fields)) field.write(to, isCount ? undefined : values[name]);
}

/**
 * The inverse of `decodeStruct`.
 * @throws RangeError, TypeError when a value does not fit its field
 */
export function encodeStruct<F extends Fields>(fields: F, values: Values<F>): Buffer {
  const to = new StructWriter(values);
  writeFields(fields, to, values);
  return to.finish();
}

/** `name=value name=value`, for logs. */
export function showStruct<F extends Fields>(fields: F, values: Values<F>): string {
  const record: Readonly<Record<string, unknown>> = values;
  return Object.entries(fields)
    .flatMap(([name, field]) => (isCount(field) ? [] : [`${name}=${field.show(record[name])}`]))
    .join(" ");
}

const hasCover = (fields: Fields): boolean => Object.values(fields).some((field) => field.cover !== undefined);

/** The same values with secrets and identities covered, or undefined where the structure has none. */
export function coverStruct<F extends Fields>(fields: F, values: Values<F>): Values<F> | undefined {
  if (!hasCover(fields)) return undefined;
  const covered: Record<string, unknown> = { ...values };
  for (const [name, field] of Object.entries(fields)) if (field.cover) covered[name] = field.cover(covered[name]);
  return covered as Values<F>;
}

/** What a reference points to: a range of bytes of its own. */
export interface Blob<T> {
  /** `from` has these bytes and no others. */
  read(from: StructReader): T;
  encode(value: T): Buffer;
  show(value: T): string;
  cover?(value: T): T;
  readonly hides?: Hiding | undefined;
}

/** A structure in a range of its own: its offsets count from its own start. */
export function structure<F extends Fields>(fields: F): Blob<Values<F>> {
  const cover = (value: Values<F>): Values<F> => coverStruct(fields, value) ?? value;
  return {
    read: (from) => readFields(fields, from),
    encode: (value) => encodeStruct(fields, value),
    show: (value) => `{${showStruct(fields, value)}}`,
    hides: hidingOf(Object.values(fields)),
    ...(hasCover(fields) ? { cover } : {}),
  };
}

/** A structure without references that stands in the fixed part of another. */
export function nested<F extends Fields>(fields: F): Field<Values<F>> {
  return {
    read: (from) => readFields(fields, from),
    write: (to, value) => writeFields(fields, to, value),
    show: (value) => `{${showStruct(fields, value)}}`,
    hides: hidingOf(Object.values(fields)),
  };
}
