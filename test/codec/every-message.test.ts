/** Every message of the QMI and MBIM tables, driven by the tables: whoever adds a row has added it here. */
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import t from "tap";
import { decodeStruct, encodeStruct, type Fields, showStruct, type Values } from "../../src/codec/struct.js";
import { decodeTlvs, encodeTlvs, showTlvs, type Tlvs, type TlvValues } from "../../src/codec/tlv.js";
import { commands } from "../../src/mbim/services/all.js";
import { indications, messages } from "../../src/qmi/services/all.js";
import { generateStruct, generateTlvs, TooMuch } from "./generated.js";

t.setTimeout(110_000);

/** One direction of one message. */
interface Part {
  readonly name: string;
  generate(bytes: readonly number[]): unknown;
  encode(values: unknown): Buffer;
  decode(bytes: Buffer): unknown;
  /** As a log has it. */
  show(bytes: Buffer): string;
}

const qmiPart = (name: string, fields: Tlvs): Part => ({
  name: `qmi ${name}`,
  generate: (bytes) => generateTlvs(fields, bytes),
  encode: (values) => encodeTlvs(fields, values as TlvValues<Tlvs>),
  decode: (bytes) => decodeTlvs(fields, bytes),
  show: (bytes) => showTlvs(fields, bytes),
});

const mbimPart = (name: string, fields: Fields): Part => ({
  name: `mbim ${name}`,
  generate: (bytes) => generateStruct(fields, bytes),
  encode: (values) => encodeStruct(fields, values as Values<Fields>),
  decode: (bytes) => decodeStruct(fields, bytes),
  show: (bytes) => showStruct(fields, decodeStruct(fields, bytes)),
});

const parts: readonly Part[] = [
  ...messages.flatMap(({ service, name, request, response, failure = {} }) =>
    Object.entries({ request, response, failure }).map(([part, fields]) =>
      qmiPart(`${service} ${name} ${part}`, fields),
    ),
  ),
  ...indications.map(({ service, name, indication }) => qmiPart(`${service} ${name} indication`, indication)),
  ...commands.flatMap(({ name, query = {}, set = {}, response, notify = {} }) =>
    Object.entries({ query, set, response, notify }).map(([part, fields]) => mbimPart(`${name} ${part}`, fields)),
  ),
];

const tape = fc.array(fc.oneof({ weight: 3, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.nat(255) }), {
  maxLength: 300,
});

/** Values and their bytes; undefined where the tape makes none, or some that are too long for their length field. */
function made(part: Part, bytes: readonly number[]): { readonly values: unknown; readonly bytes: Buffer } | undefined {
  try {
    const values = part.generate(bytes);
    return { values, bytes: part.encode(values) };
  } catch (error) {
    if (error instanceof RangeError || error instanceof TooMuch) return undefined;
    throw error;
  }
}

/** What a modem may make a reader do: give a value, or refuse by RangeError with a reason. */
function readsOrRefuses(part: Part, bytes: Buffer): void {
  try {
    part.decode(bytes);
    part.show(bytes);
  } catch (error) {
    if (!(error instanceof RangeError) || error.message === "")
      throw new Error(`${part.name}: ${bytes.toString("hex")}`, { cause: error });
  }
}

t.test("generated values are written and read the same", async (t) => {
  t.ok(parts.length > 100, `${parts.length} parts`);
  for (const part of parts) {
    let count = 0;
    fc.assert(
      fc.property(tape, (bytes) => {
        const one = made(part, bytes);
        if (one === undefined) return;
        count += 1;
        if (!isDeepStrictEqual(part.decode(one.bytes), one.values))
          throw new Error(`${part.name}: ${one.bytes.toString("hex")} is read otherwise`);
        if (/\n/.test(part.show(one.bytes))) throw new Error(`${part.name}: more than one line for a log`);
      }),
      { numRuns: 60, seed: 5 },
    );
    t.ok(count > 20, `${part.name}: ${count} of 60`);
  }
});

/** Some messages of each part, the same in every run. */
const examples = (part: Part): readonly Buffer[] =>
  fc
    .sample(tape, { numRuns: 12, seed: 7 })
    .flatMap((bytes) => made(part, bytes)?.bytes ?? [])
    .filter(({ length }) => length < 400)
    .slice(-3);

/** The same bytes with others in a place. */
const patched = (bytes: Buffer, at: number, by: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + by.length)]);

t.test("cut at every length: a value, or a RangeError with a reason", async (t) => {
  for (const part of parts)
    for (const bytes of examples(part))
      for (let length = 0; length < bytes.length; length++) readsOrRefuses(part, bytes.subarray(0, length));
  t.pass("never anything else");
});

t.test("every byte flipped: a value, or a RangeError with a reason", async (t) => {
  for (const part of parts)
    for (const bytes of examples(part))
      for (let at = 0; at < bytes.length; at++)
        for (const mask of [0x01, 0x80, 0xff])
          readsOrRefuses(part, patched(bytes, at, Buffer.from([bytes.readUInt8(at) ^ mask])));
  t.pass("never anything else");
});

t.test("four billion of anything, at any place, end with the message", async (t) => {
  const before = process.memoryUsage().rss;
  for (const part of parts)
    for (const bytes of examples(part))
      for (let at = 0; at + 4 <= bytes.length; at++) readsOrRefuses(part, patched(bytes, at, Buffer.alloc(4, 0xff)));
  const grownMiB = (process.memoryUsage().rss - before) / 2 ** 20;
  t.ok(grownMiB < 512, `${grownMiB.toFixed(0)} MiB more than before`);
});
