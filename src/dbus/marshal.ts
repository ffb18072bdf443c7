/**
 * Values to bytes. Ours and not dbus-next's, because what we send must be known to be valid before the daemon sees it (it
 * drops the connection otherwise), integer keys and `__proto__` are lawful keys, and because it costs a third of the CPU.
 */
import { isBusString, isObjectPath } from "./names.js";
import type { Output } from "./output.js";
import { type BusType, parseSignature } from "./signature.js";
import { Variant } from "./types.js";

type Writer = (out: Output, value: unknown) => void;

/** @see D-Bus Specification, "Message Format": containers, variants included. */
const maxDepth = 64;
/** @see D-Bus Specification, "Container types": 64 MiB. */
const maxArrayBytes = 1 << 26;

/** A value that its signature does not allow. `message` says where: `value 0, key "Name": not a string`. */
export class MarshalError extends TypeError {
  override readonly name = "MarshalError";
}

const at = (place: string, error: unknown): MarshalError => {
  const inner = error instanceof Error ? error.message : String(error);
  return new MarshalError(error instanceof MarshalError ? `${place}, ${inner}` : `${place}: ${inner}`);
};

/** The kind of a value, not the value: it may be a password. */
const kindOf = (value: unknown): string => (value === null ? "null" : Array.isArray(value) ? "an array" : typeof value);

function integer(value: unknown, low: number, high: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= low && value <= high) return value;
  const what = typeof value === "number" ? String(value) : kindOf(value);
  throw new TypeError(`${what} is not an integer from ${low} to ${high}`);
}

function bigInteger(value: unknown, low: bigint, high: bigint): bigint {
  const big = typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof big === "bigint" && big >= low && big <= high) return big;
  throw new TypeError(`${typeof big === "bigint" ? big : kindOf(value)} is not an integer from ${low} to ${high}`);
}

function busString(value: unknown): string {
  if (typeof value === "string" && isBusString(value)) return value;
  if (typeof value === "string") throw new TypeError("a string that has no UTF-8 form, or has a NUL");
  throw new TypeError(`${kindOf(value)} is not a string`);
}

function objectPath(value: unknown): string {
  if (typeof value === "string" && isObjectPath(value)) return value;
  throw new TypeError(`${typeof value === "string" ? JSON.stringify(value) : kindOf(value)} is not an object path`);
}

function signatureText(value: unknown): string {
  const text = busString(value);
  parseSignature(text);
  return text;
}

function double(value: unknown): number {
  if (typeof value === "number") return value;
  throw new TypeError(`${kindOf(value)} is not a number`);
}

function flag(value: unknown): number {
  if (typeof value === "boolean") return value ? 1 : 0;
  throw new TypeError(`${kindOf(value)} is not a boolean`);
}

const basicWriters: Readonly<Record<string, Writer>> = {
  y: (out, value) => out.uint8(integer(value, 0, 0xff)),
  b: (out, value) => out.uint32(flag(value)),
  n: (out, value) => out.number(2, (bytes, to) => bytes.writeInt16LE(integer(value, -0x8000, 0x7fff), to)),
  q: (out, value) => out.number(2, (bytes, to) => bytes.writeUInt16LE(integer(value, 0, 0xffff), to)),
  i: (out, value) => out.number(4, (bytes, to) => bytes.writeInt32LE(integer(value, -0x8000_0000, 0x7fff_ffff), to)),
  u: (out, value) => out.uint32(integer(value, 0, 0xffff_ffff)),
  x: (out, value) =>
    out.number(8, (bytes, to) => bytes.writeBigInt64LE(bigInteger(value, -(1n << 63n), (1n << 63n) - 1n), to)),
  t: (out, value) => out.number(8, (bytes, to) => bytes.writeBigUInt64LE(bigInteger(value, 0n, (1n << 64n) - 1n), to)),
  d: (out, value) => out.number(8, (bytes, to) => bytes.writeDoubleLE(double(value), to)),
  s: (out, value) => out.text(busString(value), 4),
  o: (out, value) => out.text(objectPath(value), 4),
  g: (out, value) => out.text(signatureText(value), 1),
};

const alignments: Readonly<Record<string, number>> = { y: 1, g: 1, n: 2, q: 2, x: 8, t: 8, d: 8 };

function alignmentOf(type: BusType): number {
  if (type.is === "basic") return alignments[type.code] ?? 4;
  if (type.is === "struct") return 8;
  return type.is === "variant" ? 1 : 4;
}

