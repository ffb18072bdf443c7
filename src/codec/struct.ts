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
  readonly #counts = new Map<string, number>();

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
    if (this.#referred > maxCover * this.bytes.length)
      throw new RangeError(`${this.path}: references cover the ${this.bytes.length} bytes again and again`);
    return new StructReader(this.#slice(offset, size), this.path, this.watcher);
  }

  /** A reader for what begins at `offset` and ends with this structure. */
  from(offset: number): StructReader {
    return new StructReader(this.#slice(offset, Math.max(0, this.bytes.length - offset)), this.path, this.watcher);
  }

  #slice(offset: number, size: number): Buffer {
    if (offset + size > this.bytes.length)
      throw new RangeError(`${this.path}: ${size} bytes at ${offset} run past the end (${this.bytes.length})`);
    return this.bytes.subarray(offset, offset + size);
  }

  u32(): number {
    return this.take(4).readUInt32LE();
  }

  setCount(list: string, count: number): void {
    this.#counts.set(list, count);
  }

  countOf(list: string): number {
    return this.#counts.get(list) ?? 0;
  }
}

interface Reference {
  readonly place: number;
  readonly data: Buffer;
  readonly sized: boolean;
}

const pad4 = (size: number): number => (size + 3) & ~3;

/** Collects the fixed part and what it refers to; `finish` lays the latter behind, each padded to four bytes. */
export class StructWriter {
  readonly #fixed: Buffer[] = [];
  readonly #references: Reference[] = [];
  #size = 0;

  constructor(private readonly siblings: Readonly<Record<string, unknown>>) {}

  put(bytes: Buffer): void {
    this.#fixed.push(bytes);
    this.#size += bytes.length;
  }

  u32(value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    this.put(bytes);
  }

  /** Reserves the reference (offset and size, or offset alone); empty data is the null reference. */
  reference(data: Buffer, sized: boolean): void {
    if (data.length > 0) this.#references.push({ place: this.#size, data, sized });
    this.put(Buffer.alloc(sized ? 8 : 4));
  }

  lengthOf(list: string): number {
    const value = this.siblings[list];
    if (!Array.isArray(value)) throw new TypeError(`${list} is not a list`);
    return value.length;
  }

  finish(): Buffer {
    const start = pad4(this.#size);
    const total = this.#references.reduce((sum, { data }) => sum + pad4(data.length), start);
    const bytes = Buffer.alloc(this.#references.length === 0 ? this.#size : total);
    Buffer.concat(this.#fixed).copy(bytes);
    let at = start;
    for (const { place, data, sized } of this.#references) {
      bytes.writeUInt32LE(at, place);
      if (sized) bytes.writeUInt32LE(data.length, place + 4);
      data.copy(bytes, at);
      at += pad4(data.length);
    }
    return bytes;
  }
}

/** Reads the declared fields in order. What follows them belongs to newer firmware and is left alone. */
function readFields<F extends Fields>(fields: F, from: StructReader): Values<F> {
  const path = from.path;
  const out: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    from.path = path === "" ? name : `${path}.${name}`;
    const value = field.read(from);
    if (!isCount(field)) out[name] = value;
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
  for (const [name, field] of Object.entries(fields)) field.write(to, isCount(field) ? undefined : values[name]);
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
