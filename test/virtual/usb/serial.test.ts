/** Serial functions: line state, line coding, carrier. */
import t from "tap";
import type { HostLine } from "../../../src/virtual/faces/face.js";
import { InPipe } from "../../../src/virtual/usb/device/in-pipe.js";
import { type Outcome, parseSetup } from "../../../src/virtual/usb/device/transfer.js";
import { SerialFunction } from "../../../src/virtual/usb/functions/serial.js";

const setup = (hex: string) => parseSetup(Buffer.from(hex, "hex"));
const none = Buffer.alloc(0);

function rig() {
  const heard: string[] = [];
  const pipes = { notify: new InPipe(), in: new InPipe() };
  let line: HostLine | undefined;
  const port = new SerialFunction(3, pipes, (given) => {
    line = given;
    return {
      feed: (bytes) => void heard.push(bytes.toString("latin1")),
      hostLeft: () => void heard.push("left"),
      setLines: ({ dtr, rts }) => void heard.push(`dtr=${dtr} rts=${rts}`),
      close: () => void heard.push("closed"),
    };
  });
  const notified = (): Promise<string> =>
    new Promise((resolve) =>
      pipes.notify.submit({
        seqnum: 1,
        length: 16,
        done: (it) => resolve(it.is === "in" ? it.data.toString("hex") : it.is),
      }),
    );
  return { port, pipes, heard, notified, line: () => line };
}

t.test("opening raises the lines once, closing drops them, and the program is gone", async (t) => {
  const { port, heard } = rig();
  for (const request of ["2122030003000000", "2122030003000000", "2122000003000000", "2122000003000000"])
    t.strictSame(port.control(setup(request), none), none);
  port.received(Buffer.from("AT\r"));
  t.strictSame(heard, ["dtr=true rts=true", "dtr=false rts=false", "left", "AT\r"]);
  port.close();
  t.equal(heard.at(-1), "closed");
});

t.test("the line coding is kept, and is what it was after a reset", async (t) => {
  const { port } = rig();
  const fast = Buffer.from("00100e0000000008", "hex").subarray(0, 7);
  t.strictSame(port.control(setup("a121000003000700"), none), Buffer.from("00c20100000008", "hex"));
  t.strictSame(port.control(setup("2120000003000700"), fast), none);
  t.strictSame(port.control(setup("a121000003000700"), none), fast);
  t.equal(port.control(setup("2120000003000600"), fast.subarray(1)), "stall");
  port.reset();
  t.strictSame(port.control(setup("a121000003000700"), none), Buffer.from("00c20100000008", "hex"));
  t.equal(port.control(setup("c040000003000000"), none), "stall", "a vendor's request");
});

t.test(
  "what is said to a closed port is not for the next opener; a driver that never sets the lines hears everything",
  async (t) => {
    const { port, pipes, line } = rig();
    const say = (text: string) => line()?.send(Buffer.from(text));
    const heard = () => {
      let text = "";
      const done = (it: Outcome) => {
        text = it.is === "in" ? it.data.toString() : it.is;
      };
      pipes.in.submit({ seqnum: 7, length: 64, done });
      pipes.in.unlink(7);
      return text;
    };
    say("RING 1");
    t.equal(heard(), "RING 1");
    port.control(setup("2122030003000000"), none);
    say("RING 2");
    port.control(setup("2122000003000000"), none);
    say("RING 3");
    port.control(setup("2122030003000000"), none);
    t.equal(heard(), "");
    say("RING 4");
    t.equal(heard(), "RING 4");
  },
);

t.test("carrier is told as SERIAL_STATE, and not to who comes later", async (t) => {
  const { port, notified, line } = rig();
  line()?.setCarrier?.(true);
  t.equal(await notified(), "a120000003000200" + "0300");
  line()?.setCarrier?.(false);
  port.hostStoppedListening();
  line()?.setCarrier?.(true);
  t.equal(await notified(), "a120000003000200" + "0300");
});
