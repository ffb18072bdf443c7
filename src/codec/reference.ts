/** Fields that refer to bytes behind the fixed part, and lists. */
import { masked } from "../runtime/log.js";
import { type Blob, type CountField, type Field, type Hiding, type StructReader, StructWriter } from "./struct.js";

/** UTF-16LE text; a terminating NUL, which some firmware counts in, is no part of it. */
const utf16: Blob<string> = {
  read: (from) => {
    const bytes = from.rest();
    if (bytes.length % 2 !== 0) throw new RangeError(`${from.path}: ${bytes.length} bytes are no UTF-16 text`);
    return bytes.toString("utf16le").replace(/\0+$/, "");
  },
  encode: (value) => Buffer.from(value, "utf16le"),
  show: (value) => JSON.stringify(value),
};

const raw: Blob<Buffer> = {
  read: (from) => Buffer.from(from.rest()),
  encode: (value) => value,
  show: (value) => value.toString("hex") || "-",
};

function reference<T>(blob: Blob<T>): Field<T> {
  const { cover } = blob;
  return {
    read: (from) => {
      const offset = from.u32();
      const size = from.u32();
      return blob.read(from.part(size === 0 ? 0 : offset, size));
    },
    write: (to, value) => to.reference(blob.encode(value), "offsetFirst"),
    show: (value) => blob.show(value),
    ...(cover ? { cover } : {}),
    hides: blob.hides,
  };
}

/** Text by offset and size in bytes. Null is the empty text. */
export const text: Field<string> = reference(utf16);

/** Bytes by offset and size. */
export const bytes: Field<Buffer> = reference(raw);

type Shown = Required<Pick<Blob<string>, "show" | "cover">>;

const hidden = (hides: Hiding, shown: Shown): Blob<string> => ({
  ...utf16,
  ...shown,
  read: (from) => from.hiding(hides, () => utf16.read(from)),
  hides,
});

/** Telephone numbers and the like as elements of a list. */
export const identityText: Blob<string> = hidden("identity", {
  show: (value) => JSON.stringify(masked(value)),
  cover: masked,
});

/** Text that identifies a person or a device, shown in part: IMSI, ICCID, IMEI. */
export const identity: Field<string> = reference(identityText);

/** Text that is never shown: PINs and passwords. */
export const secret: Field<string> = reference(
  hidden("secret", {
    show: (value) => (value === "" ? '""' : "***"),
    cover: (value) => "*".repeat(value.length),
  }),
);

/** The element count of `list`, where the structure keeps it apart. */
export const countOf = (list: string): CountField => ({
  counts: list,
  read: (from) => {
    from.setCount(list, from.u32());
    return undefined;
  },
  write: (to) => to.u32(to.lengthOf(list)),
  show: () => "",
});

const listName = (from: StructReader): string => from.path.slice(from.path.lastIndexOf(".") + 1);

/** Runs `readOne` once per counted element, with the element in the error path. */
function readCounted<T>(from: StructReader, readOne: () => T): T[] {
  const path = from.path;
  const out: T[] = [];
  for (let index = 0, count = from.countOf(listName(from)); index < count; index++) {
    from.path = `${path}[${index}]`;
    out.push(readOne());
  }
  return out;
}

const showList = <T>(show: (value: T) => string, values: readonly T[]): string => `[${values.map(show).join(" ")}]`;

/** Offset and size of each element, one pair after the other (OL_PAIR_LIST); counted by `countOf`. */
export function pairsTo<T>(blob: Blob<T>): Field<readonly T[]> {
  const element = reference(blob);
  const { cover } = blob;
  return {
    read: (from) => readCounted(from, () => element.read(from)),
    write: (to, values) => {
      for (const value of values) element.write(to, value);
    },
    show: (values) => showList(blob.show, values),
    hides: blob.hides,
    ...(cover ? { cover: (values: readonly T[]) => values.map(cover) } : {}),
  };
}

/** Elements that stand in the fixed part itself; counted by `countOf`. */
export function elements<T>(element: Field<T>): Field<readonly T[]> {
  return {
    read: (from) => readCounted(from, () => element.read(from)),
    write: (to, values) => {
      for (const value of values) element.write(to, value);
    },
    show: (values) => showList(element.show, values),
    hides: element.hides,
  };
}

function encodeAll<T>(element: Field<T>, values: readonly T[]): Buffer {
  const to = new StructWriter({});
  for (const value of values) element.write(to, value);
  return to.finish();
}

