/** USB/IP messages against bytes assembled by hand after the kernel's document of the protocol. */
import t from "tap";
import {
  encodeDevlist,
  encodeImport,
  encodeSubmitReply,
  encodeUnlinkReply,
  parseOperation,
  parseUrb,
} from "../../../src/virtual/usb/usbip/messages.js";
import { MessageStream, UsbipError } from "../../../src/virtual/usb/usbip/stream.js";

const hex = (...parts: readonly string[]): Buffer => Buffer.from(parts.join("").replaceAll(" ", ""), "hex");
const zeros = (bytes: number): string => "00".repeat(bytes);

const importRequest = hex("0111 8003 00000000", Buffer.from("1-1").toString("hex"), zeros(29));
// GET_DESCRIPTOR(device): seqnum 7, devid 1-2, in, ep 0, flags 0x200, 64 bytes, start 0, packets -1, interval 0
const getDescriptor = hex(
  "00000001 00000007 00010002 00000001 00000000 00000200 00000040 00000000 ffffffff 00000000",
  "8006000100004000",
);
const bulkOut = hex(
  "00000001 00000008 00010002 00000000 00000002 00000000 00000003 00000000 00000000 00000000",
  zeros(8),
  "414243",
);
const unlink = hex("00000002 00000009 00010002 00000000 00000000 00000007", zeros(24));

t.test("what a client says, whole and cut anywhere", async (t) => {
  t.match(parseOperation(hex("0111 8005 00000000")), { is: "message", bytes: 8, message: { is: "devlist" } });
  t.match(parseOperation(importRequest), { is: "message", bytes: 40, message: { is: "import", busId: "1-1" } });
  t.match(parseUrb(getDescriptor), {
    bytes: 48,
    message: { is: "submit", seqnum: 7, endpoint: 0, direction: "in", length: 64, setup: hex("8006000100004000") },
  });
  t.match(parseUrb(bulkOut), {
    bytes: 51,
    message: { is: "submit", seqnum: 8, endpoint: 2, direction: "out", length: 3, data: Buffer.from("ABC") },
  });
  t.match(parseUrb(unlink), { bytes: 48, message: { is: "unlink", seqnum: 9, victim: 7 } });
  for (const [parse, whole] of [
    [parseOperation, importRequest],
    [parseUrb, getDescriptor],
    [parseUrb, bulkOut],
    [parseUrb, unlink],
  ] as const)
    for (let length = 0; length < whole.length; length++) {
      const parsed = parse(whole.subarray(0, length));
      t.equal(parsed.is, "more", `${length} bytes`);
      if (parsed.is === "more") t.ok(parsed.neededBytes > length && parsed.neededBytes <= whole.length);
    }
});

t.test("what makes no sense is told apart from what is not complete", async (t) => {
  const changed = (bytes: Buffer, at: number, value: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy.writeUInt32BE(value, at);
    return copy;
  };
  t.match(parseOperation(hex("0110 8005 00000000")), { is: "nonsense", detail: /version 110/ });
  t.match(parseOperation(hex("0111 0005 00000000")), { is: "nonsense" });
  t.match(parseUrb(changed(unlink, 0, 3)), { is: "nonsense", detail: /command 3/ });
  t.match(parseUrb(changed(getDescriptor, 16, 16)), { is: "nonsense", detail: /endpoint 16/ });
  t.match(parseUrb(changed(getDescriptor, 24, 0xffffffff)), { is: "nonsense", detail: /4294967295 bytes/ });
  t.match(parseUrb(changed(getDescriptor, 32, 4)), { is: "nonsense", detail: /isochronous/ });
});

t.test("a stream cut anywhere yields the same messages", async (t) => {
  const all = Buffer.concat([getDescriptor, bulkOut, unlink, bulkOut]);
  for (let size = 1; size <= all.length; size += 7) {
    const stream = new MessageStream();
    const heard: number[] = [];
    for (let at = 0; at < all.length; at += size) {
      stream.push(all.subarray(at, at + size));
      for (let message = stream.next(parseUrb); message !== undefined; message = stream.next(parseUrb))
        heard.push(message.seqnum);
    }
    t.strictSame(heard, [7, 8, 9, 8], `pieces of ${size} bytes`);
  }
  const stream = new MessageStream();
  stream.push(hex(zeros(48)));
  t.throws(() => stream.next(parseUrb), UsbipError);
});

t.test("what the device's side says", async (t) => {
  const device = {
    path: "/sys/p",
    busId: "1-1",
    busNumber: 1,
    deviceNumber: 2,
    speed: "high",
    vendorId: 0x12d1,
    productId: 0x1596,
    release: 0x0102,
    triple: [0xef, 2, 1],
    configurationValue: 1,
    interfaces: [
      [0xff, 3, 0x31],
      [0xff, 3, 0x32],
    ],
  } as const;
  const record = hex(
    ...[Buffer.from("/sys/p").toString("hex"), zeros(250), Buffer.from("1-1").toString("hex"), zeros(29)],
    ...["00000001 00000002 00000003", "12d1 1596 0102", "ef0201 01 01 02"],
  );
  t.strictSame(encodeImport(device), Buffer.concat([hex("0111 0003 00000000"), record]));
  t.strictSame(encodeImport("unknown"), hex("0111 0003 00000004"));
  t.strictSame(encodeImport("busy"), hex("0111 0003 00000002"));
  const listed = Buffer.concat([hex("0111 0005 00000000", "00000001"), record, hex("ff033100 ff033200")]);
  t.strictSame(encodeDevlist([device]), listed);
  const reply = hex("00000003 00000007", zeros(12), "ffffffe0 00000000", zeros(20));
  t.strictSame(encodeSubmitReply(7, -32, 0), reply);
  t.strictSame(encodeSubmitReply(7, 0, 18), hex("00000003 00000007", zeros(12), "00000000 00000012", zeros(20)));
  t.strictSame(encodeUnlinkReply(9, -104), hex("00000004 00000009", zeros(12), "ffffff98", zeros(24)));
});
