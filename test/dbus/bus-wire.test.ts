import DBusBuffer from "dbus-next/lib/dbus-buffer.js";
import t from "tap";
import { FrameSplitter } from "../../src/dbus/frames.js";
import { encodeMessage, setSerial } from "../../src/dbus/message.js";
import { Variant } from "../../src/dbus/types.js";
import { decodeMessage } from "../../src/dbus/unmarshal.js";

// dbus-daemon 1.14.10 (Debian 12, amd64): the reply to Hello, and the signal NameAcquired that follows it.
const helloReply = Buffer.from(
  "6c02010109000000010000003d00000006017300040000003a312e30000000000501750001000000080167000173000007017300140000006f72672e667265656465736b746f702e4442757300000000040000003a312e3000",
  "hex",
);
const nameAcquired = Buffer.from(
  "6c04010109000000020000008d00000001016f00150000002f6f72672f667265656465736b746f702f4442757300000002017300140000006f72672e667265656465736b746f702e4442757300000000030173000c0000004e616d6541637175697265640000000006017300040000003a312e3000000000080167000173000007017300140000006f72672e667265656465736b746f702e4442757300000000040000003a312e3000",
  "hex",
);
const driver = "org.freedesktop.DBus";

t.test("what dbus-daemon sends is read", async (t) => {
  t.match(decodeMessage(helloReply), { type: "reply", serial: 1, replySerial: 1, sender: driver, body: [":1.0"] });
  const path = "/org/freedesktop/DBus";
  t.match(decodeMessage(nameAcquired), {
    type: "signal",
    path,
    interface: driver,
    member: "NameAcquired",
    body: [":1.0"],
  });
});

t.test("a message cut anywhere is told as damaged or refused, never read as whole", async (t) => {
  for (let length = 16; length < nameAcquired.length; length++)
    t.match(verdict(nameAcquired.subarray(0, length)), /^(damaged|refused): /, `${length} bytes`);
});

function verdict(message: Buffer): string {
  try {
    const read = decodeMessage(message);
    if (read === undefined) return "ignored";
    return read.body === undefined ? `damaged: ${read.problem.message}` : "read";
  } catch (error) {
    return error instanceof Error ? `refused: ${error.message}` : "not an Error";
  }
}

t.test("every byte of a message may be wrong", async (t) => {
  for (let at = 0; at < nameAcquired.length; at++) {
    for (const value of [0x00, 0x41, 0x68, 0x7f, 0xff]) {
      const damaged = Buffer.from(nameAcquired);
      damaged[at] = value;
      t.match(verdict(damaged), /^(read|ignored|damaged: .+|refused: .+)$/, `byte ${at} = ${value}`);
    }
  }
});

t.test("the stream may be cut anywhere between two reads", async (t) => {
  const stream = Buffer.concat([helloReply, nameAcquired, helloReply]);
  for (const size of [1, 7, 16, 17, 80, 1000]) {
    const splitter = new FrameSplitter();
    const frames: Buffer[] = [];
    for (let at = 0; at < stream.length; at += size) frames.push(...splitter.push(stream.subarray(at, at + size)));
    t.strictSame(frames.map(String), [helloReply, nameAcquired, helloReply].map(String), `${size} bytes at a time`);
  }
});

t.test("a stream that is not D-Bus is refused", async (t) => {
  t.throws(() => new FrameSplitter().push(Buffer.from("HTTP/1.1 400 Bad Request")), /byte order/);
  const version2 = Buffer.from(helloReply);
  version2[3] = 2;
  t.throws(() => new FrameSplitter().push(version2), /protocol version 2/);
  const endless = Buffer.from(helloReply);
  endless.writeUInt32LE(0xffff_fff0, 4);
  t.throws(() => new FrameSplitter().push(endless), /bytes/);
});

const header = { type: "signal", flags: 0, path: "/a", interface: "a.b", member: "C" } as const;
const encode = (signature: string, ...body: unknown[]) => encodeMessage({ ...header, signature, body });

/** What dbus-next's own reader makes of our bytes: an independent opinion. */
function readByDbusNext(message: Buffer, signature: string): unknown[] {
  const buffer = new DBusBuffer(message, 0, message[0] ?? 0, null, { ayBuffer: true });
  buffer.read("yyyyuua(yv)");
  buffer.align(3);
  const values = buffer.read(signature);
  t.equal(buffer.pos, message.length, `${signature}: nothing is left over`);
  return values;
}

const samples: readonly (readonly [signature: string, value: unknown])[] = [
  ["y", 255],
  ["b", true],
  ["n", -32768],
  ["q", 65535],
  ["i", -2147483648],
  ["u", 4294967295],
  ["x", -(2n ** 63n)],
  ["t", 2n ** 64n - 1n],
  ["d", 1.5],
  ["s", "größer 📶"],
  ["o", "/a/b_1"],
  ["g", "a{sv}"],
  ["as", []],
  ["at", []],
  [
    "a(sb)",
    [
      ["x", true],
      ["", false],
    ],
  ],
  ["(y(nas))", [1, [2, ["x"]]]],
  ["aat", [[1n], [], [2n, 3n]]],
  ["ad", [0.25]],
];

t.test("every type reads back, by dbus-next and by us", async (t) => {
  for (const [signature, value] of samples) {
    const message = encode(`y${signature}`, 7, value);
    t.strictSame(readByDbusNext(message, `y${signature}`), [7, value], signature);
    t.strictSame(decodeMessage(message)?.body, [7, value], signature);
  }
});

