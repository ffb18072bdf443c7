/** Fields that carry their own length, or take all that is left: what the inside of a TLV is made of. */
import { masked } from "../runtime/log.js";
import { u8 } from "./scalar.js";
import { type Field, type ReadWatcher, StructReader, type StructWriter } from "./struct.js";

const decodeText = (bytes: Buffer): string => bytes.toString("utf8").replace(/\0+$/, "");

/** UTF-8 text up to the end. Firmware that counts a terminating NUL in is forgiven. */
export const restText: Field<string> = {
  read: (from) => decodeText(from.rest()),
  write: (to, value) => to.put(Buffer.from(value, "utf8")),
  show: (value) => JSON.stringify(value),
};

/** Bytes up to the end. */
export const restBytes: Field<Buffer> = {
  read: (from) => Buffer.from(from.rest()),
  write: (to, value) => to.put(value),
  show: (value) => value.toString("hex") || "-",
};

/** UTF-8 text after its length in bytes. */
export const textWith = (length: Field<number>): Field<string> => ({
  read: (from) => decodeText(from.take(length.read(from))),
  write: (to, value) => writeSized(to, length, Buffer.from(value, "utf8")),
  show: (value) => JSON.stringify(value),
});

/** Bytes after their number. */
export const bytesWith = (length: Field<number>): Field<Buffer> => ({
  read: (from) => Buffer.from(from.take(length.read(from))),
  write: (to, value) => writeSized(to, length, value),
  show: (value) => value.toString("hex") || "-",
});

function writeSized(to: StructWriter, length: Field<number>, bytes: Buffer): void {
  length.write(to, bytes.length);
  to.put(bytes);
}

/** UTF-16 text, little-endian, after the number of its 16 bit units. */
export const utf16With = (units: Field<number>): Field<string> => ({
  read: (from) => from.take(2 * units.read(from)).toString("utf16le"),
  write: (to, value) => {
    units.write(to, value.length);
    to.put(Buffer.from(value, "utf16le"));
  },
  show: (value) => JSON.stringify(value),
});

/** Elements after their number, by default one byte. */
export function listWith<T>(element: Field<T>, count: Field<number> = u8): Field<readonly T[]> {
  return {
    read: (from) => {
      const { path } = from;
      const out: T[] = [];
      for (let index = 0, length = count.read(from); index < length; index++) {
        from.path = `${path}[${index}]`;
        out.push(element.read(from));
      }
      return out;
    },
    write: (to, values) => {
      count.write(to, values.length);
      for (const value of values) element.write(to, value);
    },
    show: (values) => `[${values.map((value) => element.show(value)).join(" ")}]`,
    hides: element.hides,
  };
}

/** The same text, never shown: passwords and PINs. Its length is not kept either. */
export const secretly = (field: Field<string>): Field<string> => ({
  ...field,
  read: (from) => from.hiding("secret", () => field.read(from)),
  hides: "secret",
  show: (value) => (value === "" ? '""' : "***"),
  cover: (value) => "*".repeat(value.length),
});

/** The same text, shown in part: IMSI, ICCID, IMEI. */
export const identifying = (field: Field<string>): Field<string> => ({
  ...field,
  read: (from) => from.hiding("identity", () => field.read(from)),
  hides: "identity",
  show: (value) => JSON.stringify(masked(value)),
  cover: masked,
});

/** Bytes that hold secrets or identities: how many there are is all that is shown. */
export const withheld = (field: Field<Buffer>): Field<Buffer> => ({
  ...field,
  read: (from) => from.hiding("identity", () => field.read(from)),
  hides: "identity",
  show: (value) => `(${value.length} bytes)`,
  cover: (value) => Buffer.alloc(value.length),
});

/** Bytes that are never shown: messages of people. Their number is all that is kept. */
export const sealed = (field: Field<Buffer>): Field<Buffer> => ({
  ...field,
  read: (from) => from.hiding("secret", () => field.read(from)),
  hides: "secret",
  show: (value) => `(${value.length} bytes)`,
  cover: (value) => Buffer.alloc(value.length),
});

/** Text of exactly so many bytes. */
export const fixedText = (size: number): Field<string> => ({
  read: (from) => from.take(size).toString("latin1"),
  write: (to, value) => {
    if (value.length !== size) throw new RangeError(`${value.length} characters instead of ${size}`);
    to.put(Buffer.from(value, "latin1"));
  },
  show: (value) => JSON.stringify(value),
});

/** Reads all of `bytes` as one `field`. @throws RangeError when they are too short; what follows is newer firmware's */
export const readField = <T>(field: Field<T>, bytes: Buffer, path: string, watcher?: ReadWatcher): T =>
  field.read(new StructReader(bytes, path, watcher));
