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

/** The elements one after the other. @throws RangeError when the last one runs past the end */
export function* elementsOf(bytes: Buffer): Generator<{ readonly type: number; readonly value: Buffer }> {
  for (let at = 0; at < bytes.length; ) {
    if (at + headerBytes > bytes.length) throw new RangeError(`the TLV at byte ${at} has no whole header`);
    const end = at + headerBytes + bytes.readUInt16LE(at + 1);
    if (end > bytes.length) throw new RangeError(`the TLV at byte ${at} runs past the end (${bytes.length})`);
    yield { type: bytes.readUInt8(at), value: bytes.subarray(at + headerBytes, end) };
    at = end;
  }
}

/**
 * @throws RangeError naming the field whose bytes are missing or make no sense, or a required one that is not there
 */
export function decodeTlvs<F extends Tlvs>(fields: F, bytes: Buffer): TlvValues<F> {
  const byType = new Map(Object.entries(fields).map(([name, { type, value }]) => [type, { name, value }]));
  const out: Record<string, unknown> = {};
  for (const { type, value } of elementsOf(bytes)) {
    const field = byType.get(type);
    if (field !== undefined && !(field.name in out)) out[field.name] = readField(field.value, value, field.name);
  }
  for (const [name, { required }] of Object.entries(fields))
    if (required && !(name in out)) throw new RangeError(`${name} is missing`);
  return out as TlvValues<F>;
}

/** One element. @throws RangeError when the value is longer than its length field can say */
export function encodeTlv(type: number, value: Buffer): Buffer {
  if (value.length > 0xffff) throw new RangeError(`TLV ${type}: ${value.length} bytes are too many`);
  const header = Buffer.alloc(headerBytes);
  header.writeUInt8(type);
  header.writeUInt16LE(value.length, 1);
  return Buffer.concat([header, value]);
}

/** The inverse of `decodeTlvs`, in the order of the declaration. @throws RangeError, TypeError for a value that does not fit */
export function encodeTlvs<F extends Tlvs>(fields: F, values: TlvValues<F>): Buffer {
  const record: Readonly<Record<string, unknown>> = values;
  return Buffer.concat(
    Object.entries(fields).flatMap(([name, { type, value, required }]) => {
      if (record[name] === undefined) {
        if (required) throw new TypeError(`${name} is missing`);
        return [];
      }
      const to = new StructWriter({});
      value.write(to, record[name]);
      return [encodeTlv(type, to.finish())];
    }),
  );
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
