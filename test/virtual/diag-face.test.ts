/** The diagnostic port, asked what ModemManager 1.20 asks (`7e 00 78 f0 7e`, captured on its way to an EC25). */
import t from "tap";
import { openDiag } from "../../src/virtual/faces/diag.js";
import { ModemMachine } from "../../src/virtual/machine.js";
import { quectelEc25 } from "../../src/virtual/profiles/quectel-ec25.js";
import { VirtualClock } from "../fakes/clock.js";

const asked = Buffer.from("7e0078f07e", "hex");

function port() {
  const heard: Buffer[] = [];
  const machine = new ModemMachine(quectelEc25, new VirtualClock());
  const face = openDiag({ send: (bytes) => void heard.push(bytes), flush: () => undefined }, { machine });
  return { face, heard };
}

t.test("it says its version in the 55 bytes that libqcdm reads", async (t) => {
  const { face, heard } = port();
  face.feed(asked);
  const [answer = Buffer.alloc(0)] = heard;
  t.equal(heard.length, 1, "the flag before the frame is none");
  t.equal(answer.length, 55 + 2 + 1, "version, checksum, flag");
  t.equal(answer[0], 0);
  t.equal(answer.toString("latin1", 39, 43), "EC25");
  t.equal(answer.at(-1), 0x7e);
});

t.test("cut anywhere it is answered once, when it is whole", async (t) => {
  for (let length = 1; length < asked.length; length++) {
    const { face, heard } = port();
    face.feed(asked.subarray(0, length));
    t.equal(heard.length, 0, `${length} bytes`);
    face.feed(asked.subarray(length));
    t.equal(heard.length, 1);
  }
});

t.test("other commands are refused; noise, a wrong checksum and AT are not answered", async (t) => {
  const { face, heard } = port();
  // Command 0x73 with a parameter that has to be escaped.
  face.feed(Buffer.from("737d5e124f7e", "hex"));
  t.equal(heard.splice(0)[0]?.toString("hex"), "13737d5e68ec7e", "bad command, and which");
  face.feed(Buffer.from("0078f17e", "hex"));
  face.feed(Buffer.from("AT\r"));
  face.hostLeft();
  for (let write = 0; write < 100; write++) face.feed(Buffer.alloc(100, "A"));
  t.strictSame(heard, []);
  face.feed(Buffer.from("7e", "hex"));
  face.feed(asked);
  t.equal(heard.length, 1, "and it still answers");
});