/** Elements of one width side by side at an offset; counted by `countOf`. */
export function elementsAt<T>(element: Field<T>): Field<readonly T[]> {
  return {
    read: (from) => {
      const offset = from.u32();
      if (from.countOf(listName(from)) === 0) return [];
      const there = from.from(offset);
      return readCounted(from, () => {
        there.path = from.path;
        return element.read(there);
      });
    },
    write: (to, values) => to.reference(encodeAll(element, values), "offset"),
    show: (values) => showList(element.show, values),
    hides: element.hides,
  };
}

/** One element at an offset; a zero offset is none. */
export function maybeAt<T>(element: Field<T>): Field<T | undefined> {
  return {
    read: (from) => {
      const offset = from.u32();
      return offset === 0 ? undefined : element.read(from.from(offset));
    },
    write: (to, value) => to.reference(value === undefined ? Buffer.alloc(0) : encodeAll(element, [value]), "offset"),
    show: (value) => (value === undefined ? "-" : element.show(value)),
    hides: element.hides,
  };
}

/** One thing by offset and size; the null reference is none. */
export function maybe<T>(blob: Blob<T>): Field<T | undefined> {
  const { cover } = blob;
  return {
    read: (from) => {
      const offset = from.u32();
      const size = from.u32();
      return size === 0 ? undefined : blob.read(from.part(offset, size));
    },
    write: (to, value) => to.reference(value === undefined ? Buffer.alloc(0) : blob.encode(value), "offsetFirst"),
    show: (value) => (value === undefined ? "-" : blob.show(value)),
    ...(cover ? { cover: (value: T | undefined) => (value === undefined ? undefined : cover(value)) } : {}),
    hides: blob.hides,
  };
}

/**
 * Offset and size of a range with the count in front and the structures one after the other, each with what it refers to
 * right behind it; each has a fixed part at least. @see MBIM extensions, MBIM_CELL_INFO_NEIGHBORING_LTE and its kin
 */
export function packedList<T>(blob: Blob<T>): Field<readonly T[]> {
  const readAll = (from: StructReader): readonly T[] => {
    const path = from.path;
    const items: T[] = [];
    for (let left = from.u32(), at = 4; left > 0; left--) {
      const item = from.from(at);
      item.path = `${path}[${items.length}]`;
      items.push(blob.read(item));
      at += item.length;
    }
    return items;
  };
  const encodeAll = (items: readonly T[]): Buffer => {
    const count = Buffer.alloc(4);
    count.writeUInt32LE(items.length);
    return Buffer.concat([count, ...items.map(blob.encode)]);
  };
  const list: Field<readonly T[] | undefined> = maybe({
    read: readAll,
    encode: encodeAll,
    show: (items: readonly T[]) => showList(blob.show, items),
  });
  return {
    read: (from) => list.read(from) ?? [],
    write: (to, items) => list.write(to, items.length === 0 ? undefined : items),
    show: (items) => showList(blob.show, items),
  };
}

/** What goes to a card or comes from it, or is another protocol's message: PINs and identities may be anywhere in it. */
const opaque: Blob<Buffer> = {
  ...raw,
  read: (from) => from.hiding("secret", () => raw.read(from)),
  show: (value) => `${value.length} bytes`,
  cover: (value) => Buffer.alloc(value.length),
  hides: "secret",
};

/** The same by offset and size. */
export const opaqueBytes: Field<Buffer> = reference(opaque);

/** A structure that is all the rest of another one; its references count from its own start. */
export function tailOf<T>(blob: Blob<T>): Field<T> {
  const { cover } = blob;
  return {
    read: (from) => blob.read(from.from(from.length)),
    write: (to, value) => to.put(blob.encode(value)),
    show: (value) => blob.show(value),
    ...(cover ? { cover } : {}),
    hides: blob.hides,
  };
}

/** Size, then offset: the other way round than everywhere else. @see MBIM extensions, low level UICC access */
const sizeFirst = (blob: Blob<Buffer>): Field<Buffer> => ({
  ...reference(blob),
  read: (from) => {
    const size = from.u32();
    const offset = from.u32();
    return blob.read(from.part(size === 0 ? 0 : offset, size));
  },
  write: (to, value) => to.reference(value, "sizeFirst"),
});

export const sizedBytes: Field<Buffer> = sizeFirst(raw);
export const sizedOpaque: Field<Buffer> = sizeFirst(opaque);

const allThatIsLeft = (blob: Blob<Buffer>): Field<Buffer> => ({
  ...reference(blob),
  read: (from) => blob.read(from),
  write: (to, value) => to.put(value),
});

export const restOfBytes: Field<Buffer> = allThatIsLeft(raw);
export const restOpaque: Field<Buffer> = allThatIsLeft(opaque);
