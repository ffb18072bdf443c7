/** Fields of fixed width. */
import type { Field } from "./struct.js";

export const u8: Field<number> = {
  read: (from) => from.u8(),
  write: (to, value) => to.u8(value),
  show: String,
};

export const u16: Field<number> = {
  read: (from) => from.u16(),
  write: (to, value) => to.u16(value),
  show: String,
};

export const u32: Field<number> = {
  read: (from) => from.u32(),
  write: (to, value) => to.u32(value),
  show: String,
};

/** The same bits without a sign. @throws RangeError when `value` does not fit */
function unsigned(value: number, bits: 8 | 16 | 32): number {
  const limit = 2 ** (bits - 1);
  if (value < -limit || value >= limit) throw new RangeError(`${value} does not fit into ${bits} bits with a sign`);
  return value < 0 ? value + 2 * limit : value;
}

export const i32: Field<number> = {
  read: (from) => from.u32() | 0,
  write: (to, value) => to.u32(unsigned(value, 32)),
  show: String,
};

export const i8: Field<number> = {
  read: (from) => (from.u8() << 24) >> 24,
  write: (to, value) => to.u8(unsigned(value, 8)),
  show: String,
};

export const i16: Field<number> = {
  read: (from) => (from.u16() << 16) >> 16,
  write: (to, value) => to.u16(unsigned(value, 16)),
  show: String,
};

/** One byte; anything but zero is true. */
export const flag8: Field<boolean> = {
  read: (from) => from.u8() !== 0,
  write: (to, value) => to.u8(value ? 1 : 0),
  show: String,
};

export const u64: Field<bigint> = {
  read: (from) => from.u64(),
  write: (to, value) => to.u64(value),
  show: String,
};

/** Sixteen bytes in network order as lower-case `a289cc33-bcbb-8b4f-b6b0-133ec2aae6df`. */
export function guidText(bytes: Buffer): string {
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** @throws RangeError when `text` is no GUID */
export function guidBytes(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll("-", ""), "hex");
  if (bytes.length !== 16) throw new RangeError(`${text} is no GUID`);
  return bytes;
}

export const guid: Field<string> = {
  read: (from) => guidText(from.take(16)),
  write: (to, value) => to.put(guidBytes(value)),
  show: String,
};

/** A value that the table does not have, still readable and written back unchanged. */
export type Unknown = `unknown(${number})`;

const unknown = (value: number): Unknown => `unknown(${value})`;

function numberOf(names: Readonly<Record<string, number>>, name: string): number {
  const value = names[name] ?? Number(/^unknown\((\d+)\)$/.exec(name)?.[1]);
  if (Number.isNaN(value)) throw new TypeError(`${name} is not one of ${Object.keys(names).join(", ")}`);
  return value;
}

/** A number with names, 32 bits wide unless `width` says otherwise. */
export function enumOf<const M extends Readonly<Record<string, number>>>(
  names: M,
  width: Field<number> = u32,
): Field<(keyof M & string) | Unknown> {
  const byValue = new Map<number, keyof M & string>(Object.entries(names).map(([name, value]) => [value, name]));
  return {
    read: (from) => {
      const value = width.read(from);
      return byValue.get(value) ?? unknown(value);
    },
    write: (to, value) => width.write(to, numberOf(names, value)),
    show: String,
  };
}

/** A mask, 32 bits wide unless `width` says otherwise, as the list of its names; the others stand in one `unknown(...)`. */
export function flagsOf<const M extends Readonly<Record<string, number>>>(
  names: M,
  width: Field<number> = u32,
): Field<readonly ((keyof M & string) | Unknown)[]> {
  return {
    read: (from) => {
      let rest = width.read(from);
      const out: ((keyof M & string) | Unknown)[] = [];
      for (const [name, bit] of Object.entries(names)) {
        if ((rest & bit) === 0) continue;
        out.push(name);
        rest = (rest & ~bit) >>> 0;
      }
      return rest === 0 ? out : [...out, unknown(rest)];
    },
    write: (to, value) =>
      width.write(
        to,
        value.reduce((mask, name) => (mask | numberOf(names, name)) >>> 0, 0),
      ),
    show: (value) => value.join("|") || "none",
  };
}
