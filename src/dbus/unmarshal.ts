import DBusBuffer from "dbus-next/lib/dbus-buffer.js";
import { collapseSignature, parseSignature, type TypeTree } from "dbus-next/lib/signature.js";
import { type IncomingMessage, type MessageHeader, type MessageType, messageTypes } from "./message.js";
import { Variant } from "./types.js";

/**
 * dbus-next throws in a stream callback when a message refers to a descriptor that did not come with it, which would let
 * any client end the daemon. Here such a reference reads as undefined; no method of ours takes one.
 */
const noDescriptors = { length: Number.POSITIVE_INFINITY };

/** No byte is read for such a value (r is a struct to dbus-next): an array of them, which no signature may have, never ends. */
const holdsNothing = ({ type, child }: TypeTree): boolean => "({r".includes(type) && child.every(holdsNothing);

/** dbus-next's reader with the bounds that it does not check. */
class BoundedBuffer extends DBusBuffer {
  override readInt8(): number {
    this.#need(1);
    return super.readInt8();
  }

  override readString(length: number): string {
    this.#need(length + 1);
    return super.readString(length);
  }

  override readArray(element: TypeTree, bytes: number): unknown {
    this.#need(bytes);
    if (holdsNothing(element)) throw new RangeError("an array of empty structs");
    return super.readArray(element, bytes);
  }

  #need(bytes: number): void {
    const left = this.buffer.length - this.pos;
    if (bytes > left) throw new RangeError(`${bytes} bytes are announced, ${left} are left`);
  }
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const listOf = (value: unknown): readonly unknown[] => (isList(value) ? value : []);

/** Plain values; a variant is a Variant, a dictionary an object whose keys are all its own, `__proto__` included. */
function plain(tree: TypeTree, value: unknown): unknown {
  const [item] = tree.child;
  if (tree.type === "v") {
    const [trees, values] = listOf(value);
    return variantOf(listOf(trees), listOf(values));
  }
  if (item === undefined || !isList(value)) return value;
  if (tree.type !== "a") return value.map((member, index) => plain(tree.child[index] ?? item, member));
  if (item.type !== "{") return value.map((one) => plain(item, one));
  const entries = value.map((entry) => listOf(plain({ type: "(", child: item.child }, entry)));
  return Object.fromEntries(entries.map(([key, one]) => [String(key), one]));
}

function variantOf(trees: readonly unknown[], values: readonly unknown[]): Variant {
  const [tree] = trees;
  if (trees.length !== 1 || !isTree(tree)) throw new RangeError("a variant is not of one type");
  return new Variant(collapseSignature(tree), plain(tree, values[0]));
}

const isTree = (value: unknown): value is TypeTree => typeof value === "object" && value !== null && "child" in value;

const fieldNames = new Map<unknown, string>([
  [1, "path"],
  [2, "interface"],
  [3, "member"],
  [4, "errorName"],
  [5, "replySerial"],
  [6, "destination"],
  [7, "sender"],
  [8, "signature"],
]);

const typeOfCode = new Map<unknown, MessageType>([
  [messageTypes.call, "call"],
  [messageTypes.reply, "reply"],
  [messageTypes.error, "error"],
  [messageTypes.signal, "signal"],
]);

const headerSignature = "yyyyuua(yv)";

function headerOf(values: readonly unknown[]): MessageHeader | undefined {
  const [, code, flags, , , serial, fields] = values;
  const type = typeOfCode.get(code);
  if (type === undefined) return undefined;
  const named: Record<string, unknown> = {};
  for (const field of listOf(fields)) {
    const [fieldCode, variant] = listOf(field);
    const name = fieldNames.get(fieldCode);
    if (name !== undefined) named[name] = listOf(listOf(variant)[1])[0];
  }
  return { type, flags: Number(flags), serial: Number(serial), signature: "", ...named };
}

function bodyOf(buffer: DBusBuffer, signature: string): readonly unknown[] {
  const trees = parseSignature(signature);
  const values = buffer.read(signature);
  return trees.map((tree, index) => plain(tree, values[index]));
}

/**
 * Reads one whole message; undefined for a message type that nobody knows yet, which is to be ignored.
 * A body that cannot be read is told in the result, so that the caller can be answered.
 * @throws RangeError when not even the header can be read: the stream is out of step then.
 */
export function decodeMessage(frame: Buffer): IncomingMessage | undefined {
  const buffer = new BoundedBuffer(frame, 0, frame[0] ?? 0, noDescriptors, { ayBuffer: true });
  const header = headerOf(buffer.read(headerSignature));
  if (header === undefined) return undefined;
  buffer.align(3);
  try {
    if (header.signature.includes("h")) throw new RangeError("file descriptors are not taken");
    return { ...header, body: bodyOf(buffer, header.signature) };
  } catch (error) {
    return { ...header, body: undefined, problem: error instanceof Error ? error : new Error(String(error)) };
  }
}
