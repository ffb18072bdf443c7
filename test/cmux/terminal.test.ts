/** A channel as a terminal: what passes, who waits for whom, and both ways to end. */
import { constants, openSync } from "node:fs";
import t, { type Test } from "tap";
import { ChannelTerminal } from "../../src/cmux/terminal.js";
import { FdChannel } from "../../src/native/index.js";
import { eventually } from "../lab/eventually.js";

/** A program that has the terminal open, and a line that takes what it writes when the test says so. */
async function opened(t: Test) {
  const line = { text: "", held: [] as boolean[], takes: (): Promise<void> => Promise.resolve() };
  const terminal = await ChannelTerminal.open({
    write: async (bytes) => {
      await line.takes();
      line.text += bytes.toString("latin1");
    },
    holdBack: (holdsBack) => line.held.push(holdsBack),
  });
  const program = { text: "", isHungUp: false };
  const fd = openSync(terminal.path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  const channel = new FdChannel(
    fd,
    { kind: "bytes" },
    {
      onMessages: (messages) => {
        program.text += Buffer.concat(messages).toString("latin1");
      },
      onEnd: () => {
        program.isHungUp = true;
      },
    },
  );
  t.teardown(() => {
    channel.close();
    terminal.close();
  });
  return { line, terminal, program, channel };
}

t.test("all eight bits pass in both directions", async (t) => {
  const { line, terminal, program, channel } = await opened(t);
  const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  terminal.deliver(all);
  await channel.write(all);
  await eventually(
    "both have it",
    () => [line.text.length, program.text.length].join(),
    (text) => text === "256,256",
  );
  t.equal(program.text, all.toString("latin1"));
  t.equal(line.text, all.toString("latin1"));
});

t.test("a program that does not read holds the modem back, and lets it go on", async (t) => {
  const { line, terminal, program, channel } = await opened(t);
  channel.pause();
  const piece = Buffer.alloc(4096, 0x55);
  for (let count = 0; count < 16; count++) terminal.deliver(piece);
  t.ok(line.held.includes(true), "more than it has room for");
  channel.resume();
  await eventually(
    "all of it is read",
    () => program.text.length,
    (length) => length === 16 * 4096,
  );
  await eventually(
    "the modem may go on",
    () => line.held.at(-1),
    (held) => held === false,
  );
});

t.test("a line that takes nothing makes the program wait; nothing is lost", async (t) => {
  const { line, channel } = await opened(t);
  let go: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  line.takes = () => gate;
  const text = "0123456789".repeat(5_000);
  const written = channel.write(Buffer.from(text));
  go();
  await written;
  await eventually(
    "it is all there",
    () => line.text.length,
    (length) => length === text.length,
  );
  t.equal(line.text, text);
});

t.test("closed it is hung up: the program reads its end", async (t) => {
  const { terminal, program } = await opened(t);
  terminal.close();
  await eventually("hung up", () => program.isHungUp, Boolean);
  terminal.deliver(Buffer.from("late"));
  terminal.close();
  t.equal(program.text, "");
});
