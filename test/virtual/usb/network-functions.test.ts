/** RNDIS, ECM, NCM and QMI: the same host asks for its address in the framing of each, and hears of link and session. */
import t, { type Test } from "tap";
import { ethernetSignature, NtbBuilder, parseNtb } from "../../../src/virtual/usb/functions/ntb.js";
import { packetHead, parsePackets } from "../../../src/virtual/usb/functions/rndis-message.js";
import { bootReply, bootRequest } from "./bootp.js";
import { type Plugged, plugged } from "./direct.js";
import { attached, connected } from "./ready.js";

const discover = bootRequest("350101");
const bytes = (answer: Buffer | string): Buffer => {
  if (typeof answer === "string") throw new Error(answer);
  return answer;
};

async function configured(t: Test, name: string, composition?: string): Promise<Plugged> {
  const host = await plugged(t, name, composition);
  t.equal(await host.transfer(0x00, Buffer.alloc(0), "0009010000000000"), "took 0", "SET_CONFIGURATION");
  return host;
}

/** Waits for the answer to DISCOVER; `read` takes one transfer of the host apart. */
async function offered(host: Plugged, endpoint: number, read: (transfer: Buffer) => readonly Buffer[]) {
  for (;;) {
    const frames = read(bytes(await host.transfer(endpoint, 16_384)));
    // Router advertisements come first.
    const ipv4 = frames.find((frame) => frame.readUInt16BE(12) === 0x0800);
    if (ipv4 !== undefined) return bootReply(ipv4);
  }
}

t.test("ECM: the firmware dials by itself, tells that the link is up, and hands out the address", async (t) => {
  const host = await configured(t, "huawei-e3131", "14dc");
  t.match(await host.transfer(0x81, 16), Buffer.from("a100010000000000", "hex"), "NETWORK_CONNECTION");
  const state = host.modem.state().model.sessions;
  t.match(state, [{ is: "active", id: 0, apn: "internet" }]);
  await host.transfer(0x01, discover);
  t.match(await offered(host, 0x82, (frame) => [frame]), { yours: 0x0a400002 });
  await host.modem.step("drop-bearer");
  t.match(await host.transfer(0x81, 16), Buffer.from("a100000000000000", "hex"), "the link is down");
});

t.test("RNDIS: no packets before INITIALIZE, then the same", async (t) => {
  const host = await configured(t, "simcom-sim7600", "9011");
  const say = async (hex: string): Promise<Buffer> => {
    const notified = host.transfer(0x82, 8);
    await host.transfer(0x00, Buffer.from(hex.replaceAll(" ", ""), "hex"), "2100000000000000");
    t.match(await notified, Buffer.from("0100000000000000", "hex"));
    return bytes(await host.transfer(0x80, 1025, "a101000000000104"));
  };
  const framed = Buffer.concat([packetHead(discover.length), discover]);
  t.equal(await host.transfer(0x01, framed), `took ${framed.length}`, "too early: taken, and lost");
  t.equal((await say("02000000 18000000 01000000 01000000 00000000 00400000")).readUInt32LE(0), 0x80000002);
  t.equal(
    (await say("04000000 1c000000 02000000 01010101 00000000 14000000 00000000")).toString("hex", 24),
    "02aabb643003",
  );
  t.equal((await say("05000000 20000000 03000000 0e010100 04000000 14000000 00000000 0f000000")).readUInt32LE(12), 0);
  await connected(host.modem);
  await host.transfer(0x01, framed);
  t.match(await offered(host, 0x81, parsePackets), { yours: 0x0a400002 });
});

t.test("NCM: a session that the modem was told to open, frames in transfer blocks", async (t) => {
  const host = await configured(t, "huawei-ncm");
  t.strictSame(host.modem.state().model.sessions, [], "it does not dial by itself");
  await attached(host.modem);
  await host.modem.step("dial", "v4only");
  await connected(host.modem);
  const block = new NtbBuilder(2048);
  block.add(ethernetSignature, Buffer.alloc(0), discover);
  await host.transfer(0x04, block.finish(0));
  const frames = (transfer: Buffer) => parseNtb(transfer).flatMap(({ datagrams }) => datagrams);
  t.match(await offered(host, 0x86, frames), { yours: 0x0a400002 });
});

t.test("QMI: ethernet at first, as the host finds it", async (t) => {
  const host = await configured(t, "quectel-ec25");
  await attached(host.modem);
  await host.modem.step("dial", "v4only");
  await connected(host.modem);
  await host.transfer(0x05, discover);
  t.match(await offered(host, 0x88, (frame) => [frame]), { yours: 0x0a400002 });
  t.equal(await host.transfer(0x00, Buffer.alloc(0), "2122010004000000"), "took 0", "DTR");
});