t.test("variants, dictionaries and bytes read back", async (t) => {
  const settings = {
    Interface: new Variant("s", "wwan0"),
    PrefixLength: new Variant("y", 64),
    DomainNameServers: new Variant("as", ["2001:db8::1"]),
    Nested: new Variant("a{sv}", { Deep: new Variant("v", new Variant("u", 1)) }),
  };
  const message = encode("a{sv}ay", settings, Buffer.from("0102ff", "hex"));
  t.strictSame(decodeMessage(message)?.body, [settings, Buffer.from("0102ff", "hex")]);
  t.equal(readByDbusNext(message, "a{sv}ay").length, 2);
});

t.test("keys may be numbers, and any text is a key like another", async (t) => {
  t.strictSame(readByDbusNext(encode("a{ys}", { 1: "a", 255: "b" }), "a{ys}"), [
    [
      [1, "a"],
      [255, "b"],
    ],
  ]);
  t.strictSame(readByDbusNext(encode("a{us}", new Map([[7, "x"]])), "a{us}"), [[[7, "x"]]]);
  const largest = readByDbusNext(encode("a{ts}", { "18446744073709551615": "x" }), "a{ts}");
  t.strictSame(largest, [[[2n ** 64n - 1n, "x"]]]);
  const odd = Object.fromEntries([
    ["__proto__", new Variant("s", "x")],
    ["constructor", new Variant("s", "y")],
  ]);
  const [read] = decodeMessage(encode("a{sv}", odd))?.body ?? [];
  t.strictSame(
    Object.entries(read ?? {}).map(([key]) => key),
    ["__proto__", "constructor"],
  );
  t.equal(Object.getPrototypeOf(read), Object.prototype, "and changes nothing else");
});

const refused: readonly (readonly [signature: string, value: unknown, why: RegExp])[] = [
  ["o", "modem0", /not an object path/],
  ["o", "/a/", /not an object path/],
  ["o", "", /not an object path/],
  ["g", "a{vs}", /not a basic type/],
  ["g", "h", /file descriptors/],
  ["s", "a\0b", /has a NUL/],
  ["s", "\ud83d", /no UTF-8 form/],
  ["s", undefined, /undefined is not a string/],
  ["s", 5, /number is not a string/],
  ["b", 1, /not a boolean/],
  ["y", 256, /from 0 to 255/],
  ["y", -1, /from 0 to 255/],
  ["q", 65536, /from 0 to 65535/],
  ["n", 32768, /to 32767/],
  ["i", 2147483648, /to 2147483647/],
  ["u", 1.5, /not an integer/],
  ["u", Number.NaN, /not an integer/],
  ["x", 2n ** 63n, /not an integer/],
  ["t", -1n, /not an integer/],
  ["t", "7", /not an integer/],
  ["d", "1", /not a number/],
  ["v", "text", /not a Variant/],
  ["v", new Variant("ss", "text"), /not one complete type/],
  ["v", new Variant("", "text"), /not one complete type/],
  ["v", new Variant("s", "\0"), /value 0: .*NUL/],
  ["as", "text", /not an array/],
  ["as", ["a", "b\0"], /value 0, item 1: /],
  ["a{sv}", { Name: new Variant("q", -1) }, /value 0, key "Name": -1 is not/],
  ["a{ys}", { x: "a" }, /key "x"/],
  ["a{sv}", ["a"], /not an object/],
  ["(ss)", ["a"], /tuple of 2/],
  ["()", [], /empty struct/],
  ["h", 0, /file descriptors/],
  ["z", 0, /no such type/],
  ["a", [], /no such type/],
  [`${"a".repeat(33)}y`, [], /nested too deeply/],
];

t.test("what the daemon would drop us for is refused with the place and the reason", async (t) => {
  for (const [signature, value, why] of refused)
    t.throws(() => encode(signature, value), why, `${signature} ${String(value)}`);
  t.throws(() => encode("ss", "one"), /2 values, 1/);
  let deep: Variant = new Variant("s", "core");
  for (let level = 0; level < 70; level++) deep = new Variant("v", deep);
  t.throws(() => encode("v", deep), /nested too deeply/);
  t.throws(() => encode("s", "x".repeat(17 << 20)), /too long/);
  const badHeaders = [{ path: "a" }, { member: "Not-A-Member" }, { interface: "single" }, { destination: "..." }];
  for (const bad of badHeaders)
    t.throws(() => encodeMessage({ ...header, signature: "", body: [], ...bad }), /is not valid as/);
});

t.test("a header field that nobody knows yet is skipped", async (t) => {
  const message = Buffer.from(nameAcquired);
  // MEMBER (3) becomes field 200 of the same type.
  message[message.indexOf(Buffer.from("0301730", "hex"))] = 200;
  t.match(decodeMessage(message), { type: "signal", body: [":1.0"] });
  const unknownType = Buffer.from(nameAcquired);
  unknownType[1] = 5;
  t.equal(decodeMessage(unknownType), undefined, "an unknown message type is to be ignored");
  const numbered = Buffer.from(helloReply);
  setSerial(numbered, 77);
  t.equal(decodeMessage(numbered)?.serial, 77);
});

t.test("big-endian peers are understood", async (t) => {
  // The same Hello reply, byte order B, written by hand after the specification.
  const fields = Buffer.concat([
    Buffer.from("05017500" + "00000001", "hex"),
    Buffer.from("08016700" + "01730000", "hex"),
  ]);
  const body = Buffer.from("00000001" + "7800", "hex");
  const start = Buffer.from("42020101" + "00000006" + "00000009" + "0000000f", "hex");
  const message = Buffer.concat([start, fields, body]);
  t.match(decodeMessage(message), { type: "reply", serial: 9, replySerial: 1, body: ["x"] });
});
