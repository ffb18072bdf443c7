/**
 * Tagged values: type (one byte), length (two, little-endian), value. Sets of them are declared as data, types follow.
 * A type that nobody declared is newer firmware's and is skipped; of one that comes twice the first counts.
 */
import { readField } from "./sized.js";
import { type Field, StructWriter } from "./struct.js";

export interface Tlv<T, Required extends boolean = boolean> {
  readonly type: number;
  readonly value: Field<T>;
  readonly required: Required;
}

export type Tlvs = Readonly<Record<string, Tlv<unknown>>>;

type Having<F extends Tlvs, Required extends boolean> = {
  readonly [K in keyof F as F[K]["required"] extends Required ? K : never]: F[K] extends Tlv<infer T> ? T : never;
};

/** The value type of a declared set: what is required is there, the rest may be absent. */
export type TlvValues<F extends Tlvs> = Having<F, true> & Partial<Having<F, false>>;

export const must = <T>(type: number, value: Field<T>): Tlv<T, true> => ({ type, value, required: true });
export const may = <T>(type: number, value: Field<T>): Tlv<T, false> => ({ type, value, required: false });

const headerBytes = 3;

/** Where the element at `at` ends. @throws RangeError when it runs past the end */
function endOf(bytes: Buffer, at: number): number {
  if (at + headerBytes > bytes.length) throw new RangeError(`the TLV at byte ${at} has no whole header`);
  const end = at + headerBytes + bytes.readUInt16LE(at + 1);
  if (end > bytes.length) throw new RangeError(`the TLV at byte ${at} runs past the end (${bytes.length})`);
  return end;
}

/** The elements one after the other. @throws RangeError when the last one runs past the end */
export function* elementsOf(bytes: Buffer): Generator<{ readonly type: number; readonly value: Buffer }> {
  for (let at = 0, end = 0; at < bytes.length; at = end) {
    end = endOf(bytes, at);
    yield { type: bytes.readUInt8(at), value: bytes.subarray(at + headerBytes, end) };
  }
}

interface Row extends Tlv<unknown> {
  readonly name: string;
}

interface Table {
  readonly rows: readonly Row[];
  readonly byType: ReadonlyMap<number, Row>;
}

/** Each declaration is read thousands of times: what can be told once from it is. */
const tables = new WeakMap<Tlvs, Table>();

function tableOf(fields: Tlvs): Table {
  const known = tables.get(fields);
  if (known !== undefined) return known;
  const rows = Object.entries(fields).map(([name, tlv]): Row => ({ name, ...tlv }));
  const table = { rows, byType: new Map(rows.map((row) => [row.type, row])) };
  tables.set(fields, table);
  return table;
}

/**
 * @throws RangeError naming the field whose bytes are missing or make no sense, or a required one that is not there
 */
export function decodeTlvs<F extends Tlvs>(fields: F, bytes: Buffer): TlvValues<F> {
  const { rows, byType } = tableOf(fields);
  const out: Record<string, unknown> = {};
  for (let at = 0, end = 0; at < bytes.length; at = end) {
    end = endOf(bytes, at);
    const row = byType.get(bytes.readUInt8(at));
    if (row !== undefined && !(row.name in out))
      out[row.name] = readField(row.value, bytes.subarray(at + headerBytes, end), row.name);
  }
  for (const { name, required } of rows) if (required && !(name in out)) throw new RangeError(`${name} is missing`);
  return out as TlvValues<F>;
}

/** One element. @throws RangeError when the value is longer than its length field can say */
export function encodeTlv(type: number, value: Buffer): Buffer {
  if (value.length > 0xffff) throw new RangeError(`TLV ${type}: ${value.length} bytes are too many`);
  const element = Buffer.allocUnsafe(headerBytes + value.length);
  element.writeUInt8(type);
  element.writeUInt16LE(value.length, 1);
  value.copy(element, headerBytes);
  return element;
}

/** The inverse of `decodeTlvs`, in the order of the declaration. @throws RangeError, TypeError for a value that does not fit */
export function encodeTlvs<F extends Tlvs>(fields: F, values: TlvValues<F>): Buffer {
  const record: Readonly<Record<string, unknown>> = values;
  const elements: Buffer[] = [];
  for (const { name, type, value, required } of tableOf(fields).rows) {
    if (record[name] !== undefined) {
      const to = new StructWriter({});
      value.write(to, record[name]);
      elements.push(encodeTlv(type, to.finish()));
    } else if (required) throw new TypeError(`${name} is missing`);
  }
  return Buffer.concat(elements);
}

/**
 * `name=value name=value`, for logs; what was not declared, or came again, stands as `0x17=4 bytes`.
 * @throws RangeError as `decodeTlvs`
 */
export function showTlvs(fields: Tlvs, bytes: Buffer): string {
  const byType = new Map(Object.entries(fields).map(([name, { type, value }]) => [type, { name, value }]));
  return [...elementsOf(bytes)]
    .map(({ type, value }) => {
      const field = byType.get(type);
      if (field === undefined) return `0x${type.toString(16).padStart(2, "0")}=${value.length} bytes`;
      byType.delete(type);
      return `${field.name}=${field.value.show(readField(field.value, value, field.name))}`;
    })
    .join(" ");
}
