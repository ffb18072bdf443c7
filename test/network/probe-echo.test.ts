import t from "tap";
import { decodeReply, encodeRequest } from "../../src/network/probe/echo.js";

const cookie = Buffer.from("77772d70726f6265000102030405ff00", "hex");

t.test("an IPv4 request as RFC 792 has it, its checksum sums up to zero", async (t) => {
  const bytes = encodeRequest(4, { id: 0x1234, sequence: 0xfffe, cookie });
  t.equal(bytes.toString("hex"), `0800${bytes.toString("hex", 2, 4)}1234fffe${cookie.toString("hex")}`);
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  t.equal(((sum & 0xffff) + (sum >>> 16)) & 0xffff, 0xffff);
});

t.test("a large request is padded with zeros, which change no checksum", async (t) => {
  for (const paddingBytes of [1, 1_356]) {
    const [large, small] = [paddingBytes, 0].map((padding) =>
      encodeRequest(4, { id: 0x1234, sequence: 1, cookie }, padding).toString("hex"),
    );
    t.equal(large, `${small}${"00".repeat(paddingBytes)}`);
  }
});

t.test("an IPv6 request leaves the checksum to the kernel", async (t) => {
  t.equal(encodeRequest(6, { id: 1, sequence: 2, cookie }).toString("hex", 0, 8), "8000000000010002");
});

// Layout of a reply on a raw IPv4 socket, put together by hand: RFC 791 header, RFC 792 message, our cookie.
const onRawSocket = Buffer.from(
  "4500002cf0ad00004001cc107f0000017f000001" + "0000b2a11f4a0001" + "77772d70726f6265000102030405ff00",
  "hex",
);

t.test("a reply on a raw socket: read whole, nothing when cut anywhere, more at the end ignored", async (t) => {
  t.match(decodeReply(4, onRawSocket, true), { id: 0x1f4a, sequence: 1, cookie });
  for (let length = 0; length < onRawSocket.length; length++)
    t.equal(decodeReply(4, onRawSocket.subarray(0, length), true), undefined, `${length} bytes`);
  t.match(decodeReply(4, Buffer.concat([onRawSocket, Buffer.alloc(9)]), true), { sequence: 1 });
});

t.test("what is no echo reply is none", async (t) => {
  const request = encodeRequest(4, { id: 1, sequence: 1, cookie });
  t.equal(decodeReply(4, request, false), undefined, "our own request, heard on lo");
  t.equal(decodeReply(6, onRawSocket.subarray(20), false), undefined, "the other family's type");
  const unreachable = Buffer.concat([Buffer.from("0301000000000000", "hex"), onRawSocket]);
  t.equal(decodeReply(4, unreachable, false), undefined, "destination unreachable");
});
