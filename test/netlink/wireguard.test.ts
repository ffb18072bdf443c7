/** What is said to the kernel about WireGuard, byte for byte as Linux 6.1.0-56 (Debian) has heard and answered it. */
import t from "tap";
import { asBuffer, control, decodeDatagram, encodeMessage, flag } from "../../src/netlink/message.js";
import { WireGuard } from "../../src/netlink/wireguard.js";
import {
  controlFamily,
  decodeFamily,
  decodeMark,
  deviceDump,
  familyQuery,
  markChange,
} from "../../src/netlink/wireguard-messages.js";

const family = 0x20;
const wg0 = 2;

// The answer to CTRL_CMD_GETFAMILY.
const familyTold = Buffer.from(
  "700000001000000001000000a3000000010200000e00020077697265677561726400000006000100200000000800030001000000" +
    "080004000000000008000500080000002c000600140001000800010000000000080002001c000000140002000800010001000000" +
    "080002001a000000",
  "hex",
);
// wg set wg0 listen-port 51820 fwmark 0xca6c private-key ... peer ...; the private key is blanked here
const deviceTold = Buffer.from(
  "3c0100002000020002000000a300000000010000060006006cca0000080007006cca00000800010002000000080002007767300024000300" +
    `${"00".repeat(32)}2400040034557660d1c447ae9ba805df272f63188b2660a2e3d4eab9dfa2135a347d8629` +
    "c0000880bc0000802400010034557660d1c447ae9ea805df272f63188b2660a2e3d4eab9dfa2135a347d8629" +
    "240002000000000000000000000000000000000000000000000000000000000000000000" +
    "140006000000000000000000000000000000000006000500000000000c00080000000000000000000c0007000000000000000000" +
    "08000a0001000000140004000200ca6ccb00710a0000000000000000200009801c00008005000300080000000600010002000000" +
    "080002000a000000140000000300020002000000a300000000000000",
  "hex",
);

const payloadOf = (datagram: Buffer): Buffer => asBuffer(decodeDatagram(datagram)[0]?.data ?? Buffer.alloc(0));

t.test("the three requests", async (t) => {
  const ask = (type: number, flags: number, seq: number, payload: Buffer) =>
    encodeMessage(type, flags | flag.request, seq, payload).toString("hex");
  t.equal(
    ask(controlFamily, flag.ack, 1, familyQuery()),
    "22000000100005000100000000000000030100000e00020077697265677561726400",
  );
  t.equal(ask(family, flag.dump, 2, deviceDump(wg0)), "1c000000200001030200000000000000000100000800010002000000");
  t.equal(
    ask(family, flag.ack, 3, markChange(wg0, 0xca6c)),
    "24000000200005000300000000000000010100000800010002000000080007006cca0000",
  );
});

t.test("the answers; cut anywhere they are refused or say nothing, never something else", async (t) => {
  t.equal(decodeDatagram(deviceTold)[1]?.type, control.done);
  for (const [told, decode, wanted] of [
    [payloadOf(familyTold), decodeFamily, family],
    [payloadOf(deviceTold), decodeMark, 0xca6c],
  ] as const) {
    t.equal(decode(told), wanted);
    for (let length = 0; length < told.length; length++) {
      const cut = () => decode(Buffer.from(told.subarray(0, length)));
      const outcome = orRefused(cut);
      t.ok(outcome === undefined || outcome === wanted || outcome === "refused", `${length} bytes`);
    }
  }
});

function orRefused(decode: () => number | undefined): number | "refused" | undefined {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return "refused";
  }
}

t.test("without such an interface the kernel is not asked, which would load its module", async (t) => {
  let asked = 0;
  const links = async () => {
    asked++;
    return [];
  };
  const wireguard = WireGuard.open({ kernel: { links } });
  await wireguard.forgetSources();
  wireguard.close();
  // With a socket that is closed any request would have failed.
  await wireguard.forgetSources();
  t.equal(asked, 2);
});
