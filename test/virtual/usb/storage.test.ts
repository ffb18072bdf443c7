/** A modem that begins as a driver disc: what usb-storage and mode switching tools say to it, byte by byte. */
import t from "tap";
import { profileNamed } from "../../../src/virtual/profiles/all.js";
import { InPipe } from "../../../src/virtual/usb/device/in-pipe.js";
import { parseSetup } from "../../../src/virtual/usb/device/transfer.js";
import { StorageFunction } from "../../../src/virtual/usb/functions/storage.js";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ""), "hex");

function rig() {
  const pipe = new InPipe();
  const switches: string[] = [];
  const context = { profile: profileNamed("huawei-e3131"), switchBy: (by: string) => void switches.push(by) };
  const disc = new StorageFunction("Mass Storage", context, { notify: undefined, in: pipe });
  let seqnum = 0;
  /** Data, if any, and the status wrapper. */
  const answers = (count: number): readonly Buffer[] => {
    const heard: Buffer[] = [];
    for (let i = 0; i < count; i++)
      pipe.submit({
        seqnum: ++seqnum,
        length: 65_536,
        done: (outcome) => void heard.push(outcome.is === "in" ? outcome.data : Buffer.from("stall")),
      });
    return heard;
  };
  const command = (transferBytes: number, direction: "in" | "out", block: string): Buffer => {
    const bytes = Buffer.alloc(31);
    bytes.write("USBC", 0, "latin1");
    bytes.writeUInt32LE(0xcafe, 4);
    bytes.writeUInt32LE(transferBytes, 8);
    bytes.writeUInt8(direction === "in" ? 0x80 : 0, 12);
    const parameters = hex(block);
    bytes.writeUInt8(parameters.length, 14);
    parameters.copy(bytes, 15);
    return bytes;
  };
  const run = (transferBytes: number, block: string) => {
    if (disc.received(command(transferBytes, "in", block)) === "stall") throw new Error(`${block} stalls`);
    const heard = answers(transferBytes > 0 ? 2 : 1);
    const status = heard.at(-1) ?? Buffer.alloc(13);
    return {
      data: transferBytes > 0 ? heard[0] : undefined,
      status: status.readUInt8(12),
      residue: status.readUInt32LE(8),
    };
  };
  return { disc, pipe, switches, command, run, answers };
}

t.test("as a disc it is complete", async (t) => {
  const { run } = rig();
  const inquiry = run(36, "120000002400");
  t.equal(inquiry.data?.toString("latin1", 8, 32), "HUAWEI  Mass Storage    ");
  t.equal(inquiry.data?.readUInt8(0), 0x05, "a CD-ROM");
  t.match(run(0, "000000000000"), { status: 0 }, "TEST UNIT READY");
  t.strictSame(run(8, "25000000000000000000").data, hex("0000001f 00000800"), "32 blocks of 2048 bytes");
  t.equal(run(4096, "28000000000400000200").data?.length, 4096, "READ(10)");
  t.match(run(2048, "28000000002000000100"), { status: 1, residue: 2048 }, "beyond the end");
  t.equal(run(18, "030000001200").data?.toString("hex", 2, 14), "05000000000a000000002100", "why");
  t.match(run(0, "2f000000000000000000"), { status: 1 }, "a command that no disc needs");
  t.match(run(192, "1a003f00c000"), { status: 0, residue: 168 }, "MODE SENSE answers less than was asked for");
  t.strictSame(run(192, "5a000000000000c0").data, hex("0006008000000000"), "a page that it does not have");
});

t.test("eject, and Huawei's message in its forms", async (t) => {
  const ejected = rig();
  t.match(ejected.run(0, "1b0000000200"), { status: 0 });
  t.match(ejected.run(0, "000000000000"), { status: 1 }, "no medium any more");
  t.strictSame(ejected.switches, ["eject"]);
  t.match(ejected.run(0, "1b0000000100"), { status: 0 }, "START ejects nothing");
  t.equal(ejected.switches.length, 1);
  const messages = {
    "55534243123456780000000000000011062000000101000100000000000000": "huawei",
    "55534243123456780000000000000a11062000000000000100000000000000": "huawei",
    "55534243123456780000000000000011063000000100010000000000000000": "huaweiFallback",
    "55534243000000000000000000000011060000000000000000000000000000": "huaweiFallback",
  };
  for (const [message, expected] of Object.entries(messages)) {
    const { disc, switches, answers } = rig();
    disc.received(hex(message));
    t.equal(answers(1)[0]?.length, 13, "a status, as from any command");
    t.strictSame(switches, [expected], message);
  }
});

t.test("what is no command stalls until the reset, and a command that writes is refused after its data", async (t) => {
  const { disc, pipe, command, run, answers } = rig();
  for (const bytes of [hex("00"), Buffer.alloc(31), command(0, "in", "00").subarray(0, 30)])
    t.equal(disc.received(bytes), "stall");
  t.equal(disc.received(command(0, "in", "000000000000")), "stall", "even what is one");
  t.equal(pipe.isHalted, true);
  disc.control(parseSetup(hex("21ff000000000000")));
  pipe.clearHalt();
  t.match(run(0, "000000000000"), { status: 0 });
  disc.received(command(1024, "out", "2a000000000000000100"));
  disc.received(Buffer.alloc(512));
  disc.received(Buffer.alloc(512));
  t.equal(answers(1)[0]?.readUInt8(12), 1);
  t.strictSame(disc.control(parseSetup(hex("a1fe000000000100"))), Buffer.from([0]), "one logical unit");
});
