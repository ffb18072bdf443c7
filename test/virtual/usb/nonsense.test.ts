/** Whatever a host sends to whatever endpoint: each transfer is answered or waits, and the modem lives. */
import t from "tap";
import { profileList, profileNamed } from "../../../src/virtual/profiles/all.js";
import { plugged } from "./direct.js";

const rounds = 400;

/** The same sequence in every run. @see Vigna, "An experimental exploration of Marsaglia's xorshift generators" */
function xorshift(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

for (const { name } of profileList())
  for (const composition of Object.keys(profileNamed(name).usb?.compositions ?? {}))
    t.test(`${name} as ${composition}`, async (t) => {
      const host = await plugged(t, name, composition);
      const random = xorshift(0x9e3779b9);
      const noise = (length: number) => Buffer.from(Array.from({ length }, () => random(256)));
      const answers = { out: 0, control: 0 };
      let expectedOut = 0;
      for (let round = 0; round < rounds; round++) {
        const requestType = [0x21, 0xa1, 0x00, 0x80, 0x02, 0x82, 0xc0, 0x41][random(8)] ?? 0;
        const setup = Buffer.concat([Buffer.from([requestType]), noise(7)]);
        // Few requests and interfaces exist: most of the noise must hit them.
        setup.writeUInt8([0, 1, 3, 5, 0x20, 0x22, 0x43, 0x80, 0x85, 0x86, 0x88, 0xfe, 0xff][random(13)] ?? 0, 1);
        setup.writeUInt16LE(random(16), 4);
        const isIn = (requestType & 0x80) !== 0;
        const data = isIn ? 256 : noise(random(64));
        // A reset by chance ends a storage device's halt; leaving the bus is not noise.
        void host.transfer(isIn ? 0x80 : 0x00, data, setup.toString("hex")).then(() => answers.control++);
        const endpoint = 1 + random(7);
        const begin = [Buffer.alloc(0), Buffer.from("NCMH"), Buffer.from("USBC"), Buffer.from([1, 0, 0, 0])][random(4)];
        expectedOut++;
        void host
          .transfer(endpoint, Buffer.concat([begin ?? Buffer.alloc(0), noise(random(200))]))
          .then(() => answers.out++);
        if (round % 50 === 0) void host.transfer(0x81 + random(7), 512);
      }
      await new Promise((resolve) => setImmediate(resolve));
      t.strictSame(answers, { out: expectedOut, control: rounds }, "nothing but IN transfers waits");
      await host.transfer(0x00, Buffer.alloc(0), "0009010000000000");
      t.equal((await host.transfer(0x80, 18, "8006000100001200")).length, 18, "it still says what it is");
    });