/** Keys of objects are strings; a dictionary whose keys are numbers or flags gets them back. */
function dictKey(code: string, key: unknown): unknown {
  if (typeof key !== "string" || "sog".includes(code)) return key;
  if (code === "b") return key === "true" ? true : key === "false" ? false : key;
  if (!/^-?\d+(\.\d+)?$/.test(key)) return key;
  return code === "x" || code === "t" ? BigInt(key) : Number(key);
}

function entriesOf(value: unknown): Iterable<readonly [unknown, unknown]> {
  if (value instanceof Map) return value;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return Object.entries(value);
  throw new TypeError(`${kindOf(value)} is not an object or a Map`);
}

function enter(out: Output): void {
  if (++out.depth > maxDepth) throw new TypeError("nested too deeply");
}

/** The place of an array's length, which counts the elements only and is written when they are. */
function beginArray(out: Output): number {
  enter(out);
  return out.take(4, 4);
}

function endArray(out: Output, lengthAt: number, start: number): void {
  const length = out.length - start;
  if (length > maxArrayBytes) throw new TypeError("array longer than 64 MiB");
  out.patchUint32(lengthAt, length);
  out.depth--;
}

function arrayWriter(item: BusType): Writer {
  const write = writerOf(item);
  const alignment = alignmentOf(item);
  const isBytes = item.is === "basic" && item.code === "y";
  return (out, value) => {
    const lengthAt = beginArray(out);
    const start = out.take(alignment, 0);
    if (isBytes && value instanceof Uint8Array) out.raw(value);
    else if (Array.isArray(value)) writeItems(out, write, value);
    else throw new TypeError(`${kindOf(value)} is not an array`);
    endArray(out, lengthAt, start);
  };
}

function writeItems(out: Output, write: Writer, items: readonly unknown[]): void {
  let index = 0;
  try {
    for (; index < items.length; index++) write(out, items[index]);
  } catch (error) {
    throw at(`item ${index}`, error);
  }
}

function dictWriter(keyCode: string, valueType: BusType): Writer {
  const writeKey = writerOf({ is: "basic", code: keyCode });
  const writeValue = writerOf(valueType);
  return (out, value) => {
    const lengthAt = beginArray(out);
    const start = out.take(8, 0);
    for (const [key, one] of entriesOf(value)) {
      try {
        out.take(8, 0);
        writeKey(out, dictKey(keyCode, key));
        writeValue(out, one);
      } catch (error) {
        throw at(`key ${JSON.stringify(String(key))}`, error);
      }
    }
    endArray(out, lengthAt, start);
  };
}

function structWriter(members: readonly BusType[]): Writer {
  const writers = members.map(writerOf);
  return (out, value) => {
    if (!Array.isArray(value) || value.length !== members.length)
      throw new TypeError(`${kindOf(value)} is not a tuple of ${members.length}`);
    enter(out);
    out.take(8, 0);
    writeEach(out, "member", writers, value);
    out.depth--;
  };
}

function writeEach(out: Output, what: string, writers: readonly Writer[], values: readonly unknown[]): void {
  let index = 0;
  try {
    for (const write of writers) {
      write(out, values[index]);
      index++;
    }
  } catch (error) {
    throw at(`${what} ${index}`, error);
  }
}

const variantWriter: Writer = (out, value) => {
  if (!(value instanceof Variant)) throw new TypeError(`${kindOf(value)} is not a Variant`);
  const [write, ...rest] = writersOf(value.signature);
  if (write === undefined || rest.length > 0) throw new TypeError(`"${value.signature}" is not one complete type`);
  out.text(value.signature, 1);
  enter(out);
  write(out, value.value);
  out.depth--;
};

function writerOf(type: BusType): Writer {
  if (type.is === "variant") return variantWriter;
  if (type.is === "array") return arrayWriter(type.item);
  if (type.is === "dict") return dictWriter(type.key, type.value);
  if (type.is === "struct") return structWriter(type.members);
  const writer = basicWriters[type.code];
  if (writer === undefined) throw new TypeError(`no way to write "${type.code}"`);
  return writer;
}

const compiled = new Map<string, readonly Writer[]>();

/** Signatures that we send come from the XML files and our own code, so the cache stays small. */
function writersOf(signature: string): readonly Writer[] {
  const found = compiled.get(signature);
  if (found !== undefined) return found;
  const writers = parseSignature(signature).map(writerOf);
  compiled.set(signature, writers);
  return writers;
}

/** Appends `values` as `signature` says. @throws MarshalError, after which `out` must not be sent. */
export function marshal(out: Output, signature: string, values: readonly unknown[]): void {
  const writers = writersOf(signature);
  if (writers.length !== values.length)
    throw new MarshalError(`"${signature}" is ${writers.length} values, ${values.length} were given`);
  writeEach(out, "value", writers, values);
}
